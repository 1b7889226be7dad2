"""How workflows are stopped, held, forked and shared out: what we rely on the engine and its tables for."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from app.infra.db import Database
from app.infra.durable import WORK_QUEUE, Engine, Enqueuer, migrate_engine
from tests.infra.durable.test_engine import (
    WORKFLOW,
    Work,
    begun_and_not_ended,
    enqueue,
    launched,
    until,
)

LONGEST_START_S = 15.0
"""Within this the first step of somebody's only job begins, whatever others have queued."""

LONGEST_STOP_S = 8.0


@pytest.fixture
async def enqueuer(database: Database) -> AsyncIterator[Enqueuer]:
    await migrate_engine(database.url)
    opened = Enqueuer(database.url)
    yield opened
    opened.close()


async def row(database: Database, enqueuer: Enqueuer, workflow_id: str) -> Any:
    """The engine's row of a workflow."""
    table = enqueuer.workflows.table
    async with database.reading() as session:
        found = await session.execute(sa.select(table).where(table.c.workflow_uuid == workflow_id))
        return found.one()


async def enqueue_as(
    database: Database, enqueuer: Enqueuer, workflow_id: str, partition: str, priority: int = 100
) -> None:
    async with database.unit() as session:
        await enqueuer.enqueue(
            session,
            WORKFLOW,
            workflow_id,
            workflow_id=workflow_id,
            partition=partition,
            priority=priority,
        )


async def stays(question: Any, wanted: object, seconds: float = 0.6) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert await question() == wanted
        await asyncio.sleep(0.05)


async def test_a_cancelled_step_stops_within_two_seconds(
    database: Database, enqueuer: Enqueuer
) -> None:
    work = Work()
    stopped = asyncio.Event()

    async def endless(_before: dict[str, Any]) -> dict[str, Any]:
        work.waits.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            stopped.set()
            raise
        return {}

    work.second = endless
    await enqueue(database, enqueuer, "w1")
    async with launched(database.url, work, "a"):
        await work.waits.wait()
        async with database.unit() as session:
            await enqueuer.workflows.cancel(session, ["w1"])
        asked = time.monotonic()
        await asyncio.wait_for(stopped.wait(), 10)
        assert time.monotonic() - asked < LONGEST_STOP_S
        assert await enqueuer.status("w1") == "CANCELLED"


async def test_a_rolled_back_cancellation_leaves_the_workflow_as_it_was(
    database: Database, enqueuer: Enqueuer
) -> None:
    await enqueue(database, enqueuer, "w1")

    async def fail_late() -> None:
        async with database.unit() as session:
            await enqueuer.workflows.cancel(session, ["w1"])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_late()

    assert await enqueuer.status("w1") == "ENQUEUED"


async def test_what_is_requeued_keeps_its_partition_and_priority_and_what_runs_is_left_alone(
    database: Database, enqueuer: Enqueuer
) -> None:
    work = Work()
    await enqueue_as(database, enqueuer, "w1", "kim", 50)
    async with database.unit() as session:
        await enqueuer.workflows.cancel(session, ["w1"])
    assert (await row(database, enqueuer, "w1")).queue_name is None

    async with database.unit() as session:
        assert await enqueuer.workflows.requeue(session, ["w1"]) == ["w1"]
        assert await enqueuer.workflows.requeue(session, ["w1"]) == []

    kept = await row(database, enqueuer, "w1")
    assert (kept.status, kept.queue_name) == ("ENQUEUED", WORK_QUEUE)
    assert (kept.queue_partition_key, kept.priority) == ("kim", 50)
    async with launched(database.url, work, "a"):
        await work.waits.wait()
        async with database.unit() as session:
            assert await enqueuer.workflows.requeue(session, ["w1"]) == []
        assert await enqueuer.status("w1") == "PENDING"
        work.go_on.set()
        await until(lambda: enqueuer.status("w1"), "SUCCESS")
    assert work.begun == ["first", "second"]


@pytest.mark.parametrize("hand_over", [True, False])
async def test_recovery_and_handing_over_keep_partition_and_priority_and_only_deaths_are_counted(
    database: Database, enqueuer: Enqueuer, hand_over: bool
) -> None:
    await enqueue_as(database, enqueuer, "w1", "kim", 50)
    table = enqueuer.workflows.table
    async with database.unit() as session:
        await session.execute(sa.update(table).values(recovery_attempts=3))  # as after three deaths
    await begun_and_not_ended(database, enqueuer, hand_over=hand_over)  # finds w1 there already
    async with database.unit() as session:
        await enqueuer.workflows.set_takers(session, WORK_QUEUE, 0)

    async with launched(database.url, Work(), "b") as engine:
        recovered = await engine.recover({"stopping"})
        after = await row(database, enqueuer, "w1")

    assert recovered == (0 if hand_over else 1)
    assert (after.status, after.queue_name) == ("ENQUEUED", WORK_QUEUE)
    assert (after.queue_partition_key, after.priority) == ("kim", 50)
    assert after.recovery_attempts == (1 if hand_over else 4)


async def test_held_workflows_are_not_begun_until_they_are_released(
    database: Database, enqueuer: Enqueuer
) -> None:
    work = Work()
    work.go_on.set()
    await enqueue(database, enqueuer, "w1")
    async with database.unit() as session:
        await enqueuer.enqueue(session, WORKFLOW, "w2", workflow_id="w2", delay_s=3600)
        assert await enqueuer.workflows.hold(session, ["w1", "w2"]) == ["w1"]

    async with launched(database.url, work, "a"):
        await stays(lambda: enqueuer.status("w1"), "DELAYED")
        async with database.unit() as session:
            assert await enqueuer.workflows.release(session, ["w1", "w2"]) == ["w1"]
        await until(lambda: enqueuer.status("w1"), "SUCCESS")
        assert await enqueuer.status("w2") == "DELAYED"


async def test_a_paused_queue_begins_nothing_also_where_an_instance_boots_and_what_runs_goes_on(
    database: Database, enqueuer: Enqueuer
) -> None:
    work = Work()
    await enqueue(database, enqueuer, "w1")

    async with launched(database.url, work, "a"):
        await work.waits.wait()
        async with database.unit() as session:
            await enqueuer.workflows.set_takers(session, WORK_QUEUE, 0)
        await asyncio.sleep(0.3)  # an instance takes for one more poll on what it has read before
        await enqueue(database, enqueuer, "w2")
        await stays(lambda: enqueuer.status("w2"), "ENQUEUED")
        assert await enqueuer.status("w1") == "PENDING"
        work.go_on.set()
        await until(lambda: enqueuer.status("w1"), "SUCCESS")
    again = Work()
    again.go_on.set()
    async with launched(database.url, again, "b"):
        await stays(lambda: enqueuer.status("w2"), "ENQUEUED")
        async with database.unit() as session:
            await enqueuer.workflows.set_takers(session, WORK_QUEUE, 4, of_one=3)
        await until(lambda: enqueuer.status("w2"), "SUCCESS")


async def test_a_fork_takes_finished_steps_over_and_stands_first_in_its_partition(
    database: Database, enqueuer: Enqueuer
) -> None:
    work = Work()
    work.go_on.set()
    await enqueue_as(database, enqueuer, "w1", "kim", 50)
    async with launched(database.url, work, "a"):
        await until(lambda: enqueuer.status("w1"), "SUCCESS")
    steps = await enqueuer.steps("w1")
    assert [(step.id, step.name) for step in steps] == [(1, "first"), (2, "second")]
    assert steps[0].output == {"name": "w1", "말": "값"}

    for _ in range(2):  # the second finds it made already
        await enqueuer.fork("w1", "w1-r2", 2, partition="kim")

    forked = await row(database, enqueuer, "w1-r2")
    assert (forked.status, forked.queue_name) == ("ENQUEUED", WORK_QUEUE)
    assert (forked.queue_partition_key, forked.priority) == ("kim", 0)
    assert [step.name for step in await enqueuer.steps("w1-r2")] == ["first"]
    async with database.unit() as session:
        await enqueuer.workflows.set_priority(session, ["w1-r2"], 50)
    assert (await row(database, enqueuer, "w1-r2")).priority == 50
    again = Work()
    again.go_on.set()
    async with launched(database.url, again, "b"):
        await until(lambda: enqueuer.status("w1-r2"), "SUCCESS")
    assert again.begun == ["second"]


async def test_what_has_no_partition_is_given_one(database: Database, enqueuer: Enqueuer) -> None:
    work = Work()
    work.go_on.set()
    await enqueue(database, enqueuer, "w1")
    table = enqueuer.workflows.table
    async with database.unit() as session:
        await session.execute(sa.update(table).values(queue_partition_key=None))

    async with launched(database.url, work, "a"):
        await stays(lambda: enqueuer.status("w1"), "ENQUEUED")
        async with database.unit() as session:
            assert await enqueuer.workflows.give_partitions(session) == 1
        await until(lambda: enqueuer.status("w1"), "SUCCESS")


class Busy:
    """A workflow whose first step never ends by itself, and says whose it is when it begins."""

    def __init__(self) -> None:
        self.begun: dict[str, float] = {}
        self.engine: Engine | None = None

    async def wait(self, name: str) -> dict[str, Any]:
        self.begun[name] = time.monotonic()
        await asyncio.sleep(600)
        return {}


@asynccontextmanager
async def busy(url: str, work: Busy, executor_id: str) -> AsyncIterator[Engine]:
    engine = Engine(
        url,
        executor_id=executor_id,
        concurrency=5,
        per_person=4,
        paid_concurrency=2,
        poll_s=0.1,
        max_attempts=3,
    )

    async def waiting(name: str) -> dict[str, Any]:
        return await engine.step("wait", work.wait, name)

    engine.register(WORKFLOW, waiting)
    await engine.launch()
    try:
        yield engine
    finally:
        await engine.close()


async def test_500_jobs_of_one_person_do_not_keep_another_person_s_job_from_beginning(
    database: Database, enqueuer: Enqueuer
) -> None:
    work = Busy()
    ids = [f"hog-{n:03}" for n in range(500)]
    for start in range(0, 500, 100):
        async with database.unit() as session:
            for each in ids[start : start + 100]:
                await enqueuer.enqueue(
                    session, WORKFLOW, each, workflow_id=each, partition="hog", priority=50
                )

    async with busy(database.url, work, "a"):
        await until(lambda: asyncio.sleep(0, len(work.begun)), 4)
        await stays(lambda: asyncio.sleep(0, len(work.begun)), 4)
        asked = time.monotonic()
        await enqueue_as(database, enqueuer, "other", "other", 200)
        while "other" not in work.begun:
            assert time.monotonic() - asked < LONGEST_START_S
            await asyncio.sleep(0.02)
        started = work.begun["other"] - asked
        async with database.unit() as session:
            await enqueuer.workflows.cancel(session, [*ids, "other"])

    assert started < LONGEST_START_S
