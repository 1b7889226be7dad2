"""Runs workflows: registers them, launches the engine on the running event loop, drains it.

The engine is one a process. What open-source DBOS leaves to us is noticing that an instance died: `recover`
takes over the workflows of the executors that the caller knows to be dead.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, cast

import structlog
from dbos import (
    DBOS,
    DBOSClient,
    DBOSConfig,
    DBOSPortableJSONSerializer,
    SetEnqueueOptions,
    SetWorkflowID,
    StepOptions,
)

from app.infra.durable.enqueue import (
    APPLICATION,
    DEFAULT_PARTITION,
    PAID_QUEUE,
    SCHEMA,
    VERSION,
    WORK_QUEUE,
    engine_url,
)
from app.infra.durable.workflows import Workflows

__all__ = ["PAID_QUEUE", "WORK_QUEUE", "Begun", "Engine", "EngineState"]

log = structlog.get_logger()

Json = dict[str, Any]
Workflow = Callable[..., Coroutine[Any, Any, Json]]

_IDLE_IN_TRANSACTION_S = 4.0
"""The engine's default of 60 s let a paused process block take-overs past 35 s (measured)."""

_POOL_SIZE = 5

ENGINE_CONNECTIONS = _POOL_SIZE + 1
"""Connections of a running engine: its pool, and the one it listens on."""

_DRAIN_S = 150
"""Longest wait for steps that run: one model call (`APP_MODELS__SECONDS`, 120 s) and some more."""


class EngineState(StrEnum):
    """Where the engine is in its life."""

    IDLE = "idle"
    RUNNING = "running"
    DRAINING = "draining"


@dataclass(frozen=True, slots=True)
class Begun:
    """A workflow that has begun and not ended, and the executor that owns it."""

    workflow_id: str
    owner: str


async def _always() -> bool:
    return True


class Engine:
    """The process's workflow engine. Register, `launch` on the loop, `close` to drain."""

    def __init__(
        self,
        database_url: str,
        *,
        executor_id: str,
        concurrency: int,
        paid_concurrency: int,
        poll_s: float,
        max_attempts: int,
        per_person: int | None = None,
        paid_per_person: int | None = None,
        may_run: Callable[[], Awaitable[bool]] = _always,
    ) -> None:
        """`concurrency` and `per_person` are this instance's, the paid ones the fleet's.

        `may_run` is asked as the first thing of every step: one that was paused for long may be dead. The
        engine itself refuses what such a step gives, but does not look who owns it before it starts, and then
        it is paid for twice (durable-jobs.md 4.5).
        """
        self.executor_id = executor_id
        self.state = EngineState.IDLE
        self.running: set[str] = set()
        """The workflows that run in this process now, without the children that others wait for."""
        self._children_running: set[str] = set()
        self._url = database_url
        self._concurrency = concurrency
        self._paid_concurrency = paid_concurrency
        self._per_person = min(per_person or concurrency, concurrency)
        self._paid_per_person = min(paid_per_person or paid_concurrency, paid_concurrency)
        self._poll_s = poll_s
        self._max_attempts = max_attempts
        self._may_run = may_run
        self._drain = asyncio.Event()
        self._children: dict[str, Callable[..., Any]] = {}

    def register(self, name: str, workflow: Workflow, *, child: bool = False) -> None:
        """Make a workflow known by `name`, before `launch`. Its body must be deterministic.

        A `child` runs for another workflow and is not counted as a job of its own.
        """
        decorate = DBOS.workflow(name=name, max_recovery_attempts=self._max_attempts)

        @wraps(workflow)
        async def counted(*args: Any) -> Json:
            running = self._children_running if child else self.running
            workflow_id = str(DBOS.workflow_id)
            running.add(workflow_id)
            try:
                return await workflow(*args)
            finally:
                running.discard(workflow_id)

        self._children[name] = decorate(counted)

    async def step(self, name: str, function: Workflow, *args: Any) -> Json:
        """Run a step of the current workflow, or answer what it gave before: never twice once kept.

        While draining, or once this executor is dead, the next step does not start: the workflow stays
        pending and goes on elsewhere.
        """
        if self.state is EngineState.DRAINING:
            # The engine records no outcome for this one (asserted by a test).
            raise asyncio.CancelledError("draining")

        async def fenced(*given: Any) -> Json:
            if not await self._may_run():
                raise asyncio.CancelledError("dead")
            return await function(*given)

        options: StepOptions = {"name": name, "preemptible": True}
        return cast("Json", await DBOS.run_step_async(options, fenced, *args))

    async def sleep(self, name: str, until: float) -> None:
        """Let the current workflow wait until a moment, seconds since the epoch.

        The moment must come from a checkpoint: a process that dies meanwhile leaves the rest of the wait to
        the next one. Unlike the engine's own sleep it ends within a second when the workflow is cancelled,
        and at once when this process drains, so that the wait goes on elsewhere.
        """
        while not (await self.step(name, self._rest, until))["over"]:
            pass  # draining: the next step does not start here

    async def _rest(self, until: float) -> Json:
        left = until - time.time()
        if left > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._drain.wait(), left)
        return {"over": time.time() >= until or not self._drain.is_set()}

    async def paid(
        self,
        name: str,
        part: str,
        *args: Any,
        partition: str = DEFAULT_PARTITION,
        priority: int = 1,
    ) -> Callable[[], Awaitable[Json]]:
        """Enqueue a child workflow on the fleet-wide queue of paid calls; answers how to wait for it.

        Its id is the current workflow's and `part`: another attempt of a job pays for children of its own.
        Children must be enqueued one after another: their ids are part of the parent's history.
        """
        child_id = f"{DBOS.workflow_id}-{part}"
        options = SetEnqueueOptions(queue_partition_key=partition, priority=priority)
        with SetWorkflowID(child_id), options:
            handle = await DBOS.enqueue_workflow_async(PAID_QUEUE, self._children[name], *args)

        async def result() -> Json:
            waiting = asyncio.ensure_future(handle.get_result(polling_interval_sec=self._poll_s))
            draining = asyncio.ensure_future(self._drain.wait())
            await asyncio.wait({waiting, draining}, return_when=asyncio.FIRST_COMPLETED)
            draining.cancel()
            if not waiting.done():
                # The child goes on elsewhere, and so does its parent.
                waiting.cancel()
                raise asyncio.CancelledError("draining")
            return waiting.result()

        return result

    async def launch(self) -> None:
        """Create or update the engine's tables and start taking work from the queues."""
        logging.getLogger("dbos").setLevel(logging.WARNING)
        self._drain.clear()  # set where an instance that left has come back
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": engine_url(self._url),
            "dbos_system_schema": SCHEMA,
            "executor_id": self.executor_id,
            "application_version": VERSION,
            "serializer": DBOSPortableJSONSerializer(),
            "sys_db_pool_size": _POOL_SIZE,
            "sys_db_idle_transaction_timeout_sec": _IDLE_IN_TRANSACTION_S,
            "notification_listener_polling_interval_sec": self._poll_s,
            "log_level": "WARNING",
            "enable_otlp": False,
        }
        DBOS(config=config)
        DBOS.launch()
        paused = {
            queue.name
            for queue in await DBOS.list_queues_async()
            if await queue.get_worker_concurrency_async() == 0
        }
        await DBOS.register_queue_async(
            WORK_QUEUE,
            worker_concurrency=self._concurrency,
            # Counted in each instance: unlike a fleet-wide limit it needs no serializable claims.
            partition_worker_concurrency=self._per_person,
            polling_interval_sec=self._poll_s,
            # A paused queue is left as it is: registering it anew would set it going.
            on_conflict="never_update" if WORK_QUEUE in paused else "always_update",
        )
        await DBOS.register_queue_async(
            PAID_QUEUE,
            global_concurrency=self._paid_concurrency,
            partition_concurrency=self._paid_per_person,
            polling_interval_sec=self._poll_s,
            on_conflict="never_update" if PAID_QUEUE in paused else "always_update",
        )
        self.state = EngineState.RUNNING

    def begun(self) -> list[Begun]:
        """The workflows that have begun and not ended, of all executors. Blocks; for a thread."""
        pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        return [
            Begun(workflow.workflow_id, workflow.executor_id)
            for workflow in pending
            if workflow.executor_id
        ]

    def all_running(self) -> set[str]:
        """The workflows that run in this process now, children too."""
        return self.running | self._children_running

    async def owners(self) -> set[str]:
        """The executors that own a workflow which has begun and not ended."""
        return {each.owner for each in await asyncio.to_thread(self.begun)}

    async def recover(self, dead: Collection[str]) -> int:
        """Re-queue the workflows of executors that are dead for certain; answers how many."""
        return await asyncio.to_thread(self.recover_now, dead) if dead else 0

    def recover_now(self, dead: Collection[str]) -> int:
        """`recover`, blocking; for a thread.

        Uses the engine's internal call, not `resume_workflows`: that one would reset the count of
        attempts (a job that kills its process would loop for ever) and does not check the owner.
        """
        recover = DBOS._recover_pending_workflows  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # held by a contract test, exact pin
        return len(recover(sorted(dead)))

    def put_back(self, workflow_id: str) -> bool:
        """Put a workflow that this executor owns back on its queue. Blocks; for a thread."""
        with self._tables() as tables:
            return tables.reenqueue_for_recovery(workflow_id, [self.executor_id], WORK_QUEUE)

    async def close(self, *, abandon: bool = False) -> None:
        """Drain: running steps finish and are kept; what is left goes back to the queue.

        With `abandon`, nothing is waited for or put back: this executor is dead, and others go on with it.
        """
        if self.state is EngineState.IDLE:
            return
        self.state = EngineState.DRAINING
        self._drain.set()
        await asyncio.to_thread(
            DBOS.destroy,
            destroy_registry=True,
            workflow_completion_timeout_sec=0 if abandon else _DRAIN_S,
        )
        # The engine replaced the loop's default executor by one that is now shut down.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
        if not abandon:
            try:
                await asyncio.to_thread(self._hand_over)
            except Exception as error:  # noqa: BLE001  # whatever the driver raises; others take them over
                log.warning("jobs_not_handed_over", reason=type(error).__name__)
        self.state = EngineState.IDLE

    def _hand_over(self) -> None:
        """Put what this executor began and does not go on with back on its queues, for others to take.

        Nothing while a step still runs: somebody else would run it a second time.
        """
        if self.all_running():
            return
        workflows = Workflows(sqlite=engine_url(self._url).startswith("sqlite"))
        with self._tables() as tables:
            begun = [
                pending.workflow_id
                for pending in tables.get_pending_workflows(self.executor_id, VERSION)
            ]
            with tables.engine.begin() as connection:
                connection.execute(workflows.survived(begun))
            for workflow_id in begun:
                tables.reenqueue_for_recovery(workflow_id, [self.executor_id], WORK_QUEUE)

    @contextmanager
    def _tables(self) -> Generator[Any]:
        """The engine's tables. As in `recover`: its public calls reset the count of attempts.

        Both calls made here are held by a contract test.
        """
        client = DBOSClient(
            system_database_url=engine_url(self._url),
            dbos_system_schema=SCHEMA,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            system_database_pool_size=1,
            lazy=True,
        )
        try:
            yield client._sys_db  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # see above
        finally:
            client.destroy()
