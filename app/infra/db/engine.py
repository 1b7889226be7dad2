"""Opens the database and hands out units of work: one transaction each, committed at its end."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    create_engine,
    event,
    func,
    select,
    text,
    type_coerce,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from app.infra.db.slow import tell_slow_queries
from app.infra.db.tables import Moment
from app.infra.db.urls import async_url, sqlite_file

POOL_SIZE = 5
"""Connections of the application's pool, on PostgreSQL."""

_BEGIN = "sqlite_begin"
_SLOW_S = 0.5

_BUSY_TIMEOUT_MS = 10_000
"""How long a SQLite writer waits for another; the engine's own connections wait 30 s."""

_IDLE_IN_TRANSACTION_MS = 4_000
"""How long a paused process may hold row locks (measured: 60 s blocks a take-over past 35 s)."""


AWAY = (OperationalError, InterfaceError, PoolTimeout)
"""What a query raises when the database does not answer (or, on SQLite, is locked for too long)."""

_NOTICE_LOST_HOSTS = {
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
"""A host that vanishes answers nothing, not even with a refusal: 10 s instead of the kernel's minutes."""

_DIRECT_S = 3
"""Longest wait of a direct connection for being made, and on SQLite for another writer, seconds."""


class DatabaseAway(Exception):
    """The database does not answer. Says where it was looked for; never repeats the password."""


class Database:
    """An engine and its units of work. `scope` says how far its state reaches."""

    def __init__(self, engine: AsyncEngine, url: str, *, pinger: AsyncEngine | None = None) -> None:
        """`pinger` has a connection of its own, so that a full pool is not taken for a dead server."""
        self.engine = engine
        self._pinger = pinger or engine
        self.url = url
        self.is_sqlite = engine.dialect.name == "sqlite"
        self.scope = "host" if self.is_sqlite else "fleet"
        self.committed: list[Callable[[AsyncSession], None]] = []
        """Called with a writing unit's session once it has committed: to wake, never to write."""
        self.clock: ColumnElement[Any] = (
            # As SQLAlchemy writes moments there: text, to the microsecond, without a zone.
            func.strftime("%Y-%m-%d %H:%M:%f000", "now", type_=Moment())
            if self.is_sqlite
            else func.clock_timestamp(type_=Moment())
        )
        """The moment now by the database's own clock, as a part of a statement."""
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

    def clock_in(self, seconds: float) -> ColumnElement[Any]:
        """The moment `seconds` from now by the database's own clock, as a part of a statement."""
        if self.is_sqlite:
            shift = f"{seconds:+.3f} seconds"
            return func.strftime("%Y-%m-%d %H:%M:%f000", "now", shift, type_=Moment())
        interval = func.make_interval(0, 0, 0, 0, 0, 0, seconds)
        return type_coerce(func.clock_timestamp() + interval, Moment())

    async def moment(self) -> datetime:
        """The moment now by the database's own clock, which all instances share."""
        async with self.reading() as session:
            return (await session.execute(select(self.clock))).scalar_one()

    async def ping(self) -> None:
        """Ask the database for a row. Raises what the driver raises."""
        async with self._pinger.connect() as connection:
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

    def direct(self) -> Engine:
        """A blocking engine with one connection of its own, for a thread that must not wait for a pool.

        It gives up within seconds where the application waits longer; every statement commits by itself.
        """
        parsed = async_url(self.url)
        if not self.is_sqlite:
            return create_engine(
                parsed,
                pool_size=1,
                max_overflow=0,
                isolation_level="AUTOCOMMIT",
                connect_args={
                    "connect_timeout": _DIRECT_S,
                    **_NOTICE_LOST_HOSTS,
                    # Leases last 6 s: after a change of the database's host, they must be kept within that.
                    "tcp_user_timeout": _DIRECT_S * 1000,
                },
            )
        return create_engine(
            parsed.set(drivername="sqlite"),
            isolation_level="AUTOCOMMIT",
            connect_args={"timeout": _DIRECT_S},
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self.engine.dispose()
        await self._pinger.dispose()


def open_database(
    url: str, *, pool_size: int = POOL_SIZE, slow_query_s: float = _SLOW_S
) -> Database:
    """Open a `DATABASE_URL`; connections are made when they are first needed.

    Queries of `slow_query_s` seconds and more are logged.

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
        engine, pinger = (
            create_async_engine(
                parsed,
                pool_size=size,
                max_overflow=0,
                pool_pre_ping=True,
                connect_args={
                    "connect_timeout": 5,
                    "options": f"-c idle_in_transaction_session_timeout={_IDLE_IN_TRANSACTION_MS}",
                    **_NOTICE_LOST_HOSTS,
                },
            )
            for size in (pool_size, 1)
        )
        tell_slow_queries(engine.sync_engine, slow_query_s)
        return Database(engine, url, pinger=pinger)
    tell_slow_queries(engine.sync_engine, slow_query_s)
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
