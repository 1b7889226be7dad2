"""Says before an article is written which ones the blog has: of the same keyphrase, or on a near topic."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from app.infra.db import Database
from app.language.stems import content_stems
from app.language.types import Language
from app.posts.index.profile import keyphrase_key
from app.posts.index.repository import OWN, OwnIndex
from app.posts.index.schemas import Known, Neighbour
from app.posts.schemas import Post

Why = Literal["same", "near"]

_MOST = 3
"""Articles that are named of each kind: more are not looked at."""
_ASKED = 10
"""Neighbours that a near topic is looked for among."""
_NAMED = 2 / 3
"""The share of a keyword's stems that another article's keyphrase and title have: of the pairs of
`tests/seo/near` that rules are tuned on it finds 13 of 16 that are about the same and takes 2 of 16 others."""
_FEWEST = 2
"""Stems of a keyword of which a near topic is said: one word alone stands in too many titles."""


@dataclass(frozen=True, slots=True)
class Existing:
    """An article that the blog has. `why` is `same` where its keyphrase is of the same stems."""

    post: Post
    keyphrase: str
    why: Why


async def find_existing(
    database: Database,
    keyword: str,
    language: Language,
    *,
    states: Collection[str] = OWN,
    without_job: str = "",
) -> tuple[Existing, ...]:
    """The articles on a keyword: those with the same keyphrase first, then those of a near topic.

    Bounded, however many articles there are. `without_job` leaves out what that job has written itself.
    """
    key, stems = await asyncio.to_thread(_read, keyword, language)
    async with database.reading() as session:
        index = OwnIndex(session)
        same = await index.same("keyphrase_key", language, key, states=states)
        near = (
            await index.nearest(language, stems, states=states, limit=_ASKED)
            if len(stems) >= _FEWEST
            else []
        )
    found = [Existing(each.post, each.keyphrase, "same") for each in same]
    taken = {each.post.id for each in found}
    close = sorted(
        ((share, each) for each in near if (share := _share(stems, each)) >= _NAMED),
        key=lambda pair: -pair[0],
    )
    found = [
        *found[:_MOST],
        *[
            Existing(each.post, each.keyphrase, "near")
            for _share_, each in close
            # Of the same stems too, beyond those that `same` looked at.
            if each.post.id not in taken and frozenset(each.terms.get("keyphrase", ())) != stems
        ][:_MOST],
    ]
    return tuple(each for each in found if not without_job or each.post.job_id != without_job)


async def find_same(
    database: Database, asked: Iterable[tuple[str, Language]]
) -> dict[tuple[str, Language], "Same"]:
    """Of many keywords at once, with their languages: the articles of the same keyphrase, and its key."""
    keys = await asyncio.to_thread(_keys, set(asked))
    of_language: dict[Language, set[str]] = {}
    for (_keyword, language), key in keys.items():
        of_language.setdefault(language, set()).add(key)
    found: dict[tuple[Language, str], list[Known]] = {}
    async with database.reading() as session:
        index = OwnIndex(session)
        for language, wanted in of_language.items():
            known = await index.of_keyphrases(language, wanted - {""})
            found |= {(language, key): posts for key, posts in known.items()}
    return {
        (keyword, language): Same(
            key,
            tuple(
                Existing(each.post, each.keyphrase, "same")
                for each in found.get((language, key), [])[:_MOST]
            ),
        )
        for (keyword, language), key in keys.items()
    }


@dataclass(frozen=True, slots=True)
class Same:
    """What is known of one keyword: the key that it shares with keyphrases of the same stems, and articles."""

    key: str
    articles: tuple[Existing, ...] = ()


def _read(keyword: str, language: Language) -> tuple[str, frozenset[str]]:
    return keyphrase_key(keyword, language), frozenset(content_stems(keyword, language))


def _keys(asked: Collection[tuple[str, Language]]) -> dict[tuple[str, Language], str]:
    return {(keyword, language): keyphrase_key(keyword, language) for keyword, language in asked}


def _share(stems: frozenset[str], other: Neighbour) -> float:
    named: Mapping[str, int] = {**other.terms.get("keyphrase", {}), **other.terms.get("title", {})}
    return len(stems & named.keys()) / len(stems)
