"""Migrations run by themselves, for any number of starters, and leave nothing for autogenerate to find."""

import asyncio
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from app.infra.db import Database, open_database
from app.infra.db.migrate import WrongDatabase, head, migrate, pending
from app.tables import metadata


async def test_a_migrated_database_is_at_the_head_and_matches_the_models(
    database: Database,
) -> None:
    assert not await pending(database)
    async with database.engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(
                MigrationContext.configure(sync, opts={"compare_type": True}), metadata
            )
        )

    assert differences == []


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    assert await migrate(database) == head()
    assert await migrate(database) == head()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_eight_starters_at_once_all_come_up(
    kind: str, tmp_path: Path, postgres_server: str, worker_id: str
) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    if kind == "postgresql":
        name = f"starters_{worker_id}"
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            connection.execute(f"create database {name}")
        url = postgres_server.rsplit("/", 1)[0] + "/" + name
    code = (
        "import asyncio, sys; from app.infra.db import open_database;"
        "from app.infra.db.migrate import migrate;"
        "print(asyncio.run(migrate(open_database(sys.argv[1]))))"
    )

    starters = [
        subprocess.Popen([sys.executable, "-c", code, url], stdout=subprocess.PIPE, text=True)
        for _ in range(8)
    ]
    outputs = [starter.communicate(timeout=120)[0].strip() for starter in starters]

    assert [starter.returncode for starter in starters] == [0] * 8
    assert outputs == [head()] * 8


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
    from sqlalchemy import text

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
