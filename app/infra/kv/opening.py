"""Picks the store that an address names."""

from urllib.parse import urlsplit

from app.infra.kv.memory import MemoryStore
from app.infra.kv.port import Store


def open_store(url: str, *, max_bytes: int = 64 * 1024 * 1024) -> Store:
    """Open a `REDIS_URL`, or this process's memory (at most `max_bytes`) when it is empty.

    Raises:
        ValueError: the address names no store that is known.
    """
    match urlsplit(url).scheme:
        case "" | "memory":
            return MemoryStore(max_bytes=max_bytes)
        case scheme:
            raise ValueError(f"REDIS_URL starts with {scheme}://; write redis://host:6379/0")
