"""What is said of a sentence: supported, partly, unsupported or contradicted, and what is wrong with it."""

from dataclasses import dataclass
from typing import Literal

from app.language.types import Span

Status = Literal["supported", "partly", "unsupported", "contradicted"]
"""Unsupported: the source says nothing of it. Contradicted: it speaks of the same and says otherwise."""

SEVERITY: dict[Status, int] = {"supported": 0, "partly": 1, "unsupported": 2, "contradicted": 3}
"""The higher, the worse."""
FAILING: frozenset[Status] = frozenset({"unsupported", "contradicted"})
"""What may not stand in an article."""
ProblemKind = Literal[
    "replay",
    "number",
    "name",
    "quotation",
    "negation",
    "direction",
    "comparison",
    "order",
    "cause",
    "limit",
    "replaced",
    "coverage",
    "source",
    "lowered by the judge",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a sentence, and the words it is about."""

    kind: ProblemKind
    detail: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Clause:
    """The words of a source that a sentence was held against.

    `passage` counts the passages that were given, from 0; `span` is code points of that one, and `text`
    what stands there: the clause nearest to the sentence, or the source's sentence where the clause takes
    its subject from what stands before it.
    """

    passage: int
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sentence stands on what it quotes.

    `coverage` is the share of its content words found there, 0-1; 1 for a sentence that is its
    source's word for word. `clause` is None where no passage was given.
    """

    status: Status
    problems: tuple[Problem, ...] = ()
    coverage: float = 1.0
    clause: Clause | None = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """The problems in words; of a contradicted sentence first what the source says instead."""
        told = tuple(map(str, self.problems))
        if self.status == "contradicted" and self.clause is not None:
            return (f"contradicted: the source says: {' '.join(self.clause.text.split())}", *told)
        return told
