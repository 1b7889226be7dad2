"""Everything outside the process that the application talks to, opened and closed together.

A test swaps one of them to bring a fault in (`dataclasses.replace`); the product has no switch for that.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from app.config import Settings
from app.infra.blobs import Blobs, open_blobs
from app.infra.db import Database, open_database
from app.infra.durable import Enqueuer
from app.infra.kv import Store, open_store
from app.infra.pubsub import PubSub, open_pubsub


def utc_now() -> datetime:
    """The clock of the product; services are passed `now`."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Ports:
    """The database, the queue, the stores and the clock."""

    database: Database
    enqueuer: Enqueuer
    store: Store
    """What caches and sessions share."""
    limits: Store
    """What rate limits are counted in: the same store, unless a test takes it away alone."""
    pubsub: PubSub
    blobs: Blobs
    now: Callable[[], datetime] = utc_now

    async def close(self) -> None:
        """Give every connection back."""
        await self.pubsub.close()
        await self.blobs.close()
        for store in {id(store): store for store in (self.store, self.limits)}.values():
            await store.close()
        self.enqueuer.close()
        await self.database.close()


def open_ports(settings: Settings) -> Ports:
    """Open what the settings name; connections are made when they are first needed."""
    url = settings.effective_database_url
    store = open_store(settings.redis_url, max_bytes=settings.cache.memory_bytes)
    return Ports(
        database=open_database(url, slow_query_s=settings.logs.slow_query_s),
        enqueuer=Enqueuer(url),
        store=store,
        limits=store,
        pubsub=open_pubsub(settings.redis_url, url),
        blobs=open_blobs(settings.blob_url, settings.data_dir / "media"),
    )
