"""A job as the rest of the program sees it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from app.generation.schemas import Frozen, Usage
from app.language.types import Language
from app.sources.domain import Rights

STEPS = (
    "brief",
    "sources",
    "outline",
    "draft",
    "verify",
    "judge",
    "optimise",
    "repair",
    "score",
    "save",
)
"""The pipeline, in order. `draft` is one durable step a section. `judge` is one a question and one that lowers,
`repair` one a round, where there are any."""


class JobState(StrEnum):
    """Where a job is in its life."""

    HELD = "held"
    """Accepted, and kept from being begun: its batch is paused."""
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PARKED = "parked"
    """Its process died at every start: nobody begins it again unasked."""

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self not in LIVE


LIVE = (JobState.HELD, JobState.QUEUED, JobState.RUNNING)
"""States of jobs that have not ended."""

PRIORITIES = {"high": 50, "normal": 100, "low": 200}
"""By name; lower numbers go first, among the jobs of one person."""

NORMAL = PRIORITIES["normal"]


def priority_name(priority: int) -> str:
    """What people call a priority; the number where it has no name."""
    return next((name for name, value in PRIORITIES.items() if value == priority), str(priority))


class SourceIn(Frozen):
    """A source of a request: an address to fetch, or a snapshot already read from a file or a note."""

    url: str | None = None
    snapshot_id: str | None = None
    rights: Rights = Rights.THIRD_PARTY


class Request(Frozen):
    """What was accepted: everything the pipeline needs, and nothing of the process that took it."""

    keyword: str = Field(min_length=1, max_length=120)
    language: Language
    model: str
    sources: tuple[SourceIn, ...]
    publish: bool = False
    request_id: str = ""
    """What the request that was accepted called itself: lines about the job name it."""
    trace: str = ""
    """The trace it was accepted in (`app.infra.traces.begin_trace`); empty where nothing is traced."""


class Wanted(Frozen):
    """Which jobs to list; what is None or empty is no condition."""

    state: JobState | None = None
    person: str = ""
    language: str = ""
    text: str = ""
    """A part of the keyword, in any case."""
    batch: str = ""
    since: datetime | None = None


class Event(Frozen):
    """One thing that happened to a job; `seq` counts from 1 without gaps."""

    seq: int
    step: str
    kind: str
    """`queued`, `started`, `progress`, `waiting`, `finished`, `failed`, `cancelled`, `succeeded`; of control:
    `held`, `released`, `resumed`, `retried`, `parked`."""
    n: int = 0
    attempt: int = 1
    data: dict[str, Any] = Field(default_factory=dict)
    at: datetime


class Job(Frozen):
    """A job's row."""

    id: str
    workflow_id: str
    request: Request
    state: JobState
    step: str = ""
    error_code: str | None = None
    error: str | None = None
    post_id: str | None = None
    usage: Usage = Usage()
    result: dict[str, Any] = Field(default_factory=dict)
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    requested_by: str = ""
    """The person, or the key of nobody's; empty for jobs of before this was kept."""
    priority: int = NORMAL
    deadline_at: datetime | None = None
    batch_id: str | None = None
    attempt: int = 1

    @property
    def seconds(self) -> float | None:
        """From the first step's start to the end; None while it lasts."""
        if self.started_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.started_at).total_seconds()
