"""What goes in and out of the slice."""

from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

from app.language.types import Language

ClaimVerdict = Literal["supported", "partly", "unsupported", "stale"]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class QuestionIn(Frozen):
    """A question the sources answer."""

    question: str
    answer: str


class CitationIn(Frozen):
    """A source as its footnote names it. `number` is the footnote's."""

    number: int
    snapshot_id: str
    title: str
    url: str | None = None
    author: str | None = None
    site: str | None = None
    published_on: str | None = None
    accessed_at: datetime


class ClaimIn(Frozen):
    """A row of the claim table: a span of the Markdown and the quoted span of a snapshot, in code points."""

    start: int
    end: int
    sentence: str
    snapshot_id: str
    passage_id: str
    quote: str
    quote_start: int
    quote_end: int
    verdict: ClaimVerdict
    rules: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class ArticleIn(Frozen):
    """A finished article, before it is kept."""

    language: Language
    title: str
    slug: str
    meta_description: str
    keyphrase: str
    markdown: str
    faq: tuple[QuestionIn, ...] = ()
    citations: tuple[CitationIn, ...] = ()
    claims: tuple[ClaimIn, ...] = ()
    score: dict[str, Any] = Field(default_factory=dict)
    writer: str = "composer"
    usage: dict[str, Any] = Field(default_factory=dict)
    gate: tuple[str, ...] = ()
    job_id: str | None = None
    unlisted: bool = False
    translation_of: str | None = None
    """The id of the article that this is another language's version of."""


class Post(Frozen):
    """An article without its text."""

    id: str
    language: Language
    translation_group: str
    state: str
    slug: str
    title: str
    job_id: str | None
    revision: int
    version: int
    unlisted: bool
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    modified_at: datetime | None
    publish_at: datetime | None = None
    held: str = ""

    @property
    def path(self) -> str:
        """Its public address without the host, percent-encoded (RFC 3986)."""
        return f"/{self.language}/{quote(self.slug)}"

    @property
    def tags(self) -> tuple[str, str, str]:
        """What a page that shows the article is made of: it, that it is there, its language versions."""
        return (f"post:{self.id}", f"gone:{self.id}", f"group:{self.translation_group}")


class Assessed(Frozen):
    """What a text came to when it was measured, before it replaces revision `based_on`."""

    based_on: int
    score: dict[str, Any]
    gate: tuple[str, ...]
    """Why it may not be published; empty when it may."""

    @property
    def own_numbers(self) -> tuple[str, ...]:
        """See `Revision.own_numbers`."""
        return tuple(self.score.get("own_numbers", ()))


class Revision(Frozen):
    """One text of an article."""

    post_id: str
    n: int
    title: str
    slug: str
    meta_description: str
    keyphrase: str
    markdown: str
    faq: tuple[QuestionIn, ...]
    citations: tuple[CitationIn, ...]
    score: dict[str, Any]
    writer: str
    usage: dict[str, Any]
    gate: tuple[str, ...]
    note: str
    created_at: datetime

    @property
    def own_numbers(self) -> tuple[str, ...]:
        """Numbers, as written, that no source has and the author answers for. Kept with the score."""
        return tuple(self.score.get("own_numbers", ()))
