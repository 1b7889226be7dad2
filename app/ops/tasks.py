"""Periodic tasks, each run once per fleet: whoever claims the row of one that is due runs it.

A claim is held by the database's clock and renewed while the task runs. A process that is killed in the middle
renews nothing, so that another runs the task as soon as the claim has ended; one that was paused for longer
finds its claim gone and stops. A task may therefore be begun twice, and must not mind that.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import structlog

from app.infra.db import Database
from app.ops.repository import TaskRows, TaskState

log = structlog.get_logger()

CLAIM_S = 9.0
"""How long a claim holds without being renewed, seconds; it is renewed three times within that."""

_LONGEST_SLEEP_S = 5.0
"""Another version of the program may have made a task due meanwhile."""

_AGAIN_S = 2.0
"""After the database did not answer."""

_JITTER_S = 0.25
"""Instances look at slightly different times, so that most find a task claimed already."""

_BACK_OFF_S = 5.0
"""A task that failed is tried again after so long, twice as long each time, and no later than its period."""

_DRAIN_S = 10.0
"""How long a task may go on when the process stops; then it is cut off and given back."""

_LONGEST_RESULT = 500
"""Characters."""

Run = Callable[[], Awaitable[str]]
"""Does the work and says in a few words what was done. Raising is a failure; what it says is kept."""


@dataclass(frozen=True, slots=True)
class _Task:
    name: str
    every_s: float
    run: Run


class Tasks:
    """The tasks that this process can run."""

    def __init__(self, database: Database, executor_id: str, *, claim_s: float = CLAIM_S) -> None:
        self._database = database
        self._executor_id = executor_id
        self._claim_s = claim_s
        self._tasks: dict[str, _Task] = {}
        self._active: dict[str, asyncio.Task[None]] = {}
        self._soon = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._away = False

    def every(self, seconds: float, name: str, run: Run) -> None:
        """Have `run` called every `seconds` (from one's end to the next start) by one process of the fleet."""
        self._tasks[name] = _Task(name, seconds, run)

    async def start(self) -> None:
        """Begin to run what is due. The database must be migrated."""
        if self._looking is None and self._tasks:
            async with self._database.unit() as session:
                await TaskRows(session, self._database).declare(
                    {task.name: task.every_s for task in self._tasks.values()}
                )
            self._looking = asyncio.create_task(self._look_on())

    async def stop(self) -> None:
        """Begin nothing more; let what runs end, or give it back when that takes too long."""
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking
            self._looking = None
        running = list(self._active.values())
        if running:
            _, late = await asyncio.wait(running, timeout=_DRAIN_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Run tasks while the block runs."""
        await self.start()
        try:
            yield
        finally:
            await self.stop()

    async def _look_on(self) -> None:
        while True:
            try:
                wait = await self._look()
            except Exception as error:  # noqa: BLE001  # whatever the driver raises: tried again for ever
                if not self._away:
                    log.warning("tasks_away", reason=type(error).__name__)
                self._away, wait = True, _AGAIN_S
            else:
                self._away = False
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._soon.wait()
            self._soon.clear()

    async def _look(self) -> float:
        """Start what is due; answers how long to sleep."""
        async with self._database.reading() as session:
            waits = await TaskRows(session, self._database).waits(self._tasks)
        waits = {name: wait for name, wait in waits.items() if name not in self._active}
        for name in [name for name, wait in waits.items() if wait <= 0]:
            self._active[name] = asyncio.create_task(self._perform(self._tasks[name]))
            del waits[name]
        jitter = random.uniform(0, _JITTER_S)  # noqa: S311  # spreads, guards nothing
        return min([_LONGEST_SLEEP_S, *waits.values()]) + jitter

    async def _perform(self, task: _Task) -> None:
        """Claim the task and run it; never raises."""
        try:
            async with self._database.unit() as session:
                run = await TaskRows(session, self._database).claim(
                    task.name, self._executor_id, for_s=self._claim_s
                )
            if run is not None:
                await self._perform_claimed(task, run)
        except Exception as error:  # noqa: BLE001  # the database is away: the claim ends by itself
            log.warning("task_not_kept", task=task.name, reason=type(error).__name__)
            await asyncio.sleep(_AGAIN_S)
        finally:
            self._active.pop(task.name, None)
            self._soon.set()

    async def _perform_claimed(self, task: _Task, run: int) -> None:
        work = asyncio.ensure_future(task.run())
        keeping = asyncio.create_task(self._keep(task.name, run))
        try:
            await asyncio.wait({work, keeping}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                log.warning("task_claim_lost", task=task.name, run=run)
                return
            await self._finish(task, run, work)
        except asyncio.CancelledError:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            with suppress(Exception):
                async with asyncio.timeout(1.0), self._database.unit() as session:
                    await TaskRows(session, self._database).give_back(task.name, run)
            raise
        finally:
            work.cancel()
            keeping.cancel()
            await asyncio.gather(work, keeping, return_exceptions=True)

    async def _keep(self, name: str, run: int) -> None:
        """Renew the claim; ends when it is lost, or cannot be known to be ours any more."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._claim_s
        while loop.time() < until:
            await asyncio.sleep(self._claim_s / 3)
            asked = loop.time()
            with suppress(
                Exception
            ):  # the database is away: ours for as long as it was last granted
                async with asyncio.timeout_at(until), self._database.unit() as session:
                    rows = TaskRows(session, self._database)
                    if not await rows.keep(name, run, for_s=self._claim_s):
                        return
                until = asked + self._claim_s

    async def _finish(self, task: _Task, run: int, work: "asyncio.Future[str]") -> None:
        error = asyncio.CancelledError() if work.cancelled() else work.exception()
        if error is None:
            result, again_in_s = work.result(), task.every_s
        else:
            log.error("task_failed", task=task.name, exc_info=error)
            result = f"{type(error).__name__}: {error}".splitlines()[0]
            again_in_s = min(task.every_s, _BACK_OFF_S * 2 ** await self._failures(task.name))
        async with self._database.unit() as session:
            await TaskRows(session, self._database).finish(
                task.name,
                run,
                self._executor_id,
                again_in_s=again_in_s,
                result=result[:_LONGEST_RESULT],
                failed=error is not None,
            )

    async def _failures(self, name: str) -> int:
        """How often in a row the task has failed before; as much as matters."""
        known = {state.name: state.failures for state in await list_tasks(self._database)}
        return min(known.get(name, 0), 10)


async def list_tasks(database: Database) -> list[TaskState]:
    """Every periodic task of the fleet, by name: its last run, its next, and how it went."""
    async with database.reading() as session:
        return await TaskRows(session, database).all()
