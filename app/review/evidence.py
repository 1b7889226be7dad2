"""Where in its sources a claim is borne out best: one clause, or two of neighbouring sentences."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.language.numbers import Number
from app.language.types import Language, Span
from app.review.places import Place, find_places
from app.review.words import Bag, Word, bag_of, nearness, words_of
from app.seo.amounts import Known, amounts

JOINTS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r",? and |, (?=\w)|; "),
    "ko": re.compile(r"(?<=고) |(?<=며) |(?<=고서) |(?<=[과와]) "),
}
"""Where a claim may say two things."""
_NUMBER_WEIGHT = 1.2
_TRIED = 6
"""Clauses, best first, to which a second one is sought."""


@dataclass(frozen=True, slots=True)
class Said:
    """A claim as it is looked for: its words, and its numbers in every reading."""

    text: str
    language: Language
    words: tuple[Word, ...]
    numbers: tuple[tuple[Number, frozenset[str]], ...]

    @property
    def weight(self) -> float:
        """Of everything that must be found."""
        return sum(word.weight for word in self.words) + _NUMBER_WEIGHT * len(self.numbers)


@dataclass(frozen=True, slots=True)
class Found:
    """What of a claim some text bears out: each word's share and whether by its opposite, each number."""

    words: tuple[tuple[float, bool], ...]
    numbers: tuple[bool, ...]

    def __or__(self, other: "Found") -> "Found":
        return Found(
            tuple(
                max(one, two, key=lambda each: (each[0], not each[1]))
                for one, two in zip(self.words, other.words, strict=True)
            ),
            tuple(one or two for one, two in zip(self.numbers, other.numbers, strict=True)),
        )

    def weight(self, said: Said) -> float:
        """Of the words and numbers that are found."""
        words = sum(
            word.weight * share for word, (share, _) in zip(said.words, self.words, strict=True)
        )
        return words + _NUMBER_WEIGHT * sum(self.numbers)

    def spoken(self, said: Said) -> float:
        """The weight of the words alone: of what the text speaks, whatever it says of it."""
        return sum(
            word.weight * share for word, (share, _) in zip(said.words, self.words, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Clue:
    """A clause of one passage (counted from 0) with what it bears out."""

    passage: int
    sentence: int
    place: Place
    found: Found


@dataclass(frozen=True, slots=True)
class Evidence:
    """The clauses that bear a claim out best, the better one first; what they and all passages hold."""

    said: Said
    clues: tuple[Clue, ...]
    found: Found
    everywhere: Found
    every: tuple[Clue, ...]
    """All clauses of all passages, in order."""
    around: str
    """The whole sentences of the clauses."""

    @property
    def places(self) -> list[Place]:
        """The clauses."""
        return [clue.place for clue in self.clues]

    @property
    def text(self) -> str:
        """The clauses, one a line."""
        return "\n".join(clue.place.whole for clue in self.clues)


def said(text: str, language: Language) -> Said:
    """Read a claim."""
    return Said(text, language, words_of(text, language), tuple(amounts(text, language)))


def gather(claim: Said, passages: Sequence[str], language: Language) -> Evidence:
    """Find the one or two clauses that bear most of the claim out; of equals the shorter, then the first."""
    clues = [
        Clue(number, clause.sentence, clause.place, _found(claim, clause.bag, clause.known))
        for number, clause in _candidates(claim, passages, language)
    ]
    if not clues:
        whole = "\n".join(passages)
        span = Span(0, len(passages[0]) if passages else 0)
        place = Place(whole, "", whole, span, span)
        clues = [
            Clue(0, 0, place, _found(claim, bag_of(whole, language), Known([whole], language)))
        ]
    everywhere = clues[0].found
    for clue in clues[1:]:
        everywhere |= clue.found
    ranked = sorted(
        clues, key=lambda clue: (-round(clue.found.weight(claim), 3), len(clue.place.whole))
    )
    best: tuple[Clue, ...] = (ranked[0],)
    found, most = ranked[0].found, ranked[0].found.weight(claim)
    for first in ranked[:_TRIED]:
        for second in clues:
            near = first.passage != second.passage or abs(first.sentence - second.sentence) <= 1
            if second is first or not near:
                continue
            both = first.found | second.found
            if (weight := both.weight(claim)) > most + 1e-6:
                best, found, most = (first, second), both, weight
    best = tuple(
        sorted(best, key=lambda clue: (-round(clue.found.spoken(claim), 3), len(clue.place.whole)))
    )
    around = "\n".join(dict.fromkeys(clue.place.sentence for clue in best))
    return Evidence(claim, best, found, everywhere, tuple(clues), around)


def _found(claim: Said, bag: Bag, known: Known) -> Found:
    return Found(
        tuple(nearness(word, bag) for word in claim.words),
        tuple(known.holds(forms) for _, forms in claim.numbers),
    )


@dataclass(frozen=True, slots=True)
class _Clause:
    sentence: int
    place: Place
    bag: Bag
    known: Known
    keys: frozenset[str | int]
    """Forms, senses and numbers, to find clauses that share something with a claim without reading them."""


_MOST = 60
"""Clauses that are looked at closely. Long sources have hundreds, of which few speak of a claim."""


def _candidates(
    claim: Said, passages: Sequence[str], language: Language
) -> list[tuple[int, _Clause]]:
    """All clauses, or of many those that share most with the claim, with their neighbours, in order."""
    every = [
        (number, clause)
        for number, passage in enumerate(passages)
        for clause in _clauses(passage, language)
    ]
    if len(every) <= _MOST:
        return every
    keys: set[str | int] = {word.form for word in claim.words}
    keys = keys.union(
        *(word.senses for word in claim.words), *(forms for _, forms in claim.numbers)
    )
    shared = [len(keys & clause.keys) for _, clause in every]
    best = sorted(range(len(every)), key=lambda at: -shared[at])[: _MOST // 3]
    near = {other for at in best for other in (at - 1, at, at + 1) if 0 <= other < len(every)}
    return [every[at] for at in sorted(near)]


@lru_cache(maxsize=256)
def _clauses(passage: str, language: Language) -> tuple[_Clause, ...]:
    found: list[_Clause] = []
    sentence, before = -1, Span(-1, -1)
    for place in find_places(passage, language):
        if place.sentence_span != before:
            sentence, before = sentence + 1, place.sentence_span
        text = place.whole
        bag = bag_of(text, language)
        numbers = frozenset[str]().union(*(forms for _, forms in amounts(text, language)))
        keys = frozenset[str | int](bag.forms | numbers) | bag.senses
        found.append(_Clause(sentence, place, bag, Known([text], language), keys))
    return tuple(found)
