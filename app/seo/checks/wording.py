"""Checks 27-29, told and not scored: reading ease, translated Korean, spacing, words that exclude."""

import re
from collections import Counter

from app.language.inclusive import find_exclusive
from app.language.korean import analyser, morphemes
from app.language.korean_style import translationese
from app.language.syllables import reading_ease
from app.language.types import Span
from app.seo.document import Block, count_words
from app.seo.findings import Outcome, check
from app.seo.page import Page

_LATIN = re.compile(r"[A-Za-z]+")
_SHOWN = 5


@check("reading.ease", group="readability", lamp="readability", languages=("en",))
def ease(page: Page) -> Outcome | None:
    """Flesch reading ease. Not scored: what is easy enough depends on the reader."""
    value = reading_ease([sentence.text for sentence in page.document.sentences])
    if value is None:
        return None
    shown = round(value)
    return Outcome(
        None,
        shown,
        "",
        "Flesch reading ease: {value} of 100; 60 to 70 is plain English, below 30 is for specialists.",
        "Shorter sentences and shorter words raise it.",
        {"value": shown},
    )


@check("ko.measures", group="readability", lamp="readability", languages=("ko",))
def measures(page: Page) -> Outcome | None:
    """Length of sentences and share of foreign words. Korean has no open formula of reading ease."""
    sentences = page.document.sentences
    words = sum(count_words(sentence.text) for sentence in sentences)
    if not words:
        return None
    per_sentence = words / len(sentences)
    tokens = [token for s in sentences for token in morphemes(s.text)]
    nouns = [form for form, tag, _span in tokens if tag.startswith(("NNG", "NNP", "XR", "SL"))]
    latin = sum(bool(_LATIN.fullmatch(form)) for form in nouns)
    share = latin / len(nouns) if nouns else 0.0
    return Outcome(
        None,
        round(per_sentence, 1),
        "",
        "A sentence has {length} eojeol on average; nouns in Latin letters: {share:.0%}.",
        "Divide long sentences, and say foreign words in Korean where readers know the Korean one.",
        {"length": round(per_sentence, 1), "share": share},
    )


@check("ko.translationese", group="readability", lamp="readability", languages=("ko",))
def translated(page: Page) -> Outcome | None:
    """Phrases of translated Korean: counted, since each is right at times."""
    if not page.document.sentences:
        return None
    found = [
        (name, block.place(*span))
        for block in page.document.blocks
        for name, span in translationese(block.text)
    ]
    counts = Counter(name for name, _ in found)
    most = ", ".join(f"{name} {count}" for name, count in counts.most_common(_SHOWN))
    if not found:
        return Outcome(None, 0, "", "Phrases of translated Korean: none.")
    return Outcome(
        None,
        len(found),
        "",
        "Phrases of translated Korean: {count} ({most}).",
        "Say the marked ones more directly where that reads as well.",
        {"count": len(found), "most": most},
        tuple(span for _, span in found),
    )


@check("ko.spacing", group="readability", lamp="readability", languages=("ko",))
def spacing(page: Page) -> Outcome | None:
    """Blanks that the morpheme analyser would write. It errs on names and compounds, so it is told only."""
    if not page.document.sentences:
        return None
    spans = tuple(
        block.place(at, at + 1)
        for block in page.document.blocks
        if block.kind != "row"
        for at in _unspaced(block)
    )
    if not spans:
        return Outcome(None, 0, "", "Places where a blank may be missing: none.")
    return Outcome(
        None,
        len(spans),
        "",
        "Places where a blank may be missing: {count}.",
        "Look at the marked places; compounds and names may be written in one.",
        {"count": len(spans)},
        spans,
    )


def _unspaced(block: Block) -> list[int]:
    """Places in a block's words before which a blank would be written, between two Hangul syllables."""
    text = block.text.encode("utf-8", "replace").decode("utf-8")
    spaced = str(analyser().space(text))
    found: list[int] = []
    at = 0
    for index, sign in enumerate(spaced):
        if at < len(text) and sign == text[at]:
            at += 1
        elif sign == " " and 0 < at < len(text) and index + 1 < len(spaced):
            if _hangul(text[at - 1]) and _hangul(text[at]):
                found.append(at)
        else:
            return []  # it changed more than blanks; nothing can be said of places
    return found


def _hangul(sign: str) -> bool:
    return "가" <= sign <= "힣"


@check("inclusive.words", group="readability", lamp="readability")
def inclusive(page: Page) -> Outcome | None:
    """Words that public bodies advise against. Told only: a text about the word needs the word."""
    if not page.document.blocks:
        return None
    found: list[tuple[str, Span]] = []
    advice: dict[str, None] = {}
    for block in page.document.blocks:
        for word, span in find_exclusive(block.text, page.language):
            found.append((span.of(block.text), block.place(*span)))
            advice[f"{span.of(block.text)} → {word.better} ({word.source})"] = None
    if not found:
        return Outcome(None, 0, "", "Words that may leave people out: none of the list.")
    return Outcome(
        None,
        len(found),
        "",
        "Words that may leave people out: {count}.",
        "Better, and who says so: {advice}.",
        {"count": len(found), "advice": "; ".join(advice)},
        tuple(span for _, span in found),
    )


CHECKS = (ease, measures, translated, spacing, inclusive)
