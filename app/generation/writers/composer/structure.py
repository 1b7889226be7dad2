"""A source's own structure: which heading stands above which facts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from app.generation.schemas import Fact
from app.generation.writers.composer.headings import plain

_TITLE_SHARE = 0.7
"""An outermost heading over this share of a source's facts is its title, not a section's."""

Paths = Mapping[str, tuple[str, ...]]
"""The plain headings above each fact, by its id, outermost first, without the source's title."""


@dataclass(slots=True)
class Draft:
    """A section in the making."""

    heading: str
    facts: list[Fact]
    place: float
    """Where in its source it starts, from 0 to 1; the order of the article follows it."""
    parents: tuple[str, ...] = ()
    depth: int = 1
    """How many headings of a fact's path are this section's and above it."""
    heading_fact: str = ""
    """The id of the fact whose words the heading is, if it is no heading of a source."""
    source_heading: str = ""
    """Its heading as the source has it, plain."""
    subheadings: dict[str, str] = field(default_factory=dict[str, str])
    """Sub-headings by the id of the fact that they stand above."""

    @property
    def words(self) -> int:
        return words_of(self.facts)


def words_of(facts: Sequence[Fact]) -> int:
    """Count words (eojeol in Korean) of everything but code."""
    return sum(len(fact.text.split()) for fact in facts if fact.kind != "code")


def title_of(facts: Sequence[Fact]) -> str:
    """Return the plain title above facts that no other heading parts from it; empty if there is none."""
    titles = {plain(fact.headings[-1]) for fact in facts if fact.headings}
    return titles.pop() if len(titles) == 1 else ""


def paths_of(facts: Sequence[Fact]) -> dict[str, tuple[str, ...]]:
    """Clean the headings above every fact, source by source."""
    paths: dict[str, tuple[str, ...]] = {}
    for _, group in groupby(facts, key=lambda fact: fact.snapshot_id):
        run = list(group)
        titles = _titles(run)
        for fact in run:
            below = 0
            while below < len(titles) and fact.headings[below : below + 1] == (titles[below],):
                below += 1
            paths[fact.id] = tuple(words for h in fact.headings[below:] if (words := plain(h)))
    return paths


def _titles(facts: Sequence[Fact]) -> list[str]:
    """Return the headings, outermost first, that stand over nearly all of a source: its titles.

    A page often has two: what its head says, and what stands above its text.
    """
    titles: list[str] = []
    while True:
        depth = len(titles)
        tops = Counter(f.headings[depth] for f in facts if len(f.headings) > depth)
        if not tops:
            return titles
        title, count = tops.most_common(1)[0]
        if count < _TITLE_SHARE * len(facts) or (depth and len(tops) > 1):
            return titles
        titles.append(title)


def drafts_of(facts: Sequence[Fact], paths: Paths) -> list[Draft]:
    """Make a draft of each outermost heading of each source, in reading order."""
    drafts: list[Draft] = []
    for _, group in groupby(facts, key=lambda fact: fact.snapshot_id):
        run = list(group)
        first, length = run[0].order, max(1, run[-1].order - run[0].order + 1)
        for heading, part in groupby(run, key=lambda fact: (paths[fact.id] or ("",))[0]):
            own = list(part)
            place = (own[0].order - first) / length
            drafts.append(Draft(heading, own, place, source_heading=heading))
    return drafts


def split(draft: Draft, paths: Paths) -> list[Draft]:
    """Cut a draft at its sub-headings of the next level; what stands before the first stays first."""
    parts: list[Draft] = []
    span = max(1, len(draft.facts))
    for n, (heading, group) in enumerate(
        groupby(draft.facts, key=lambda fact: (paths[fact.id][draft.depth :] or ("",))[0])
    ):
        own = list(group)
        place = draft.place + n / span / 1000  # keeps the order of its parts among other drafts
        if heading:
            parents = (*draft.parents, draft.heading)
            parts.append(
                Draft(heading, own, place, parents, draft.depth + 1, source_heading=heading)
            )
        else:
            parts.append(replace(draft, facts=own, place=place))
    return parts
