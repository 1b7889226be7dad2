"""Opens the database and hands out units of work: one transaction each, committed at its end."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from app.infra.db.urls import async_url, sqlite_file

_BEGIN = "sqlite_begin"

_BUSY_TIMEOUT_MS = 10_000
"""How long a SQLite writer waits for another; the engine's own connections wait 30 s."""

_IDLE_IN_TRANSACTION_MS = 4_000
"""How long a paused process may hold row locks (measured: 60 s blocks a take-over past 35 s)."""


AWAY = (OperationalError, InterfaceError, PoolTimeout)
"""What a query raises when the database does not answer (or, on SQLite, is locked for too long)."""


class DatabaseAway(Exception):
    """The database does not answer. Says where it was looked for; never repeats the password."""


class Database:
    """An engine and its units of work. `scope` says how far its state reaches."""

    def __init__(self, engine: AsyncEngine, url: str) -> None:
        self.engine = engine
        self.url = url
        self.is_sqlite = engine.dialect.name == "sqlite"
        self.scope = "host" if self.is_sqlite else "fleet"
        self.committed: list[Callable[[AsyncSession], None]] = []
        """Called with a writing unit's session once it has committed: to wake, never to write."""
        self._reading = async_sessionmaker(engine, expire_on_commit=False)
        self._writing = async_sessionmaker(
            engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"}), expire_on_commit=False
        )

    @asynccontextmanager
    async def unit(self) -> AsyncGenerator[AsyncSession]:
        """One writing transaction: committed when the block ends, rolled back when it raises."""
        async with self._writing() as session:
            async with session.begin():
                yield session
            for tell in self.committed:
                tell(session)

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        """A transaction that only reads; never waits for a writer."""
        async with self._reading() as session:
            yield session

    async def ping(self) -> None:
        """Ask the database for a row. Raises what the driver raises."""
        async with self.engine.connect() as connection:
            await connection.execute(text("select 1"))

    async def reach(self) -> None:
        """Make sure that it answers before anything relies on it.

        Raises:
            DatabaseAway: it does not; says where it was looked for and why.
        """
        try:
            await self.ping()
        except (OperationalError, InterfaceError) as error:
            reason = str(error.orig).strip().splitlines()[0].rstrip(".")
            raise DatabaseAway(
                f"The database does not answer: {make_url(self.url).render_as_string()}: {reason}. "
                "Start it, or set DATABASE_URL to another."
            ) from error

    async def close(self) -> None:
        """Give the connections back."""
        await self.engine.dispose()


def open_database(url: str, *, pool_size: int = 5) -> Database:
    """Open a `DATABASE_URL`; connections are made when they are first needed.

    Raises:
        BadDatabaseUrl: the address cannot be used.
    """
    parsed = async_url(url)
    if parsed.drivername.startswith("sqlite"):
        if (file := sqlite_file(url)) is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
        engine = create_async_engine(parsed)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    else:
        engine = create_async_engine(
            parsed,
            pool_size=pool_size,
            max_overflow=0,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": 5,
                "options": f"-c idle_in_transaction_session_timeout={_IDLE_IN_TRANSACTION_MS}",
            },
        )
    return Database(engine, url)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own BEGIN comes late and is always deferred: `_begin_sqlite` says it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that turns into a writer fails with SQLITE_BUSY_SNAPSHOT, which no
    # busy_timeout cures: writing units take the write lock first.
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))
