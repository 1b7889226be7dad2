"""Two hundred watchers over three real instances: what they cost the database, and how late events are.

A third of the watchers is on each instance, ten on a job. Events are committed by this process, which holds no
stream, as by a worker elsewhere. Writes `bench/results/progress.json`; run it with
`PYTHONPATH=. .venv/bin/python bench/progress.py [NAME]`: NAME tells two builds of the program apart.
"""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx2
import psycopg

from app.cluster import Fleet
from app.generation.jobs import Request
from app.generation.repository import Jobs
from app.infra.db import Database, open_database
from app.infra.pubsub import open_pubsub
from app.kit.ids import uuid7
from bench.health import percentile
from bench.working import RESULTS, machine
from tests.doors import people

try:
    from app.generation.watching import Watching
except ImportError:  # a build in which each watcher looked for itself
    Watching = None  # type: ignore[assignment,misc]

INSTANCES, JOBS, WATCHERS = 3, 20, 200
EVENTS, APART_S = 150, 0.05
QUIET_S = 6.0


def transactions(url: str) -> int:
    """Transactions of the database so far, as the server counts them."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("select pg_stat_clear_snapshot()")
        row = connection.execute(
            "select xact_commit + xact_rollback from pg_stat_database "
            "where datname = current_database()"
        ).fetchone()
    return int(row[0]) if row else 0


async def rate(url: str, seconds: float) -> float:
    """Transactions a second over so long."""
    before, start = await asyncio.to_thread(transactions, url), time.perf_counter()
    await asyncio.sleep(seconds)
    after = await asyncio.to_thread(transactions, url)
    return round((after - before) / (time.perf_counter() - start), 1)


@contextlib.asynccontextmanager
async def telling(database: Database) -> AsyncIterator[None]:
    """Wake others after each commit, as a worker does, where the build has that."""
    if Watching is None:
        yield
        return
    pubsub = open_pubsub("", database.url)
    async with Watching(database, pubsub).running():
        yield
    await pubsub.close()


async def measure(fleet: Fleet) -> dict[str, object]:
    """The rates at rest, with quiet watchers and under events; the lags in milliseconds."""
    url = fleet.environment["DATABASE_URL"]
    database = open_database(url)
    key = await asyncio.to_thread(people.make_person, url, "owner@example.org", "owner")
    key = await asyncio.to_thread(people.make_key, url, key)
    jobs = [str(uuid7()) for _ in range(JOBS)]
    request = Request(keyword="watching", language="en", model="composer", sources=())
    for job_id in jobs:
        async with database.unit() as session:
            await Jobs(session).add(job_id, request, now=datetime.now(UTC))
    committed: dict[tuple[str, int], float] = {}
    lags: list[float] = []
    open_streams, all_open = 0, asyncio.Event()

    async def watch(n: int, client: httpx2.AsyncClient) -> None:
        nonlocal open_streams
        job_id = jobs[n % JOBS]
        at = fleet.instances[n % INSTANCES].url
        async with client.stream("GET", f"{at}/api/v1/jobs/{job_id}/events") as stream:
            open_streams += 1
            if open_streams == WATCHERS:
                all_open.set()
            async for line in stream.aiter_lines():
                if line.startswith("id: ") and (seq := int(line[4:])) > 1:
                    lags.append((time.perf_counter() - committed[job_id, seq]) * 1000)  # noqa: PERF401  # its moment counts

    async with (
        telling(database),
        httpx2.AsyncClient(
            headers={"authorization": f"Bearer {key}"},
            timeout=None,  # streams that end with this block
            limits=httpx2.Limits(max_connections=WATCHERS),
        ) as client,
    ):
        at_rest = await rate(url, QUIET_S)
        watchers = [asyncio.create_task(watch(n, client)) for n in range(WATCHERS)]
        await all_open.wait()
        await asyncio.sleep(2)
        quiet = await rate(url, QUIET_S)
        before, start = await asyncio.to_thread(transactions, url), time.perf_counter()
        for n in range(EVENTS):
            job_id = jobs[n % JOBS]
            seq = 2 + n // JOBS
            committed[job_id, seq] = time.perf_counter()
            async with database.unit() as session:
                await Jobs(session).record(
                    job_id, step="draft", kind="progress", n=n, now=datetime.now(UTC)
                )
            committed[job_id, seq] = time.perf_counter()
            await asyncio.sleep(APART_S)
        took = time.perf_counter() - start
        await asyncio.sleep(3)
        after = await asyncio.to_thread(transactions, url)
        for task in watchers:
            task.cancel()
        await asyncio.gather(*watchers, return_exceptions=True)
    await database.close()
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "instances": INSTANCES,
        "watchers": WATCHERS,
        "jobs": JOBS,
        "transactions_per_s": {
            "nobody watches": at_rest,
            "watchers, no events": quiet,
            "watchers, with events": round((after - before) / (took + 3), 1),
        },
        "events_per_s": round(EVENTS / took, 1),
        "events": EVENTS,
        "delivered": len(lags),
        "expected": EVENTS * WATCHERS // JOBS,
        "lag_ms": {
            "p50": percentile(lags, 0.5),
            "p99": percentile(lags, 0.99),
            "most": percentile(lags, 1.0),
        },
    }


def main() -> None:
    """Start the fleet, measure, and put the result beside those of other builds."""
    name = sys.argv[1] if len(sys.argv) > 1 else "now"
    settings = {"ROLE": "web", "APP_LIMITS__KEY_PER_MINUTE": "1000000"}
    settings["APP_LIMITS__ADDRESS_PER_MINUTE"] = "1000000"
    with Fleet(INSTANCES, balancer=None, settings=settings, redis_url="", blob_url="") as fleet:
        result = asyncio.run(measure(fleet))
    file = RESULTS / "progress.json"
    kept = json.loads(file.read_text()) if file.exists() else {}
    file.write_text(json.dumps({**kept, name: result}, ensure_ascii=False, indent=1) + "\n")
    print(json.dumps(result, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
