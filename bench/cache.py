"""The cache over a fleet, on a real PostgreSQL and a real Valkey.

- publish on A, visible on B: from the start of the commit until B, asked every millisecond, has the new
  entry; A and B are two caches with connections of their own.
- a thousand misses of one key at once, over three processes.
- Valkey killed for three seconds and started again under load: readers' failures, and how long after it
  answers again the first page is shared through it.

Writes `bench/results/cache.json`.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.cluster import PostgresServer, ValkeyServer
from app.cluster.processes import free_port
from app.config import CacheSettings
from app.infra.db import Database, open_database
from app.infra.db.migrate import migrate
from app.infra.kv import open_store
from app.infra.pubsub import open_pubsub
from app.infra.tags import bump_tags
from app.posts.repository import Posts
from app.posts.service import edit_post
from app.web.cache import Cache, Made, Versions
from bench.pages import publish, wait_for
from bench.working import RESULTS, ROOT, machine

PUBLICATIONS = 200
INSTANCES = 3
MISSES = 1_000
READERS = 8
AWAY_S = 3.0


class Plain:
    """Bytes as they are."""

    def size(self, value: bytes) -> int:
        """Bytes."""
        return len(value)

    def encode(self, value: bytes) -> bytes:
        """The same."""
        return value

    def decode(self, data: bytes) -> bytes:
        """The same."""
        return data


@asynccontextmanager
async def instance(url: str, redis: str) -> AsyncIterator[tuple[Database, Cache[bytes]]]:
    """The cache of an instance, with connections of its own."""
    database, store, pubsub = open_database(url), open_store(redis), open_pubsub(redis, url)
    versions = Versions(database, pubsub)
    cache = Cache[bytes]("bench", store, versions, Plain(), CacheSettings())
    try:
        async with versions.running():
            yield database, cache
    finally:
        await cache.close()
        for port in (pubsub, store, database):
            await port.close()


async def publications(url: str, redis: str) -> dict[str, Any]:
    """How long a publication on A takes to be read on B, ms."""
    taken: list[float] = []
    async with instance(url, redis) as (database, _), instance(url, redis) as (_, b):
        for n in range(PUBLICATIONS):
            text = str(n).encode()

            async def build(text: bytes = text) -> Made[bytes]:
                return Made(text, ("post:bench",))

            started = time.perf_counter()
            async with database.unit() as session:
                await bump_tags(session, ["post:bench"])
            while (await b.get("page", build)).value != text:  # noqa: ASYNC110  # a reader, who asks
                await asyncio.sleep(0.001)
            taken.append((time.perf_counter() - started) * 1000)
            await asyncio.sleep(0.02)
    taken.sort()
    return {
        "publications": PUBLICATIONS,
        "median_ms": round(taken[len(taken) // 2], 1),
        "p99_ms": round(taken[int(len(taken) * 0.99)], 1),
        "max_ms": round(taken[-1], 1),
    }


async def miss(url: str, redis: str, readers: int) -> None:
    """Be one instance: wait for a line, let `readers` miss one key at once, print how often it was built."""
    built = 0

    async def build() -> Made[bytes]:
        nonlocal built
        built += 1
        await asyncio.sleep(0.1)
        return Made(b"page", ())

    async with instance(url, redis) as (_, cache):
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        found = await asyncio.gather(*(cache.get("stampede", build) for _ in range(readers)))
    if {each.value for each in found} != {b"page"}:
        raise SystemExit("something else was read")
    print(built, flush=True)


async def stampede(url: str, redis: str) -> dict[str, Any]:
    """How often one key is built when a thousand readers miss it at once in three processes."""
    share = [MISSES // INSTANCES + (n < MISSES % INSTANCES) for n in range(INSTANCES)]
    instances = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            *(__file__, "miss", url, redis, str(readers)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for readers in share
    ]
    for each in instances:
        if each.stdout is None or await each.stdout.readline() != b"ready\n":
            raise SystemExit("an instance did not start")
    started = time.perf_counter()
    said = await asyncio.gather(*(each.communicate(b"go\n") for each in instances))
    seconds = time.perf_counter() - started
    built = [int(out) for out, _ in said]
    return {
        "misses": MISSES,
        "processes": INSTANCES,
        "built": sum(built),
        "seconds_to_the_end_of_all": round(seconds, 2),
    }


async def read_until(over: asyncio.Event, port: int, path: str, seen: Counter[str]) -> None:
    """A reader that asks again as soon as it is answered; anything but a whole 200 is a failure."""
    while not over.is_set():
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            while not over.is_set():
                writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
                head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r")[0])
                await reader.readexactly(length)
                seen["ok" if head.startswith(b"HTTP/1.1 200") else head[9:12].decode()] += 1
            writer.close()
        except (OSError, ValueError, asyncio.IncompleteReadError, TimeoutError) as error:
            seen[type(error).__name__] += 1
            await asyncio.sleep(0.01)


async def edit_until(over: asyncio.Event, url: str) -> None:
    """Changes the article four times a second, so that pages are built anew all the time."""
    database = open_database(url)
    try:
        while not over.is_set():
            async with database.unit() as session:
                post = await Posts(session).read("load-balancing")
                title = f"Load balancing at {time.time()}"
                await edit_post(Posts(session), post.id, now=datetime.now(UTC), title=title)
            await asyncio.sleep(0.25)
    finally:
        await database.close()


async def outage(url: str, valkey: ValkeyServer, port: int, path: str) -> dict[str, Any]:
    """What readers and the cache notice of a killed Valkey."""
    seen: Counter[str] = Counter()
    over = asyncio.Event()
    tasks = [asyncio.create_task(read_until(over, port, path, seen)) for _ in range(READERS)]
    tasks.append(asyncio.create_task(edit_until(over, url)))
    await asyncio.sleep(3)
    valkey.kill()
    await asyncio.sleep(AWAY_S)
    await asyncio.to_thread(valkey.start)
    back = time.perf_counter()
    store_keys = ""
    while not store_keys and time.perf_counter() - back < 30:  # noqa: PLR2004
        with suppress(OSError):
            answer = await asyncio.to_thread(valkey.ask, "KEYS", "blogger:cache:*")
            store_keys = answer if "cache" in answer else ""
        await asyncio.sleep(0.01)
    recovered = time.perf_counter() - back
    await asyncio.sleep(3)
    over.set()
    await asyncio.gather(*tasks)
    answered = seen.pop("ok", 0)
    return {
        "away_s": AWAY_S,
        "answered": answered,
        "failed": sum(seen.values()),
        "failures": dict(seen),
        "shared_again_after_s": round(recovered, 2) if store_keys else None,
    }


async def measure(url: str, valkey: ValkeyServer) -> dict[str, Any]:
    """Everything, one after the other."""
    database = open_database(url)
    await migrate(database)
    await database.close()
    results = {
        "publish": await publications(url, valkey.url),
        "stampede": await stampede(url, valkey.url),
    }
    path = await publish(url)
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        settings = {"DATABASE_URL": url, "REDIS_URL": valkey.url, "DATA_DIR": folder, "ROLE": "web"}
        environment = {**os.environ, **settings, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "app", "serve", "--port", str(port)]
        with (Path(folder) / "log").open("wb") as log:
            server = await asyncio.create_subprocess_exec(
                *command, env=environment, cwd=folder, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            await asyncio.to_thread(wait_for, f"http://127.0.0.1:{port}/health/readiness")
            results["outage"] = await outage(url, valkey, port, path)
        finally:
            server.terminate()
            await server.wait()
    return results


def main() -> None:
    """Measure, print and keep the results."""
    before = machine()
    with PostgresServer(durable=False) as postgres, ValkeyServer() as valkey:
        results = asyncio.run(measure(postgres.url, valkey))
    results = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": before,
        **results,
    }
    (RESULTS / "cache.json").write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    if sys.argv[1:2] == ["miss"]:
        asyncio.run(miss(sys.argv[2], sys.argv[3], int(sys.argv[4])))
    else:
        main()
