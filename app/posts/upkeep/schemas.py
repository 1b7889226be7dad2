"""What upkeep finds, each thing with the articles that it is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from app.posts.schemas import Post
from app.seo.linking import Suggestion

Topic = Literal["titles", "descriptions", "keyphrases", "orphans", "links", "ageing"]

TOPICS: tuple[Topic, ...] = (
    "ageing",
    "links",
    "orphans",
    "keyphrases",
    "titles",
    "descriptions",
)
"""In the order of what readers notice first."""

TOPIC: Mapping[str, Topic] = {each: each for each in TOPICS}
"""A topic by its name."""

Shared = Literal["titles", "descriptions", "keyphrases"]


@dataclass(frozen=True, slots=True)
class Twins:
    """Articles of one language that share their title, description or keyphrase. `said` is what they share."""

    said: str
    posts: Sequence[Post]


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """A link of `post` to an address of the blog where no article is.

    `why` is `missing` where there never was one, `gone` where it was taken down, `moved` where it has
    another address now, that of `target`.
    """

    post: Post
    path: str
    why: Literal["missing", "gone", "moved"]
    target: Post | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A sentence of `post` to be looked at again on `due_on`. `position` counts those of the article."""

    post: Post
    position: int
    kind: str
    """One of `app.seo.ageing.Kind`."""
    words: str
    sentence: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Linking:
    """A link that `post` should have, to the suggestion's target."""

    post: Post
    suggestion: Suggestion


@dataclass(frozen=True, slots=True)
class Page:
    """Some findings of a topic; `after` asks for the next ones, empty at the end."""

    rows: Sequence[Post | Twins | BrokenLink | Due]
    after: str
