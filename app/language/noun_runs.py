"""Noun runs: nouns side by side, of which keyphrases are made. Korean by morphemes, English by rules.

A run is cut into units: in Korean what is written without a blank, in English words. A phrase never begins or
ends within a unit.
"""

from typing import NamedTuple

from app.language.english_nouns import english_runs
from app.language.korean_nouns import korean_runs
from app.language.nominal import Unit
from app.language.types import Language, Span

MOST_UNITS = 4
"""Units of a phrase: the reference calls a keyphrase of more than four content words long."""


class Candidate(NamedTuple):
    """A phrase at one place. Equal `key`: the same phrase, inflected or spaced in another way."""

    key: str
    size: int
    text: str
    span: Span
    strong: bool
    """Once is enough; other phrases must be said again to be taken for one (fear of flying, first aid kit)."""


def noun_runs(texts: list[str], language: Language) -> list[list[tuple[Unit, ...]]]:
    """The runs of each of an article's blocks, in order; spans are in the block.

    English asks all blocks what a word is used as (see `english_nouns`), so they are read together.
    """
    if language == "ko":
        return [korean_runs(text) for text in texts]
    return english_runs(texts)


def candidates(text: str, run: tuple[Unit, ...], language: Language) -> list[Candidate]:
    """Every phrase of 1 to `MOST_UNITS` units within a run that may stand by itself."""
    found: list[Candidate] = []
    for first, opening in enumerate(run):
        if not opening.opens:
            continue
        for last in range(first, min(first + MOST_UNITS, len(run))):
            if not run[last].closes:
                continue
            units = run[first : last + 1]
            if len(units) == 1 and not opening.alone:
                continue
            span = Span(opening.span.start, units[-1].span.end)
            key = ("" if language == "ko" else " ").join(unit.stem for unit in units)
            size = sum(unit.words for unit in units)
            words = " ".join(span.of(text).split())
            found.append(Candidate(key, size, words, span, all(unit.strong for unit in units)))
    return found
