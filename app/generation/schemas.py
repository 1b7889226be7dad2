"""What steps of the workflow hand to each other: small, frozen, JSON."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from app.language.types import Language
from app.sources.domain import Rights

FactKind = Literal["sentence", "item", "row", "code"]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fact(Frozen):
    """One sentence, list item, table row or code block of a source, verbatim.

    `text == snapshot.text[start:end]`, in code points.
    """

    id: str
    """`{passage_id}.{n}`, n counting the passage's sentences from 0."""
    snapshot_id: str
    passage_id: str
    start: int
    end: int
    text: str
    kind: FactKind
    headings: tuple[str, ...] = ()
    rights: Rights = Rights.OWN
    order: int = 0
    """Position over all sources: source by source, in reading order."""
    mark: str = ""
    """What stands before an item in its line: blanks that say how deep it is, and `-` or `1.`."""
    code_language: str = ""
    """What a code block's fence calls it, if it says."""


class Usage(Frozen):
    """What model calls cost. `cost_usd` is None where no price is known."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0
    seconds: float = 0.0

    def __add__(self, other: "Usage") -> "Usage":
        unknown = self.cost_usd is None or other.cost_usd is None
        return Usage(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost_usd=None if unknown else (self.cost_usd or 0.0) + (other.cost_usd or 0.0),
            seconds=self.seconds + other.seconds,
        )


class Sentence(Frozen):
    """One sentence (or item, row, code block) of the draft and where it is from.

    `fact_ids` is empty only for a linking phrase of the closed list. `rules` names every listed
    rule that changed the source's words, in order.
    """

    text: str
    fact_ids: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


class Block(Frozen):
    """A paragraph, list, table or code block.

    A table's first sentence is its header row; cells are split by ` | `.
    """

    kind: Literal["paragraph", "list", "table", "code"] = "paragraph"
    sentences: tuple[Sentence, ...]
    language: str = ""
    """A code block's language, as in its fence."""
    marks: tuple[str, ...] = ()
    """A list's marks, one an item, as in `Fact.mark`; without them all items are dashes."""
    heading: str = ""
    """A sub-heading of the section that opens above this block, if one does."""


class SectionPlan(Frozen):
    """One section of the outline: its heading and the facts it may use, in order."""

    heading: str
    fact_ids: tuple[str, ...]
    heading_fact_ids: tuple[str, ...] = ()
    """Where the heading's own words are from, if a fact and not a source's heading."""
    subheadings: tuple[tuple[str, str], ...] = ()
    """Pairs of a fact's id and the sub-heading that opens above it. A writer may leave them out."""


class Outline(Frozen):
    """The plan: the introduction's facts, the sections, and question-and-answer pairs found."""

    introduction: tuple[str, ...] = ()
    sections: tuple[SectionPlan, ...]
    questions: tuple[SectionPlan, ...] = ()
    dropped: int = 0
    """Facts left out: repetition, off topic, or over a cap."""

    @property
    def introduction_plan(self) -> SectionPlan:
        """The introduction as a section, which has no heading."""
        return SectionPlan(heading="", fact_ids=self.introduction)

    @property
    def plans(self) -> tuple[SectionPlan, ...]:
        """All parts in order: the introduction, the sections, the questions."""
        return (self.introduction_plan, *self.sections, *self.questions)


class Section(Frozen):
    """A drafted section. The introduction has an empty heading."""

    heading: str = ""
    blocks: tuple[Block, ...]
    usage: Usage = Usage()
    writer: str = "composer"
    """Who wrote it in the end: a model's name, or `composer` where the guard refused the model."""
    notes: tuple[str, ...] = ()
    """What the guard refused and why, for the job's log."""


class Snippet(Frozen):
    """What search results show."""

    title: str
    meta_description: str
    slug: str
    usage: Usage = Usage()
    writer: str = "composer"


class Written(Frozen):
    """An article's parts as they stand: the last `questions` of `sections` are questions."""

    sections: tuple[Section, ...]
    questions: int
    snippet: Snippet


class Brief(Frozen):
    """What is asked for."""

    keyword: str = Field(min_length=1, max_length=120)
    language: Language
    model: str = "composer"
    sources: tuple[str, ...] = ()
    """Snapshot ids, in the order given, once they are read."""
