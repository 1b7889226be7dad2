"""A batch as the rest of the program sees it: what its rows ask for, and what became of them."""

from datetime import datetime
from enum import StrEnum

from app.generation.schemas import Frozen
from app.sources.domain import Rights


class Problem(Frozen):
    """What is wrong with a cell."""

    column: str
    """The heading as the file has it."""
    message: str


class Existing(Frozen):
    """An article that the blog has."""

    post_id: str
    title: str
    state: str
    path: str
    """Where it is, or will be once it is published."""


class PlannedRow(Frozen):
    """What a row asks for, and why it would not be written."""

    n: int
    """As a spreadsheet numbers it: the headings are row 1."""
    keyword: str
    language: str
    sources: tuple[str, ...]
    priority: int
    deadline_at: datetime | None
    publish: bool
    problems: tuple[Problem, ...] = ()
    duplicate_of: str = ""
    """Where the same article is already: in the file, in the queue or published; empty: nowhere."""

    similar_to: int | None = None
    """The row of this file, above it, whose keyword is of the same stems in other words: told, not left out."""
    existing: tuple[Existing, ...] = ()
    """Articles of the blog, in whatever state, with the same keyphrase: told, not left out."""

    @property
    def same_as(self) -> tuple[str, str]:
        """Rows that agree in this ask for the same article."""
        return (self.keyword.casefold(), self.language)


class Options(Frozen):
    """How a batch is run."""

    name: str = ""
    model: str = ""
    """Who writes; empty: `LLM_MODEL`."""
    rights: Rights = Rights.THIRD_PARTY
    skip_wrong: bool = False
    """Write the rows that are right, though others are not."""
    keep_repeated: bool = False
    """Write also what is in the file twice, in the queue or published."""


class Preview(Frozen):
    """What a file would do."""

    encoding: str
    separator: str
    unused_columns: tuple[str, ...]
    rows: tuple[PlannedRow, ...]
    counts: dict[str, int]
    cost_usd: tuple[float, float] | None
    """The least and the most that it is thought to cost; None: unknown."""


class RowExisting(Frozen):
    """A row of a batch, and the articles that the blog has on it."""

    n: int
    keyword: str
    articles: tuple[Existing, ...]


class BatchState(StrEnum):
    """What was last wanted of a batch. Whether it is done is seen from its rows."""

    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"


class Batch(Frozen):
    """A batch."""

    id: str
    name: str
    requested_by: str
    state: BatchState
    created_at: datetime
    counts: dict[str, int]
    """How many rows are in each state."""
    existing: tuple[RowExisting, ...] | None = None
    """Rows that are written though the blog has an article on the same, a hundred at most; None where the batch
    has not just been accepted, for later it would find its own articles."""

    @property
    def total(self) -> int:
        """How many rows it has."""
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        """How many rows may still change by themselves."""
        return sum(self.counts.get(state, 0) for state in ("accepted", "held", "queued", "running"))

    @property
    def shown_state(self) -> str:
        """Its state, or `done` once no row is open."""
        return "done" if self.state is BatchState.RUNNING and not self.open else self.state.value


class RowResult(Frozen):
    """What became of a row."""

    n: int
    keyword: str
    state: str
    """The job's; `accepted` before there is one, `skipped` where there will be none."""
    job_id: str | None
    reason: str
    """Why it was skipped, or why its job failed."""
    title: str
    url: str
    score: int | None
