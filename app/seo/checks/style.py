"""Checks 24-26: endings and registers in Korean, transitions, the passive."""

import re
from collections import Counter
from itertools import groupby

from app.language.korean import morphemes
from app.language.passive import has_passive, korean_passives
from app.language.register import register_of
from app.language.transitions import has_transition
from app.seo.document import Sentence
from app.seo.findings import Outcome, check
from app.seo.page import Page

_SHARED = "shared"
_REQUEST = re.compile(r"(?:세요|[까나가]요)(?:\s*\([^()]*\))?[.!?…\s]*$")
_EMPTY_STEMS = frozenset({"하", "되", "이", "있", "없", "않"})
"""Stems so common that the word before them is what differs; their endings alone are compared."""


@check("sentence.transitions", group="readability", lamp="readability")
def transitions(page: Page) -> Outcome | None:
    """The share of sentences that are tied to what is around them: a reader follows without guessing."""
    sentences = page.document.counted
    if not page.document.sentences:
        return None
    good, fair = page.limits.transition_share
    threshold = f">= {good:.0%}"
    tied = [has_transition(sentence.text, page.language) for sentence in sentences]
    share = sum(tied) / len(sentences)
    values = {"count": sum(tied), "total": len(sentences), "share": share, "least": good}
    if page.document.words < page.limits.transition_words_from:
        message = "Sentences with a transition: {count} of {total}; a text this short needs none."
        return Outcome(9, round(share, 3), threshold, message, values=values)
    if share >= good:
        message = "Sentences with a transition: {count} of {total} ({share:.0%})."
        return Outcome(9, round(share, 3), threshold, message, values=values)
    return Outcome(
        6 if share >= fair else 3,
        round(share, 3),
        threshold,
        "Few sentences are tied together: {count} of {total} ({share:.0%}) have a transition, {least:.0%} "
        "are advised.",
        "Readers guess how sentences hang together: say it with because, however, for example, so that.",
        values,
        tuple(
            s.span
            for s, has in zip(sentences, tied, strict=True)
            if not has and page.document.blocks[s.block].kind != "heading"
        ),
    )


@check("sentence.passive", group="readability", lamp="readability", languages=("en",))
def passive(page: Page) -> Outcome | None:
    """The share of sentences in the passive, which hides who does something."""
    sentences = page.document.counted
    if not page.document.sentences:
        return None
    good, fair = page.limits.passive_share
    found = [sentence for sentence in sentences if has_passive(sentence.text)]
    share = len(found) / len(sentences)
    values = {"count": len(found), "total": len(sentences), "share": share, "most": good}
    threshold = f"<= {good:.0%}"
    if share <= good:
        message = "Sentences in the passive: {count} of {total} ({share:.0%})."
        return Outcome(9, round(share, 3), threshold, message, values=values)
    return Outcome(
        6 if share <= fair else 3,
        round(share, 3),
        threshold,
        "Many sentences are in the passive: {count} of {total} ({share:.0%}), at most {most:.0%} are advised.",
        "The passive hides who acts: write “the server keeps the session”, not “the session is kept”.",
        values,
        tuple(sentence.span for sentence in found),
    )


@check("ko.passive", group="readability", lamp="readability", languages=("ko",))
def passive_korean(page: Page) -> Outcome | None:
    """Korean passives, told and not scored: no study says how many are too many. 되어지다 is a mistake."""
    sentences = page.document.sentences
    if not sentences:
        return None
    found = [(sentence, korean_passives(sentence.text)) for sentence in sentences]
    once = [sentence for sentence, one in found if one.passive or one.double]
    double = [sentence for sentence, one in found if one.double]
    return Outcome(
        None,
        len(once),
        "",
        "Sentences with a passive predicate: {count} of {total}; passive twice (되어지다): {double}.",
        "Write 되다 instead of 되어지다, and name who does it where that matters.",
        {"count": len(once), "total": len(sentences), "double": len(double)},
        tuple(sentence.span for sentence in double),
    )


@check("ko.endings", group="readability", lamp="readability", languages=("ko",))
def endings(page: Page) -> Outcome | None:
    """One register through the whole text, and not one ending after another.

    Lists and quotations speak their own register. 합니다체 and 해요체 are told apart: an article keeps to one.
    Requests and questions in 세요 and 까요 are at home in both, and strange in 한다체 alone.
    """
    blocks = page.document.blocks
    sentences = [
        sentence
        for sentence in page.document.sentences
        if blocks[sentence.block].kind == "paragraph" and not blocks[sentence.block].quoted
    ]
    registers = [_register(sentence.text) for sentence in sentences]
    counts = Counter(one for one in registers if one in {"polite", "casual", "plain"})
    if not counts:
        return None
    main = counts.most_common(1)[0][0]
    others = {"polite", "casual", "plain"} - {main}
    if main == "plain":
        others.add(_SHARED)
    strays = [s for s, one in zip(sentences, registers, strict=True) if one in others]
    total = counts.total() + registers.count(_SHARED)
    share = len(strays) / total
    good, fair = page.limits.register_share
    values = {"count": len(strays), "total": total, "share": share}
    if share > good:
        return Outcome(
            6 if share <= fair else 3,
            round(share, 3),
            f"<= {good:.0%}",
            "The text mixes registers: {count} of {total} sentences ({share:.0%}) end in another one than "
            "the rest.",
            "It reads as if two people wrote it: keep to 합니다, 해요 or 한다; the marked sentences differ.",
            values,
            tuple(sentence.span for sentence in strays),
        )
    limit = page.limits.ending_run
    runs = [
        group
        for key, found in groupby(sentences, key=_ending)
        if key and len(group := list(found)) >= limit
    ]
    longest = max(map(len, runs), default=0)
    if runs:
        return Outcome(
            6,
            longest,
            f"< {limit}",
            "Runs of {limit} or more sentences with the same ending: {runs}; the longest: {longest}.",
            "It sounds monotonous: turn one of the marked sentences around, join two, or ask a question.",
            {"limit": limit, "runs": len(runs), "longest": longest},
            tuple(sentence.span for group in runs for sentence in group),
        )
    message = "All {total} sentences keep to one register, and their endings vary."
    return Outcome(9, round(share, 3), f"<= {good:.0%}", message, values=values)


def _register(sentence: str) -> str:
    """As `register_of`, with requests and questions of both polite registers told apart."""
    shared = _REQUEST.search(sentence) is not None
    found = register_of(sentence)
    return _SHARED if shared and found == "casual" else found


def _ending(sentence: Sentence) -> str:
    """The final predicate as it sounds: its ending, with its stem unless that is an empty one.

    합니다 after any noun is one ending; 보냅니다 and 막습니다 are two.
    """
    tokens = [token for token in morphemes(sentence.text) if not token.tag.startswith(("S", "W"))]
    if len(tokens) < 2 or tokens[-1].tag != "EF":  # noqa: PLR2004  # a stem and an ending
        return ""
    parts: list[str] = []
    for form, tag, _span in reversed(tokens):
        parts.append(form)
        if not tag.startswith(("EF", "EP")):
            past = len(parts) > 2 and form in _EMPTY_STEMS  # noqa: PLR2004  # stem, tense, ending
            if past:
                # Narration is past all along; only the same verb again is a repetition.
                parts.append(sentence.text.split()[-1])
            break
    return " ".join(parts)


CHECKS = (transitions, passive, passive_korean, endings)
