"""The tables of batches."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Moment


class BatchRow(Base):
    """A batch: one accepted table."""

    __tablename__ = "batches"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    """UUIDv7."""
    name: Mapped[str] = mapped_column(String(120))
    requested_by: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(255))
    """Given by who asked, or the hash of the file and its options: the same is accepted once."""
    state: Mapped[str] = mapped_column(String(16))
    feeders: Mapped[int] = mapped_column(default=1)
    """How many workflows have been started to feed it: one, and one more each time it goes on."""
    created_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (UniqueConstraint("requested_by", "key"),)


class BatchItemRow(Base):
    """A row of the table. Its job's id is chosen when it is accepted, so that it is fed only once."""

    __tablename__ = "batch_rows"

    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    keyword: Mapped[str] = mapped_column(Text)
    job_id: Mapped[str | None] = mapped_column(String(36), unique=True)
    request: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    priority: Mapped[int]
    deadline_at: Mapped[datetime | None] = mapped_column(Moment)
    fed: Mapped[bool]
    skipped: Mapped[str] = mapped_column(Text)
    """Why no article is written for it; empty where one is."""
