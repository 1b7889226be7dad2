"""Small values with a time to live: caches, counters, limits, locks."""

from app.infra.kv.memory import MemoryStore
from app.infra.kv.opening import open_store
from app.infra.kv.port import Hit, Store, StoreAway

__all__ = ["Hit", "MemoryStore", "Store", "StoreAway", "open_store"]
