"""Says why a fact cannot stand in an article, if it cannot."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from app.generation.schemas import Fact
from app.generation.writers.composer.headings import plain
from app.generation.writers.composer.lexicon import Lexicon
from app.generation.writers.composer.rules import LEXICONS, apply
from app.language.register import register_of
from app.language.types import Language

_HANGUL = re.compile(r"[가-힣]")
_LETTER = re.compile(r"[^\W\d_]")
_CODE_SPAN = re.compile(r"`[^`]*`")

_FEWEST_WORDS: dict[Language, int] = {"en": 4, "ko": 3}
_MOST_WORDS: dict[Language, int] = {"en": 60, "ko": 45}
"""Words of one sentence; three times the 20 words (15 eojeol) that count as long."""

_MOST_ITEM_WORDS = 90
_MOST_CODE_LINES = 70
_SHORT_NAME_WORDS = 6
"""An item of so few words may be all names, whatever script they are in."""

_FEWEST_LINKS = 3
_MOST_WORDS_A_LINK = 3

_TORN = re.compile(
    r"(?:and|or|but|which|who|that|the|an?|to|of|in|on|at|by|for|from|with|is|are|was|were|as|if|then|so|it|its|their)\b"
)
"""A sentence that starts so, in lower case, lost its head; others may start with a name: nginx, etcd."""

_MOST_FOREIGN_LETTERS = 0.15
_FEWEST_OWN_LETTERS = 0.15

PAIRS = ("()", "[]", "“”", "‘’", "「」", "『』", "《》", "〈〉")


def of_other_language(fact: Fact, language: Language) -> bool:
    """Say whether the fact's words are not of `language`. Code belongs to every language."""
    if fact.kind == "code":
        return False
    words = _CODE_SPAN.sub(" ", fact.text)
    letters = len(_LETTER.findall(words))
    hangul = len(_HANGUL.findall(words))
    if not letters:
        return False
    if language == "en":
        return hangul > letters * _MOST_FOREIGN_LETTERS
    if fact.kind != "sentence" and len(words.split()) <= _SHORT_NAME_WORDS:
        return False
    return hangul < letters * _FEWEST_OWN_LETTERS


def without_noise(facts: Sequence[Fact], language: Language) -> list[Fact]:
    """Return the facts that can stand in an article, in order.

    What a dropped lead-in or line in bold stands above goes with it, and so do single names and runs
    of them in front of a source's first heading: they are the site's navigation.
    """
    kept: list[Fact] = []
    skipping: tuple[str, ...] | None = None
    for fact in facts:
        if skipping == fact.headings and fact.kind in ("item", "row"):
            continue
        skipping = None
        reason = flaw(fact, language)
        if not reason:
            kept.append(fact)
        elif fact.kind == "sentence" and _heads_what_follows(fact.text, LEXICONS[language]):
            skipping = fact.headings
    return [fact for run in _runs(kept) if not _is_navigation(run) for fact in run]


def _heads_what_follows(text: str, lexicon: Lexicon) -> bool:
    """A lead-in, or a line in bold that heads the site's furniture: "Related articles"."""
    furniture = lexicon.boilerplate_heading.fullmatch(plain(text))
    return bool(furniture or lexicon.announces.search(text))


def _runs(facts: Sequence[Fact]) -> Iterator[list[Fact]]:
    """Cut where the kind, the source or the heading changes."""
    for _, run in groupby(facts, key=lambda f: (f.snapshot_id, f.kind, f.headings)):
        yield list(run)


def _is_navigation(run: Sequence[Fact]) -> bool:
    if run[0].kind != "item":
        return False
    if len(run) == 1 and len(run[0].text.split()) <= _MOST_WORDS_A_LINK:
        return True
    if run[0].headings[1:] or len(run) < _FEWEST_LINKS:
        return False
    return sum(len(fact.text.split()) for fact in run) <= _MOST_WORDS_A_LINK * len(run)


def flaw(fact: Fact, language: Language) -> str:
    """Return the reason why the fact is of no use as it stands, or an empty string."""
    lexicon = LEXICONS[language]
    text = fact.text
    if fact.kind == "code":
        return "long code" if text.count("\n") >= _MOST_CODE_LINES else ""
    furniture = any(lexicon.boilerplate_heading.fullmatch(plain(each)) for each in fact.headings)
    if furniture or lexicon.boilerplate.search(text):
        return "boilerplate"
    if fact.kind == "sentence":
        if len(_LETTER.findall(text)) * 2 < len(re.sub(r"\s", "", text)):
            return "not words"
        return _flaw_of_sentence(text, lexicon, language)
    return _flaw_of_item(text, lexicon) if fact.kind == "item" else ""


def _is_impolite(sentence: str) -> bool:
    return register_of(sentence) in ("plain", "casual") or bool(
        re.search(r"(?<!니)다[.!]?$", sentence)
    )


def _unbalanced(text: str) -> bool:
    bare = _CODE_SPAN.sub("", text)
    count = Counter(bare)
    return any(count[a] != count[b] for a, b in PAIRS[:4]) or count['"'] % 2 == 1


def _flaw_of_sentence(text: str, lexicon: Lexicon, language: Language) -> str:
    for reason, pattern in (
        ("question", lexicon.question),
        ("about the text", lexicon.about_the_text),
        ("first person", lexicon.first_person),
        ("refers away", lexicon.refers_away),
    ):
        if pattern.search(text):
            return reason
    if lexicon.announces.search(text):
        return ""
    words = len(text.split())
    whole = lexicon.whole_sentence.search(text) and not _unbalanced(text)
    torn = language == "en" and _TORN.match(text)
    if words < _FEWEST_WORDS[language] or not whole or torn:
        return "fragment"
    if words > _MOST_WORDS[language]:
        return "endless"
    if language == "ko" and _is_impolite(apply("polite", text, "ko")):
        return "register"
    return "exclamation" if text.rstrip().endswith("!") else ""


def _flaw_of_item(text: str, lexicon: Lexicon) -> str:
    if len(text.split()) > _MOST_ITEM_WORDS:
        return "endless"
    if re.fullmatch(r"\W*(?:https?://\S+|www\.\S+)\W*", text):
        return "bare address"
    if lexicon.question.search(text):
        return "question"
    if lexicon.about_the_text.search(text) or lexicon.first_person.search(text):
        return "about the text"
    if lexicon.refers_away.search(text):
        return "refers away"
    return ""
