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
    phase: Phase = Phase.STARTING
    started: float = field(default_factory=time.monotonic)
    _last: tuple[float, dict[str, Any]] | None = None

    async def measure(self) -> dict[str, Any]:
        """Per check: `status` ok or error, `latency_ms`, and `error` by name (never by address)."""
        now = time.monotonic()
        if self._last is not None and now - self._last[0] < _CACHED_S:
            return self._last[1]
        results = await asyncio.gather(*(self._run(check) for check in self.checks.values()))
        found = dict(zip(self.checks, results, strict=True))
        self._last = (now, found)
        return found

    async def readiness(self) -> tuple[bool, dict[str, Any]]:
        """Whether this process can serve everything, writes too, and what fails if not."""
        if self.phase is not Phase.READY:
            return False, {"status": self.phase.value}
        found = await self.measure()
        failing = [name for name, result in found.items() if result["status"] != "ok"]
        status = "ready" if not failing else "unready"
        return not failing, {"status": status, "failing": failing, "checks": found}

    async def health(self) -> tuple[bool, dict[str, Any]]:
        """Whether this process may get readers."""
        ready, body = await self.readiness()
        return ready, {**body, "status": "healthy" if ready else body["status"]}

    async def _run(self, check: Check) -> dict[str, Any]:
        start = time.perf_counter()
        try:
            async with asyncio.timeout(_LIMIT_S):
                await check()
        except Exception as error:  # noqa: BLE001  # whatever a check raises is its finding
            return {"status": "error", "error": type(error).__name__}
        return {"status": "ok", "latency_ms": round((time.perf_counter() - start) * 1000, 2)}
