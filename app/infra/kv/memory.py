"""Values in this process's memory, bounded by bytes: the least recently used go first."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

from app.infra.kv.port import Hit, check_key
from app.infra.scope import Scope

_OVERHEAD = 220
"""Bytes that an entry costs beside its key and value (tracemalloc over 20,000 entries: 220)."""


@dataclass(slots=True)
class _Entry:
    value: bytes
    until: float


class MemoryStore:
    """The embedded default. Safe within one event loop: no operation awaits in its middle."""

    name = "memory"
    scope = Scope.PROCESS

    def __init__(
        self, *, max_bytes: int = 64 * 1024 * 1024, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._max = max_bytes
        self._clock = clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._windows: OrderedDict[str, deque[float]] = OrderedDict()
        self.bytes = 0

    async def get(self, key: str) -> bytes | None:
        """The value, unless there is none or its time is over."""
        entry = self._live(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry.value

    async def set(self, key: str, value: bytes, *, ttl_s: float) -> None:
        """Write the value; one larger than the whole store is not kept."""
        self._drop(check_key(key))
        cost = _cost(key, value)
        if cost > self._max:
            return
        self._entries[key] = _Entry(value, self._clock() + ttl_s)
        self.bytes += cost
        while self.bytes > self._max:
            self._drop(next(iter(self._entries)))

    async def add(self, key: str, value: bytes, *, ttl_s: float) -> bool:
        """Write the value if there is none."""
        if self._live(key) is not None:
            return False
        await self.set(key, value, ttl_s=ttl_s)
        return True

    async def touch(self, key: str, *, ttl_s: float) -> bool:
        """Give the value a new time to live."""
        entry = self._live(key)
        if entry is None:
            return False
        entry.until = self._clock() + ttl_s
        return True

    async def delete(self, key: str) -> bool:
        """Answers whether there was a value."""
        there = self._live(key) is not None
        self._drop(key)
        return there

    async def delete_if(self, key: str, value: bytes) -> bool:
        """Delete the value if it is this one."""
        entry = self._live(key)
        if entry is None or entry.value != value:
            return False
        self._drop(key)
        return True

    async def increment(self, key: str, *, by: int = 1, ttl_s: float) -> int:
        """Add to a counter, which lives `ttl_s` from its first increment."""
        entry = self._live(key)
        if entry is None:
            await self.set(key, b"%d" % by, ttl_s=ttl_s)
            return by
        total = int(entry.value) + by
        left = entry.until - self._clock()
        await self.set(key, b"%d" % total, ttl_s=left)
        return total

    async def hit(self, key: str, *, limit: int, window_s: float) -> Hit:
        """Count one request in a sliding window."""
        now = self._clock()
        window = self._windows.setdefault(check_key(key), deque())
        self._windows.move_to_end(key)
        while window and window[0] <= now - window_s:
            window.popleft()
        allowed = len(window) < limit
        if allowed:
            window.append(now)
        while len(self._windows) > _MAX_WINDOWS:
            self._windows.popitem(last=False)
        reset_s = window[0] + window_s - now if window else window_s
        return Hit(allowed, len(window), reset_s)

    async def ping(self) -> None:
        """Memory is always there."""

    async def close(self) -> None:
        """Nothing is held."""

    def _live(self, key: str) -> _Entry | None:
        entry = self._entries.get(check_key(key))
        if entry is not None and entry.until <= self._clock():
            self._drop(key)
            return None
        return entry

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.bytes -= _cost(key, entry.value)


_MAX_WINDOWS = 50_000
"""Most sliding windows kept: addresses are as many as an attacker likes."""


def _cost(key: str, value: bytes) -> int:
    return len(key) + len(value) + _OVERHEAD
