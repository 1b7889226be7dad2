"""An old release beside the tables of a newer one: what a rolling upgrade meets whenever an old instance restarts."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from app.infra.db import open_database
from app.infra.db.migrate import head
from tests import started
from tests.clients import get
from tests.doors.conftest import environment_of, serving

AHEAD = "9990"
BEHIND = "0001"


def put_at(url: str, revision: str) -> None:
    async def put() -> None:
        database = open_database(url)
        async with database.unit() as session:
            await session.execute(text(f"update alembic_version set version_num = '{revision}'"))
        await database.close()

    asyncio.run(put())


@pytest.mark.parametrize("migrates", ["false", "true"])
def test_an_instance_starts_on_a_database_that_is_ahead_of_it_and_says_so(
    migrates: str, tmp_path: Path, database_url: str
) -> None:
    put_at(database_url, AHEAD)

    with serving(tmp_path, database_url, MIGRATE_ON_START=migrates) as server:
        answer = get(f"{server.url}/en", follow_redirects=True)

    assert answer.status_code == 200
    (line,) = re.findall(r".*database_ahead.*", (tmp_path / "log").read_text())
    assert AHEAD in line
    assert str(head()) in line


def test_an_instance_that_must_not_migrate_refuses_a_database_behind_it(
    tmp_path: Path, new_database: Callable[[str], str], unused_port: int
) -> None:
    url = new_database("sqlite")
    put_at(url, BEHIND)

    ended = started.run(
        *("serve", "--port", str(unused_port)),
        folder=tmp_path,
        environment={**environment_of(url, tmp_path), "MIGRATE_ON_START": "false"},
    )

    assert ended.returncode != 0
    assert "ai-seo-blogger db upgrade" in ended.stdout + ended.stderr


def test_upgrading_from_an_old_release_changes_nothing_and_says_why(
    tmp_path: Path, new_database: Callable[[str], str]
) -> None:
    url = new_database("sqlite")
    put_at(url, AHEAD)

    ran = started.run("db", "upgrade", folder=tmp_path, environment=environment_of(url, tmp_path))

    assert ran.returncode == 0
    assert f"at revision {AHEAD}" in ran.stderr
    assert "ahead" in ran.stderr
