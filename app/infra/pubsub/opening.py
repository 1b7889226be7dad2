"""Picks what carries messages, by what there is."""

from urllib.parse import urlsplit

from app.infra.pubsub.memory import MemoryPubSub
from app.infra.pubsub.port import PubSub
from app.infra.pubsub.postgres import PostgresPubSub
from app.infra.pubsub.redis import RedisPubSub


def open_pubsub(redis_url: str, database_url: str) -> PubSub:
    """Redis where there is one, else PostgreSQL where that is the database, else this process's memory.

    Several processes with one SQLite file hear nothing from each other: the scope says so.

    Raises:
        BadRedisUrl: `redis_url` cannot be used.
    """
    if redis_url:
        return RedisPubSub(redis_url)
    match urlsplit(database_url).scheme:
        case "postgresql" | "postgres":
            return PostgresPubSub(database_url)
        case _:
            return MemoryPubSub()
