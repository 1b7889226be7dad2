"""The tables of the index: an article's profile, its terms, samples of its text, its links to own articles."""

from datetime import date

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base


class ProfileRow(Base):
    """What of an article is compared as a whole. Its rows in the other tables are of the same text."""

    __tablename__ = "post_profiles"

    post_id: Mapped[str] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    language: Mapped[str] = mapped_column(String(2))
    revision: Mapped[int] = mapped_column(Integer)
    """The text that was read; another one than the article's means: to be read anew."""
    scheme: Mapped[int] = mapped_column(Integer)
    """The rules it was read by (`profile.SCHEME`); older ones mean: to be read anew."""
    title_key: Mapped[str] = mapped_column(String(32))
    """Equal for titles that differ in case and blanks alone; empty where there is none."""
    description_key: Mapped[str] = mapped_column(String(32))
    keyphrase_key: Mapped[str] = mapped_column(String(32))
    """Equal for keyphrases of the same stems."""
    samples: Mapped[int] = mapped_column(Integer)
    """How many samples its text gave."""

    __table_args__ = (
        Index(None, "language", "title_key"),
        Index(None, "language", "description_key"),
        Index(None, "language", "keyphrase_key"),
    )


class TermRow(Base):
    """A stem, where in the article it stands, and how often there."""

    __tablename__ = "post_terms"

    post_id: Mapped[str] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[str] = mapped_column(String(16), primary_key=True)
    """`title`, `keyphrase`, `heading` or `lead`."""
    term: Mapped[str] = mapped_column(String(64), primary_key=True)
    language: Mapped[str] = mapped_column(String(2))
    count: Mapped[int] = mapped_column(Integer)

    # All that finding near articles reads of a row: three times as fast at 10,000 articles on SQLite.
    __table_args__ = (Index("ix_post_terms_by_term", "language", "term", "post_id", "place"),)


class SampleRow(Base):
    """A hash of some words in a row: one in sixteen of those an article has, the same ones in each."""

    __tablename__ = "post_samples"

    post_id: Mapped[str] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    value: Mapped[int] = mapped_column(BigInteger, primary_key=True)

    __table_args__ = (Index(None, "value", "post_id"),)


class LinkRow(Base):
    """A link in an article's text that has the form of an article's address here: `/en/slug`."""

    __tablename__ = "post_links"

    post_id: Mapped[str] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    host: Mapped[str] = mapped_column(String(255), primary_key=True)
    """Empty for a link without one, which stays on the blog; the text does not know where that is."""
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    """The address's language, which is its first part."""
    slug: Mapped[str] = mapped_column(String(120), primary_key=True)

    __table_args__ = (Index(None, "language", "slug"),)


class DueRow(Base):
    """A sentence that ages, and the day on which somebody should look whether it still holds."""

    __tablename__ = "post_dues"

    post_id: Mapped[str] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    """Counts those of the article, in reading order."""
    kind: Mapped[str] = mapped_column(String(16))
    words: Mapped[str] = mapped_column(Text)
    """By which it ages."""
    sentence: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date] = mapped_column(Date)
    """Stays with the sentence when other words of the article are changed."""

    __table_args__ = (Index(None, "due_on", "post_id", "position"),)
