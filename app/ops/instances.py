"""Which processes work on this database, and which of them have certainly ended."""

import os
import secrets
import socket
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from app.infra.db import Database
from app.ops.models import InstanceRow


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this process is, from boot to end."""

    executor_id: str
    hostname: str
    pid: int

    @property
    def instance_id(self) -> str:
        """The seed's name for it, for display only: process ids come back."""
        return f"{self.hostname}-{self.pid}"


def new_identity() -> Identity:
    """An identity that no other boot ever has."""
    hostname = socket.gethostname()
    return Identity(f"{hostname}-{secrets.token_hex(8)}", hostname, os.getpid())


async def register_instance(database: Database, identity: Identity, *, now: datetime) -> None:
    """Write this process into the table of instances, before it takes any work."""
    async with database.unit() as session:
        session.add(
            InstanceRow(
                executor_id=identity.executor_id,
                hostname=identity.hostname,
                pid=identity.pid,
                started_at=now,
            )
        )


async def end_instance(database: Database, identity: Identity, *, now: datetime) -> None:
    """Say that this process takes no more work."""
    async with database.unit() as session:
        await session.execute(
            update(InstanceRow)
            .where(InstanceRow.executor_id == identity.executor_id)
            .values(ended_at=now)
        )


async def certainly_dead(
    database: Database, owners: Collection[str], identity: Identity, *, alone: bool
) -> set[str]:
    """Those of `owners` that cannot be running any more.

    `alone` says that this process holds the lock without which nobody else works (SQLite): then everybody
    else is dead. Elsewhere an owner is dead when it said so at its end, or when its process on this very
    host is gone. An instance of another host is left to the fleet's leases.
    """
    others = {owner for owner in owners if owner != identity.executor_id}
    if alone or not others:
        return others
    async with database.reading() as session:
        rows = await session.scalars(select(InstanceRow).where(InstanceRow.executor_id.in_(others)))
        return {
            row.executor_id
            for row in rows
            if row.ended_at is not None
            or (row.hostname == identity.hostname and not _process_exists(row.pid))
        }


def _process_exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
