"""What an audit is asked with and what it answers."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from app.language.types import Language
from app.seo.findings import Grade, Level


class AuditIn(BaseModel):
    """A page of the web."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(min_length=1, max_length=2000)
    links: bool = False
    """Ask where the page's links lead, at most 50 of them."""
    say: Language | None = None
    """The language of messages; otherwise the reader's."""


class PageFindingOut(BaseModel):
    """One thing that was seen, or that there is nothing to say (`good`)."""

    id: str
    grade: Grade
    gate: bool
    level: Level
    measured: float | None
    threshold: str
    message: str
    why: str
    hint: str


class AuditOut(BaseModel):
    """What a page's answer, head, data and neighbours look like. No promise of a rank."""

    url: str
    final_url: str
    status: int
    audited_at: datetime
    passed: bool
    """No check is red."""
    gate: list[str]
    """Ids of red checks that would keep search engines or readers from the page."""
    findings: list[PageFindingOut]
