"""What an analysis is asked with and what it answers, at the API and as `analyze --format json`."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.kit.errors import Invalid
from app.language.types import Language
from app.review.verdict import Status
from app.seo.findings import Grade, Group, Lamp, Level
from app.seo.search_preview import Engine
from app.sources.domain import Rights

LONGEST = 100_000
"""Characters of an article: five times the longest that are published. Korean morphemes cost most."""
LONGEST_SOURCE = 100_000

_Short = Annotated[str, Field(max_length=1000)]


class AnalysisSourceIn(BaseModel):
    """A source's text that the article is held against."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=LONGEST_SOURCE)
    rights: Rights = Rights.OWN
    """`third_party`: how much the article copies of it is measured too."""


class AnalysisIn(BaseModel):
    """A text and what is known of it. What is not given is not judged."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=LONGEST)
    format: Literal["markdown", "html"] = "markdown"
    keyphrase: str = Field(default="", max_length=120)
    exact: bool = False
    """The keyphrase counts only as it is written, in no other form: to compare with analysers that do so."""
    synonyms: list[Annotated[str, Field(min_length=1, max_length=120)]] = Field(
        default_factory=list[str], max_length=10
    )
    """Other phrases for it: the text may use them in its stead, title and address not."""
    language: Language | None = None
    """Otherwise by the script of the text."""
    title: _Short = ""
    meta_description: _Short = ""
    slug: _Short = ""
    url: str = Field(default="", max_length=2048)
    """Its own address: by it links to the same site are told from those to others."""
    sources: list[AnalysisSourceIn] = Field(default_factory=list[AnalysisSourceIn], max_length=10)
    against: Literal["own"] | None = None
    """`own`: the blog's other articles too: same titles, near topics, copies, broken links. The article itself,
    where `slug` is its address, is none of them."""
    say: Language | None = None
    """The language of messages; otherwise the reader's."""


class PlaceOut(BaseModel):
    """A place in `text`: code points from `start` to before `end`, and where `start` is, counted from 1."""

    start: int
    end: int
    line: int
    column: int


class FindingOut(BaseModel):
    """One check's word."""

    id: str
    group: Group
    lamp: Lamp
    grade: Grade
    level: Level
    points: int | None
    measured: float | None
    threshold: str
    gate: bool
    message: str
    hint: str
    places: list[PlaceOut]


class ClaimOut(BaseModel):
    """A sentence that states or cites something, and what it was held against.

    `source` counts the sources as they were given, from 0; `passage` is the paragraph of that one nearest to
    the sentence, `quote` the words of it that decided, "" where it has no word of the sentence. `problems`
    are for programs and in English.
    """

    verdict: Status
    sentence: str
    place: PlaceOut
    source: int
    passage: str
    quote: str
    problems: list[str]


class ScoresOut(BaseModel):
    """0-100; null where nothing was measured."""

    overall: int | None
    seo: int | None
    readability: int | None
    grounding: int | None


class LineOut(BaseModel):
    """A text as a search result would show it; `pixels` is the whole text's width."""

    text: str
    pixels: int
    limit: int
    cut: bool


class PreviewOut(BaseModel):
    """The article in one engine's list of results: a preview by conventional widths, no promise."""

    engine: Engine
    title: LineOut
    description: LineOut
    place: str


class AnalysisOut(BaseModel):
    """An analysis. Its numbers are heuristics with their thresholds, not promises of a rank."""

    version: str
    language: Language
    keyphrase: str
    title: str
    scores: ScoresOut
    lamps: dict[Lamp, Level]
    publishable: bool
    """No check that holds publishing is red."""
    gate: list[str]
    """Ids of those that are."""
    findings: list[FindingOut]
    claims: list[ClaimOut]
    """Judged where sources are given in the text's language."""
    previews: list[PreviewOut]
    text: str
    """What places point into: the Markdown as it was given, or what was read of the HTML."""


def check_line(name: str, value: str) -> str:
    """A field that is one line.

    Raises:
        Invalid: it is none.
    """
    if not value.isprintable():
        raise Invalid(f"The {name} must be one line of readable characters.")
    return " ".join(value.split())
