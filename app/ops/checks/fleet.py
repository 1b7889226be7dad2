"""The fleet: who works on jobs, whether all are set alike, whether each answers its probes."""

import asyncio
from typing import Any

import httpx2

from app.infra.scope import Scope
from app.ops.checks.stores import DATABASE_LINE
from app.ops.findings import Finding, Level, phrase
from app.ops.fingerprint import MARK, culprits, differing, read_mark
from app.ops.instances import Instance
from app.ops.situation import Situation

_WORKING = {"all", "worker"}
_PROBE_S = 0.8


async def jobs(situation: Situation) -> Finding:
    """Where jobs wait, and whether anybody takes them."""
    enqueuer = situation.ports.enqueuer
    detail: dict[str, Any] = {"queue": enqueuer.name, "scope": enqueuer.scope.value}
    if enqueuer.scope is Scope.FLEET:
        await situation.require_tables()
    if await situation.has_tables():
        # By now the database has answered: the engine's own client would try for ever, in a thread.
        await enqueuer.status("probe")  # no such job, but the queue must be able to say so
    if enqueuer.scope is not Scope.FLEET:
        return Finding(
            "scaling.E061",
            Level.ERROR,
            phrase("Jobs wait in a database file of this host.")
            if enqueuer.scope is Scope.HOST
            else phrase("Jobs wait in this process's memory."),
            hint=phrase("Set {line}"),
            values={"line": DATABASE_LINE},
            detail=detail,
        )
    live = (await situation.around()).live
    workers = [instance.instance_id for instance in live if instance.role in _WORKING]
    if live and not workers:
        return Finding(
            "scaling.W062",
            Level.WARNING,
            phrase("No live instance takes jobs: all of them have ROLE=web."),
            hint=phrase("Start one with ROLE=worker"),
            detail=detail,
        )
    return Finding(
        "scaling.I063",
        Level.OK,
        phrase("Jobs wait where every instance finds them ({queue})."),
        values={"queue": enqueuer.name},
        detail={**detail, "workers": workers},
    )


async def settings(situation: Situation) -> Finding:
    """Whether every instance is set alike; names exactly the line that differs, and where."""
    around = await situation.around()
    drift = differing(around.live)
    if drift:
        named = culprits(drift)
        lines = "; ".join(f"{name}: {', '.join(its)}" for name, its in named.items())
        return Finding(
            "scaling.E131",
            Level.ERROR,
            phrase("Settings are not the same on every instance: {lines}."),
            hint=phrase("Set these lines alike on every instance and restart those named."),
            values={"lines": lines},
            detail={"drift": drift},
        )
    if around.fleet is not None and situation.ports.store.scope is Scope.FLEET:
        mark = await read_mark(situation.ports.store, around.fleet)
        if mark.fleet_id != around.fleet.fleet_id:
            return Finding(
                "scaling.E132",
                Level.ERROR,
                phrase("Another fleet, with a database of its own, uses this Redis."),
                hint=phrase(
                    "Set the same DATABASE_URL on every instance, or another number at the end of "
                    "REDIS_URL. If the other fleet is gone: redis-cli del {mark}"
                ),
                values={"mark": MARK},
            )
    return Finding(
        "scaling.I133",
        Level.OK,
        phrase("Every instance is set alike."),
        detail={"instances": len(around.live)},
    )


async def health(situation: Situation) -> Finding:
    """Whether each live instance answers its probes where the fleet knows it."""
    asked = [one for one in (await situation.around()).live if one.address]
    async with httpx2.AsyncClient(timeout=_PROBE_S, trust_env=False) as client:
        answers = await asyncio.gather(*(_probe(client, one) for one in asked))
    found = dict(zip((one.instance_id for one in asked), answers, strict=True))
    silent = sorted(name for name, answer in found.items() if answer not in {"200", "503"})
    if silent:
        return Finding(
            "scaling.W141",
            Level.WARNING,
            phrase("These instances do not answer at the address they are known by: {instances}."),
            hint=phrase("Set APP_FLEET__ADDRESS there to where balancers reach them"),
            values={"instances": ", ".join(silent)},
            detail={"answers": found},
        )
    if not asked:
        return Finding(
            "scaling.I142",
            Level.OK,
            phrase("No instance is running, so there is none to ask for its health."),
            detail={"answers": {}},
        )
    return Finding(
        "scaling.I143",
        Level.OK,
        phrase("Every instance answers its probes."),
        detail={"answers": found},
    )


async def _probe(client: httpx2.AsyncClient, instance: Instance) -> str:
    # As it says itself: an instance knows its URL, an operator who sets one writes host:port.
    address = instance.address if "://" in instance.address else f"http://{instance.address}"
    try:
        answer = await client.get(f"{address}/health/readiness")
    except httpx2.HTTPError as error:
        return type(error).__name__
    return str(answer.status_code)
