"""Sees leases die: who stood still for a whole time to live, watched without a gap, is dead for certain.

By contracts.md a lease is dead only when somebody watched it die. So a database that was away, or a watcher
that was paused itself, kills nobody: whoever watches begins anew after either.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from app.infra.db import Database
from app.ops.models import InstanceRow

Leases = Mapping[str, datetime | None]
"""The instances that have not ended, and when each was last seen, by the database's clock."""


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


def read_leases(connection: Connection) -> Leases:
    """The instances that have not ended. Blocks; for a thread."""
    rows = connection.execute(
        select(InstanceRow.executor_id, InstanceRow.seen_at).where(InstanceRow.ended_at.is_(None))
    )
    return {row.executor_id: row.seen_at for row in rows}


def watch_leases(connection: Connection, watch: Watch) -> tuple[Leases, Leases]:
    """Look once; answers the leases as they stand, and those of them that died. Blocks; for a thread."""
    asked = time.monotonic()
    leases = read_leases(connection)
    return leases, watch.look(leases, asked=asked, answered=time.monotonic())


def end_dead(connection: Connection, database: Database, dead: Leases) -> list[str]:
    """End the leases that died, unless one has beaten after all; answers which. Dead is final."""
    ended: list[str] = []
    for executor_id, seen_at in dead.items():
        changed = connection.execute(
            update(InstanceRow)
            .where(
                InstanceRow.executor_id == executor_id,
                InstanceRow.ended_at.is_(None),
                InstanceRow.seen_at.is_not_distinct_from(seen_at),
            )
            .values(ended_at=database.clock, draining=True)
        )
        if changed.rowcount:
            ended.append(executor_id)
    return ended
