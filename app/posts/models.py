"""The tables of articles: posts, their revisions, the claims of a revision, every address ever used."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Moment


class PostRow(Base):
    """An article, whatever its text says at the moment."""

    __tablename__ = "posts"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    language: Mapped[str] = mapped_column(String(2))
    translation_group: Mapped[str] = mapped_column(String(36), index=True)
    """Shared by the language versions of one article."""
    state: Mapped[str] = mapped_column(String(16), index=True)
    slug: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(Text)
    job_id: Mapped[str | None] = mapped_column(String(36), unique=True)
    """The job that wrote it: one article a job, whoever saves it twice."""
    revision: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer, default=1)
    """Rises with every change; a writer who knew another one is in conflict."""
    unlisted: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    modified_at: Mapped[datetime | None] = mapped_column(Moment)
    """When what readers see last changed."""
    publish_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it is to be published, or was to be when it was held."""
    held: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Why it was not published when its time came; empty otherwise."""

    __table_args__ = (Index(None, "state", "published_at"), Index(None, "state", "publish_at"))


class RevisionRow(Base):
    """One text of an article. Rows are written once."""

    __tablename__ = "revisions"

    post_id: Mapped[str] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    n: Mapped[int] = mapped_column(Integer, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    slug: Mapped[str] = mapped_column(String(120))
    meta_description: Mapped[str] = mapped_column(Text)
    keyphrase: Mapped[str] = mapped_column(Text)
    markdown: Mapped[str] = mapped_column(Text)
    faq: Mapped[list[Any]] = mapped_column(JSON)
    citations: Mapped[list[Any]] = mapped_column(JSON)
    score: Mapped[dict[str, Any]] = mapped_column(JSON)
    writer: Mapped[str] = mapped_column(Text)
    usage: Mapped[dict[str, Any]] = mapped_column(JSON)
    gate: Mapped[list[Any]] = mapped_column(JSON)
    """Why it may not be published; empty when it may."""
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Moment)


class ClaimRow(Base):
    """One sentence of a revision and the source's words that support it."""

    __tablename__ = "claims"

    post_id: Mapped[str] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    revision: Mapped[int] = mapped_column(Integer, primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    start: Mapped[int] = mapped_column(Integer)
    end: Mapped[int] = mapped_column(Integer)
    sentence: Mapped[str] = mapped_column(Text)
    snapshot_id: Mapped[str] = mapped_column(String(32), index=True)
    passage_id: Mapped[str] = mapped_column(String(32))
    quote: Mapped[str] = mapped_column(Text)
    quote_start: Mapped[int] = mapped_column(Integer)
    quote_end: Mapped[int] = mapped_column(Integer)
    verdict: Mapped[str] = mapped_column(String(16))
    rules: Mapped[list[Any]] = mapped_column(JSON)
    problems: Mapped[list[Any]] = mapped_column(JSON)


class SlugRow(Base):
    """An address that was published once: it answers the article, a redirect, or 410, for ever."""

    __tablename__ = "slugs"

    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), primary_key=True)
    post_id: Mapped[str] = mapped_column(String(36), index=True)
    state: Mapped[str] = mapped_column(String(16))
    """`current`, `redirect` or `gone`."""
