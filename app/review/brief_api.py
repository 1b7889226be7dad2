"""The API's door to keyphrases and briefs. Nothing is kept; pages are fetched for a brief as for a job."""

import asyncio
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from app.config import Settings
from app.infra.ports import Ports
from app.kit.errors import Invalid
from app.kit.speech import say, speak
from app.review.analysing import read_markup, read_text
from app.review.brief_schemas import BriefIn, BriefOut, BriefSourceIn, KeyphrasesIn, KeyphrasesOut
from app.review.gathering import brief_of, own_articles
from app.review.schemas import check_line
from app.review.suggesting import tell_keyphrases
from app.sources.domain import Rights
from app.sources.readers import SourceRef
from app.web.principals import Permission, Principal, Principals, require

_AT_ONCE = 2
"""Texts a process works on; others wait, so that readers keep their share of it."""


def create_brief_router(ports: Ports, settings: Settings, principals: Principals) -> APIRouter:
    """For who may write: reading texts and fetching pages is work."""
    router = APIRouter(tags=["analysis"])
    turns, briefs = asyncio.Semaphore(_AT_ONCE), asyncio.Semaphore(_AT_ONCE)
    writers = require(principals, Permission.WRITE)

    @router.post("/keyphrases")
    async def keyphrases(
        body: KeyphrasesIn, request: Request, asker: Annotated[Principal, Depends(writers)]
    ) -> KeyphrasesOut:
        """Suggest keyphrases for a text in Markdown or HTML, with how often and where they stand."""
        async with turns:
            text = (
                await read_markup(
                    body.text.encode("utf-8", "replace"), charset="utf-8", name="text"
                )
                if body.format == "html"
                else read_text(body.text, name="text")
            )
            text = replace(
                text,
                title=check_line("title", body.title) or text.title,
                language=body.language or text.language,
            )
            return await asyncio.to_thread(
                tell_keyphrases,
                text,
                most=body.most,
                say_in=body.say or asker.listens_to(request),
            )

    @router.post("/brief")
    async def brief(
        body: BriefIn, request: Request, asker: Annotated[Principal, Depends(writers)]
    ) -> BriefOut:
        """What sources offer to an article: keyphrases, questions, names, amounts, gaps in own articles."""
        speak(body.say or asker.listens_to(request))
        refs = [_ref(source) for source in body.sources]
        async with briefs:  # these wait for the web
            return await brief_of(
                refs,
                settings,
                now=ports.now(),
                language=body.language,
                own=await own_articles(ports.database),
            )

    return router


def _ref(source: BriefSourceIn) -> SourceRef:
    """A source as it is read. A program names no files: they would be the server's.

    Raises:
        Invalid: neither or both of text and url, or no address of a page.
    """
    if (source.url is None) == (source.text is None):
        raise Invalid(say('Each source has either a "url" or a "text".'))
    if source.url is None:
        return SourceRef("text", source.text or "", source.rights or Rights.OWN)
    if not source.url.lower().startswith(("http://", "https://")):
        raise Invalid(
            say(
                "{address} is no address of a page; write http://… or https://…",
                address=source.url[:80],
            )
        )
    return SourceRef("url", source.url, source.rights or Rights.THIRD_PARTY)
