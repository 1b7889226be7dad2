"""What we rely on the workflow engine for, on SQLite and on PostgreSQL: its exact pin is held by these."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import text

from app.infra.db import Database
from app.infra.durable import Engine, Enqueuer

WORKFLOW = "two_steps"


class Work:
    """A workflow of two steps, the second of which waits until it is let go."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.waits = asyncio.Event()
        self.go_on = asyncio.Event()
        self.engine: Engine | None = None

    async def first(self, name: str) -> dict[str, Any]:
        self.begun.append("first")
        return {"name": name, "말": "값"}

    async def second(self, _before: dict[str, Any]) -> dict[str, Any]:
        self.begun.append("second")
        self.waits.set()
        await self.go_on.wait()
        return {"done": True}

    async def workflow(self, name: str) -> dict[str, Any]:
        assert self.engine is not None
        before = await self.engine.step("first", self.first, name)
        return await self.engine.step("second", self.second, before)


@asynccontextmanager
async def launched(
    url: str, work: Work, executor_id: str, *, abandon: bool = False, **more: Any
) -> AsyncIterator[Engine]:
    engine = Engine(
        url,
        executor_id=executor_id,
        concurrency=4,
        paid_concurrency=2,
        poll_s=0.05,
        max_attempts=3,
        **more,
    )
    work.engine = engine

    async def two_steps(name: str) -> dict[str, Any]:
        return await work.workflow(name)

    engine.register(WORKFLOW, two_steps)
    await engine.launch()
    try:
        yield engine
    finally:
        work.go_on.set()
        await engine.close(abandon=abandon)


@pytest.fixture
async def enqueuer(database: Database) -> AsyncIterator[Enqueuer]:
    opened = Enqueuer(database.url)
    yield opened
    opened.close()


async def enqueue(database: Database, enqueuer: Enqueuer, workflow_id: str) -> None:
    async with database.unit() as session:
        await enqueuer.enqueue(session, WORKFLOW, workflow_id, workflow_id=workflow_id)


async def until(question: Callable[[], Any], wanted: object) -> None:
    for _ in range(400):
        if await question() == wanted:
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"it was never {wanted}, but {await question()}")


async def test_a_rolled_back_acceptance_leaves_no_workflow(
    database: Database, enqueuer: Enqueuer
) -> None:
    async def fail_late() -> None:
        async with database.unit() as session:
            await enqueuer.enqueue(session, WORKFLOW, "w1", workflow_id="w1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_late()

    assert await enqueuer.status("w1") is None


async def test_one_id_is_one_workflow_however_often_it_is_enqueued(
    database: Database, enqueuer: Enqueuer
) -> None:
    work = Work()
    work.go_on.set()
    for _ in range(3):
        await enqueue(database, enqueuer, "w1")

    async with launched(database.url, work, "a"):
        await until(lambda: enqueuer.status("w1"), "SUCCESS")

    assert work.begun == ["first", "second"]


async def begun_and_not_ended(database: Database, enqueuer: Enqueuer, *, hand_over: bool) -> None:
    """Drain an executor within the first step of `w1`."""
    first = Work()
    held = asyncio.Event()

    async def slow_first(name: str) -> dict[str, Any]:
        first.begun.append("first")
        held.set()
        await asyncio.sleep(0.5)
        return {"name": name}

    first.first = slow_first
    await enqueue(database, enqueuer, "w1")
    async with launched(database.url, first, "stopping") as engine:
        if not hand_over:
            engine._hand_over = lambda: None  # as if it died before it came to that
        await held.wait()
    assert first.begun == ["first"]


async def test_draining_lets_the_running_step_end_and_hands_the_rest_over(
    database: Database, enqueuer: Enqueuer
) -> None:
    other = Work()
    other.go_on.set()

    await begun_and_not_ended(database, enqueuer, hand_over=True)

    assert await enqueuer.status("w1") == "ENQUEUED"
    async with launched(database.url, other, "next"):
        await until(lambda: enqueuer.status("w1"), "SUCCESS")
    assert other.begun == ["second"]


async def test_what_a_dead_executor_had_begun_is_recovered_from_its_last_step(
    database: Database, enqueuer: Enqueuer
) -> None:
    other = Work()
    other.go_on.set()

    await begun_and_not_ended(database, enqueuer, hand_over=False)

    assert await enqueuer.status("w1") == "PENDING"
    async with launched(database.url, other, "next") as engine:
        assert await engine.owners() == {"stopping"}
        assert await engine.recover({"nobody"}) == 0
        assert await enqueuer.status("w1") == "PENDING"
        assert await engine.recover({"stopping"}) == 1
        await until(lambda: enqueuer.status("w1"), "SUCCESS")
    assert other.begun == ["second"]


async def test_what_runs_nowhere_is_put_back_by_its_owner_and_by_nobody_else(
    database: Database, enqueuer: Enqueuer
) -> None:
    await begun_and_not_ended(database, enqueuer, hand_over=False)
    other = Work()
    other.go_on.set()

    async with launched(database.url, other, "next") as engine:
        assert not await asyncio.to_thread(engine.put_back, "w1")
        assert await enqueuer.status("w1") == "PENDING"
        engine.executor_id = "stopping"
        assert await asyncio.to_thread(engine.put_back, "w1")
        await until(lambda: enqueuer.status("w1"), "SUCCESS")


async def test_an_executor_that_is_dead_begins_no_step_and_leaves_it_to_others(
    database: Database, enqueuer: Enqueuer
) -> None:
    dead, other = Work(), Work()
    other.go_on.set()
    asked = asyncio.Event()

    async def may_not() -> bool:
        asked.set()
        return False

    await enqueue(database, enqueuer, "w1")
    async with launched(database.url, dead, "dead", may_run=may_not, abandon=True) as engine:
        await asyncio.wait_for(asked.wait(), 20)
        await until(lambda: asyncio.to_thread(lambda: len(engine.all_running())), 0)
        assert await enqueuer.status("w1") == "PENDING"

    assert await enqueuer.status("w1") == "PENDING", "it handed over what others have"
    async with launched(database.url, other, "next") as engine:
        assert await engine.recover({"dead"}) == 1
        await until(lambda: enqueuer.status("w1"), "SUCCESS")
    assert dead.begun == []
    assert other.begun == ["first", "second"]


async def test_a_cancelled_workflow_is_resumed_from_its_last_kept_step(
    database: Database, enqueuer: Enqueuer
) -> None:
    work = Work()
    await enqueue(database, enqueuer, "w1")

    async with launched(database.url, work, "a"):
        await work.waits.wait()
        await enqueuer.cancel("w1")
        await until(lambda: enqueuer.status("w1"), "CANCELLED")
        work.go_on.set()
        async with database.unit() as session:
            await enqueuer.workflows.requeue(session, ["w1"])
        await until(lambda: enqueuer.status("w1"), "SUCCESS")

    assert work.begun.count("first") == 1


async def test_what_steps_give_is_kept_as_json_that_others_can_read(
    database: Database, enqueuer: Enqueuer
) -> None:
    work = Work()
    work.go_on.set()
    await enqueue(database, enqueuer, "w1")

    async with launched(database.url, work, "a"):
        await until(lambda: enqueuer.status("w1"), "SUCCESS")

    table = "operation_outputs" if database.is_sqlite else "dbos.operation_outputs"
    async with database.reading() as session:
        kept = await session.scalar(
            text(f"select output from {table} where function_name = 'first'")
        )
    assert "값" in json.dumps(json.loads(kept), ensure_ascii=False)


@asynccontextmanager
async def sleeping(url: str, executor_id: str, seconds: float) -> AsyncIterator[Engine]:
    """An engine whose workflow asks for a moment, sleeps until it and says when it woke."""
    engine = Engine(
        url, executor_id=executor_id, concurrency=4, paid_concurrency=2, poll_s=0.05, max_attempts=3
    )

    async def moment() -> dict[str, Any]:
        return {"until": time.time() + seconds}

    async def woken() -> dict[str, Any]:
        return {"at": time.time()}

    async def sleeps(_name: str) -> dict[str, Any]:
        asked = await engine.step("moment", moment)
        await engine.sleep("sleep", asked["until"])
        return await engine.step("woken", woken)

    engine.register(WORKFLOW, sleeps)
    await engine.launch()
    try:
        yield engine
    finally:
        await engine.close()


async def kept(database: Database, step: str) -> dict[str, float]:
    table = "operation_outputs" if database.is_sqlite else "dbos.operation_outputs"
    async with database.reading() as session:
        found = await session.scalar(
            text(f"select output from {table} where function_name = :step"), {"step": step}
        )
    return json.loads(found)


async def overslept(database: Database) -> float:
    """How long after its moment it woke, seconds."""
    moment = await kept(database, "moment")
    return (await kept(database, "woken"))["at"] - moment["until"]


async def test_a_workflow_sleeps_until_its_moment(database: Database, enqueuer: Enqueuer) -> None:
    await enqueue(database, enqueuer, "w1")

    async with sleeping(database.url, "a", 1.0):
        await until(lambda: enqueuer.status("w1"), "SUCCESS")

    assert 0 <= await overslept(database) < 5.0


async def test_a_drain_does_not_wait_for_a_sleeper_and_another_sleeps_the_rest(
    database: Database, enqueuer: Enqueuer
) -> None:
    await enqueue(database, enqueuer, "w1")

    async with sleeping(database.url, "a", 6.0) as engine:
        while not engine.running:
            await asyncio.sleep(0.05)
        asleep = time.monotonic()
        await asyncio.sleep(0.3)
    assert time.monotonic() - asleep < 6.0
    assert await enqueuer.status("w1") == "ENQUEUED"

    # The other one would say another moment: what counts is the one that was kept.
    async with sleeping(database.url, "b", 600):
        await until(lambda: enqueuer.status("w1"), "SUCCESS")
    assert 0 <= await overslept(database) < 5.0


async def test_a_sleeper_that_is_cancelled_wakes_within_two_seconds(
    database: Database, enqueuer: Enqueuer
) -> None:
    await enqueue(database, enqueuer, "w1")

    async with sleeping(database.url, "a", 600) as engine:
        while not engine.running:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)
        await enqueuer.cancel("w1")
        cancelled = time.monotonic()
        while engine.running:
            await asyncio.sleep(0.05)

    assert time.monotonic() - cancelled < 20  # it looks each second; the rest is for a busy machine
    assert await enqueuer.status("w1") == "CANCELLED"
