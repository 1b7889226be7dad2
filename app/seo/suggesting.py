"""Suggests keyphrases for a text: its noun runs, by how often and where they stand.

No search volumes and no scores: an order, and for each phrase what it was put there for.
"""

import math
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.language.nominal import Unit
from app.language.noun_runs import Candidate, candidates, noun_runs
from app.language.types import Language, Span
from app.seo.document import Document, parse

MOST = 20
"""Suggestions of a text: more than anybody reads."""

_CONSIDERED = 400
"""Phrases that are compared with each other, the best first."""

# How much a phrase gains by where it stands. Chosen on the tuning half of tests/seo/keyphrases.
_TITLE = 0.8
_HEADING = 0.5
_MOST_HEADINGS = 2
_OPENING = 0.2
_SPREAD = 0.6
_BY_WORDS = {1: 1.0, 2: 1.45, 3: 1.5, 4: 1.3}
_ONE_SYLLABLE = 0.4
_OWN_SHARE = 0.25
"""A part of a longer phrase stays a suggestion of its own from this share of places outside of it on."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A phrase that the text might be found by. `spans` are its places in the Markdown, but for the title."""

    key: str
    text: str
    """As it is most often written, without particles."""
    words: int
    """Content words."""
    count: int
    """Places in headings and text; the title is none."""
    spans: tuple[Span, ...]
    in_title: bool
    headings: int
    in_opening: bool
    """It stands in the first paragraph."""
    sections: int
    """Sections, of `of_sections`, in which it stands."""
    of_sections: int
    weight: float
    """What the order is by; means nothing beyond it."""
    parts: tuple[str, ...] = ()
    """Shorter phrases that stand almost nowhere but in this one."""


@dataclass(slots=True)
class _Found:
    forms: Counter[str]
    spans: list[Span]
    size: int
    places: list[tuple[int, int, int]]
    """Block, start and end within it."""
    in_title: bool = False
    strong: bool = False

    @property
    def stands(self) -> bool:
        """Whether it is a phrase of the text: one whose words may meet by chance must be said again."""
        if not self.places:
            return self.in_title and self.strong and self.size > 1
        return self.strong or self.in_title or len(self.places) > 1


def suggest_keyphrases(
    markdown: str, language: Language, *, title: str = "", most: int = MOST
) -> tuple[Suggestion, ...]:
    """The `most` likeliest keyphrases of a text, best first. Pure and blocking, as `analyse`."""
    return Phrases(markdown, language, title=title).suggest(most)


class Phrases:
    """All phrases of a text, read once."""

    def __init__(self, markdown: str, language: Language, *, title: str = "") -> None:
        self._language: Language = language
        document = parse(markdown, language)
        runs = noun_runs([title, *(block.text for block in document.blocks)], language)
        self._found: dict[str, _Found] = {}
        for candidate in _candidates(title, runs[0], language):
            _add(self._found, candidate).in_title = True
        for number, (block, its) in enumerate(zip(document.blocks, runs[1:], strict=True)):
            for candidate in _candidates(block.text, its, language):
                one = _add(self._found, candidate)
                one.spans.append(block.place(*candidate.span))
                one.places.append((number, candidate.span.start, candidate.span.end))
        self._where = _Places(document)

    def count(self, key: str) -> int:
        """Places of a phrase in headings and text, within longer phrases too."""
        return len(self._found[key].places) if key in self._found else 0

    def suggest(self, most: int) -> tuple[Suggestion, ...]:
        """The likeliest keyphrases, best first."""
        found = self._found
        ranked = sorted(
            (
                self._where.judge(key, one, self._language)
                for key, one in found.items()
                if one.stands
            ),
            key=lambda each: (-each.weight, each.spans[:1]),
        )[:_CONSIDERED]
        return tuple(_folded(ranked, {one.key: found[one.key] for one in ranked}))[:most]


def _candidates(
    text: str, runs: Iterable[tuple[Unit, ...]], language: Language
) -> Iterable[Candidate]:
    return (one for run in runs for one in candidates(text, run, language))


def _add(found: dict[str, _Found], candidate: Candidate) -> _Found:
    one = found.setdefault(candidate.key, _Found(Counter(), [], candidate.size, []))
    one.forms[candidate.text] += 1
    one.size = max(one.size, candidate.size)
    one.strong = one.strong or candidate.strong
    return one


class _Places:
    """What a block is to its article: a heading, its opening, a part of a section."""

    def __init__(self, document: Document) -> None:
        self.headings: set[int] = set()
        self.section_of: list[int] = []
        section = 0
        for number, block in enumerate(document.blocks):
            if block.kind == "heading":
                self.headings.add(number)
                section += number > 0
            self.section_of.append(section)
        self.sections = section + 1
        self.opening = next(
            (n for n, block in enumerate(document.blocks) if block.kind == "paragraph"), -1
        )

    def judge(self, key: str, one: _Found, language: Language) -> Suggestion:
        blocks = {block for block, _start, _end in one.places}
        headings = len(blocks & self.headings)
        sections = len({self.section_of[block] for block in blocks})
        opening = self.opening in blocks
        words = min(one.size, max(_BY_WORDS))
        weight = (
            math.log2(1 + len(one.places) + one.in_title)
            * _BY_WORDS[words]
            * (
                1
                + _TITLE * one.in_title
                + _HEADING * min(headings, _MOST_HEADINGS)
                + _OPENING * opening
                + _SPREAD * sections / self.sections
            )
        )
        if language == "ko" and len(key) == 1:
            weight *= _ONE_SYLLABLE
        return Suggestion(
            key=key,
            text=common_form(one.forms),
            words=one.size,
            count=len(one.places),
            spans=tuple(sorted(one.spans)),
            in_title=one.in_title,
            headings=headings,
            in_opening=opening,
            sections=sections,
            of_sections=self.sections,
            weight=weight,
        )


def common_form(forms: Mapping[str, int]) -> str:
    """The commonest way of writing it. A capital that is not always there came with a sentence's start."""
    spelled: Counter[str] = Counter()
    for form, number in forms.items():
        lower = form[:1].lower() + form[1:]
        spelled[lower if lower in forms else form] += number
    return min(spelled, key=lambda form: (-spelled[form], form))


def _folded(ranked: Sequence[Suggestion], found: Mapping[str, _Found]) -> list[Suggestion]:
    """Without the phrases that stand almost nowhere but in a longer one."""
    # Per block in order of start; no place is longer than the longest, so few are looked at.
    by_block: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    longest = 0
    for key, one in found.items():
        for block, start, end in one.places:
            by_block[block].append((start, end, key))
            longest = max(longest, end - start)
    for places in by_block.values():
        places.sort()
    kept: list[Suggestion] = []
    for one in ranked:
        if not one.count:
            # Of the title alone. Told where nothing that the text speaks of stands in the title.
            if not any(each.in_title for each in kept):
                kept.append(one)
            continue
        around: Counter[str] = Counter()
        covered = 0
        for block, start, end in found[one.key].places:
            longer = {
                key
                for left, right, key in _between(by_block[block], end - longest, start)
                if end <= right and right - left > end - start
            }
            around.update(longer)
            covered += any(found[key].in_title or len(found[key].places) > 1 for key in longer)
        owner = around.most_common(1)
        alone = one.count - max(covered, owner[0][1] if owner else 0)
        if alone >= _OWN_SHARE * one.count:
            kept.append(one)
    return kept


def _between(
    places: Sequence[tuple[int, int, str]], first: int, last: int
) -> Sequence[tuple[int, int, str]]:
    """Of sorted places those that begin at `first` to `last`."""
    return places[
        bisect_left(places, first, key=lambda place: place[0]) : bisect_right(
            places, last, key=lambda place: place[0]
        )
    ]
