"""What the pipeline's steps work on: they are given references, and read the things behind them."""

import asyncio
from collections.abc import Mapping

from app.config import Settings
from app.generation import article
from app.generation.assembling import assembled_of, written_of
from app.generation.facts import facts_of_snapshot
from app.generation.recording import Json
from app.generation.schemas import Fact
from app.infra.db import Database
from app.posts.media.repository import MediaFiles
from app.posts.upkeep.service import host_of
from app.review.siting import Placed, site_of
from app.review.thresholds.service import limits_in_force
from app.seo.thresholds import read_limits
from app.sources.domain import Snapshot
from app.sources.repository import Snapshots


class Materials:
    """Sources, facts and the article so far, from the database and from what steps have kept."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._setting = read_limits(settings.seo.thresholds)
        self._facts_of: tuple[tuple[str, ...], dict[str, Fact]] = ((), {})

    async def snapshots(self, brief: Json) -> list[Snapshot]:
        """The sources as they were read, in the brief's order."""
        async with self._database.reading() as session:
            return await Snapshots(session).read(brief["snapshots"])

    async def facts(self, brief: Json) -> Mapping[str, Fact]:
        """The sources' facts by id, in reading order; the last job's are kept at hand."""
        key = tuple(brief["snapshots"])
        if self._facts_of[0] != key:
            snapshots = await self.snapshots(brief)
            self._facts_of = (key, await asyncio.to_thread(_extract, snapshots))
        return self._facts_of[1]

    async def ground(self, assembled: article.Assembled) -> article.Ground:
        """What it is measured on: the thresholds in force now, and the blog's other articles."""
        async with self._database.reading() as session:
            limits = await limits_in_force(session, self._setting)
            has_images = await MediaFiles(session).has_images()
        text = Placed(
            title=assembled.snippet.title,
            meta_description=assembled.snippet.meta_description,
            keyphrase=assembled.brief.keyword,
            markdown=assembled.rendered.markdown,
            language=assembled.brief.language,
        )
        site = await site_of(self._database, text, host=host_of(self._settings.public_url))
        return article.Ground(limits, site, has_images)

    async def assemble(self, brief: Json, verified: Json, snippet: Json) -> article.Assembled:
        """The article as those steps left it."""
        return await asyncio.to_thread(
            assembled_of,
            brief,
            verified,
            written_of(verified, snippet),
            await self.facts(brief),
            await self.snapshots(brief),
        )


def _extract(snapshots: list[Snapshot]) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for snapshot in snapshots:
        for fact in facts_of_snapshot(snapshot, first=len(facts)):
            facts[fact.id] = fact
    return facts
