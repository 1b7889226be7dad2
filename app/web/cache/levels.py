"""A cache of two levels: this process's memory, then the fleet's store. One builder a key over all instances.

What answers when:

- fresh, its tags unmoved: from memory.
- its time over, its tags unmoved: from memory, while one task looks it up or builds it anew.
- a tag moved: the reader waits for the new one. If that fails or takes too long, the old one is shown,
  unless something in it is gone.
- the store away: memory alone, for a shorter time. What the store kept through its outage is checked
  against the database's versions like everything else.
"""

import asyncio
import hashlib
import json
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Generic, TypeVar

import structlog
from prometheus_client import Counter
from pydantic import Field, TypeAdapter

from app.config import CacheSettings
from app.infra.kv import Store, StoreAway
from app.infra.scope import Scope
from app.web.cache.entries import GONE, Codec, Entry, Made, Memory
from app.web.cache.versions import Versions

log = structlog.get_logger()

T = TypeVar("T")
R = TypeVar("R")

_LOCK_S = 5.0
"""How long a builder's lock holds when it dies; a longer build is done twice."""
_WAIT_S = 3.0
"""Longest wait for another instance's build; then this one builds as well."""
_OLD_S = 86_400.0
"""How long an old entry may stand in for one that cannot be built (the pages' stale-if-error)."""
_SLOW_S = 1.0
"""How long a reader waits for a new entry where there is an old one."""
_RETRY_S = 1.0
"""How long an old entry is shown before the next try, when building it failed."""

_OUTCOMES = Counter(
    "blogger_cache_requests_total",
    "Answers of the cache: hit (memory), shared, miss (built), stale, away (a try without the store).",
    ["cache", "outcome"],
)

_HEAD = TypeAdapter(Annotated[list[int | str], Field(min_length=1)])

Build = Callable[[], Awaitable[Made[T]]]


class Cache(Generic[T]):
    """Entries by key. Instances share those of the same `name` and `edition` (which program made them)."""

    def __init__(
        self,
        name: str,
        store: Store,
        versions: Versions,
        codec: Codec[T],
        settings: CacheSettings,
        *,
        edition: str = "",
        forget: Callable[[Entry[T]], None] = lambda _entry: None,
    ) -> None:
        self._name = name
        self._edition = edition
        self._store = None if store.scope is Scope.PROCESS else store
        self._versions = versions
        self._codec = codec
        self._settings = settings
        self._kept = Memory[T](settings.memory_bytes * 3 // 4, forget)
        self._brief = Memory[T](settings.memory_bytes // 16, forget)
        self._flights: dict[str, asyncio.Task[Entry[T]]] = {}
        self._store_is_away = False
        self._counts = {
            outcome: _OUTCOMES.labels(name, outcome)
            for outcome in ("hit", "shared", "miss", "stale", "away")
        }

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def size(self) -> int:
        """Bytes of memory that the first level takes."""
        return self._kept.bytes + self._brief.bytes

    def count(self, outcome: str, n: int = 1) -> None:
        """Add answers given past this cache by a shortcut of the caller's."""
        self._counts[outcome].inc(n)

    async def close(self) -> None:
        """End what is being built, locks given back, before the store is closed."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)

    def fresh(self, entry: Entry[T], now: float) -> bool:
        """Whether it may be shown as it is. Needs versions that are trusted."""
        versions = self._versions
        if now >= entry.until or entry.era != versions.era:
            return False
        if entry.checked != versions.stamp:
            if not versions.unmoved(entry.built, entry.tags):
                return False
            entry.checked = versions.stamp
        return True

    async def get(self, key: str, build: Build[T]) -> Entry[T]:
        """The entry of a key, built if need be. Raises what `build` raises when nothing can stand in."""
        versions = self._versions
        if versions.clock < 0:  # not started: nothing is known that could make an entry old
            return self._unkept(await build())
        await versions.checked()
        now = time.monotonic()
        entry = self._kept.get(key) or self._brief.get(key)
        if entry is not None and self.fresh(entry, now):
            self.count("hit")
            return entry
        old = entry if entry is not None and self._may_stand_in(entry, now) else None
        if old is not None and versions.unmoved(old.built, old.tags):
            self._refresh(key, build)
            self.count("stale")
            return old
        return await self._wait(key, build, old)

    async def _wait(self, key: str, build: Build[T], old: Entry[T] | None) -> Entry[T]:
        flight, mine = self._fly(key, build)
        try:
            async with asyncio.timeout(_SLOW_S if old is not None else None):
                entry = await asyncio.shield(flight)
        except Exception as error:
            if old is None:
                raise
            # Looked at again: while it was built, something in it may have gone.
            if not self._may_stand_in(old, time.monotonic()):
                raise
            log.warning("cache_answered_old", cache=self._name, reason=type(error).__name__)
            self.count("stale")
            return old
        if entry.private and not mine:
            return self._unkept(await build())
        return entry

    def _may_stand_in(self, entry: Entry[T], now: float) -> bool:
        gone = tuple(tag for tag in entry.tags if tag.startswith(GONE))
        return now - entry.made_at < _OLD_S and self._versions.unmoved(entry.built, gone)

    def _refresh(self, key: str, build: Build[T]) -> None:
        flight, mine = self._fly(key, build)
        if mine:
            flight.add_done_callback(lambda done: self._refreshed(key, done))

    def _refreshed(self, key: str, done: asyncio.Task[Entry[T]]) -> None:
        if done.cancelled() or (error := done.exception()) is None:
            return
        log.warning("cache_refresh_failed", cache=self._name, reason=type(error).__name__)
        entry = self._kept.get(key)
        if entry is not None:
            entry.until, entry.era = time.monotonic() + _RETRY_S, self._versions.era

    def _fly(self, key: str, build: Build[T]) -> tuple[asyncio.Task[Entry[T]], bool]:
        """The one task of this process that gets a key, and whether it was started by this call."""
        flight = self._flights.get(key)
        if flight is not None:
            return flight, False
        flight = asyncio.create_task(self._find_or_build(key, build))
        self._flights[key] = flight
        flight.add_done_callback(lambda done: self._landed(key, done))
        return flight, True

    def _landed(self, key: str, done: asyncio.Task[Entry[T]]) -> None:
        del self._flights[key]
        if not done.cancelled():
            done.exception()  # seen: whoever waited may have gone

    async def _find_or_build(self, key: str, build: Build[T]) -> Entry[T]:
        if self._store is None:
            return await self._make(key, build)
        shared = self._shared_key(key)
        if (entry := await self._look_up(key, shared)) is not None:
            return entry
        lock, token = f"{shared}:lock", secrets.token_hex(8).encode()
        try:
            if await self._ask(self._store.add(lock, token, ttl_s=_LOCK_S)) is False:
                entry = await self._wait_for_another(key, shared, lock, token)
            else:
                entry = await self._look_up(key, shared)  # built between the two looks
            return entry or await self._make(key, build, shared)
        finally:
            await asyncio.shield(self._ask(self._store.delete_if(lock, token)))

    async def _wait_for_another(
        self, key: str, shared: str, lock: str, token: bytes
    ) -> Entry[T] | None:
        """What another instance builds now. None: it died, or takes too long; build it here."""
        assert self._store is not None  # noqa: S101  # only asked for with a store
        until, pause = time.monotonic() + _WAIT_S, 0.01
        while time.monotonic() < until:
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.1)
            if (entry := await self._look_up(key, shared)) is not None:
                return entry
            if await self._ask(self._store.add(lock, token, ttl_s=_LOCK_S)) is not False:
                return await self._look_up(key, shared)
        return None

    async def _make(self, key: str, build: Build[T], shared: str = "") -> Entry[T]:
        built = self._versions.clock  # before anything is read: what changes from here on is newer
        made = await build()
        self.count("miss")
        if not made.keep:
            return self._unkept(made)
        entry = self._remember(key, made, built)
        if shared and self._store is not None and made.brief_s is None:
            data = pack(entry.built, entry.tags, self._codec.encode(made.value))
            await self._ask(self._store.set(shared, data, ttl_s=self._settings.shared_s))
        return entry

    def _remember(self, key: str, made: Made[T], built: int) -> Entry[T]:
        now = time.monotonic()
        entry = self._entry(made, built, now)
        entry.until = now + (self._ttl() if made.brief_s is None else made.brief_s)
        memory, other = self._kept, self._brief
        if made.brief_s is not None:
            memory, other = other, memory
        other.drop(key)
        memory.put(key, entry)
        return entry

    def _ttl(self) -> float:
        if self._store is None:
            return self._settings.shared_s
        return self._settings.outage_s if self._store_is_away else self._settings.first_level_s

    def _entry(self, made: Made[T], built: int, now: float) -> Entry[T]:
        size = self._codec.size(made.value)
        return Entry(made.value, made.tags, built, now, 0.0, size, self._versions.era)

    def _unkept(self, made: Made[T]) -> Entry[T]:
        entry = self._entry(made, -1, time.monotonic())
        entry.private = True
        return entry

    async def _look_up(self, key: str, shared: str) -> Entry[T] | None:
        """The shared entry, if it is as the database has it; kept in memory then."""
        assert self._store is not None  # noqa: S101  # only asked for with a store
        data = await self._ask(self._store.get(shared))
        if data is None:
            return None
        try:
            built, tags, body = unpack(data)
            value = self._codec.decode(body)
        except ValueError:
            log.warning("cache_entry_unreadable", cache=self._name)
            return None
        if not self._versions.unmoved(built, tags):
            return None
        self.count("shared")
        return self._remember(key, Made(value, tags), built)

    async def _ask(self, operation: Awaitable[R]) -> R | None:
        """What the store answers; None when it is away, or refuses: no reader is turned away for that."""
        try:
            answer = await operation
        except Exception as error:  # noqa: BLE001  # a cache that fails is a cache that has nothing
            if not isinstance(error, StoreAway):
                log.warning("cache_store_refused", cache=self._name, reason=type(error).__name__)
            self.count("away")
            self._store_is_away = True
            return None
        self._store_is_away = False
        return answer

    def _shared_key(self, key: str) -> str:
        whole = f"{self._edition}\n{key}".encode("utf-8", "surrogatepass")
        return f"cache:{self._name}:{self._versions.identity}:{hashlib.sha256(whole).hexdigest()}"


def pack(built: int, tags: tuple[str, ...], body: bytes) -> bytes:
    """An entry as bytes: a line of JSON, then what the codec made."""
    return json.dumps([built, *tags]).encode() + b"\n" + body


def unpack(data: bytes) -> tuple[int, tuple[str, ...], bytes]:
    """What `pack` packed.

    Raises:
        ValueError: it is something else.
    """
    head, _, body = data.partition(b"\n")
    fields = _HEAD.validate_json(head)
    built, tags = int(fields[0]), tuple(str(tag) for tag in fields[1:])
    return built, tags, body
