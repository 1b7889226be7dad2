"""Picks the store that an address names."""

from app.infra.kv.memory import MemoryStore
from app.infra.kv.port import Store
from app.infra.kv.redis import RedisStore


def open_store(url: str, *, max_bytes: int = 64 * 1024 * 1024) -> Store:
    """Open a `REDIS_URL`, or this process's memory (at most `max_bytes`) when it is empty.

    Raises:
        BadRedisUrl: the address cannot be used.
    """
    match url.partition("://")[0]:
        case "" | "memory":
            return MemoryStore(max_bytes=max_bytes)
        case _:
            return RedisStore(url)  # which refuses what it does not know
