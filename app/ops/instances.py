"""Which processes work on this database, how they are, and which of them have certainly ended."""

import os
import secrets
import socket
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, Update, case, null, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.infra.db import Database
from app.kit.ids import uuid7
from app.ops.models import FleetRow, InstanceRow

Leases = Mapping[str, datetime | None]
"""The instances that have not ended, and when each was last seen, by the database's clock."""

_LOST_S = 3600.0
"""How long an instance that went without a word is still listed."""


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


@dataclass(frozen=True, slots=True)
class About:
    """What an instance says of itself once, at boot."""

    role: str
    address: str = ""
    version: str = ""
    git_revision: str = ""
    schema_head: str = ""


@dataclass(frozen=True, slots=True)
class Pulse:
    """What an instance says of itself with every beat."""

    draining: bool = False
    probed: bool = False
    in_flight: int = 0
    running_jobs: int = 0
    fingerprint: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Beat:
    """What the database answers to a beat."""

    seen_at: datetime
    drain_asked: bool | None


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance as the fleet knows it."""

    executor_id: str
    hostname: str
    pid: int
    role: str
    address: str
    version: str
    git_revision: str
    schema_head: str
    started_at: datetime
    seen_at: datetime
    seen_s: float
    """Seconds since its last beat, by the database's clock."""
    live: bool
    draining: bool
    probed: bool
    in_flight: int
    running_jobs: int
    clock_offset_s: float | None
    fingerprint: Mapping[str, str]

    @property
    def instance_id(self) -> str:
        """The seed's name for it."""
        return f"{self.hostname}-{self.pid}"


@dataclass(frozen=True, slots=True)
class Fleet:
    """What the instances of one database have in common."""

    fleet_id: str
    salt: bytes


async def join_fleet(database: Database) -> Fleet:
    """The fleet of this database, founded by whoever is first."""
    dialect: Any = sqlite if database.is_sqlite else postgresql
    founded = {"id": 1, "fleet_id": str(uuid7()), "salt": secrets.token_hex(32)}
    async with database.unit() as session:
        await session.execute(dialect.insert(FleetRow).values(founded).on_conflict_do_nothing())
    async with database.reading() as session:
        row = (await session.scalars(select(FleetRow))).one()
        return Fleet(row.fleet_id, bytes.fromhex(row.salt))


async def find_fleet(database: Database) -> Fleet | None:
    """The fleet of this database, if anybody has founded it."""
    async with database.reading() as session:
        row = (await session.scalars(select(FleetRow))).one_or_none()
        return None if row is None else Fleet(row.fleet_id, bytes.fromhex(row.salt))


async def register_instance(
    database: Database, identity: Identity, about: About, pulse: Pulse | None = None
) -> None:
    """Write this process into the table of instances, before it takes any work or request."""
    pulse = pulse or Pulse()
    async with database.unit() as session:
        session.add(
            InstanceRow(
                executor_id=identity.executor_id,
                hostname=identity.hostname,
                pid=identity.pid,
                role=about.role,
                address=about.address,
                version=about.version,
                git_revision=about.git_revision,
                schema_head=about.schema_head,
                started_at=database.clock,
                seen_at=database.clock,
                fingerprint=dict(pulse.fingerprint),
            )
        )


def beat(
    engine: Engine,
    database: Database,
    identity: Identity,
    pulse: Pulse,
    *,
    offset_s: float | None,
    changed: bool,
    heard: bool | None = None,
) -> Beat | None:
    """Say that this process lives, with its fingerprint if that `changed`. Blocks; for a thread.

    What an operator asked and this process has `heard` is taken out of the row, so that the same may be asked
    again. None: the row has ended or is gone.
    """
    asked = InstanceRow.drain_asked
    mine = (
        update(InstanceRow)
        .where(InstanceRow.executor_id == identity.executor_id, InstanceRow.ended_at.is_(None))
        .values(
            seen_at=database.clock,
            draining=pulse.draining,
            probed=pulse.probed,
            in_flight=pulse.in_flight,
            running_jobs=pulse.running_jobs,
            clock_offset_s=offset_s,
            **({"fingerprint": dict(pulse.fingerprint)} if changed else {}),
            **(
                {}
                if heard is None
                else {"drain_asked": case((asked == heard, null()), else_=asked)}
            ),
        )
        .returning(InstanceRow.seen_at, InstanceRow.drain_asked)
    )
    with engine.connect() as connection:
        row = connection.execute(mine).one_or_none()
        return None if row is None else Beat(row.seen_at, row.drain_asked)


async def has_not_ended(database: Database, identity: Identity) -> bool:
    """Whether this process's row is there, and nobody has ended it."""
    async with database.reading() as session:
        mine = select(InstanceRow.executor_id).where(
            InstanceRow.executor_id == identity.executor_id, InstanceRow.ended_at.is_(None)
        )
        return await session.scalar(mine) is not None


def end(engine: Engine, database: Database, identity: Identity) -> None:
    """Say that this process takes no more work. Blocks; for a thread."""
    with engine.connect() as connection:
        connection.execute(_ended(database, identity))


def read_leases(connection: Connection) -> Leases:
    """The instances that have not ended. Blocks; for a thread."""
    rows = connection.execute(
        select(InstanceRow.executor_id, InstanceRow.seen_at).where(InstanceRow.ended_at.is_(None))
    )
    return {row.executor_id: row.seen_at for row in rows}


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


def _ended(database: Database, identity: Identity) -> Update:
    return (
        update(InstanceRow)
        .where(InstanceRow.executor_id == identity.executor_id)
        .values(ended_at=database.clock, draining=True)
    )


async def ask_to_drain(database: Database, executor_id: str, *, leave: bool) -> bool:
    """Ask an instance to leave, or to come back: it reads that at its next beat.

    Answers whether there is such an instance that has not ended.
    """
    async with database.unit() as session:
        changed = await session.execute(
            update(InstanceRow)
            .where(InstanceRow.executor_id == executor_id, InstanceRow.ended_at.is_(None))
            .values(drain_asked=leave)
        )
        return isinstance(changed, CursorResult) and changed.rowcount == 1


async def list_instances(database: Database, *, ttl_s: float) -> list[Instance]:
    """The instances that have not ended, oldest first: live ones, and those lost within the hour.

    Live is whoever beat within `ttl_s`, by the database's clock, which the listing is read by too.
    """
    async with database.reading() as session:
        rows = await session.execute(
            select(InstanceRow, database.clock.label("now"))
            .where(InstanceRow.ended_at.is_(None), InstanceRow.seen_at.is_not(None))
            .order_by(InstanceRow.started_at, InstanceRow.executor_id)
        )
        found = [_instance(row, now, ttl_s) for row, now in rows]
    return [instance for instance in found if instance.seen_s < _LOST_S]


def _instance(row: InstanceRow, now: datetime, ttl_s: float) -> Instance:
    seen_at = row.seen_at or row.started_at
    seen_s = max(0.0, (now - seen_at).total_seconds())
    return Instance(
        executor_id=row.executor_id,
        hostname=row.hostname,
        pid=row.pid,
        role=row.role,
        address=row.address,
        version=row.version,
        git_revision=row.git_revision,
        schema_head=row.schema_head,
        started_at=row.started_at,
        seen_at=seen_at,
        seen_s=round(seen_s, 3),
        live=seen_s < ttl_s,
        draining=row.draining,
        probed=row.probed,
        in_flight=row.in_flight,
        running_jobs=row.running_jobs,
        clock_offset_s=row.clock_offset_s,
        fingerprint=row.fingerprint,
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
