"""What every keeper of sessions does alike: memory, SQLite, PostgreSQL, a store of small values, and Valkey."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.infra.db import open_database
from app.infra.kv import Store, StoreAway, open_store
from app.infra.kv.memory import MemoryStore
from app.infra.scope import Scope
from app.web.sessions import Sessions, SessionsAway, key_of
from app.web.sessions.memory import MemorySessions
from app.web.sessions.port import MOST, Lifetimes
from app.web.sessions.repository import SqlSessions
from app.web.sessions.store import StoreSessions

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIFETIMES = Lifetimes(idle_s=3600, absolute_s=86400)


class Apart:
    """A store that is shared with other tests, whose keys stand apart."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._prefix = f"test:{secrets.token_hex(6)}:"

    def __getattr__(self, name: str) -> Any:
        known: Any = getattr(self._store, name)
        if name in {"name", "scope", "ping", "close"}:
            return known
        return lambda key, *args, **more: known(self._prefix + key, *args, **more)


@pytest.fixture(params=["memory", "sqlite", "postgresql", "store", "valkey"])
async def sessions(
    request: pytest.FixtureRequest, new_database: Callable[[str], str]
) -> AsyncIterator[Sessions]:
    match request.param:
        case "memory":
            yield MemorySessions(LIFETIMES)
        case "store":
            yield StoreSessions(MemoryStore(), LIFETIMES)
        case "valkey":
            store: Any = Apart(open_store(request.getfixturevalue("valkey_server")))
            yield StoreSessions(store, LIFETIMES)
            await store.close()
        case kind:
            database = open_database(new_database(kind))
            yield SqlSessions(database, LIFETIMES)
            await database.close()


async def test_a_session_is_found_by_its_id_and_by_nothing_else(sessions: Sessions) -> None:
    session_id, started = await sessions.start(
        "p1", now=NOW, address="203.0.113.9", agent="Firefox", data={"epoch": 3}
    )

    found = await sessions.find(session_id, now=NOW)

    assert found == started
    assert (found.person_id, found.address, found.agent) == ("p1", "203.0.113.9", "Firefox")
    assert found.data == {"epoch": 3}
    for other in (found.key, session_id[:-1], session_id + "A", "", "\x00", "가", "x" * 10_000):
        assert await sessions.find(other, now=NOW) is None


async def test_ids_are_long_random_and_not_kept(sessions: Sessions) -> None:
    ids = [(await sessions.start("p1", now=NOW))[0] for _ in range(20)]

    kept = await sessions.of_person("p1", now=NOW)

    assert len(set(ids)) == 20
    assert all(len(one) >= 43 for one in ids)  # 256 bits in base64
    assert {session.key for session in kept} == {key_of(one) for one in ids}
    assert not any(one in repr(kept) for one in ids)


async def test_an_unused_session_ends_and_a_used_one_goes_on(sessions: Sessions) -> None:
    used, _ = await sessions.start("p1", now=NOW)
    unused, _ = await sessions.start("p1", now=NOW)
    later = NOW + timedelta(minutes=50)
    await sessions.find(used, now=later)

    much_later = NOW + timedelta(minutes=100)

    assert await sessions.find(used, now=much_later) is not None
    assert await sessions.find(unused, now=much_later) is None
    assert [session.key for session in await sessions.of_person("p1", now=much_later)] == [
        key_of(used)
    ]


async def test_no_use_keeps_a_session_beyond_its_last_day(sessions: Sessions) -> None:
    session_id, _ = await sessions.start("p1", now=NOW)
    for hour in range(1, 48):
        found = await sessions.find(session_id, now=NOW + timedelta(minutes=30 * hour))
        assert found is not None, hour

    assert await sessions.find(session_id, now=NOW + timedelta(hours=24)) is None


async def test_being_seen_is_noted_once_a_minute(sessions: Sessions) -> None:
    session_id, _ = await sessions.start("p1", now=NOW)

    await sessions.find(session_id, now=NOW + timedelta(seconds=59))
    soon = await sessions.of_person("p1", now=NOW)
    await sessions.find(session_id, now=NOW + timedelta(seconds=61))
    later = await sessions.of_person("p1", now=NOW)

    assert soon[0].seen_at == NOW
    assert later[0].seen_at == NOW + timedelta(seconds=61)


async def test_an_ended_session_is_gone_and_does_not_come_back(sessions: Sessions) -> None:
    session_id, started = await sessions.start("p1", now=NOW)
    other_id, _ = await sessions.start("p1", now=NOW)

    ended = [await sessions.end(started.key), await sessions.end(started.key)]

    assert ended == [True, False]
    assert await sessions.find(session_id, now=NOW + timedelta(minutes=5)) is None
    assert await sessions.find(other_id, now=NOW + timedelta(minutes=5)) is not None
    assert len(await sessions.of_person("p1", now=NOW)) == 1


async def test_all_others_end_and_nobody_else_s(sessions: Sessions) -> None:
    mine, kept = await sessions.start("p1", now=NOW)
    for _ in range(3):
        await sessions.start("p1", now=NOW)
    others, _ = await sessions.start("p2", now=NOW)

    ended = await sessions.end_all("p1", but=kept.key)
    then_all = await sessions.end_all("p1")

    assert (ended, then_all) == (3, 1)
    assert await sessions.find(mine, now=NOW) is None
    assert await sessions.find(others, now=NOW) is not None


async def test_the_list_has_the_last_seen_first(sessions: Sessions) -> None:
    first, _ = await sessions.start("p1", now=NOW, agent="first")
    await sessions.start("p1", now=NOW + timedelta(minutes=1), agent="second")
    await sessions.find(first, now=NOW + timedelta(minutes=10))

    listed = await sessions.of_person("p1", now=NOW + timedelta(minutes=10))

    assert [session.agent for session in listed] == ["first", "second"]


async def test_one_too_many_ends_the_one_unused_for_longest(sessions: Sessions) -> None:
    ids = [(await sessions.start("p1", now=NOW + timedelta(seconds=n)))[0] for n in range(MOST + 2)]
    now = NOW + timedelta(minutes=2)

    alive = [await sessions.find(one, now=now) is not None for one in ids]

    assert alive == [False, False] + [True] * MOST
    assert len(await sessions.of_person("p1", now=now)) == MOST


async def test_sessions_begun_at_once_are_all_listed(sessions: Sessions) -> None:
    ids = await asyncio.gather(*(sessions.start("p1", now=NOW) for _ in range(12)))

    listed = await sessions.of_person("p1", now=NOW)

    assert {session.key for session in listed} == {session.key for _, session in ids}


async def test_a_probe_s_session_ends_by_itself(sessions: Sessions) -> None:
    session_id, session = await sessions.start("probe:1", now=NOW, ttl_s=30)

    assert await sessions.find(session_id, now=NOW + timedelta(seconds=29)) is not None
    assert await sessions.find(session_id, now=NOW + timedelta(seconds=30)) is None
    assert session.expires_at == NOW + timedelta(seconds=30)


async def test_what_a_browser_says_of_itself_is_kept_short_and_plain(sessions: Sessions) -> None:
    session_id, _ = await sessions.start("p1", now=NOW, address="x" * 900, agent="a\x00\x1b" * 900)

    found = await sessions.find(session_id, now=NOW)

    assert found is not None
    assert found.agent == "a" * 200
    assert len(found.address) == 64


async def test_it_says_how_far_it_reaches_and_lives(sessions: Sessions) -> None:
    await sessions.ping()

    assert isinstance(sessions.scope, Scope)
    assert sessions.name in {"memory", "database", "redis"}


async def test_rows_that_have_ended_are_deleted(new_database: Callable[[str], str]) -> None:
    from sqlalchemy import text

    database = open_database(new_database("sqlite"))
    sessions = SqlSessions(database, LIFETIMES)
    for person in range(5):
        await sessions.start(f"p{person}", now=NOW)

    await sessions.start("p9", now=NOW + timedelta(days=2))
    async with database.reading() as session:
        kept = await session.scalar(text("select count(*) from sessions"))
    await database.close()

    assert kept == 1


class _Away:
    """A store that does not answer."""

    name = "redis"
    scope = Scope.FLEET

    def __getattr__(self, _name: str) -> Callable[..., Awaitable[Any]]:
        async def away(*_args: object, **_options: object) -> None:
            raise StoreAway("redis://127.0.0.1:1")

        return away


async def test_a_store_that_is_away_lets_nobody_in() -> None:
    sessions = StoreSessions(_Away(), LIFETIMES)

    for asked in (
        sessions.find("x", now=NOW),
        sessions.start("p1", now=NOW),
        sessions.end("x"),
        sessions.of_person("p1", now=NOW),
        sessions.end_all("p1"),
        sessions.ping(),
    ):
        with pytest.raises(SessionsAway):
            await asked


async def test_a_database_that_is_away_lets_nobody_in(unused_port: int) -> None:
    database = open_database(f"postgresql://a:b@127.0.0.1:{unused_port}/c")
    sessions = SqlSessions(database, LIFETIMES)

    for asked in (sessions.find("x", now=NOW), sessions.start("p1", now=NOW), sessions.ping()):
        with pytest.raises(SessionsAway):
            await asked
    await database.close()


async def test_nothing_of_the_id_is_in_the_store() -> None:
    store = MemoryStore()
    session_id, _ = await StoreSessions(store, LIFETIMES).start("p1", now=NOW)

    kept = json.dumps({key: str(entry.value) for key, entry in store._entries.items()})

    assert session_id not in kept
    assert key_of(session_id) in kept
