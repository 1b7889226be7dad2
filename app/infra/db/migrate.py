"""Brings the database up to date at start, one starter at a time."""

import asyncio
import fcntl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from enum import StrEnum

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from app.infra.db.engine import Database
from app.infra.db.urls import sqlite_file
from app.kit.shipped import shipped

log = structlog.get_logger()

MIGRATIONS = shipped("migrations")

_LOCK = 0x5E0_B106
"""The advisory lock's number; any constant that nobody else uses in this database."""


class WrongDatabase(Exception):
    """The database cannot hold what the program writes, or holds another program's. Says what to change."""


class Standing(StrEnum):
    """Where a database stands, seen from this program."""

    BEHIND = "behind"
    CURRENT = "current"
    AHEAD = "ahead"
    """A newer release has migrated it. It can be worked with: migrations only add what older releases do not
    notice (`tools/migrations.py`), and in a rolling upgrade an old instance that restarts finds it so."""


async def migrate(database: Database) -> str:
    """Run the migrations that are missing, under a lock, and answer the revision reached.

    Safe for any number of starters at once: the others wait and then find nothing to do. A database that is
    ahead of this program is left as it is.

    Raises:
        WrongDatabase: its encoding or character classes lose Korean, or its revision is of another program.
    """
    async with _one_at_a_time(database):
        if not database.is_sqlite:
            await _require_korean(database)
        async with database.engine.connect() as connection:
            at = await connection.run_sync(_current)
            if stands(at) is Standing.AHEAD:
                log_ahead(at)
                return at or ""
            await connection.run_sync(_upgrade)
            await connection.commit()
            return await connection.run_sync(_current) or ""


def stands(at: str | None) -> Standing:
    """Where a database at this revision stands.

    Raises:
        WrongDatabase: this program does not know the revision, and it is none of a newer release either.
    """
    scripts = ScriptDirectory.from_config(_config())
    newest = scripts.get_current_head()
    if at == newest:
        return Standing.CURRENT
    known = {script.revision for script in scripts.walk_revisions()}
    if at is None or at in known:
        return Standing.BEHIND
    if newest is None or (len(at), at) > (len(newest), newest):  # numbers with zeros before them
        return Standing.AHEAD
    raise WrongDatabase(
        f"The database is at revision {at}, which neither this release (up to {newest}) nor a newer one has. "
        "Is DATABASE_URL that of another program?"
    )


def log_ahead(at: str | None) -> None:
    """Say that a newer release has been here."""
    log.info("database_ahead", revision=at, program=head())


async def current(database: Database) -> str | None:
    """The revision that the database is at; None before the first."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(_current)


def head() -> str | None:
    """The newest revision this program knows."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    command.upgrade(_config(connection), "head")


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@asynccontextmanager
async def _one_at_a_time(database: Database) -> AsyncGenerator[None]:
    if not database.is_sqlite:
        async with database.engine.connect() as connection:
            # In autocommit: a waiting transaction would be ended by the idle limit.
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("select pg_advisory_lock(:n)"), {"n": _LOCK})
            try:
                yield
            finally:
                await connection.execute(text("select pg_advisory_unlock(:n)"), {"n": _LOCK})
        return
    file = sqlite_file(database.url)
    if file is None:
        yield
        return
    with file.with_name(file.name + ".migrate.lock").open("w") as handle:
        await asyncio.to_thread(fcntl.flock, handle, fcntl.LOCK_EX)
        yield


async def _require_korean(database: Database) -> None:
    """Under the C locale, Hangul is no letter: trigrams of it are empty and searches go wrong."""
    async with database.engine.connect() as connection:
        encoding = await connection.scalar(
            text(
                "select pg_encoding_to_char(encoding) from pg_database "
                "where datname = current_database()"
            )
        )
        hangul = await connection.scalar(text("select '가' ~ '[[:alpha:]]'"))
    if encoding != "UTF8" or not hangul:
        raise WrongDatabase(
            "This PostgreSQL database does not know Korean letters "
            f"(encoding {encoding}). Create it with: CREATE DATABASE ai_seo_blogger "
            "ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' TEMPLATE template0"
        )
