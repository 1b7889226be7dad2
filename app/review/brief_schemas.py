"""What keyphrases and a brief are asked with and what they answer, at the API and as `--format json`."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.language.types import Language
from app.review.schemas import LONGEST, PlaceOut
from app.sources.domain import Rights

MOST_SOURCES = 20
_Address = Annotated[str, Field(min_length=1, max_length=2048)]


class KeyphrasesIn(BaseModel):
    """A text to suggest keyphrases for."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=LONGEST)
    format: Literal["markdown", "html"] = "markdown"
    title: str = Field(default="", max_length=1000)
    language: Language | None = None
    """Otherwise by the script of the text."""
    most: int = Field(default=10, ge=1, le=50)
    say: Language | None = None
    """The language of messages; otherwise the reader's."""


class KeyphraseOut(BaseModel):
    """A phrase by which the text might be found, and what speaks for it."""

    text: str
    """As the text writes it most often, without particles."""
    words: int
    """Content words."""
    count: int
    """Places in headings and text, inflected and spaced in any way."""
    in_title: bool
    headings: int
    in_opening: bool
    sections: int
    of_sections: int
    why: str
    places: list[PlaceOut]


class KeyphrasesOut(BaseModel):
    """Suggestions, the likeliest first. Nobody measured how often they are searched for."""

    language: Language
    title: str
    keyphrases: list[KeyphraseOut]
    text: str
    """What places point into."""


class BriefSourceIn(BaseModel):
    """A source: the text itself in Markdown, or the address of a page, which is fetched."""

    model_config = ConfigDict(extra="forbid")

    text: str | None = Field(default=None, min_length=1, max_length=LONGEST)
    url: _Address | None = None
    rights: Rights | None = None
    """Taken so that the sources of a job can be given as they are; a brief does not depend on it."""


class BriefIn(BaseModel):
    """Sources that an article is to be planned from."""

    model_config = ConfigDict(extra="forbid")

    sources: list[BriefSourceIn] = Field(min_length=1, max_length=MOST_SOURCES)
    language: Language | None = None
    """The language of the article; otherwise that of most sources."""
    say: Language | None = None


class SourceOut(BaseModel):
    """A source that was read. Others name it by its `number`."""

    number: int
    name: str
    title: str
    url: str | None
    language: Language
    words: int


class UnreadOut(BaseModel):
    """A source that could not be read."""

    name: str
    reason: str


class OwnArticleOut(BaseModel):
    """An article of one's own."""

    title: str
    keyphrase: str
    address: str
    state: str


class CandidateOut(BaseModel):
    """A phrase that the sources speak of."""

    text: str
    words: int
    count: int
    sources: list[int]
    in_titles: int
    headings: int
    taken_by: list[OwnArticleOut]
    """Own articles with this keyphrase: another one would compete with them."""
    own_articles: int | None
    """Own articles in its language that speak of it; null where they were not looked at."""


class QuestionOut(BaseModel):
    """A question that a source asks, or a heading that is one."""

    text: str
    heading: bool
    sources: list[int]


class NameOut(BaseModel):
    """A name of somebody or something."""

    text: str
    kind: Literal["name", "organisation"]
    count: int
    sources: list[int]


class AmountOut(BaseModel):
    """A number with a unit, or a date."""

    text: str
    normal: str
    """Equal for equal amounts, whatever they are written like."""
    kind: Literal["amount", "date"]
    sentence: str
    sources: list[int]


class DisagreementOut(BaseModel):
    """Two sources whose sentences say nearly the same with another number. For a person to judge."""

    first: str
    first_source: int
    first_number: str
    second: str
    second_source: int
    second_number: str


class BriefOut(BaseModel):
    """What sources offer to an article: facts to choose from, nothing that was estimated."""

    language: Language
    sources: list[SourceOut]
    unread: list[UnreadOut]
    keyphrases: list[CandidateOut]
    questions: list[QuestionOut]
    names: list[NameOut]
    amounts: list[AmountOut]
    disagreements: list[DisagreementOut]
    gaps: list[str]
    """Keyphrases that several sources, or a title, speak of and no own article does."""
    own: list[OwnArticleOut]
    """Own articles on what the sources speak of."""
