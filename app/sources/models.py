"""The table of snapshots."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Moment


class SnapshotRow(Base):
    """One source as it was read. Rows are written once."""

    __tablename__ = "source_snapshots"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    origin: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    rights: Mapped[str] = mapped_column(String(16))
    author: Mapped[str | None] = mapped_column(Text)
    published_on: Mapped[str | None] = mapped_column(String(32))
    site: Mapped[str | None] = mapped_column(Text)
    fetched_at: Mapped[datetime] = mapped_column(Moment)
