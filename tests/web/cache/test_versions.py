"""The copy of the tag versions that each process holds, on real databases."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.infra.db import Database
from app.infra.pubsub import GAP, Gap, MemoryPubSub, Message
from app.infra.tags import bump_tags, database_identity
from app.web.cache import Versions
from app.web.cache import versions as timing
from tests.web.cache.caching import an_instance, until


class DeafPubSub(MemoryPubSub):
    """Messages are lost."""

    async def publish(self, channel: str, body: bytes) -> None:
        pass


async def test_versions_rise_in_the_order_of_commits(database: Database) -> None:
    async def one(n: int) -> None:
        async with database.unit() as session:
            seen.append(await bump_tags(session, [f"t{n}"]))

    seen: list[int] = []
    await asyncio.gather(*(one(n) for n in range(8)))

    assert seen == sorted(seen)
    assert len(set(seen)) == 8


async def test_a_bump_that_is_rolled_back_never_was(database: Database) -> None:
    async def bump_and_fail() -> None:
        async with database.unit() as session:
            await bump_tags(session, ["a"])
            raise RuntimeError

    versions = Versions(database, MemoryPubSub())
    async with versions.running():
        before = versions.clock
        with pytest.raises(RuntimeError):
            await bump_and_fail()

        async with database.unit() as session:
            after = await bump_tags(session, ["b"])

    assert after == before + 1


async def test_a_change_is_known_elsewhere_by_a_message(database_url: str) -> None:
    pubsub = MemoryPubSub()
    async with (
        an_instance(database_url, pubsub=pubsub) as a,
        an_instance(database_url, pubsub=pubsub) as b,
    ):
        built = b.versions.clock
        await a.bump("post:1")

        await until(lambda: not b.versions.unmoved(built, ("post:1",)))
        assert b.versions.unmoved(built, ("post:2",))


async def test_a_lost_message_is_only_a_late_one(database_url: str) -> None:
    async with (
        an_instance(database_url, pubsub=DeafPubSub()) as a,
        an_instance(database_url, pubsub=DeafPubSub()) as b,
    ):
        await b.read("k", "post:1", value=b"old")
        await a.bump("post:1")
        bumped = time.monotonic()

        while await b.read("k", "post:1", value=b"new") == b"old":
            # Once it is trusted no longer it is asked for first: never shown later than that.
            assert time.monotonic() < bumped + 1.0
            await asyncio.sleep(0.01)


async def test_a_message_after_a_lost_one_makes_the_rows_be_read(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "_EVERY_S", 3600)
    deaf, heard = DeafPubSub(), MemoryPubSub()
    async with (
        an_instance(database_url, pubsub=deaf) as unheard,
        an_instance(database_url, pubsub=heard) as a,
        an_instance(database_url, pubsub=heard) as b,
    ):
        built = b.versions.clock
        await unheard.bump("post:1")
        await a.bump("post:2")

        await until(lambda: not b.versions.unmoved(built, ("post:1",)))
        assert not b.versions.unmoved(built, ("post:2",))


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b'"x"', b"[null]", b'["x"]', b"\xff", b"[1, {}]"]
)
async def test_a_message_that_is_none_changes_nothing(database_url: str, body: bytes) -> None:
    pubsub = MemoryPubSub()
    async with an_instance(database_url, pubsub=pubsub) as a:
        await pubsub.publish(timing.CHANNEL, body)
        await a.bump("post:1")

        assert await a.read("k", "post:1") == b"new"


class Broken(MemoryPubSub):
    """Hands out what it is told to, such as a gap."""

    def __init__(self) -> None:
        super().__init__()
        self.items: asyncio.Queue[Message | Gap] = asyncio.Queue()

    @asynccontextmanager
    async def subscribe(self, *_channels: str) -> AsyncIterator[Any]:
        async def items() -> AsyncIterator[Message | Gap]:
            while True:
                yield await self.items.get()

        yield items()


async def test_after_a_gap_the_first_level_is_looked_up_anew(database_url: str) -> None:
    pubsub = Broken()
    async with an_instance(database_url, pubsub=pubsub) as a:
        await a.read("k", "post:1", value=b"1")
        pubsub.items.put_nowait(GAP)
        await until(lambda: a.versions.era == 1)

        await a.read("k", "post:1", value=b"2")

        await until(lambda: a.built == ["k", "k"])


async def test_a_database_knows_itself_and_two_are_two(
    new_database: Callable[[str], str],
) -> None:
    url = new_database("sqlite")
    async with (
        an_instance(url) as a,
        an_instance(url) as b,
        an_instance(new_database("sqlite")) as c,
    ):
        assert a.versions.identity == b.versions.identity
        assert c.versions.identity != a.versions.identity


async def test_eight_that_start_at_once_agree_on_the_identity(database: Database) -> None:
    async def one() -> str:
        async with database.unit() as session:
            return await database_identity(session)

    assert len(set(await asyncio.gather(*(one() for _ in range(8))))) == 1
