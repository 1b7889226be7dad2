"""Picks what keeps the sessions, by `SESSION_STORAGE`."""

from app.config import Settings
from app.infra.db import Database
from app.infra.kv import Store
from app.web.sessions.memory import MemorySessions
from app.web.sessions.port import Lifetimes, Sessions
from app.web.sessions.repository import SqlSessions
from app.web.sessions.store import StoreSessions


def open_sessions(settings: Settings, database: Database, store: Store) -> Sessions:
    """What the setting names; unset, the store if it is shared (`REDIS_URL`), else the database."""
    lifetimes = Lifetimes(settings.sessions.idle_s, settings.sessions.absolute_s)
    match settings.session_storage or ("redis" if settings.redis_url else "database"):
        case "memory":
            return MemorySessions(lifetimes)
        case "redis":
            return StoreSessions(store, lifetimes)
        case _:
            return SqlSessions(database, lifetimes)
