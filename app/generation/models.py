"""The tables of jobs: what was asked, how it goes, what was said of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Moment


class JobRow(Base):
    """A job: one accepted request for one article."""

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    """UUIDv7."""
    workflow_id: Mapped[str] = mapped_column(String(64))
    """The workflow of the newest attempt."""
    keyword: Mapped[str] = mapped_column(String(120))
    language: Mapped[str] = mapped_column(String(2))
    model: Mapped[str] = mapped_column(Text)
    request: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16))
    step: Mapped[str] = mapped_column(String(32), default="")
    error_code: Mapped[str | None] = mapped_column(String(64))
    error: Mapped[str | None] = mapped_column(Text)
    post_id: Mapped[str | None] = mapped_column(String(36))
    usage: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    last_seq: Mapped[int] = mapped_column(Integer, default=0)
    """The newest event's number; events are numbered under this row's lock."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    requested_by: Mapped[str] = mapped_column(String(64), default="", server_default="")
    priority: Mapped[int] = mapped_column(Integer, default=100, server_default="100")
    deadline_at: Mapped[datetime | None] = mapped_column(Moment)
    batch_id: Mapped[str | None] = mapped_column(String(36))
    attempt: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """The number of the newest attempt: events are told apart by it."""

    __table_args__ = (
        Index(None, "state"),
        Index(None, "created_at"),
        Index(None, "requested_by"),
        Index(None, "batch_id"),
    )


class AttemptRow(Base):
    """A workflow of a job. A retry from a step is a new workflow of the same job."""

    __tablename__ = "attempts"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True)
    workflow_id: Mapped[str] = mapped_column(String(64), unique=True)
    fork: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """Of which workflow, from which of its steps, with which children anew; None for the first."""


class PausedQueueRow(Base):
    """A queue of which no instance takes anything."""

    __tablename__ = "paused_queues"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Moment)


class EventRow(Base):
    """One thing that happened to a job. A replayed step adds nothing: it is unique in its attempt."""

    __tablename__ = "job_events"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    step: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(16))
    n: Mapped[int] = mapped_column(Integer, default=0)
    attempt: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (UniqueConstraint("job_id", "attempt", "step", "kind", "n"),)


class IdempotencyRow(Base):
    """A request's key, once used: the same key answers the same job."""

    __tablename__ = "idempotency"

    principal: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    job_id: Mapped[str] = mapped_column(
        ForeignKey("jobs.id", deferrable=True, initially="DEFERRED")
    )
    """Bound before the job itself is there: who binds first decides whose job it is."""
    expires_at: Mapped[datetime] = mapped_column(Moment)
