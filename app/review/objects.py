"""English: what is done to whom. A claim may not take another word of the clause for the object or the subject.

Found by the words around a verb, not by parsing; where these are unclear nothing is said.
"""

import re
from collections.abc import Iterator

from app.language.english import FUNCTION_WORDS, stem
from app.language.stems import content_stems
from app.language.types import Language
from app.review.places import Place, subject_of
from app.review.synonyms import synonyms
from app.review.verdict import Problem

_WORD = re.compile(r"[A-Za-z][\w'’-]*")
_PREPOSITIONS = frozenset(
    "in on at by with from of for to into onto against about after before during since until under over"
    " through between among without within as than".split()
)
_BEFORE_NOUNS = _PREPOSITIONS | frozenset(
    "the a an its their his her our your this that these those each every no all some".split()
)
_AUXILIARIES = frozenset(
    "is are was were be been has have had does did will can may must would could should".split()
)
_PASSIVE = re.compile(
    r"\b(?:is|are|was|were|been|being|be)\s+(?:not\s+|also\s+|\w+ly\s+)?(?P<verb>\w+)",
    re.IGNORECASE,
)


def acted_otherwise(sentence: str, place: Place, language: Language) -> list[Problem]:
    """Whom something is done to, or who stands behind "than", put in another role; a dropped object."""
    if language != "en":
        return []
    return [
        Problem("order", words)
        for words in (
            *_another_object(sentence, place.text),
            *_left_out(sentence, place.text),
            *_behind_than(sentence, place.text),
        )
    ]


def _another_object(sentence: str, there: str) -> Iterator[str]:
    """A passive claim's subject that the active source names only behind a preposition."""
    found = _PASSIVE.search(sentence)
    if found is None or _PASSIVE.search(there):
        return
    mine = set(content_stems(sentence[: found.start()], "en"))
    words = _WORD.findall(there)
    at = _index(words, found["verb"])
    if at is None or not mine:
        return
    before = {stem(word.lower()) for word in words[:at]}
    target: set[str] = set()
    for word in words[at + 1 :]:
        if word.lower() in _PREPOSITIONS and target:
            break
        if word.lower() not in FUNCTION_WORDS:
            target.add(stem(word.lower()))
    rest = {stem(word.lower()) for word in words[at + 1 :]} - target
    if target and mine <= rest and not mine & (target | before):
        yield ", ".join(sorted(mine))


def _left_out(sentence: str, there: str) -> Iterator[str]:
    """The claim's verb stands before its preposition; in the source whom it is about stands between."""
    mine, theirs = _WORD.findall(sentence), _WORD.findall(there.partition(",")[0])
    for before, verb, preposition in zip(mine, mine[1:], mine[2:], strict=False):
        noun = before.lower() in _BEFORE_NOUNS
        if noun or preposition.lower() not in _PREPOSITIONS or verb.lower() in FUNCTION_WORDS:
            continue
        at = theirs.index(verb) if verb in theirs else 0
        if not at:
            continue
        between: list[str] = []
        for word in theirs[at + 1 :]:
            if word.lower() in _PREPOSITIONS:
                clause = {each.lower() for each in between} & _AUXILIARIES
                if word.lower() == preposition.lower() and between and not clause:
                    yield " ".join(between)
                break
            between.append(word)


def _behind_than(sentence: str, there: str) -> Iterator[str]:
    """The claim says of the second of two compared what the source says of the first."""
    first, than, behind = there.partition(" than ")
    if not than or " than " in sentence:
        return
    mine = set(content_stems(subject_of(sentence), "en"))
    second = mine & set(content_stems(behind, "en")) - set(content_stems(first, "en"))
    if second:
        yield ", ".join(sorted(second))


def _index(words: list[str], verb: str) -> int | None:
    same = synonyms(stem(verb.lower()), "en")
    return next((n for n, word in enumerate(words) if stem(word.lower()) in same), None)
