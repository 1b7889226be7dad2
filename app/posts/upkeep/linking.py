"""Links between the blog's articles: what one should link to, who should link to one, and setting them.

Which articles come into question is asked of the index; the rest is pure and runs in a thread, outside of
any unit of work.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.infra.db import Database
from app.kit.errors import Invalid
from app.kit.speech import say
from app.language.stems import content_stems
from app.language.types import Language
from app.posts import service
from app.posts.repository import Posts
from app.posts.schemas import Post, Revision
from app.posts.upkeep.repository import Upkeep
from app.posts.upkeep.schemas import Linking
from app.seo.document import Document, parse
from app.seo.linking import MOST, Candidate, Linker, Own, Suggestion, insert_links

_CANDIDATES = 40
"""Articles that a text is held against, the nearest of the index."""
_LINKERS = 30
"""Articles that are looked through for places to link to one."""


@dataclass(frozen=True, slots=True)
class _Text:
    """An article with its text read: its parts, and its stems, the frequent first."""

    document: Document
    stems: Sequence[str]


async def candidates_for(
    database: Database, markdown: str, language: Language, *, without: str = ""
) -> list[Candidate]:
    """Published articles of the language that a text may link to; `without` is its own id."""
    text = await asyncio.to_thread(_read, markdown, language)
    return await _candidates(database, text, language, without)


async def suggest_for(
    database: Database, post: Post, revision: Revision, *, most: int = MOST
) -> list[Suggestion]:
    """The links that an article's text should have, the best first."""
    text = await asyncio.to_thread(_read, revision.markdown, post.language)
    candidates = await _candidates(database, text, post.language, post.id)
    own = Own(address=post.path, keyphrase=revision.keyphrase)
    return await asyncio.to_thread(_suggest, text.document, candidates, own, most)


async def linkers_of(
    database: Database, post: Post, revision: Revision, *, host: str = "", most: int = MOST
) -> list[Linking]:
    """Published articles that should link to this one, each with the place where: how an orphan is mended."""
    target = Candidate(post.id, revision.title, post.path, revision.keyphrase)
    words = f"{revision.keyphrase}\n{revision.title}"
    terms = await asyncio.to_thread(content_stems, words, post.language)
    async with database.reading() as session:
        upkeep = Upkeep(session, host)
        near = await Posts(session).index.nearest(
            post.language, terms, without=post.id, states=("published",), limit=_LINKERS
        )
        known = await upkeep.linking_to(post)
        texts = await upkeep.texts([each.post.id for each in near if each.post.id not in known])
    found = await asyncio.to_thread(_linkers, texts, target)
    return sorted(found, key=lambda each: -each.suggestion.score)[:most]


def _linkers(texts: Sequence[tuple[Post, Revision]], target: Candidate) -> list[Linking]:
    found: list[Linking] = []
    for post, revision in texts:
        own = Own(address=post.path, keyphrase=revision.keyphrase)
        document = parse(revision.markdown, post.language)
        found += [Linking(post, each) for each in Linker(document, [target], own).suggest(1)]
    return found


async def insert_suggested(
    database: Database,
    post_id: str,
    *,
    now: datetime,
    to: Collection[str] | None = None,
    revision: int | None = None,
    live: bool = True,
) -> tuple[Post, list[Suggestion]]:
    """Set suggested links in an article as a new revision: those to the ids `to`, or all.

    The text differs from the one before in these links alone; the earlier revision brings it back.

    Raises:
        NotFound: there is no such article.
        Invalid: a link that is asked for is suggested no more; says what to do.
        Overtaken: its text is no longer `revision`.
        Conflict: it is published or scheduled and `live` is false.
    """
    async with database.reading() as session:
        posts = Posts(session)
        post = await posts.read(post_id)
        text = await posts.revision(post.id, post.revision)
    if revision is not None and revision != post.revision:
        raise service.overtaken()
    suggested = await suggest_for(database, post, text)
    chosen = [each for each in suggested if to is None or each.target.id in to]
    if to is not None and {each.target.id for each in chosen} != set(to):
        raise Invalid(say("This link is suggested no more; load the page again."))
    if not chosen:
        return post, []
    note = say("links: {titles}", titles=", ".join(each.target.title for each in chosen))
    async with database.unit() as session:
        changed = await service.edit_post(
            Posts(session),
            post.id,
            now=now,
            markdown=insert_links(text.markdown, chosen),
            based_on=text.n,
            live=live,
            note=note[:300],
        )
    return changed, chosen


async def insert_linker(
    database: Database,
    source_id: str,
    target: Post,
    *,
    now: datetime,
    host: str = "",
    live: bool = True,
) -> Post:
    """Set the link to `target` in an article that should have it, as a new revision of that article.

    Raises:
        Invalid: it is suggested no more.
        Conflict: the article is published and `live` is false, or somebody changed it just now.
    """
    async with database.reading() as session:
        revision = await Posts(session).revision(target.id, target.revision)
    found = [
        each
        for each in await linkers_of(database, target, revision, host=host, most=_LINKERS)
        if each.post.id == source_id
    ]
    if not found:
        raise Invalid(say("This link is suggested no more; load the page again."))
    (linking,) = found
    async with database.unit() as session:
        posts = Posts(session)
        text = await posts.revision(source_id, linking.post.revision)
        return await service.edit_post(
            posts,
            source_id,
            now=now,
            markdown=insert_links(text.markdown, [linking.suggestion]),
            based_on=text.n,
            live=live,
            note=say("links: {titles}", titles=target.title)[:300],
        )


async def _candidates(
    database: Database, text: _Text, language: Language, without: str
) -> list[Candidate]:
    async with database.reading() as session:
        upkeep = Upkeep(session)
        ids = await upkeep.named_by(language, text.stems, without=without, limit=_CANDIDATES)
        found = await upkeep.targets(ids)
        terms = await Posts(session).index.terms_of(ids)
    return [
        Candidate(
            post.id, post.title, post.path, keyphrase, _weights(terms[post.id].get("heading", {}))
        )
        for post, keyphrase in found
    ]


_HEADING_WEIGHT = 0.5
_MOST_HEADING_TERMS = 30


def _weights(headings: Mapping[str, int]) -> dict[str, float]:
    return dict.fromkeys(list(headings)[:_MOST_HEADING_TERMS], _HEADING_WEIGHT)


def _read(markdown: str, language: Language) -> _Text:
    document = parse(markdown, language)
    counted = Counter(
        stem for block in document.blocks for stem in content_stems(block.text, language)
    )
    return _Text(document, [stem for stem, _n in counted.most_common()])


def _suggest(
    document: Document, candidates: Sequence[Candidate], own: Own, most: int
) -> list[Suggestion]:
    return list(Linker(document, candidates, own).suggest(most))
