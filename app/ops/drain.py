"""Leaving without anybody noticing: what happens between “no more, please” and the end.

Knows no server: the middleware beside it counts requests and ends streams, `serve` waits for `leave` and then
stops listening, and an operator's `leave` is the same without an end.
"""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Protocol

import structlog

from app.config import Settings
from app.ops.health import Health, Phase

log = structlog.get_logger()

_LOOK_S = 0.02

_STREAM_S = 5.0
"""Longest wait for one stream to take its last words."""


class Stage(StrEnum):
    """How far the leaving has come."""

    SERVING = "serving"
    LEAVING = "leaving"
    """Probes say no; everything is answered until balancers have noticed."""
    ENDING = "ending"
    """No new jobs; streams are told to reconnect; what runs ends."""
    QUIET = "quiet"
    """Nothing runs any more."""


class Stream(Protocol):
    """An answer that goes on until somebody ends it."""

    async def end(self) -> None:
        """Tell whoever listens to reconnect, and end."""
        ...


async def _nothing() -> None:
    pass


class Drain:
    """The process's leaving, and its coming back."""

    def __init__(
        self,
        health: Health,
        settings: Settings,
        *,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`changed` is called at once whenever the fleet should know."""
        self.stage = Stage.SERVING
        self.in_flight = 0
        self.exiting = False
        self.fenced: Callable[[], None] = lambda: None
        """Called when this process was taken for dead and must end once its readers are served."""
        self.stop_work: Callable[[], Awaitable[None]] = _nothing
        """Takes no more jobs, lets running steps end; set once there is a worker."""
        self.resume_work: Callable[[], Awaitable[None]] = _nothing
        self.changed = changed
        self._health = health
        self._before = health.phase
        self._settings = settings
        self._streams: set[Stream] = set()
        self._leaving: asyncio.Task[None] | None = None
        self._work: asyncio.Task[None] | None = None

    @property
    def draining(self) -> bool:
        """Whether this process is on its way out."""
        return self.stage is not Stage.SERVING

    @property
    def probed(self) -> bool:
        """Whether a balancer asks for this process's health."""
        return self._health.probed(within_s=3 * self._settings.balancer.interval_s)

    def begin(self) -> "asyncio.Task[None]":
        """Start to leave, unless that has begun; answers the task that ends when nothing runs any more."""
        if self._leaving is None:
            self._before = self._health.phase
            self._enter(Stage.LEAVING)
            self._health.phase = Phase.DRAINING
            self.changed()
            self._leaving = asyncio.create_task(self._leave())
        return self._leaving

    async def leave(self, *, exiting: bool = False) -> None:
        """Leave, and wait until nothing runs any more. With `exiting` there is no way back."""
        self.exiting = self.exiting or exiting
        await asyncio.shield(self.begin())

    async def come_back(self) -> bool:
        """Serve again. Answers False when the process is about to end."""
        if self.exiting:
            return False
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None
            self._enter(Stage.SERVING)
            self._health.phase = self._before
            self.changed()
            self._then(self.resume_work)
            log.info("drain_taken_back")
        return True

    def asked(self, leave: bool) -> None:  # noqa: FBT001  # as the row of the instance has it
        """An operator asked through the fleet."""
        if leave:
            self.begin()
        elif self.draining:
            self._then(self._come_back)

    def fence(self) -> None:
        """Others took this process for dead: it stops working at once, and there is no way back."""
        self.exiting = True
        self._then(self.stop_work)
        self.begin()
        self.fenced()

    def started(self) -> None:
        """The process is ready, unless it was told to leave before it was."""
        if self.draining:
            self._before = Phase.READY
        else:
            self._health.phase = Phase.READY

    def register(self, stream: Stream) -> None:
        """A stream has begun; one that begins while others end is ended at once."""
        self._streams.add(stream)

    def forget(self, stream: Stream) -> None:
        """A stream has ended."""
        self._streams.discard(stream)

    async def _come_back(self) -> None:
        await self.come_back()

    async def _leave(self) -> None:
        wait_s = self._settings.drain.wait_s
        if self.probed:
            log.info("drain_waits_for_balancers", seconds=wait_s)
            await asyncio.sleep(wait_s)
        self._enter(Stage.ENDING)
        self._then(self.stop_work)
        await self._wait_for_requests(self._settings.balancer.deregistration_s)
        await self._wait_for_work()
        self._enter(Stage.QUIET)
        self.changed()

    async def _wait_for_requests(self, limit_s: float) -> None:
        """Until none is in flight, or for so long: balancers go on sending where every instance has left."""
        loop = asyncio.get_running_loop()
        until = loop.time() + limit_s
        while True:
            await asyncio.gather(*(self._end(stream) for stream in tuple(self._streams)))
            if not self.in_flight or loop.time() > until:
                return
            await asyncio.sleep(_LOOK_S)

    async def _end(self, stream: Stream) -> None:
        ending = asyncio.ensure_future(stream.end())
        _, late = await asyncio.wait({ending}, timeout=_STREAM_S)
        for task in late:
            task.cancel()
        self._streams.discard(stream)

    async def _wait_for_work(self) -> None:
        if self._work is not None:
            await asyncio.shield(self._work)

    def _then(self, action: Callable[[], Awaitable[None]]) -> None:
        """Run `action` once what was begun before it has ended: stopping takes as long as a step does."""
        before = self._work

        async def in_turn() -> None:
            if before is not None:
                await asyncio.wait({before})
            try:
                await action()
            except Exception:  # the leaving goes on
                log.exception("drain_failed")

        self._work = asyncio.create_task(in_turn())

    def _enter(self, stage: Stage) -> None:
        self.stage = stage
        log.info("drain", stage=stage.value, in_flight=self.in_flight)
