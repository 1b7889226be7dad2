"""Where sources state nearly the same with another number. A pair to look at, no verdict who is right."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from app.language.measures import is_marked, measure, readings
from app.language.numbers import Number
from app.language.stems import content_stems
from app.language.types import Language
from app.review.brief_schemas import DisagreementOut
from app.review.naming import counted_sentences
from app.seo.document import Document

MOST = 10
_LIKE = 0.6
"""Share of content words that both sentences hold, of all that either does. Below, other things are counted."""
_FEWEST_WORDS = 3
_MOST_PAIRS = 100_000
"""Of one kind of number: hundreds of sentences against each other; more is a table, or meant ill."""
_LONGEST = 500
"""Sentences with numbers of a source that are compared."""


@dataclass(frozen=True, slots=True)
class _Stated:
    source: int
    text: str
    number: Number
    language: Language
    stems: frozenset[str]


def differing(documents: Sequence[Document]) -> list[DisagreementOut]:
    """Pairs of sentences of two sources in one language; the likest first.

    A sentence with several numbers of a kind is left out: which of them is meant cannot be told.
    """
    by_kind: defaultdict[tuple[str, str], list[_Stated]] = defaultdict(list)
    for source, document in enumerate(documents, 1):
        for stated in _stated(source, document):
            by_kind[stated.language, _kind(stated.number)].append(stated)
    pairs: list[tuple[float, DisagreementOut]] = []
    for one_kind in by_kind.values():
        for one, other in islice(_pairs(one_kind), _MOST_PAIRS):
            likeness = len(one.stems & other.stems) / len(one.stems | other.stems)
            if likeness >= _LIKE and _differ(one, other):
                told = DisagreementOut(
                    first=one.text,
                    first_source=one.source,
                    first_number=one.number.text.strip(),
                    second=other.text,
                    second_source=other.source,
                    second_number=other.number.text.strip(),
                )
                pairs.append((likeness, told))
    pairs.sort(key=lambda pair: -pair[0])
    return [told for _, told in pairs[:MOST]]


def _stated(source: int, document: Document) -> Iterator[_Stated]:
    for index, (text, numbers) in enumerate(counted_sentences(document)):
        if index >= _LONGEST:
            return
        kinds = [_kind(number) for number in numbers]
        bare = text
        for number in reversed(numbers):
            bare = bare[: number.span.start] + " " + bare[number.span.end :]
        stems = frozenset(content_stems(bare, document.language))
        if len(stems) < _FEWEST_WORDS:
            continue
        for number, kind in zip(numbers, kinds, strict=True):
            if kinds.count(kind) == 1:
                yield _Stated(source, text, number, document.language, stems)


def _pairs(stated: Sequence[_Stated]) -> Iterator[tuple[_Stated, _Stated]]:
    """Those of different sources that have a word in common."""
    by_stem: defaultdict[str, list[int]] = defaultdict(list)
    for at, one in enumerate(stated):
        near = {index for stem in one.stems for index in by_stem[stem]}
        for index in sorted(near):
            if stated[index].source != one.source:
                yield stated[index], one
        for stem in one.stems:
            by_stem[stem].append(at)


def _kind(number: Number) -> str:
    amount = measure(number)
    return number.unit if amount is None else amount[0] or number.unit


def _differ(one: _Stated, other: _Stated) -> bool:
    """Whether the numbers cannot both be meant: unequal, and neither is said to be rounded."""
    if readings(one.number) & readings(other.number):
        return False
    return not any(is_marked(each.text, each.number, each.language) for each in (one, other))
