"""Works on jobs from the command line: in this process, or beside the one that already does."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from types import FrameType

from app import __version__
from app.cli.house import Code, House, tell
from app.cli.progress import Progress
from app.generation.jobs import Event, Job, JobState
from app.generation.service import watch_job
from app.generation.steps import open_steps
from app.generation.watching import Watching
from app.generation.worker import AnotherWorks, Worker, worker_of
from app.infra.db.migrate import head
from app.infra.ports import utc_now
from app.infra.pubsub import open_pubsub
from app.ops.instances import About, Pulse, new_identity
from app.ops.lease import Lease
from app.ops.presence import interval_s

_TAKE_OVER_S = 1.0
"""How often a watcher looks whether the process it relies on has gone."""


class Runner:
    """Runs this database's jobs if nobody else does; watches in any case."""

    def __init__(self, house: House, *, take_over: bool = True) -> None:
        self._house = house
        self._take_over = take_over
        self._worker: Worker | None = None
        self._stack = contextlib.AsyncExitStack()

    @property
    def works(self) -> bool:
        """Whether jobs are run here, and so stop with this process."""
        return self._worker is not None

    async def start(self) -> bool:
        """Start working; False when another process works on this database already."""
        if self._worker is not None:
            return True
        if worker_of(self._house.database) is not None:
            return False  # looked at first, so that waiting writes no rows
        lease = self._new_lease()
        steps = await self._stack.enter_async_context(
            open_steps(self._house.database, self._house.settings, may_pay=lease.may_pay)
        )
        worker = Worker(self._house.database, self._house.settings, steps, lease)
        lease.pulse = lambda: Pulse(running_jobs=len(worker.engine.running))
        await lease.take()
        try:
            recovered = await worker.start()
        except AnotherWorks:
            await lease.give_up()
            return False
        self._stack.push_async_callback(lease.give_up)
        pubsub = open_pubsub(self._house.settings.redis_url, self._house.database.url)
        self._stack.push_async_callback(pubsub.close)
        # Whoever watches these jobs on a server is woken as if one of its own instances did them.
        await self._stack.enter_async_context(Watching(self._house.database, pubsub).running())
        self._worker = worker
        if recovered:
            tell(f"Going on with {recovered} interrupted job{'s' if recovered > 1 else ''}.")
        return True

    def _new_lease(self) -> Lease:
        settings, database = self._house.settings, self._house.database
        return Lease(
            database,
            new_identity(),
            About("write", version=__version__, schema_head=head() or ""),
            now=utc_now,
            interval_s=interval_s(settings.fleet, is_sqlite=database.is_sqlite),
            ttl_s=settings.fleet.ttl_s,
            lost=_end_fenced,
        )

    async def stop(self) -> None:
        """Let running steps end; what is left goes on at the next start."""
        if self._worker is not None:
            await self._worker.stop()
            self._worker = None
        await self._stack.aclose()

    async def events(self, job_id: str) -> AsyncGenerator[tuple[Event | None, Job]]:
        """The job's events to its end; takes the work over when the process that did it has gone."""
        loop = asyncio.get_running_loop()
        looked = loop.time()
        async for event, job in watch_job(self._house.database, job_id):
            yield event, job
            idle = event is None and self._worker is None
            if self._take_over and idle and loop.time() - looked > _TAKE_OVER_S:
                looked = loop.time()
                await self.start()


def _end_fenced() -> None:
    tell("error: another instance took this one for dead and its jobs over; it ends")
    os._exit(Code.FENCED)


@asynccontextmanager
async def running(house: House) -> AsyncGenerator[Runner]:
    """A runner that is started, and stopped at the end whatever happens."""
    runner = Runner(house)
    try:
        if not await runner.start():
            tell("Another process works on this database; the job is queued there.")
        yield runner
    finally:
        await runner.stop()


async def follow(runner: Runner, job_id: str, *, quiet: bool) -> Job | None:
    """Show the job to its end; None when the person at the keyboard stopped watching (Ctrl-C)."""
    interrupted = asyncio.Event()
    loop = asyncio.get_running_loop()

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        # A second Ctrl-C ends the process hard; the finished steps are kept all the same.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        loop.call_soon_threadsafe(interrupted.set)

    before = {kind: signal.signal(kind, interrupt) for kind in (signal.SIGINT, signal.SIGTERM)}
    last: Job | None = None
    try:
        with Progress(quiet=quiet) as progress:
            async for event, job in runner.events(job_id):
                last = job
                progress.show(event, job)
                if interrupted.is_set():
                    tell(_how_it_goes_on(job_id, here=runner.works))
                    return None
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)
    return last


def _how_it_goes_on(job_id: str, *, here: bool) -> str:
    if here:
        return (
            "\nStopping after the running step. Nothing finished is lost; go on with:\n"
            f"  ai-seo-blogger jobs resume {job_id}"
        )
    return (
        "\nThe job goes on without this window where it is being worked on. Look again with:\n"
        f"  ai-seo-blogger jobs watch {job_id}\nStop it with:\n  ai-seo-blogger jobs cancel {job_id}"
    )


def exit_code(job: Job | None) -> Code:
    """How a command about this job exits."""
    if job is None:
        return Code.INTERRUPTED
    if job.state is JobState.SUCCEEDED:
        return Code.DONE
    return Code.MODEL if job.error_code in {"model_away", "model_refused"} else Code.FAILED
