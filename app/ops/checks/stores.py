"""What is kept outside the process: sessions, cache, files, limits, messages."""

from app.infra.scope import Scope
from app.ops.findings import Finding, Level, phrase
from app.ops.round_trips import (
    through_blobs,
    through_pubsub,
    through_store,
    through_window,
)
from app.ops.situation import Situation

REDIS_LINE = "REDIS_URL=redis://localhost:6379/0"
DATABASE_LINE = "DATABASE_URL=postgresql://user:password@localhost:5432/ai_seo_blogger"
FILES_LINE = "BLOB_URL=s3://bucket/prefix"

_SET = phrase("Set {line}")


async def session_storage(situation: Situation) -> Finding:
    """Where people's sessions live, and whether one would survive the next request elsewhere."""
    sessions = situation.sessions
    detail = {"store": sessions.name, "scope": sessions.scope.value}
    if sessions.scope is Scope.PROCESS:
        return Finding(
            "scaling.E001",
            Level.ERROR,
            phrase("Sessions live in this process's memory."),
            hint=phrase("Set SESSION_STORAGE=redis and {line}, or SESSION_STORAGE=database."),
            values={"line": REDIS_LINE},
            detail=detail,
        )
    await sessions.ping()
    if sessions.name == "redis":
        await through_store(situation.ports.store)
    elif sessions.scope is Scope.FLEET:
        await situation.require_tables()
    if sessions.name != "redis" and await situation.has_tables():
        await situation.through_database()
    if sessions.scope is Scope.HOST:
        return Finding(
            "scaling.E002",
            Level.ERROR,
            phrase("Sessions live in a database file of this host."),
            hint=phrase("Set {line}, or SESSION_STORAGE=redis and {other}"),
            values={"line": DATABASE_LINE, "other": REDIS_LINE},
            detail=detail,
        )
    return Finding(
        "scaling.I003",
        Level.OK,
        phrase("Sessions live where every instance finds them ({store})."),
        values={"store": sessions.name},
        detail=detail,
    )


async def cache_storage(situation: Situation) -> Finding:
    """Where cached values live."""
    store = situation.ports.store
    detail = {"store": store.name, "scope": store.scope.value}
    await through_store(store)
    if store.scope is not Scope.FLEET:
        return Finding(
            "scaling.E011",
            Level.ERROR,
            phrase("The cache lives in this process's memory."),
            hint=_SET,
            values={"line": REDIS_LINE},
            detail=detail,
        )
    return Finding(
        "scaling.I012",
        Level.OK,
        phrase("The cache is shared by every instance ({store})."),
        values={"store": store.name},
        detail=detail,
    )


async def file_storage(situation: Situation) -> Finding:
    """Where uploaded files live."""
    blobs = situation.ports.blobs
    detail = {"store": blobs.name, "scope": blobs.scope.value}
    await through_blobs(blobs)
    if blobs.scope is not Scope.FLEET:
        return Finding(
            "scaling.E031",
            Level.ERROR,
            phrase("Uploaded files live in a folder of this host.")
            if blobs.scope is Scope.HOST
            else phrase("Uploaded files live in this process's memory."),
            hint=_SET,
            values={"line": FILES_LINE},
            detail=detail,
        )
    return Finding(
        "scaling.I032",
        Level.OK,
        phrase("Uploaded files are kept where every instance finds them ({store})."),
        values={"store": blobs.name},
        detail=detail,
    )


async def limits(situation: Situation) -> Finding:
    """Where requests are counted."""
    store = situation.ports.limits
    detail = {"store": store.name, "scope": store.scope.value}
    await through_window(store)
    if store.scope is not Scope.FLEET:
        return Finding(
            "scaling.E111",
            Level.ERROR,
            phrase("Requests are counted by each process for itself, so limits multiply."),
            hint=_SET,
            values={"line": REDIS_LINE},
            detail=detail,
        )
    return Finding(
        "scaling.I112",
        Level.OK,
        phrase("Requests are counted over the whole fleet ({store})."),
        values={"store": store.name},
        detail=detail,
    )


async def pubsub(situation: Situation) -> Finding:
    """Whether messages reach other instances. They only wake, so this is never more than late."""
    channel = situation.ports.pubsub
    detail = {"carrier": channel.name, "scope": channel.scope.value}
    await through_pubsub(channel)
    if channel.scope is not Scope.FLEET:
        return Finding(
            "scaling.W101",
            Level.WARNING,
            phrase("Messages stay in this process: other instances notice changes late."),
            hint=_SET,
            values={"line": REDIS_LINE},
            detail=detail,
        )
    return Finding(
        "scaling.I102",
        Level.OK,
        phrase("Messages reach every instance ({carrier})."),
        values={"carrier": channel.name},
        detail=detail,
    )
