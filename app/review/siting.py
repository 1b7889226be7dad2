"""Puts a text among the blog's other articles: those that it may collide with, and its links that are broken.

Bounded, however many articles there are: the index is asked for the nearest, never for all.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from app.infra.db import Database
from app.language.types import Language
from app.posts.index.profile import Address, Place, Profile, article_address, profile_of
from app.posts.index.repository import OWN, OwnIndex
from app.posts.index.schemas import Known
from app.posts.schemas import Post, Revision
from app.posts.upkeep.repository import Upkeep
from app.review.analysing import Text, language_of
from app.review.others.choosing import own_words
from app.seo.document import Document, parse
from app.seo.page import Broken, Other, Site

_Key = Literal["title_key", "description_key", "keyphrase_key"]

_TOPIC: tuple[Place, ...] = ("title", "keyphrase", "heading")
"""Where the stems stand that say a topic, as `app.seo.checks.site.topic_of` reads them."""
_NEAR = 10
"""Articles that a topic is compared with, the nearest by rare terms in common."""
_READ = 5
"""Articles whose whole text is compared, those that share most samples of it."""
_MOST_LINKS = 200
"""Links of a text that are looked up."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A text that is put among the others. `id` and `group` are empty where it is not stored."""

    title: str
    meta_description: str
    keyphrase: str
    markdown: str
    language: Language
    id: str = ""
    group: str = ""
    """Its `translation_group`: its other language versions compete with nothing."""


async def site_of(
    database: Database, text: Placed, *, host: str = "", states: Collection[str] = OWN
) -> Site:
    """What of the blog the text is measured against; one short transaction, reading and parsing outside of it.

    `host` is the blog's, by which its own links are known; `states` those of articles the asker may read.
    """
    document, profile = await asyncio.to_thread(_profile, text)
    async with database.reading() as session:
        index, upkeep = OwnIndex(session), Upkeep(session)
        mine = _Asked(index, text, profile, states)
        titled, described = await mine.same("title_key"), await mine.same("description_key")
        keyed = await mine.same("keyphrase_key")
        near = await mine.near()
        sharing = await index.sharing_text(
            profile.samples, without=text.id, states=states, limit=_READ
        )
        found: dict[str, Known] = {
            each.post.id: each
            for each in (*titled, *described, *keyed, *near, *(known for known, _n in sharing))
            if not text.group or each.post.translation_group != text.group
        }
        terms = await index.terms_of(found)
        texts = await upkeep.texts(
            [known.post.id for known, _n in sharing if known.post.id in found]
        )
        linkable = await index.has_others(without=text.id)
        own = _own_links(document, host)
        targets = await index.targets({(to.language, to.slug) for to in own.values()})
    bodies = await asyncio.to_thread(_bodies, texts)
    same_description = {each.post.id for each in described}
    return Site(
        others=tuple(
            Other(
                title=known.post.title,
                address=known.post.path,
                meta_description=text.meta_description if post_id in same_description else "",
                keyphrase=known.keyphrase,
                topic=frozenset(term for place in _TOPIC for term in terms[post_id].get(place, {})),
                text=bodies.get(post_id, ""),
            )
            for post_id, known in found.items()
        ),
        linkable=linkable,
        broken=tuple(_broken(own, targets)),
    )


async def site_around(
    database: Database, text: Text, *, host: str = "", states: Collection[str] = OWN
) -> Site:
    """As `site_of`, of a text of anybody's; an own article at the address that it names is taken for itself."""
    language = await asyncio.to_thread(language_of, text)
    async with database.reading() as session:
        stored = (await OwnIndex(session).targets({(language, text.slug)})) if text.slug else {}
    post = next((found for state, found in stored.values() if found and state != "redirect"), None)
    placed = Placed(
        title=text.title,
        meta_description=text.meta_description,
        keyphrase=text.keyphrase,
        markdown=text.body,
        language=language,
        id=post.id if post else "",
        group=post.translation_group if post else "",
    )
    return await site_of(database, placed, host=host, states=states)


class _Asked:
    """The questions about one text to the index."""

    def __init__(
        self, index: OwnIndex, text: Placed, profile: Profile, states: Collection[str]
    ) -> None:
        self._index, self._text, self._profile, self._states = index, text, profile, states

    async def same(self, what: _Key) -> list[Known]:
        return await self._index.same(
            what,
            self._text.language,
            getattr(self._profile, what),
            without=self._text.id,
            states=self._states,
        )

    async def near(self) -> list[Known]:
        terms = {term for place in _TOPIC for term in self._profile.terms.get(place, {})}
        return list(
            await self._index.nearest(
                self._text.language,
                terms,
                without=self._text.id,
                states=self._states,
                limit=_NEAR,
            )
        )


def _profile(text: Placed) -> tuple[Document, Profile]:
    document = parse(text.markdown, text.language)
    return document, profile_of(
        document,
        title=text.title,
        meta_description=text.meta_description,
        keyphrase=text.keyphrase,
    )


def _bodies(texts: Collection[tuple[Post, Revision]]) -> dict[str, str]:
    return {post.id: own_words(parse(revision.markdown, post.language)) for post, revision in texts}


def _own_links(document: Document, host: str) -> dict[str, Address]:
    """The links, as they are written, that have the form of an own article's address."""
    found: dict[str, Address] = {}
    for link in document.links:
        address = article_address(link.href)
        if address is not None and address.host in {"", host} and len(found) < _MOST_LINKS:
            found[link.href] = address
    return found


def _broken(
    own: dict[str, Address], targets: dict[tuple[str, str], tuple[str, Post | None]]
) -> list[Broken]:
    found: list[Broken] = []
    for href, to in own.items():
        state, post = targets.get((to.language, to.slug), ("missing", None))
        match state:
            case "current":
                continue
            case "redirect" if post is not None:
                found.append(Broken(href, "moved", post.path))
            case "unpublished":
                found.append(Broken(href, "unpublished"))
            case "missing":
                found.append(Broken(href, "missing"))
            case _:
                found.append(Broken(href, "gone"))
    return found
