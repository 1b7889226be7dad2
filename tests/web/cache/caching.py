"""A cache of plain bytes as an instance of its own, on real stores."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from app.config import CacheSettings
from app.infra.db import Database, open_database
from app.infra.kv import Store, open_store
from app.infra.pubsub import MemoryPubSub, PubSub
from app.infra.tags import bump_tags
from app.web.cache import Cache, Made, Versions


class BytesCodec:
    def size(self, value: bytes) -> int:
        return len(value)

    def encode(self, value: bytes) -> bytes:
        return value

    def decode(self, data: bytes) -> bytes:
        return data


@dataclass
class Instance:
    """One instance's cache, and how often it built."""

    cache: Cache[bytes]
    versions: Versions
    database: Database
    built: list[str] = field(default_factory=list)

    async def read(
        self,
        key: str,
        *tags: str,
        value: bytes = b"new",
        takes_s: float = 0.0,
        fails: bool = False,
        keep: bool = True,
    ) -> bytes:
        async def build() -> Made[bytes]:
            self.built.append(key)
            await asyncio.sleep(takes_s)
            if fails:
                raise RuntimeError("cannot be built")
            return Made(value, tags, keep=keep)

        return (await self.cache.get(key, build)).value

    async def bump(self, *tags: str) -> None:
        async with self.database.unit() as session:
            await bump_tags(session, tags)
        await asyncio.sleep(0)  # the instance that committed is told at its loop's next turn


@asynccontextmanager
async def an_instance(
    url: str,
    *,
    store: Store | None = None,
    pubsub: PubSub | None = None,
    settings: CacheSettings | None = None,
) -> AsyncIterator[Instance]:
    database = open_database(url)
    versions = Versions(database, pubsub or MemoryPubSub())
    cache = Cache[bytes](
        "test", store or open_store(""), versions, BytesCodec(), settings or CacheSettings()
    )
    try:
        async with versions.running():
            yield Instance(cache, versions, database)
    finally:
        await cache.close()
        await database.close()


async def until(condition: Callable[[], bool], *, seconds: float = 30.0) -> None:
    """Wait for a condition; a busy machine is slow."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)
