"""An instance's lease: a row that it keeps fresh from a thread with a connection of its own.

A thread, because a busy event loop says nothing about whether the process lives; a connection, because
neither does a full pool. However long the database is away, the process goes on and tries again: whether
anybody is dead is for those to say who watched (contracts.md). Whoever was watched dying learns of it here,
and is fenced: dead is final.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from app.infra.db import Database
from app.ops.instances import (
    About,
    Identity,
    Pulse,
    beat,
    end,
    has_not_ended,
    register_instance,
)

log = structlog.get_logger()

_GIVE_UP_S = 3.0
"""Longest wait for the last word at the end: a database that is away must not hold the exit up."""

_MEASURABLE_S = 0.5
"""A beat that took longer says too little about the clock."""

_LOOK_EVERY_S = 0.05
"""How often somebody who waits for a beat looks whether it came."""


def _uptime() -> float:
    """Seconds of a clock that goes on while the process is stopped and, where it can, the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if _SLEEPS_COUNT else time.monotonic()


_SLEEPS_COUNT = hasattr(time, "CLOCK_BOOTTIME")  # not on macOS


class Lease:
    """The lease of this process. `take` it before any work, `give_up` after all of it."""

    def __init__(
        self,
        database: Database,
        identity: Identity,
        about: About,
        *,
        now: Callable[[], datetime],
        interval_s: float,
        ttl_s: float,
        pulse: Callable[[], Pulse] = Pulse,
        asked: Callable[[bool], None] | None = None,
        lost: Callable[[], None] | None = None,
    ) -> None:
        """Keep a row every `interval_s`; others take who did not for `ttl_s` for dead.

        On the loop, `asked` is called when an operator asks to drain, `lost` once when this process was taken
        for dead.
        """
        self.identity = identity
        self.pulse = pulse
        self.beats = 0
        self._database = database
        self._about = about
        self._now = now
        self._interval_s = interval_s
        self._ttl_s = ttl_s
        self._last_beat = -ttl_s
        """When the newest beat that arrived was sent, by `_uptime`."""
        self._asked = asked
        self._on_lost = lost
        self.lost = False
        """Whether others took this process for dead, and its work over."""
        self._heard: bool | None = None
        self._offset_s: float | None = None
        self._told: Mapping[str, str] = {}
        self._away = False
        self._stopped = threading.Event()
        self._hurry = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    async def take(self) -> None:
        """Write the row and start to keep it fresh."""
        began = _uptime()
        await register_instance(self._database, self.identity, self._about, self.pulse())
        self._last_beat = began
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)
        self._thread.start()

    def hurry(self) -> None:
        """Beat now rather than in a while: something changed that others should see."""
        self._hurry.set()

    async def holds(self) -> bool:
        """Whether this process may still do what is paid for: one query. Raises what the driver raises."""
        if not self.lost and not await has_not_ended(self._database, self.identity):
            self._lose()
        return not self.lost

    async def may_pay(self) -> bool:
        """Whether nobody can have taken this process for dead yet; costs nothing as long as beats arrive.

        Where the last one is older than the time to live, because this process was stopped or the database is
        away, it waits for the next one: that one tells.
        """
        while not self.lost and _uptime() - self._last_beat >= self._ttl_s:
            if self._stopped.is_set():
                return False
            self.hurry()
            await asyncio.sleep(_LOOK_EVERY_S)
        return not self.lost

    @property
    def age_s(self) -> float:
        """Seconds since the newest beat that arrived was sent; past `ttl_s` others may take over."""
        return _uptime() - self._last_beat

    async def give_up(self) -> None:
        """Stop beating and say that this process takes no more work, if the database can be told."""
        self._stopped.set()
        self._hurry.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, _GIVE_UP_S)

    def _run(self) -> None:
        engine = self._database.direct()
        try:
            while not self._stopped.is_set():
                self._beat(engine)
                if self.lost:
                    return
                self._hurry.wait(self._interval_s)
                self._hurry.clear()
            # Here and not on the loop: a database that hangs must not hold the exit up.
            end(engine, self._database, self.identity)
        except (SQLAlchemyError, OSError) as error:
            log.warning("lease_not_given_up", reason=type(error).__name__)
        finally:
            engine.dispose()

    def _beat(self, engine: Engine) -> None:
        before, began = self._now(), _uptime()
        pulse = self.pulse()
        try:
            answer = beat(
                engine,
                self._database,
                self.identity,
                pulse,
                offset_s=self._offset_s,
                changed=pulse.fingerprint != self._told,
                heard=self._heard,
            )
        except (SQLAlchemyError, OSError) as error:
            engine.dispose()
            if not self._away:
                log.warning("lease_not_kept", reason=type(error).__name__)
            self._away = True
            return
        if answer is None:
            self._lose()
            return
        if self._away:
            log.info("lease_kept_again")
        self._away = False
        self._told = pulse.fingerprint
        self._last_beat = began
        self.beats += 1
        took = self._now() - before
        if took.total_seconds() < _MEASURABLE_S:
            self._offset_s = round((before + took / 2 - answer.seen_at).total_seconds(), 3)
        self._hear(answer.drain_asked)

    def _lose(self) -> None:
        if self.lost:
            return
        self.lost = True
        log.error("lease_lost", executor_id=self.identity.executor_id)
        if self._on_lost is not None and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._on_lost)

    def _hear(self, asked: bool | None) -> None:  # noqa: FBT001  # as the row has it
        self._heard = asked
        if asked is None or self._asked is None or self._loop is None or self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._asked, asked)
