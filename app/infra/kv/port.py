"""What every store of small values can do, however it keeps them."""

from dataclasses import dataclass
from typing import Protocol

from app.infra.scope import Scope


class StoreAway(Exception):
    """The store does not answer. Says where it was looked for; never repeats a password."""


_MAX_KEY = 512


def check_key(key: str) -> str:
    """Answer the key.

    Raises:
        ValueError: it is empty, too long, or not printable ASCII.
    """
    if not 0 < len(key) <= _MAX_KEY or not key.isascii() or not key.isprintable():
        raise ValueError(f"A key is 1 to {_MAX_KEY} printable ASCII characters.")
    return key


@dataclass(frozen=True, slots=True)
class Hit:
    """What a sliding window answers to one request."""

    allowed: bool
    used: int
    """Requests within the window, this one included when it was allowed."""
    reset_s: float
    """Seconds until the oldest request leaves the window."""


class Store(Protocol):
    """Values by key, each with a time to live. Every operation is atomic over all who share the store.

    Keys are printable ASCII, at most 512 characters (`ValueError` otherwise); values are bytes. Every
    operation raises `StoreAway` when the store does not answer.
    """

    @property
    def name(self) -> str:
        """What keeps the values: such as `memory` or `redis`."""
        ...

    @property
    def scope(self) -> Scope:
        """How far the values reach."""
        ...

    async def get(self, key: str) -> bytes | None:
        """The value, unless there is none or its time is over."""
        ...

    async def set(self, key: str, value: bytes, *, ttl_s: float) -> None:
        """Write the value, whatever was there."""
        ...

    async def add(self, key: str, value: bytes, *, ttl_s: float) -> bool:
        """Write the value if there is none. Answers whether it was written."""
        ...

    async def touch(self, key: str, *, ttl_s: float) -> bool:
        """Give the value a new time to live. Answers whether there is one."""
        ...

    async def delete(self, key: str) -> bool:
        """Answers whether there was a value."""
        ...

    async def delete_if(self, key: str, value: bytes) -> bool:
        """Delete the value if it is this one: how a lock is given up only by who holds it."""
        ...

    async def increment(self, key: str, *, by: int = 1, ttl_s: float) -> int:
        """Add to a counter, which starts at 0 and lives `ttl_s` from its first increment."""
        ...

    async def hit(self, key: str, *, limit: int, window_s: float) -> Hit:
        """Count one request in a sliding window; one that is over the limit is not counted."""
        ...

    async def ping(self) -> None:
        """Ask for a sign of life."""
        ...

    async def close(self) -> None:
        """Give the connections back."""
        ...
