"""What a writer is asked to repair, and what it answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.generation.schemas import Brief, Fact, Section, Snippet, Usage, Written
from app.seo.thresholds import Limits


@dataclass(frozen=True, slots=True)
class Faulty:
    """An article with what the analyser says against it.

    `faults` has the id of each check that is not green, with the sentences it points at (none where it
    is about the whole).
    """

    brief: Brief
    written: Written
    facts: Mapping[str, Fact]
    limits: Limits
    faults: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Patch:
    """Something to put in the place of what is there: a snippet, or sections by their number."""

    snippet: Snippet | None = None
    sections: Mapping[int, Section] = field(default_factory=dict[int, Section])

    def on(self, written: Written) -> Written:
        """The article with it."""
        sections = [self.sections.get(n, each) for n, each in enumerate(written.sections)]
        return written.model_copy(
            update={"sections": tuple(sections), "snippet": self.snippet or written.snippet}
        )


@dataclass(frozen=True, slots=True)
class Mended:
    """A model's patches, each to be tried by itself, and what they cost. `note` says why there are none."""

    patches: tuple[Patch, ...] = ()
    usage: Usage = field(default_factory=Usage)
    note: str = ""


SNIPPET_FAULTS: Mapping[str, str] = {
    "title.width": "a title too wide to be shown",
    "kp.title": "a title without the keyword at its start",
    "meta.length": "a description of the wrong length",
    "kp.meta": "a description that does not name the keyword once or twice",
}
"""What a model can mend of a snippet, and what it is told."""

PROSE_FAULTS: Mapping[str, str] = {
    "sentence.length": "too many long sentences",
    "sentence.passive": "too much passive voice",
    "sentence.transitions": "too few words that tie sentences together",
    "sentence.beginnings": "sentences in a row that begin alike",
    "ko.endings": "sentences in a row that end alike, or in another register",
}
"""The same of prose."""

MENDED_SECTIONS = 2
"""Most sections that a model words anew in a round: each is a call or two."""


def told_faults(faults: Iterable[str], known: Mapping[str, str]) -> str:
    """The faults that are known, in the words a model is told; empty where there is none."""
    return ", ".join(known[each] for each in sorted(faults) if each in known)


def worst_sections(faulty: Faulty) -> list[int]:
    """The sections with most sentences that faults of prose point at, in their order; no questions."""
    pointed = [faulty.faults[each] for each in PROSE_FAULTS if each in faulty.faults]

    def weight(section: Section) -> int:
        texts = [
            s.text for block in section.blocks if block.kind == "paragraph" for s in block.sentences
        ]
        return sum(text in sentences for sentences in pointed for text in texts)

    sections = faulty.written.sections[: len(faulty.written.sections) - faulty.written.questions]
    weights = {n: weight(section) for n, section in enumerate(sections)}
    worst = sorted((n for n in weights if weights[n]), key=lambda n: (-weights[n], n))
    return sorted(worst[:MENDED_SECTIONS])
