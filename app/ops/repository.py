"""Asks the database about itself, and keeps what probes write."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, inspect, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.infra.db import Database
from app.ops.models import ProbeRow


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
