"""Watchers of jobs share one reader, hear of each event once, and lose none when messages are lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime

import pytest

from app.generation.jobs import Event, JobState, Request
from app.generation.repository import Jobs
from app.generation.streaming import event_stream
from app.generation.watching import Watching
from app.infra.db import Database, open_database
from app.infra.pubsub import Gap, MemoryPubSub, Message, open_pubsub
from app.kit.errors import NotFound
from app.kit.ids import uuid7

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


class Deaf:
    """A channel that carries nothing, as one whose server is away."""

    name = "deaf"
    scope = MemoryPubSub.scope

    async def publish(self, channel: str, body: bytes) -> None:
        del channel, body
        raise OSError("away")

    @asynccontextmanager
    async def subscribe(self, *channels: str) -> AsyncIterator[AsyncIterator[Message | Gap]]:
        del channels
        raise OSError("away")
        yield

    async def close(self) -> None:
        pass


async def a_job(database: Database) -> str:
    job_id = str(uuid7())
    request = Request(keyword="watching", language="en", model="composer", sources=())
    async with database.unit() as session:
        await Jobs(session).add(job_id, request, now=NOW)
    return job_id


async def tell(database: Database, job_id: str, n: int) -> None:
    async with database.unit() as session:
        await Jobs(session).record(job_id, step="draft", kind="progress", n=n, now=NOW)


async def end(database: Database, job_id: str, *, told: bool = True) -> None:
    async with database.unit() as session:
        jobs = Jobs(session)
        await jobs.set_state(job_id, JobState.SUCCEEDED, now=NOW)
        await jobs.record(job_id, step="job", kind="succeeded", now=NOW)
    if told:
        async with database.unit() as session:
            await Jobs(session).record(job_id, step="save", kind="finished", now=NOW)


async def followed(watching: Watching, job_id: str, after: int = 0) -> list[int]:
    return [event.seq async for event in watching.watch(job_id, after=after) if event]


async def test_many_watchers_hear_each_event_once_from_one_reader(database: Database) -> None:
    job_id = await a_job(database)
    watching = Watching(database, MemoryPubSub())
    async with watching.running():
        followers = [asyncio.create_task(followed(watching, job_id)) for _ in range(50)]
        late = asyncio.create_task(followed(watching, job_id, after=3))
        for n in range(8):
            await tell(database, job_id, n)
            await asyncio.sleep(0.02)
        await end(database, job_id)
        async with asyncio.timeout(20):
            heard = await asyncio.gather(*followers)
            tail = await late

    assert heard == [list(range(1, 12))] * 50
    assert tail == list(range(4, 12))
    assert watching.looks < 40  # fifty that look by themselves ask fifty times an event


async def test_a_commit_wakes_watchers_long_before_the_next_look(database: Database) -> None:
    job_id = await a_job(database)
    watching = Watching(database, MemoryPubSub())
    loop = asyncio.get_running_loop()
    lags: list[float] = []
    async with (
        watching.running(),
        asyncio.timeout(20),
        aclosing(watching.watch(job_id)) as events,
    ):
        assert await anext(events)
        for n in range(6):
            await tell(database, job_id, n)
            told = loop.time()
            event = await anext(events)
            lags.append(loop.time() - told)
            assert event is not None
            assert event.n == n

    assert sorted(lags)[3] < 0.3


async def test_another_instance_is_woken_over_the_channel(database: Database) -> None:
    job_id = await a_job(database)
    url = database.url
    other = open_database(url)
    first = open_pubsub("", url)
    second = first if database.is_sqlite else open_pubsub("", url)
    here, there = Watching(database, first), Watching(other, second)
    loop = asyncio.get_running_loop()
    lags: list[float] = []
    async with (
        here.running(),
        there.running(),
        asyncio.timeout(30),
        aclosing(there.watch(job_id)) as events,
    ):
        assert await anext(events)
        await asyncio.sleep(0.5)  # the subscriptions hold
        for n in range(6):
            await tell(database, job_id, n)
            told = loop.time()
            event = await anext(events)
            lags.append(loop.time() - told)
            assert event is not None
            assert event.n == n
    await first.close()
    await second.close()
    await other.close()

    assert sorted(lags)[3] < 0.4


async def test_events_only_come_late_when_no_message_comes(database: Database) -> None:
    job_id = await a_job(database)
    elsewhere = open_database(database.url)
    watching = Watching(database, Deaf())
    async with watching.running():
        follower = asyncio.create_task(followed(watching, job_id))
        await asyncio.sleep(0.2)
        for n in range(3):
            await tell(elsewhere, job_id, n)  # a process that tells nobody
        await end(elsewhere, job_id)
        async with asyncio.timeout(20):
            heard = await follower
        await tell(database, job_id, 9)  # and its own commits are not held up by the channel either
    await elsewhere.close()

    assert heard == [1, 2, 3, 4, 5, 6]


async def test_the_event_after_the_end_is_waited_for(database: Database) -> None:
    job_id = await a_job(database)
    watching = Watching(database, MemoryPubSub())
    async with watching.running():
        follower = asyncio.create_task(followed(watching, job_id))
        await end(database, job_id, told=False)
        await asyncio.sleep(0.3)
        async with database.unit() as session:
            await Jobs(session).record(job_id, step="save", kind="finished", now=NOW)
        async with asyncio.timeout(10):
            assert await follower == [1, 2, 3]


async def test_who_comes_between_the_end_and_the_last_event_takes_it_from_nobody(
    database: Database,
) -> None:
    job_id = await a_job(database)
    watching = Watching(database, MemoryPubSub())
    async with watching.running():
        first = asyncio.create_task(followed(watching, job_id))
        await end(database, job_id, told=False)
        await asyncio.sleep(0.2)
        second = asyncio.create_task(followed(watching, job_id, after=2))
        await asyncio.sleep(0.2)
        async with database.unit() as session:
            await Jobs(session).record(job_id, step="save", kind="finished", now=NOW)
        async with asyncio.timeout(10):
            assert await first == [1, 2, 3]
            assert await second == [3]


async def test_a_last_event_that_never_comes_is_not_waited_for_long(database: Database) -> None:
    job_id = await a_job(database)
    watching = Watching(database, MemoryPubSub())
    await end(database, job_id, told=False)
    async with watching.running(), asyncio.timeout(8):
        assert await followed(watching, job_id) == [1, 2]
        assert await followed(watching, job_id, after=2) == []


async def test_a_database_that_goes_away_ends_no_stream(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = await a_job(database)
    watching = Watching(database, MemoryPubSub())
    heads = Jobs.heads
    away = True

    async def failing(self: Jobs, job_ids: list[str]) -> object:
        if away:
            raise OSError("the server closed the connection")
        return await heads(self, job_ids)

    monkeypatch.setattr(Jobs, "heads", failing)
    async with watching.running():
        follower = asyncio.create_task(followed(watching, job_id))
        await asyncio.sleep(0.2)
        await end(database, job_id)
        away = False
        async with asyncio.timeout(20):
            assert await follower == [1, 2, 3]


async def test_who_has_gone_costs_nothing_and_who_is_quiet_is_told_so(database: Database) -> None:
    job_id = await a_job(database)
    watching = Watching(database, MemoryPubSub())
    async with watching.running():
        gone: list[Event | None] = []
        async with aclosing(watching.watch(job_id, after=1, quiet_s=0.05)) as events:
            gone.append(await anext(events))
        async with asyncio.timeout(10):
            while watching._reading is not None and not watching._reading.done():
                await asyncio.sleep(0.05)
        looked = watching.looks
        await tell(database, job_id, 1)
        await asyncio.sleep(1.2)

        assert gone == [None]
        assert watching.looks == looked


async def test_a_job_that_is_taken_away_ends_its_streams(database: Database) -> None:
    job_id = await a_job(database)
    watching = Watching(database, MemoryPubSub())
    async with watching.running():
        follower = asyncio.create_task(followed(watching, job_id))
        await asyncio.sleep(0.2)
        async with database.unit() as session:
            await Jobs(session).remove(job_id)
        async with asyncio.timeout(10):
            with pytest.raises(NotFound):
                await follower


async def test_a_stream_says_when_to_come_back_and_numbers_its_events(database: Database) -> None:
    job_id = await a_job(database)
    await end(database, job_id)
    watching = Watching(database, MemoryPubSub())

    told = [block async for block in event_stream(watching, job_id, 1)]

    assert told[0].startswith("retry: ")
    assert [block.splitlines()[0] for block in told[1:]] == ["id: 2", "id: 3"]
    assert all(block.endswith("\n\n") for block in told)
