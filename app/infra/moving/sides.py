"""The two databases of a move: nobody writes the source meanwhile, and nobody else the target."""

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError

from app.infra.db.urls import async_url, sqlite_file
from app.infra.durable.lock import RunLock
from app.infra.durable.names import SCHEMA
from app.infra.moving.shapes import CannotMove, Row, Shape

CHUNK_ROWS = 500
_CHUNK_LETTERS = 4_000_000
"""A chunk ends there too: snapshots of sources are long."""

_LOCK = 0x5E0_C0B7
"""The number of the advisory lock of whoever copies into a database."""

_WAIT_MS = 8_000
"""For the lock: the server needs a moment to notice that a killed copy has gone."""

_ALIVE_S = 15
"""An instance that was seen within it runs."""


def shown(url: str) -> str:
    """The address without its password."""
    return async_url(url).render_as_string()


@contextmanager
def source_of(url: str, ours: Iterable[str]) -> Generator[sa.Connection]:
    """A connection to the source that nobody writes until the block ends.

    Raises:
        CannotMove: it is not there, an instance runs on it, or somebody writes it.
    """
    file = sqlite_file(url)
    if file is None:
        with _postgres_source(url, sorted(ours)) as connection:
            yield connection
        return
    if not file.is_file():
        raise CannotMove(f"There is no SQLite file {file}.")
    lock = RunLock(file)
    if not lock.take():
        pid = lock.holder()
        raise CannotMove(
            f"Process {pid} runs on {file}. Stop it first: kill {pid} (it finishes its running steps)"
        )
    engine = sa.create_engine(async_url(url).set(drivername="sqlite"), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # writers wait; readers do not
            except OperationalError as error:
                raise CannotMove(
                    f"Somebody writes {file} now ({error.orig}). Stop it and try again."
                ) from error
            yield connection
            connection.exec_driver_sql("ROLLBACK")
    finally:
        engine.dispose()
        lock.release()


@contextmanager
def _postgres_source(url: str, ours: list[str]) -> Generator[sa.Connection]:
    engine = sa.create_engine(async_url(url))
    try:
        with reached(engine, url) as looking:
            refuse_living(looking, "The source")
            there = set(sa.inspect(looking).get_table_names())
            engines = sa.inspect(looking).get_table_names(schema=SCHEMA)
        with engine.connect() as connection:
            connection.execution_options(isolation_level="REPEATABLE READ")
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_WAIT_MS}")
            names = [f'"{name}"' for name in ours if name in there]
            names += [f'{SCHEMA}."{name}"' for name in engines]
            if names:
                try:
                    # Before the first query, so that what is read is from after the last writer.
                    connection.exec_driver_sql(f"LOCK TABLE {', '.join(names)} IN SHARE MODE")
                except OperationalError as error:
                    raise CannotMove(
                        "Somebody writes the source now. Stop every instance and command on it, then try again."
                    ) from error
            yield connection
            connection.rollback()
    finally:
        engine.dispose()


@contextmanager
def target_of(url: str) -> Generator[sa.Connection]:
    """A connection to the target that nobody else copies into.

    Raises:
        CannotMove: it is no PostgreSQL, or another copy into it is running.
    """
    if sqlite_file(url) is not None or not async_url(url).drivername.startswith("postgresql"):
        raise CannotMove(
            "The target must be PostgreSQL: postgresql://user:password@host:5432/name "
            "(a SQLite file is copied with: ai-seo-blogger db backup FILE)"
        )
    engine = sa.create_engine(async_url(url))
    try:
        with reached(engine, url) as holding, engine.connect() as connection:
            holding.exec_driver_sql(f"SET lock_timeout = {_WAIT_MS}")
            try:
                holding.execute(sa.text("select pg_advisory_lock(:n)"), {"n": _LOCK})
            except OperationalError as error:
                raise CannotMove("Another copy into this target is running. Let it end.") from error
            holding.commit()
            try:
                yield connection
            except (OperationalError, psycopg.OperationalError) as error:
                reason = str(getattr(error, "orig", error)).strip().splitlines()[0].rstrip(".")
                raise CannotMove(
                    f"The connection was lost: {reason}. Run the command again; it goes on where it was."
                ) from error
            connection.rollback()
    finally:
        engine.dispose()


@contextmanager
def reached(engine: sa.Engine, url: str) -> Generator[sa.Connection]:
    """A connection, or a sentence about why there is none.

    Raises:
        CannotMove: the database does not answer.
    """
    try:
        connection = engine.connect()
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0].rstrip(".")
        raise CannotMove(f"{shown(url)} does not answer: {reason}.") from error
    with connection:
        yield connection


def refuse_living(connection: sa.Connection, side: str) -> None:
    """Look for instances that run on a PostgreSQL database.

    Raises:
        CannotMove: there are some.
    """
    if not sa.inspect(connection).has_table("instances"):
        return
    asked = sa.text(
        "select hostname || '-' || pid from instances where ended_at is null "
        "and seen_at > clock_timestamp() - make_interval(secs => :s) order by 1"
    )
    living = [row[0] for row in connection.execute(asked, {"s": _ALIVE_S})]
    if living:
        raise CannotMove(
            f"{side} is in use by {', '.join(living)}. Stop every instance on it (SIGTERM; in Kubernetes: "
            f"kubectl scale deployment ai-seo-blogger --replicas=0) and try again after {_ALIVE_S} s."
        )


def count(connection: sa.Connection, shape: Shape) -> int:
    """The rows of a table."""
    table = shape.table(sqlite=connection.dialect.name == "sqlite")
    return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def chunks(
    connection: sa.Connection, shape: Shape, *, after: Row | None = None
) -> Iterator[list[Row]]:
    """A table's rows in the order of its key, some at a time."""
    sqlite = connection.dialect.name == "sqlite"
    keys = shape.keys(sqlite=sqlite)
    asked = shape.select(sqlite=sqlite).order_by(*keys)
    if after is not None:
        asked = asked.where(sa.tuple_(*keys) > sa.tuple_(*(sa.literal(part) for part in after)))
    found = connection.execution_options(stream_results=True, max_row_buffer=100).execute(asked)
    part: list[Row] = []
    letters = 0
    with found:
        for raw in found:
            row = shape.read(raw)
            part.append(row)
            letters += sum(len(value) for value in row if isinstance(value, str | bytes))
            if len(part) >= CHUNK_ROWS or letters >= _CHUNK_LETTERS:
                yield part
                part, letters = [], 0
    if part:
        yield part
