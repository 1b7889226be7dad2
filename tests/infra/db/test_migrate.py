"""Migrations run by themselves, for any number of starters, and leave nothing for autogenerate to find."""

import asyncio
import os
import secrets
import sys
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from app.infra.db import Database, open_database
from app.infra.db.migrate import MIGRATIONS, Standing, WrongDatabase, current, head, migrate, stands
from app.tables import metadata
from tests import started


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path, postgres_server: str) -> str:
    """The address of a database without a table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new.db'}"
    name = f"bare_{secrets.token_hex(6)}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    return postgres_server.rsplit("/", 1)[0] + "/" + name


async def test_a_migrated_database_is_at_the_head_and_matches_the_models(bare_url: str) -> None:
    database = open_database(bare_url)
    before = stands(await current(database))
    await migrate(database)
    after = stands(await current(database))
    async with database.engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(
                MigrationContext.configure(sync, opts={"compare_type": True}), metadata
            )
        )
    await database.close()

    assert (before, after) == (Standing.BEHIND, Standing.CURRENT)
    assert differences == []


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    assert await migrate(database) == head()
    assert await migrate(database) == head()


async def test_a_database_that_a_newer_release_has_migrated_is_left_as_it_is(
    database: Database,
) -> None:
    async with database.unit() as session:
        await session.execute(text("update alembic_version set version_num = '9990'"))

    assert await migrate(database) == "9990"
    assert stands(await current(database)) is Standing.AHEAD


async def test_a_revision_that_is_of_no_release_is_refused(database: Database) -> None:
    async with database.unit() as session:
        await session.execute(text("update alembic_version set version_num = '0002'"))

    with pytest.raises(WrongDatabase, match="0002"):
        await migrate(database)


def test_each_revision_is_numbered_above_the_one_before_it() -> None:
    # By that an older release knows that the database is ahead of it.
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())

    numbers = [script.revision for script in reversed(scripts)]
    assert numbers == sorted(numbers)
    assert all(len(number) == 4 and number.isdigit() for number in numbers)


def migrate_and_tell(url: str) -> None:
    sys.stdout.write(asyncio.run(migrate(open_database(url))))


def test_eight_starters_at_once_all_come_up(bare_url: str, tmp_path: Path) -> None:
    starters = [
        started.start(
            migrate_and_tell,
            bare_url,
            folder=tmp_path,
            environment=dict(os.environ),
            output=tmp_path / str(n),
        )
        for n in range(8)
    ]
    codes = [starter.wait(120) for starter in starters]

    assert codes == [0] * 8
    assert [(tmp_path / str(n)).read_text() for n in range(8)] == [head()] * 8


async def test_a_database_that_does_not_know_hangul_is_refused(
    postgres_server: str, worker_id: str
) -> None:
    name = f"ascii_{worker_id}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(
            f"create database {name} locale 'C' locale_provider libc template template0"
        )
    database = open_database(postgres_server.rsplit("/", 1)[0] + "/" + name)

    with pytest.raises(WrongDatabase, match="BUILTIN_LOCALE"):
        await migrate(database)
    await database.close()


async def test_eight_units_of_work_at_once_lose_no_write(database: Database) -> None:
    async with database.unit() as session:
        await session.execute(text("create table counter (n integer)"))
        await session.execute(text("insert into counter values (0)"))

    async def add() -> None:
        async with database.unit() as session:
            n = await session.scalar(
                text("select n from counter" + ("" if database.is_sqlite else " for update"))
            )
            await session.execute(text("update counter set n = :n"), {"n": n + 1})

    await asyncio.gather(*(add() for _ in range(8)))

    async with database.reading() as session:
        assert await session.scalar(text("select n from counter")) == 8
