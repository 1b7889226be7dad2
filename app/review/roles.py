"""Who does what to whom, and what comes first.

The rules look for an exchange only: that both the claim and the source name the two, the other way round.
"""

import itertools
import re
from collections.abc import Iterator

from app.language.korean import morphemes
from app.language.names import find_quotations
from app.language.stems import content_stems
from app.language.types import Language
from app.review.places import Place, subject_of
from app.review.verdict import Problem


def exchanged(sentence: str, place: Place, language: Language) -> list[Problem]:
    """Two that the claim and the source name in each other's role."""
    found = (_korean if language == "ko" else _english)(sentence, place)
    return [
        Problem("order", words) for words in (*found, *_sequence(sentence, place.whole, language))
    ]


_PASSIVE = re.compile(r"\b(?:is|are|was|were|been|being|be)\b[^,.;]*\bby\b", re.IGNORECASE)
_FROM = re.compile(r"\bfrom\s+(?:the\s+|an?\s+)?([^\W\d_]\w*)", re.IGNORECASE)
_TO = re.compile(r"\bto\s+(?:the\s+|an?\s+)?([^\W\d_]\w*)", re.IGNORECASE)


def _english(sentence: str, place: Place) -> Iterator[str]:
    """The subject put where another was; and "from Rome to Oslo" for "from Oslo to Rome"."""
    theirs = place.whole
    mine, other = _stems(subject_of(sentence)), _stems(place.subject or subject_of(place.text))
    all_mine, all_theirs = _stems(sentence), _stems(theirs)
    # A plural may end what was taken for the subject too early: Airport | trains depart.
    front = _stems(" ".join(place.text.split()[: len(subject_of(place.text).split()) + 1]))
    only_mine, only_theirs = mine - other - front, other - mine
    apart = only_mine and only_theirs and not find_quotations(sentence)
    voices = bool(_PASSIVE.search(sentence)) != bool(_PASSIVE.search(theirs))
    if apart and not voices and only_mine <= all_theirs and only_theirs <= all_mine:
        yield f"{', '.join(sorted(only_mine))}; {', '.join(sorted(only_theirs))}"
    for one, two in ((_FROM, _TO), (_TO, _FROM)):
        ours = _words(one, sentence)
        swapped = ours & _words(two, theirs) - _words(one, theirs)
        if swapped and _words(two, sentence):
            yield ", ".join(sorted(swapped))


def _stems(text: str) -> set[str]:
    return set(content_stems(text, "en"))


def _words(pattern: re.Pattern[str], text: str) -> set[str]:
    return {word.casefold() for word in pattern.findall(text)}


_OUT = re.compile(r"([^\s]+?)(?:에서|부터)(?=\s)")
_IN = re.compile(r"([^\s]+?)(?:까지|으로|로)(?=\s)")


def _korean(sentence: str, place: Place) -> Iterator[str]:
    """Subject and object by their particles; and 서울에서 부산으로 for 부산에서 서울로."""
    mine, theirs = _roles(sentence), _roles(place.whole)
    acting = (mine["subject"] - mine["object"]) & (theirs["object"] - theirs["subject"])
    acted = (mine["object"] - mine["subject"]) & (theirs["subject"] - theirs["object"])
    if acting and acted:
        yield ", ".join(sorted(acting | acted))
    for one, two in ((_OUT, _IN), (_IN, _OUT)):
        swapped = _words(one, sentence) & (_words(two, place.whole) - _words(one, place.whole))
        if swapped and _words(two, sentence):
            yield ", ".join(sorted(swapped))


def _roles(text: str) -> dict[str, set[str]]:
    parsed = morphemes(text)
    roles: dict[str, set[str]] = {"subject": set(), "object": set()}
    for noun, particle in itertools.pairwise(parsed):
        if not noun.tag.startswith(("NN", "NP", "SL")):
            continue
        if particle.tag == "JKO" or particle.form in {"에게", "한테", "께", "에"}:
            roles["object"].add(noun.form)
        elif particle.tag == "JKS" or (particle.tag == "JX" and particle.form in {"은", "는"}):
            roles["subject"].add(noun.form)
    return roles


_THEN: dict[Language, tuple[tuple[re.Pattern[str], bool], ...]] = {
    "en": (
        (re.compile(r"\b(?:after|once)\b", re.IGNORECASE), False),
        (re.compile(r"\b(?:before|until|and then|then)\b", re.IGNORECASE), True),
    ),
    "ko": (
        (re.compile(r"(?:뒤|후|다음)(?:에)?(?=[\s,])|(?<=고)\s?나서"), True),
        (re.compile(r"기\s?전(?:에)?(?=[\s,])"), False),
    ),
}
"""Words between two events, and whether the first named is the first to happen."""


def _sequence(sentence: str, theirs: str, language: Language) -> Iterator[str]:
    """An event that the claim puts first and the source last."""
    mine, other = _events(sentence, language), _events(theirs, language)
    if mine is None or other is None:
        return
    wrong = (mine[0] & other[1]) - other[0] - mine[1]
    also = (mine[1] & other[0]) - other[1] - mine[0]
    if wrong or also:
        yield ", ".join(sorted(wrong | also))


def _events(text: str, language: Language) -> tuple[set[str], set[str]] | None:
    """The stems of what happens first and of what happens then; None if no word says so."""
    for pattern, in_order in _THEN[language]:
        found = pattern.search(text)
        if found is None:
            continue
        before, behind = text[: found.start()], text[found.end() :]
        if not before.strip():  # After the rain, the river rose.
            behind, comma, before = behind.partition(",")
            if not comma:
                return None
        one, two = set(content_stems(before, language)), set(content_stems(behind, language))
        return (one, two) if in_order else (two, one)
    return None
