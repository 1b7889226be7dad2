"""A job as the rest of the program sees it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from app.generation.schemas import Frozen, Usage
from app.language.types import Language
from app.sources.domain import Rights

STEPS = ("brief", "sources", "outline", "draft", "verify", "optimise", "score", "save")
"""The pipeline, in order. `draft` is one durable step a section."""


class JobState(StrEnum):
    """Where a job is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self in {JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED}


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


class Event(Frozen):
    """One thing that happened to a job; `seq` counts from 1 without gaps."""

    seq: int
    step: str
    kind: str
    """`queued`, `started`, `progress`, `waiting`, `finished`, `failed`, `cancelled`, `succeeded`."""
    n: int = 0
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

    @property
    def seconds(self) -> float | None:
        """From the first step's start to the end; None while it lasts."""
        if self.started_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.started_at).total_seconds()
