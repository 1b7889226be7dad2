"""What the fleet does again and again does what it says."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.config import Settings
from app.generation.jobs import Request
from app.generation.repository import IdempotencyKeys, Jobs
from app.infra.db import Database
from app.infra.durable import migrate_engine
from app.infra.ports import Ports, open_ports
from app.ops.repository import Probes
from app.ops.tasks import Tasks
from app.periodic import add_tasks
from app.posts.repository import Posts
from app.posts.scheduling import schedule_post
from tests.posts.articles import NOW, saved

LONG_AGO = NOW - timedelta(days=9)


@pytest.fixture
async def ports(database: Database, tmp_path: Path) -> AsyncIterator[tuple[Ports, Tasks]]:
    settings = Settings(database_url=database.url, data_dir=tmp_path, publishing={"per_day": 1})
    await migrate_engine(database.url)
    opened = open_ports(settings)
    tasks = Tasks(opened.database, "here")
    add_tasks(tasks, opened, settings)
    yield opened, tasks
    await opened.close()


async def test_every_task_does_its_work_and_says_what(ports: tuple[Ports, Tasks]) -> None:
    opened, tasks = ports
    first, second = await saved(opened.database), await saved(opened.database)
    request = Request(keyword="old", language="en", model="composer", sources=())
    async with opened.database.unit() as session:
        for n, post in enumerate((first, second)):
            at = NOW + timedelta(seconds=n)
            await schedule_post(Posts(session), post.id, at=at, now=LONG_AGO, through=True)
        await IdempotencyKeys(session).claim("p", "old", "hash", "job-1", now=LONG_AGO)
        await Jobs(session).add("job-1", request, now=LONG_AGO)
        await Probes(session).write("old", "x", until=LONG_AGO)
        await Probes(session).write("new", "x", until=datetime.now(UTC) + timedelta(days=1))

    said = {name: await task.run() for name, task in tasks._tasks.items()}
    again = {name: await task.run() for name, task in tasks._tasks.items()}

    assert said["publish-scheduled"].startswith("1 published, more wait for a slot at ")
    assert again["publish-scheduled"].startswith("0 published, more wait")
    assert (said["purge-leftovers"], again["purge-leftovers"]) == (
        "1 keys, 1 probes",
        "0 keys, 0 probes",
    )
    assert said["purge-workflows"] == "0 purged"
    async with opened.database.reading() as session:
        assert [(await Posts(session).read(each.id)).state for each in (first, second)] == [
            "published",
            "scheduled",
        ]
        assert await Probes(session).read("new") == "x"
