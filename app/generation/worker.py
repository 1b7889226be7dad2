"""The process's worker: engine, steps and identity, started and stopped together."""

import asyncio

import stamina

from app.config import Settings
from app.generation.takeover import Takeover
from app.generation.workflow import Steps, register_workflows
from app.infra.db import AWAY, Database
from app.infra.db.urls import sqlite_file
from app.infra.durable import Engine, RunLock
from app.ops.instances import Identity, certainly_dead
from app.ops.lease import Lease


class AnotherWorks(Exception):
    """Another process runs the jobs of this SQLite file."""

    def __init__(self, pid: int | None) -> None:
        super().__init__(f"process {pid} runs the jobs of this database" if pid else "in use")
        self.pid = pid


class Worker:
    """Runs jobs in this process. One a process; on SQLite one a file."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        steps: Steps,
        lease: Lease,
    ) -> None:
        """Whoever gives the `lease` has taken it before `start`, and gives it up after `stop`."""
        self._lease = lease
        self._database = database
        self._steps = steps
        file = sqlite_file(database.url)
        self._lock = RunLock(file) if file else None
        self.engine = Engine(
            database.url,
            executor_id=lease.identity.executor_id,
            concurrency=settings.jobs.concurrency,
            paid_concurrency=settings.jobs.llm_concurrency,
            poll_s=settings.jobs.poll_s,
            max_attempts=settings.jobs.max_attempts,
            may_run=self._may_run,
        )
        # On SQLite nobody else works: who died is taken over at the next start, which holds the lock.
        self._takeover = (
            None
            if self._lock
            else Takeover(
                database,
                self.engine,
                ttl_s=settings.fleet.ttl_s,
                interval_s=settings.fleet.heartbeat_s,
            )
        )

    @property
    def identity(self) -> Identity:
        """Who works."""
        return self._lease.identity

    async def start(self) -> int:
        """Start taking jobs; first those of processes that died. Answers how many of these.

        Raises:
            AnotherWorks: another process runs the jobs of this SQLite file.
        """
        if self._lock is not None and not self._lock.take():
            raise AnotherWorks(self._lock.holder())
        try:
            register_workflows(self.engine, self._steps)
            await self.engine.launch()
            dead = await certainly_dead(
                self._database,
                await self.engine.owners(),
                self.identity,
                alone=self._lock is not None,
            )
            recovered = await self.engine.recover(dead)
        except BaseException:
            await self.engine.close()
            self._release()
            raise
        if self._takeover is not None:
            self._takeover.start()
        return recovered

    async def stop(self) -> None:
        """Let running steps end, leave the rest for others, let go of the lock.

        Where this process was taken for dead, others have taken everything over already.
        """
        if self._takeover is not None:
            await asyncio.to_thread(self._takeover.stop)
        await self.engine.close(abandon=self._lease.lost)
        self._release()

    @stamina.retry(on=AWAY, attempts=None, timeout=None)
    async def _may_run(self) -> bool:
        # A database that is away may come back with the news that this process is dead.
        return await self._lease.holds()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()


def worker_of(database: Database) -> int | None:
    """The process that runs this SQLite file's jobs now, if any; None on PostgreSQL."""
    file = sqlite_file(database.url)
    if file is None:
        return None
    lock = RunLock(file)
    if lock.take():
        lock.release()
        return None
    return lock.holder() or 0
