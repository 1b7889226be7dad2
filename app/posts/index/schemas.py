"""What the index answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.language.types import Language
from app.posts.index.profile import Place
from app.posts.schemas import Post


@dataclass(frozen=True, slots=True)
class Known:
    """An article of the blog as another one meets it."""

    post: Post
    keyphrase: str


@dataclass(frozen=True, slots=True)
class Neighbour(Known):
    """One that shares terms. `terms` are all of its own, by place, with how often they stand there."""

    terms: Mapping[Place, Mapping[str, int]]
    score: float
    """How much it shares: the rarer a term among all articles, the more (BM25's idf times its place)."""


@dataclass(frozen=True, slots=True)
class Rarity:
    """How rare terms are among the articles of one language: `idf` of those asked for."""

    language: Language
    articles: int
    idf: Mapping[str, float]
