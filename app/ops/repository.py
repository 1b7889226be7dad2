"""Asks the database about itself, and keeps what probes write."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, inspect, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from app.infra.db import Database
from app.ops.models import ProbeRow, TaskRow


class Probes:
    """What checks and the proof wrote to read it back."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def write(self, key: str, value: str, *, until: datetime) -> None:
        """Write a value that is anybody's to delete after `until`."""
        self._session.add(ProbeRow(key=key, value=value, expires_at=until))
        await self._session.flush()

    async def read(self, key: str) -> str | None:
        """The value, if it is there."""
        return await self._session.scalar(select(ProbeRow.value).where(ProbeRow.key == key))

    async def delete(self, key: str, *, now: datetime) -> None:
        """Delete the value, and what killed probes left behind."""
        await self._session.execute(
            delete(ProbeRow).where(or_(ProbeRow.key == key, ProbeRow.expires_at < now))
        )

    async def forget_expired(self, *, now: datetime) -> int:
        """Delete what killed probes left behind; answers how many."""
        gone = await self._session.execute(delete(ProbeRow).where(ProbeRow.expires_at < now))
        return gone.rowcount if isinstance(gone, CursorResult) else 0


@dataclass(frozen=True, slots=True)
class TaskState:
    """How a periodic task stands."""

    name: str
    every_s: float
    due_at: datetime
    running_on: str | None
    """The executor that runs it now."""
    started_at: datetime | None
    ended_at: datetime | None
    ran_on: str | None
    """The executor that ran it last."""
    result: str
    failures: int
    """How often in a row it has failed; 0 after a run that went well."""
    run: int


class TaskRows:
    """The periodic tasks of the fleet. A claim is one statement, so that of several processes one gets it."""

    def __init__(self, session: AsyncSession, database: Database) -> None:
        self._session = session
        self._database = database

    async def declare(self, tasks: Mapping[str, float]) -> None:
        """Write the tasks (seconds between runs, by name) that are not there; new ones are due at once."""
        dialect: Any = sqlite if self._database.is_sqlite else postgresql
        for name, every_s in sorted(tasks.items()):
            row = {"name": name, "every_s": every_s, "due_at": self._database.clock}
            insert = dialect.insert(TaskRow).values(**row, run=0, result="", failures=0)
            await self._session.execute(
                insert.on_conflict_do_update(index_elements=["name"], set_={"every_s": every_s})
            )

    async def waits(self, names: Collection[str]) -> dict[str, float]:
        """Seconds until each task may be claimed; 0 or less where it may be now."""
        rows = await self._session.execute(
            select(TaskRow.name, TaskRow.due_at, TaskRow.claimed_until, self._database.clock).where(
                TaskRow.name.in_(names)
            )
        )
        return {
            name: (max(due_at, claimed_until or due_at) - now).total_seconds()
            for name, due_at, claimed_until, now in rows
        }

    async def claim(self, name: str, by: str, *, for_s: float) -> int | None:
        """Claim a task that is due and not claimed; answers the number of its run, None when it is neither."""
        clock = self._database.clock
        return await self._session.scalar(
            update(TaskRow)
            .where(
                TaskRow.name == name,
                TaskRow.due_at <= clock,
                or_(TaskRow.claimed_until.is_(None), TaskRow.claimed_until < clock),
            )
            .values(
                claimed_by=by,
                claimed_until=self._database.clock_in(for_s),
                run=TaskRow.run + 1,
                started_at=clock,
            )
            .returning(TaskRow.run)
        )

    async def keep(self, name: str, run: int, *, for_s: float) -> bool:
        """Hold a claim longer; False when it is somebody else's by now."""
        return await self._change(name, run, claimed_until=self._database.clock_in(for_s))

    async def finish(
        self, name: str, run: int, by: str, *, again_in_s: float, result: str, failed: bool
    ) -> bool:
        """Say how a run went and when the next is due; False when the claim is somebody else's by now."""
        return await self._change(
            name,
            run,
            claimed_by=None,
            claimed_until=None,
            due_at=self._database.clock_in(again_in_s),
            ended_at=self._database.clock,
            ran_on=by,
            result=result,
            failures=TaskRow.failures + 1 if failed else 0,
        )

    async def give_back(self, name: str, run: int) -> None:
        """Let somebody else run it at once."""
        await self._change(name, run, claimed_by=None, claimed_until=None)

    async def _change(self, name: str, run: int, **values: Any) -> bool:
        mine = TaskRow.run == run, TaskRow.claimed_by.is_not(None)
        changed = await self._session.execute(
            update(TaskRow).where(TaskRow.name == name, *mine).values(**values)
        )
        return isinstance(changed, CursorResult) and changed.rowcount == 1

    async def all(self) -> list[TaskState]:
        """Every task by name."""
        rows = await self._session.execute(
            select(TaskRow, self._database.clock).order_by(TaskRow.name)
        )
        return [
            TaskState(
                name=row.name,
                every_s=row.every_s,
                due_at=row.due_at,
                running_on=(
                    row.claimed_by if row.claimed_until and row.claimed_until > now else None
                ),
                started_at=row.started_at,
                ended_at=row.ended_at,
                ran_on=row.ran_on,
                result=row.result,
                failures=row.failures,
                run=row.run,
            )
            for row, now in rows
        ]


async def has_tables(database: Database) -> bool:
    """Whether what this room keeps has its tables: they come with the first start."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(
            lambda sync: inspect(sync).has_table(ProbeRow.__tablename__)
        )


@dataclass(frozen=True, slots=True)
class Connections:
    """How many connections the server lets in, keeps for its administrators, and has now."""

    most: int
    reserved: int
    used: int


async def count_connections(database: Database) -> Connections:
    """The connections of a PostgreSQL server."""
    async with database.reading() as session:
        row = (
            await session.execute(
                text(
                    "select current_setting('max_connections')::int, "
                    "current_setting('superuser_reserved_connections')::int, "
                    "(select count(*) from pg_stat_activity where backend_type = 'client backend')"
                )
            )
        ).one()
        return Connections(row[0], row[1], row[2])


async def clock_offset_s(database: Database, now: Callable[[], datetime]) -> float:
    """How far this process's clock is ahead of the database's now, seconds; half the way there is taken off."""
    async with database.reading() as session:
        before = now()
        there = (await session.execute(select(database.clock))).scalar_one()
        after = now()
    return round((before + (after - before) / 2 - there).total_seconds(), 3)
