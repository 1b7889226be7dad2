"""Sees leases die: who stood still for a whole time to live, watched without a gap, is dead for certain.

By contracts.md a lease is dead only when somebody watched it die. So a database that was away, or a watcher
that was paused itself, kills nobody: whoever watches begins anew after either.
"""

from dataclasses import dataclass
from datetime import datetime

from app.ops.instances import Leases


@dataclass(slots=True)
class _Still:
    """A lease that stands still."""

    seen_at: datetime | None
    since: float


class Watch:
    """What this process has seen of all leases, on its own monotonic clock."""

    def __init__(self, *, ttl_s: float) -> None:
        self._ttl_s = ttl_s
        self._gap_s = ttl_s / 2
        """Longest time between two looks that still counts as watching."""
        self._answered = -self._ttl_s
        self._still: dict[str, _Still] = {}

    def look(self, leases: Leases, *, asked: float, answered: float) -> Leases:
        """Note what was seen between these two moments, seconds; answers the leases that died, as they were.

        A lease stood still at least from the answer that first showed it so until this question was asked.
        """
        if asked - self._answered > self._gap_s:
            self._still.clear()
        self._answered = answered
        dead: dict[str, datetime | None] = {}
        still: dict[str, _Still] = {}
        for executor_id, seen_at in leases.items():
            before = self._still.get(executor_id)
            if before is None or before.seen_at != seen_at:
                still[executor_id] = _Still(seen_at, answered)
                continue
            still[executor_id] = before
            if asked - before.since >= self._ttl_s:
                dead[executor_id] = seen_at
        self._still = still
        return dead

    def begin_anew(self) -> None:
        """Forget everything: a look failed, and nobody knows what beat meanwhile."""
        self._still.clear()
