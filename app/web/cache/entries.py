"""Entries of a cache and the memory that holds them."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")

GONE = "gone:"
"""What a tag begins with whose change forbids the entry from being shown again, stale or not."""

_OVERHEAD = 1_000
"""Bytes counted for an entry beside its value: objects, keys, shortcuts that lead to it."""


@dataclass(frozen=True, slots=True)
class Made(Generic[T]):
    """What a builder made, and how it may be kept."""

    value: T
    tags: tuple[str, ...]
    """What it is made of; every change of one of them makes it old."""
    keep: bool = True
    """False: it is for who asked, and for nobody else."""
    brief_s: float | None = None
    """Kept for so long, in this process only, in a small corner of its memory; None: kept normally."""


@dataclass(slots=True, eq=False)
class Entry(Generic[T]):
    """A value in this process's memory."""

    value: T
    tags: tuple[str, ...]
    built: int
    """The database's counter before it was built."""
    made_at: float
    """Monotonic seconds."""
    until: float
    """Until then it is fresh, unless a tag moves; monotonic seconds."""
    size: int
    era: int = 0
    checked: int = -1
    """The versions' stamp at which its tags were last found unmoved."""
    private: bool = False
    """For who asked first, and for nobody else."""
    kept: bool = False
    """Whether a memory holds it."""
    shortcuts: set[Hashable] = field(default_factory=set[Hashable])
    """Where else it is known, to be forgotten with it."""


class Codec(Protocol[T]):
    """Turns values into bytes for the shared level, and back."""

    def size(self, value: T) -> int:
        """Bytes of memory it takes."""
        ...

    def encode(self, value: T) -> bytes:
        """The value as bytes."""
        ...

    def decode(self, data: bytes) -> T:
        """The value of bytes. Raises `ValueError` for any that `encode` did not make."""
        ...


class Memory(Generic[T]):
    """Entries bounded by bytes: the least recently used go first."""

    def __init__(self, max_bytes: int, forget: Callable[[Entry[T]], None]) -> None:
        self._max = max_bytes
        self._forget = forget
        self._entries: OrderedDict[str, Entry[T]] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: str) -> Entry[T] | None:
        """The entry, fresh or not, as the most recently used."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def put(self, key: str, entry: Entry[T]) -> None:
        """Keep an entry instead of the one before; one larger than an eighth of all is not kept."""
        self.drop(key)
        entry.size += len(key) + _OVERHEAD
        if entry.size > self._max // 8:
            return
        self._entries[key] = entry
        entry.kept = True
        self.bytes += entry.size
        while self.bytes > self._max:
            self.drop(next(iter(self._entries)))

    def drop(self, key: str) -> None:
        """Forget an entry."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.bytes -= entry.size
            entry.until, entry.kept = 0.0, False
            self._forget(entry)


class BytesCodec:
    """Bytes as they are."""

    def size(self, value: bytes) -> int:
        """Their number."""
        return len(value)

    def encode(self, value: bytes) -> bytes:
        """Nothing is changed."""
        return value

    def decode(self, data: bytes) -> bytes:
        """Nothing is changed."""
        return data
