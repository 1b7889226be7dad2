"""What the probes answer, by the table of `contracts.md`."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

_LIMIT_S = 0.8
"""Longest wait for one check; every probe answers within a second."""

_CACHED_S = 0.5
"""How long one round of checks is answered again: many probes a second cost one query."""

_GOES_ON_S = 1.0
"""Who still asks this long after a good answer is a balancer, and no script that waited for the start."""

DATABASE = "database"


class Phase(StrEnum):
    """Where the process is in its life."""

    STARTING = "starting"
    READY = "ready"
    DRAINING = "draining"


Check = Callable[[], Awaitable[None]]
"""Does nothing when all is well; raises what is wrong."""


@dataclass
class Health:
    """The process's health: its phase and its checks, run together, each within its limit."""

    checks: dict[str, Check] = field(default_factory=dict[str, Check])
    """What is needed to serve everything. Without all but the database, readers go on."""
    optional: dict[str, Check] = field(default_factory=dict[str, Check])
    """What has a fallback: away, it is said and nothing else."""
    phase: Phase = Phase.STARTING
    can_serve_readers: Callable[[], bool] = lambda: False
    """Whether readers can be answered without the database."""
    _last: tuple[float, dict[str, Any]] | None = None
    _measuring: asyncio.Task[dict[str, Any]] | None = None
    _running: dict[str, asyncio.Future[None]] = field(
        default_factory=dict[str, "asyncio.Future[None]"]
    )
    _probes: tuple[float, float] | None = None
    """When the present series of probes had its first good answer, and when it asked last."""

    async def measure(self) -> dict[str, Any]:
        """Per check: `status` ok or error, `latency_ms`, and `error` by name (never by address)."""
        if self._last is not None and time.monotonic() - self._last[0] < _CACHED_S:
            return self._last[1]
        if self._measuring is None or self._measuring.done():
            self._measuring = asyncio.create_task(self._measure())
        return await asyncio.shield(self._measuring)

    async def readiness(self) -> tuple[bool, dict[str, Any]]:
        """Whether this process can serve everything, writes too, and what fails if not."""
        if self.phase is not Phase.READY:
            return False, {"status": self.phase.value}
        found = await self.measure()
        failing = [name for name in self.checks if found[name]["status"] != "ok"]
        status = "ready" if not failing else "unready"
        return not failing, {"status": status, "failing": failing, "checks": found}

    async def health(self) -> tuple[bool, dict[str, Any]]:
        """Whether this process may get readers."""
        if self.phase is not Phase.READY:
            return False, {"status": self.phase.value}
        found = await self.measure()
        failing = [name for name, result in found.items() if result["status"] != "ok"]
        healthy = DATABASE not in failing or self.can_serve_readers()
        status = ("degraded" if failing else "healthy") if healthy else "unhealthy"
        return healthy, {"status": status, "failing": failing, "checks": found}

    def note_probe(self, *, good: bool, interval_s: float) -> None:
        """Remember that somebody asked; after a pause of three intervals it is a new series."""
        now = time.monotonic()
        if not self.probed(within_s=3 * interval_s, lasting=False):
            self._probes = (now, now) if good else None
        elif self._probes is not None:
            self._probes = (self._probes[0], now)

    def probed(self, *, within_s: float, lasting: bool = True) -> bool:
        """Whether a balancer asked within `within_s`: somebody who goes on after a good answer."""
        if self._probes is None or time.monotonic() - self._probes[1] > within_s:
            return False
        return not lasting or self._probes[1] - self._probes[0] >= _GOES_ON_S

    async def _measure(self) -> dict[str, Any]:
        asked = {**self.checks, **self.optional}
        results = await asyncio.gather(*(self._run(name, check) for name, check in asked.items()))
        found = dict(zip(asked, results, strict=True))
        self._last = (time.monotonic(), found)
        return found

    async def _run(self, name: str, check: Check) -> dict[str, Any]:
        start = time.perf_counter()
        running = self._running.get(name)
        if running is None or running.done():
            running = self._running[name] = asyncio.ensure_future(check())
            running.add_done_callback(_read)
        # Not cancelled when it takes too long: a driver's cancellation waits for a server that hangs. The
        # next round waits for the same one, so that a hanging server holds one connection and no more.
        done, _ = await asyncio.wait({running}, timeout=_LIMIT_S)
        took = round((time.perf_counter() - start) * 1000, 2)
        error = running.exception() if done else TimeoutError()
        if error is not None:
            return {"status": "error", "error": type(error).__name__, "latency_ms": took}
        return {"status": "ok", "latency_ms": took}


def _read(ended: "asyncio.Future[None]") -> None:
    if not ended.cancelled():
        ended.exception()  # read, so that nobody is told of an error that nobody waits for
