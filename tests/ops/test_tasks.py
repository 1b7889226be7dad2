"""Periodic tasks run once per fleet, go on elsewhere when a process dies, and are seen when they fail."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import pairwise

import pytest

from app.infra.db import Database, open_database
from app.ops.repository import TaskRows, TaskState
from app.ops.tasks import Tasks, list_tasks

CLAIM_S = 0.9


@asynccontextmanager
async def instances(
    database: Database, count: int, add: Callable[[Tasks, int], None]
) -> AsyncIterator[list[Tasks]]:
    """So many instances that run the same tasks."""
    async with AsyncExitStack() as stack:
        found: list[Tasks] = []
        for n in range(count):
            opened = open_database(database.url)
            stack.push_async_callback(opened.close)
            tasks = Tasks(opened, f"instance-{n}", claim_s=CLAIM_S)
            add(tasks, n)
            await stack.enter_async_context(tasks.running())
            found.append(tasks)
        yield found


async def state_of(database: Database, name: str) -> TaskState:
    return next(task for task in await list_tasks(database) if task.name == name)


async def wait_for(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


async def test_of_several_instances_one_runs_a_task_at_a_time(database: Database) -> None:
    began: list[tuple[float, int]] = []
    running = most = 0

    def add(tasks: Tasks, n: int) -> None:
        async def work() -> str:
            nonlocal running, most
            began.append((time.monotonic(), n))
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.1)
            running -= 1
            return f"run {len(began)}"

        tasks.every(0.5, "work", work)

    async with instances(database, 3, add):
        await wait_for(lambda: len(began) >= 4)
        state = await state_of(database, "work")
        # A run is over in the database a moment after it is in the process, and the next one soon begins.
        while running or (state.run, state.running_on) != (len(began), None):
            await asyncio.sleep(0.02)
            state = await state_of(database, "work")

    times = [at for at, _ in began]
    assert most == 1
    assert all(later - earlier > 0.5 for earlier, later in pairwise(times))
    assert (state.run, state.failures, state.running_on) == (len(began), 0, None)
    assert state.result == f"run {len(began)}"
    assert state.ended_at is not None
    assert 0.4 < (state.due_at - state.ended_at).total_seconds() < 0.6


async def test_the_claim_of_one_that_died_in_the_middle_ends_by_itself(database: Database) -> None:
    ran: list[float] = []

    def add(tasks: Tasks, n: int) -> None:
        async def work() -> str:
            ran.append(time.monotonic())
            return "done"

        tasks.every(60, "work", work)

    async with database.unit() as session:
        rows = TaskRows(session, database)
        await rows.declare({"work": 60.0})
        dead = await rows.claim("work", "killed", for_s=CLAIM_S)
    began = time.monotonic()
    async with instances(database, 2, add):
        await wait_for(lambda: bool(ran))
        async with asyncio.timeout(5):
            while (await state_of(database, "work")).result != "done":
                await asyncio.sleep(0.02)
        async with database.unit() as session:
            zombie = await TaskRows(session, database).finish(
                "work", dead or 0, "killed", again_in_s=1, result="late", failed=True
            )

    assert CLAIM_S - 0.2 < ran[0] - began < CLAIM_S + 3
    assert zombie is False
    assert len(ran) == 1
    assert (await state_of(database, "work")).result == "done"


async def test_a_task_that_takes_longer_than_its_claim_keeps_it(database: Database) -> None:
    began: list[int] = []

    def add(tasks: Tasks, n: int) -> None:
        async def work() -> str:
            began.append(n)
            await asyncio.sleep(3 * CLAIM_S)
            return "done"

        tasks.every(60, "work", work)

    async with instances(database, 2, add):
        await wait_for(lambda: bool(began))
        await asyncio.sleep(2 * CLAIM_S)
        during = await state_of(database, "work")
        async with asyncio.timeout(10):
            while (await state_of(database, "work")).result != "done":
                await asyncio.sleep(0.05)

    assert during.running_on == f"instance-{began[0]}"
    assert len(began) == 1


async def test_who_has_lost_the_claim_stops(database: Database) -> None:
    cut: list[str] = []

    def add(tasks: Tasks, n: int) -> None:
        async def work() -> str:
            try:
                await asyncio.sleep(30)
            except asyncio.CancelledError:
                cut.append("cut")
                raise
            return "done"

        tasks.every(60, "work", work)

    async with instances(database, 1, add):
        async with asyncio.timeout(10):
            while not (await state_of(database, "work")).running_on:
                await asyncio.sleep(0.02)
        async with database.unit() as session:
            await TaskRows(session, database).give_back("work", 1)  # as when its claim had ended
            assert await TaskRows(session, database).claim("work", "other", for_s=60) == 2
        await wait_for(lambda: bool(cut))

    state = await state_of(database, "work")
    assert (state.running_on, state.run, state.result) == ("other", 2, "")


async def test_a_task_that_fails_is_seen_tried_again_and_takes_nothing_down(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ops.tasks._BACK_OFF_S", 0.1)
    tried = 0
    healthy = 0

    def add(tasks: Tasks, n: int) -> None:
        async def work() -> str:
            nonlocal tried
            tried += 1
            if tried < 3:
                raise ValueError("the shelf is empty\nand more")
            return "done"

        async def other() -> str:
            nonlocal healthy
            healthy += 1
            return ""

        tasks.every(3600, "work", work)
        tasks.every(0.2, "other", other)

    async with instances(database, 1, add):
        await wait_for(lambda: tried >= 1)
        async with asyncio.timeout(5):
            while not (failed := await state_of(database, "work")).failures:
                await asyncio.sleep(0.01)
        async with asyncio.timeout(10):
            while (after := await state_of(database, "work")).result != "done":
                await asyncio.sleep(0.02)

    assert failed.result == "ValueError: the shelf is empty"
    assert failed.ended_at is not None
    assert (failed.due_at - failed.ended_at).total_seconds() < 1
    assert (tried, after.failures) == (3, 0)
    assert healthy >= 2


async def test_one_that_stops_gives_its_task_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ops.tasks._DRAIN_S", 0.1)

    def add(tasks: Tasks, n: int) -> None:
        async def work() -> str:
            await asyncio.sleep(30)
            return "done"

        tasks.every(60, "work", work)

    async with instances(database, 1, add) as [tasks]:
        async with asyncio.timeout(10):
            while not (await state_of(database, "work")).running_on:
                await asyncio.sleep(0.02)
        await tasks.stop()
        async with database.unit() as session:
            again = await TaskRows(session, database).claim("work", "next", for_s=1)

    assert again == 2


async def test_a_database_that_was_away_stops_nothing_for_good(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ops.tasks._AGAIN_S", 0.1)
    ran = 0
    waits = TaskRows.waits
    away = True

    async def failing(self: TaskRows, names: list[str]) -> dict[str, float]:
        if away:
            raise OSError("the server closed the connection")
        return await waits(self, names)

    def add(tasks: Tasks, n: int) -> None:
        async def work() -> str:
            nonlocal ran
            ran += 1
            return "done"

        tasks.every(60, "work", work)

    monkeypatch.setattr(TaskRows, "waits", failing)
    async with instances(database, 1, add):
        await asyncio.sleep(0.5)
        assert ran == 0
        away = False
        await wait_for(lambda: ran == 1)
