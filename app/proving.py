"""What an instance needs to take part in a proof: routes, a listener, a broom for what killed proofs left."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.accounts.errand import errand_key
from app.accounts.reception import Reception, actor
from app.generation import proof as jobs
from app.kit.errors import Conflict
from app.kit.speech import say, spoken
from app.lifecycle import Process
from app.ops.balancers.living import live_addresses
from app.ops.proof import Kind, Prover, Report, said_kind
from app.ops.proof.api import create_proof_router, removers
from app.ops.proof.listening import Listener
from app.ops.proof.purge import Removers, keep_purging
from app.ops.repository import clock_offset_s
from app.ops.service import Lookout
from app.posts import proof as articles
from app.web.cache import Cache
from app.web.cache.entries import BytesCodec
from app.web.desk import guarded, render_desk
from app.web.principals import Permission, Principal, Principals, require
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
            jobs.create_proof_job_router(
                ports, self._process.settings, principals, self._process.watching
            ),
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


def proof_door(process: Process, reception: Reception) -> APIRouter:
    """The route that proves the whole fleet from one of its instances."""
    router = APIRouter(prefix="/scaling", tags=["scaling"])
    may_operate = Depends(require(reception.principals, Permission.OPERATE))

    @router.post("/proof")
    async def prove(
        who: Annotated[Principal, may_operate], *, publish: bool = False
    ) -> dict[str, Any]:
        """Prove that the live instances share everything; takes a few seconds. `publish` lists an article."""
        return (await _prove_fleet(process, who, listed=publish)).as_json()

    return router


def desk_of_proof(process: Process, reception: Reception) -> list[Route]:
    """The desk's page of the proof."""

    async def prove(request: Request, who: Principal) -> Response:
        """Prove it now, and show what was found."""
        report = await _prove_fleet(process, who)
        kinds = [
            (said_kind(kind), [line for line in report.lines if line.kind is kind]) for kind in Kind
        ]
        return render_desk(request, "proof.html", report=report, kinds=kinds)

    return [guarded("/fleet/proof", prove, reception.principals, Permission.OPERATE, "POST")]


async def _prove_fleet(process: Process, who: Principal, *, listed: bool = False) -> Report:
    """Ask every live instance, with a key that is the operator's for as long as it takes.

    Raises:
        Conflict: the instances have told nobody where they are reached.
    """
    ports, settings = process.ports, process.settings
    found = await live_addresses(ports.database, ttl_s=settings.fleet.ttl_s)
    if not found:
        raise Conflict(say("No live instance says where it is reached. Set APP_FLEET__ADDRESS."))
    addresses = [f"http://{address}" for address in found]
    async with errand_key(
        ports.database,
        name="proof",
        scopes=["ops"],
        by=actor(who),
        now=ports.now,
        owner=who.person_id,
    ) as key:
        return await Prover(addresses, key, listed=listed).prove()
