"""What is said of a sentence: supported, partly or unsupported, and what is wrong with it."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["supported", "partly", "unsupported"]
ProblemKind = Literal[
    "replay",
    "number",
    "name",
    "quotation",
    "negation",
    "direction",
    "comparison",
    "order",
    "coverage",
    "source",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a sentence, and the words it is about."""

    kind: ProblemKind
    detail: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sentence stands on what it quotes.

    `coverage` is the share of its content words found there, 0-1; 1 for a sentence that is its
    source's word for word.
    """

    status: Status
    problems: tuple[Problem, ...] = ()
    coverage: float = 1.0
