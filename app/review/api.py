"""The API's door to the analyser: a text in, findings out; nothing is kept or fetched."""

import asyncio
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from app.config import Settings
from app.infra.ports import Ports
from app.posts.upkeep.service import host_of
from app.review.analysing import Sources, Text, analyse_text, read_markup, read_text
from app.review.reporting import describe
from app.review.schemas import AnalysisIn, AnalysisOut, check_line
from app.review.siting import site_around
from app.review.thresholds.service import limits_in_force
from app.seo.page import Site
from app.seo.thresholds import read_limits
from app.sources.domain import Rights
from app.web.principals import Permission, Principal, Principals, require

_AT_ONCE = 2
"""Analyses a process works on; others wait, so that readers keep their share of it."""


def create_analysis_router(ports: Ports, settings: Settings, principals: Principals) -> APIRouter:
    """For who may write: an analysis is work."""
    router = APIRouter(tags=["analysis"])
    setting = read_limits(settings.seo.thresholds)
    turns = asyncio.Semaphore(_AT_ONCE)
    host = host_of(settings.public_url)

    @router.post("/seo-analysis")
    async def seo_analysis(
        body: AnalysisIn,
        request: Request,
        asker: Annotated[Principal, Depends(require(principals, Permission.WRITE))],
    ) -> AnalysisOut:
        """Measure a text in Markdown or HTML: SEO, readability and, where sources are given, grounding."""
        say = body.say or asker.listens_to(request)
        async with ports.database.reading() as session:
            limits = await limits_in_force(session, setting)
        async with turns:
            text = _completed(await _read(body), body)
            site = await _own_site(ports, text, host) if body.against == "own" else None
            found = await asyncio.to_thread(
                analyse_text, text, _sources(body), limits, today=ports.now().date(), site=site
            )
            return await asyncio.to_thread(describe, found, say)

    return router


async def _read(body: AnalysisIn) -> Text:
    if body.format == "html":
        return await read_markup(body.text.encode("utf-8", "replace"), charset="utf-8", name="text")
    return read_text(body.text, name="text")


def _completed(text: Text, body: AnalysisIn) -> Text:
    """What the request says stands over what the text says of itself."""
    return replace(
        text,
        title=check_line("title", body.title) or text.title,
        meta_description=check_line("meta description", body.meta_description)
        or text.meta_description,
        slug=check_line("slug", body.slug) or text.slug,
        keyphrase=check_line("keyphrase", body.keyphrase) or text.keyphrase,
        exact=body.exact,
        synonyms=tuple(check_line("synonym", one) for one in body.synonyms) or text.synonyms,
        language=body.language or text.language,
        url=check_line("url", body.url) or text.url,
    )


async def _own_site(ports: Ports, text: Text, host: str) -> Site:
    """Who may write may read drafts, so these count too."""
    return await site_around(ports.database, text, host=host)


def _sources(body: AnalysisIn) -> Sources:
    return Sources(
        texts=tuple(source.text for source in body.sources),
        others=tuple(s.text for s in body.sources if s.rights is Rights.THIRD_PARTY),
    )
