"""Reads what a brief is made from: sources wherever they are, and the own articles they are held against."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from app.config import Settings
from app.infra.db import Database
from app.infra.http.errors import FetchError
from app.infra.http.fetch import Fetcher, FetchLimits
from app.kit.errors import Invalid
from app.kit.speech import say
from app.language.types import Language
from app.posts.repository import Posts
from app.review.brief_schemas import BriefOut, UnreadOut
from app.review.briefing import BriefSource, OwnArticle, make_brief
from app.sources.domain import Snapshot
from app.sources.readers import SourceRef, read_source

_PAGES_AT_ONCE = 4
MOST_OWN = 500
"""Own articles a brief is held against, the newest first."""


async def brief_of(
    refs: Sequence[SourceRef],
    settings: Settings,
    *,
    now: datetime,
    language: Language | None = None,
    own: Sequence[OwnArticle] | None = None,
) -> BriefOut:
    """Read sources and make the brief; `own` is None where own articles were not looked at.

    A source that cannot be read is named in the brief, so that one dead page does not spoil the others.

    Raises:
        Invalid: no source could be read; says why of each.
    """
    read = await _read_all(refs, settings, now)
    sources: list[BriefSource] = []
    unread: list[UnreadOut] = []
    for ref, one in zip(refs, read, strict=True):
        if isinstance(one, Snapshot):
            sources.append(BriefSource(one.origin, one.title, one.text, one.url, one.language))
        else:
            unread.append(UnreadOut(name=_name(ref), reason=str(one)))
    if not sources:
        raise Invalid(
            " ".join(one.reason for one in unread) or say("A brief needs at least one source.")
        )
    return await asyncio.to_thread(make_brief, sources, language=language, own=own, unread=unread)


async def _read_all(
    refs: Sequence[SourceRef], settings: Settings, now: datetime
) -> list[Snapshot | Exception]:
    fetcher = Fetcher(FetchLimits(**settings.fetch.model_dump()), allow=settings.fetch_allow)
    turns = asyncio.Semaphore(_PAGES_AT_ONCE)

    async def read(number: int, ref: SourceRef) -> Snapshot | Exception:
        async with turns:
            try:
                return await read_source(ref, now=now, fetcher=fetcher, note=number)
            except (FetchError, Invalid) as error:
                return error

    return await asyncio.gather(*(read(number, ref) for number, ref in enumerate(refs, 1)))


def _name(ref: SourceRef) -> str:
    return say("The pasted text") if ref.kind == "text" else ref.value


async def own_articles(database: Database) -> list[OwnArticle]:
    """The newest own articles with the text they have now, in whatever state."""
    async with database.reading() as session:
        written = await Posts(session).texts(limit=MOST_OWN)
    return [
        OwnArticle(
            title=revision.title,
            keyphrase=revision.keyphrase,
            language="ko" if post.language == "ko" else "en",
            address=f"/{post.language}/{revision.slug}",
            state=post.state,
            text=f"{revision.title}\n{revision.markdown}",
        )
        for post, revision in written
    ]
