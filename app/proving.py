"""What an instance needs to take part in a proof: routes, a listener, a broom for what killed proofs left."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter

from app.generation import proof as jobs
from app.kit.speech import spoken
from app.lifecycle import Process
from app.ops.proof.api import create_proof_router, removers
from app.ops.proof.listening import Listener
from app.ops.proof.purge import Removers, keep_purging
from app.ops.repository import clock_offset_s
from app.ops.service import Lookout
from app.posts import proof as articles
from app.web.cache import Cache
from app.web.cache.entries import BytesCodec
from app.web.principals import Principals
from app.web.sessions import Sessions

_CACHE_BYTES = 1024 * 1024
"""Memory for what proofs cache; five instances put in twenty times twenty bytes."""


class Proving:
    """This process's part in proofs."""

    def __init__(self, process: Process, lookout: Lookout) -> None:
        self._process = process
        self._lookout = lookout
        ports, settings = process.ports, process.settings
        self._listener = Listener(ports.pubsub)
        self._cache = Cache[bytes](
            "proof",
            ports.store,
            process.pages.versions,
            BytesCodec(),
            settings.cache.model_copy(update={"memory_bytes": _CACHE_BYTES}),
        )

    def routers(self, principals: Principals, sessions: Sessions) -> list[APIRouter]:
        """Everything under `/scaling/proof`."""
        ports = self._process.ports
        return [
            articles.create_proof_article_router(ports, principals),
            jobs.create_proof_job_router(ports, self._process.settings, principals),
            create_proof_router(
                ports,
                principals,
                sessions=sessions,
                cache=self._cache,
                listener=self._listener,
                identity=self._identity,
            ),
        ]

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Listen and sweep while the block runs. The database must be migrated."""
        tasks = [
            asyncio.create_task(self._listener.run()),
            asyncio.create_task(keep_purging(self._process.ports, self._removers())),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()

    def _removers(self) -> Removers:
        ports = self._process.ports

        async def remove_article(post_id: str) -> None:
            await articles.remove_proof_article(ports, post_id)

        async def remove_job(job_id: str) -> None:
            await jobs.remove_proof_job(ports, job_id)

        return {**removers(ports), articles.KIND: remove_article, jobs.KIND: remove_job}

    async def _identity(self) -> dict[str, Any]:
        """Who this process is; from a look of its own at the fleet, at most a second old."""
        ports = self._process.ports
        found = await self._lookout.look(spoken(), at_most_s=1.0)
        mine = self._process.identity.executor_id
        own = next((one for one in found.instances if one.executor_id == mine), None)
        return {
            "executor_id": mine,
            "instance_id": self._process.identity.instance_id,
            "version": own.version if own else "",
            "schema": own.schema_head if own else "",
            "settings": dict(own.fingerprint) if own else {},
            "clock_offset_s": await clock_offset_s(ports.database, ports.now),
            "checks": found.checks,
        }
