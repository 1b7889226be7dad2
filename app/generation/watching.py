"""Follows jobs for everybody who watches them through this process: one reader, however many browsers.

The rows are the truth. A commit that changes a job wakes every instance over pub/sub; the reader of each then
asks once for all of its watched jobs that moved. A message that is lost makes an event late by `_LOOK_S`, no
more. Watchers share the events that were read and keep only their own place: one that is slow holds nobody up.
"""

import asyncio
import json
import math
from collections.abc import AsyncGenerator, Generator, Iterable, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import islice
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.generation.jobs import Event, JobState
from app.generation.repository import AT_ONCE, Jobs, changed_jobs
from app.infra.db import Database
from app.infra.pubsub import Gap, Message, PubSub
from app.kit.errors import NotFound

log = structlog.get_logger()

CHANNEL = "jobs"

_LOOK_S = 1.0
"""How often all watched jobs are looked at in one query, whether or not anybody was woken, seconds."""

_LIMIT_S = 5.0
"""Longest wait for the database in one look, seconds; watchers wait on, and the next look tries again."""

_LAST_S = 2.0
"""Longest wait after `succeeded` for the last event, seconds: the step that ended the job finishes after it."""

_IN_ONE_MESSAGE = 90
"""Most jobs in one message: an id and a number are 50 bytes, and a message has 5,000."""

_MOST_WAITING = 5_000
"""Most jobs whose wake-up waits to be sent; beyond it they are left to the looks of the others."""


class _Watched:
    """A job that is watched, with its events so far."""

    def __init__(self) -> None:
        self.watchers = 0
        self.events: list[Event] = []
        self.state = JobState.QUEUED
        self.gone = False
        self.changed = asyncio.Event()

    @property
    def seq(self) -> int:
        return self.events[-1].seq if self.events else 0

    @property
    def rests(self) -> bool:
        """Whether it has ended, and the step that ended it has told of its own end as well."""
        last = self.events[-1].kind if self.events else ""
        return self.state.ended and last != "succeeded"

    def after(self, seq: int) -> list[Event]:
        """The events above `seq`; those that nobody has seen yet are few and stand at the end."""
        first = len(self.events)
        while first and self.events[first - 1].seq > seq:
            first -= 1
        return self.events[first:]

    def wake(self) -> None:
        """Let all who wait look again."""
        self.changed.set()
        self.changed = asyncio.Event()


class Watching:
    """The watched jobs of this process. Works without `running` as well, then only by looking."""

    def __init__(self, database: Database, pubsub: PubSub) -> None:
        self._database = database
        self._pubsub = pubsub
        self._watched: dict[str, _Watched] = {}
        self._moved: set[str] = set()
        self._soon = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None
        self._away = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: dict[str, int] = {}
        self._sending: asyncio.Task[None] | None = None
        self.looks = 0
        """How often the database was asked, for all watchers together."""

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Hear of changes, and tell others of those made here, while the block runs."""
        self._loop = asyncio.get_running_loop()
        self._database.committed.append(self._told_by_unit)
        listening = asyncio.create_task(self._listen())
        try:
            yield
        finally:
            self._database.committed.remove(self._told_by_unit)
            self._loop = None
            ending = [task for task in (listening, self._sending, self._reading) if task]
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)

    async def watch(
        self, job_id: str, *, after: int = 0, quiet_s: float = 15.0
    ) -> AsyncGenerator[Event | None]:
        """Yield each event above `after` once and in order, None after `quiet_s` without one, to the end.

        Raises:
            NotFound: there is no such job, or it was taken away.
        """
        seq, until = after, math.inf
        loop = asyncio.get_running_loop()
        with self._watcher_of(job_id) as job:
            while True:
                changed = job.changed
                for event in job.after(seq):
                    seq = event.seq
                    yield event
                if job.gone:
                    raise NotFound(f"There is no job {job_id}.")
                if job.state.ended and job.seq <= seq:
                    if job.rests or loop.time() >= until:
                        return
                    until = min(until, loop.time() + _LAST_S)
                try:
                    async with asyncio.timeout_at(min(until, loop.time() + quiet_s)):
                        await changed.wait()
                except TimeoutError:
                    yield None

    @contextmanager
    def _watcher_of(self, job_id: str) -> Generator[_Watched]:
        job = self._watched.get(job_id)
        if job is None or job.rests or job.gone:
            # One that has ended may go on: it is looked up anew.
            job = self._watched[job_id] = _Watched()
            self._look_soon([job_id])
        job.watchers += 1
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())
        try:
            yield job
        finally:
            job.watchers -= 1
            if not job.watchers and self._watched.get(job_id) is job:
                del self._watched[job_id]

    def _look_soon(self, job_ids: Iterable[str]) -> None:
        self._moved.update(job_ids)
        self._soon.set()

    async def _read(self) -> None:
        """Read for all watchers, until there are none."""
        loop = asyncio.get_running_loop()
        next_look = loop.time() + _LOOK_S
        while self._watched:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(next_look):
                    await self._soon.wait()
            self._soon.clear()
            moved, self._moved = self._moved & self._watched.keys(), set()
            if loop.time() >= next_look:
                moved = set(self._watched)
                next_look = loop.time() + _LOOK_S
            try:
                async with asyncio.timeout(_LIMIT_S):
                    await self._look(sorted(moved))
            except Exception as error:  # noqa: BLE001  # whatever the driver raises: the next look tries again
                if not self._away:
                    log.warning("progress_away", reason=type(error).__name__)
                self._away = True
            else:
                self._away = False

    async def _look(self, job_ids: list[str]) -> None:
        for start in range(0, len(job_ids), AT_ONCE):
            some = job_ids[start : start + AT_ONCE]
            asked = {job_id: self._watched[job_id] for job_id in some if job_id in self._watched}
            if not asked:
                continue
            self.looks += 1
            async with self._database.reading() as session:
                jobs = Jobs(session)
                heads = await jobs.heads(asked)  # first: what had ended then has all its events now
                known = {
                    job_id: asked[job_id].seq
                    for job_id, head in heads.items()
                    if head.seq > asked[job_id].seq
                }
                news = await jobs.news(known) if known else {}
            for job_id, job in asked.items():
                head, events, before = heads.get(job_id), news.get(job_id, []), job.state
                job.events += events
                job.gone = head is None
                job.state = head.state if head else job.state
                if events or job.gone or job.state != before:
                    job.wake()

    def _told(self, changes: Mapping[str, int]) -> None:
        """Somebody has changed jobs: look at those that are watched and not known to be so far."""
        moved = [
            job_id
            for job_id, seq in changes.items()
            if (watched := self._watched.get(job_id)) and (seq == 0 or seq > watched.seq)
        ]
        if moved:
            self._look_soon(moved)

    def _told_by_unit(self, session: AsyncSession) -> None:
        """After a commit of this process, in whatever thread it was. Never fails and never waits."""
        changes = changed_jobs(session)
        if changes and self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._spread, dict(changes))

    def _spread(self, changes: Mapping[str, int]) -> None:
        self._told(changes)
        if len(self._waiting) < _MOST_WAITING:
            self._waiting.update(changes)
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send())

    async def _send(self) -> None:
        while self._waiting:
            some = dict(islice(self._waiting.items(), _IN_ONE_MESSAGE))
            for job_id in some:
                del self._waiting[job_id]
            try:
                await self._pubsub.publish(CHANNEL, json.dumps(some).encode())
            except Exception as error:  # noqa: BLE001  # the others look by themselves
                log.warning("progress_not_told", reason=type(error).__name__)

    async def _listen(self) -> None:
        while True:
            try:
                async with self._pubsub.subscribe(CHANNEL) as messages:
                    async for message in messages:
                        self._hear(message)
            except Exception as error:  # noqa: BLE001  # looking goes on without messages
                log.warning("progress_messages_lost", reason=type(error).__name__)
            await asyncio.sleep(_LOOK_S)

    def _hear(self, message: Message | Gap) -> None:
        if isinstance(message, Gap):
            self._look_soon(list(self._watched))
            return
        try:
            told: dict[str, Any] = json.loads(message.body)
            self._told({str(job_id): int(seq) for job_id, seq in told.items()})
        except (ValueError, TypeError, AttributeError):
            log.warning("progress_message_unreadable", size=len(message.body))
