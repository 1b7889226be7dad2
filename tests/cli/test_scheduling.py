"""`posts publish --at`, `posts unschedule` and `scale tasks`, as a person runs them."""

import json
from collections.abc import Callable

from app.infra.db import Database, open_database
from app.ops.repository import TaskRows
from tests.cli.conftest import Command
from tests.posts.articles import saved


async def run_once(database: Database) -> None:
    """A task that went well and one that failed."""
    async with database.unit() as session:
        rows = TaskRows(session, database)
        await rows.declare({"publish-scheduled": 5.0, "sweep": 60.0})
        for name, failed in (("publish-scheduled", False), ("sweep", True)):
            run = await rows.claim(name, "host-1", for_s=9) or 0
            told = "OSError: gone" if failed else "2 published"
            await rows.finish(name, run, "host-1", again_in_s=60, result=told, failed=failed)


async def test_an_article_is_scheduled_in_the_blogs_time_zone_and_taken_back(
    command: Command, new_database: Callable[[str], str]
) -> None:
    url = new_database("sqlite")
    database = open_database(url)
    name = (await saved(database)).id
    await run_once(database)
    await database.close()
    given = {"TIMEZONE": "Asia/Seoul", "DATABASE_URL": url}

    odd = command("posts", "publish", name, "--at", "at nine", **given)
    done = command("posts", "publish", name, "--at", "2030-12-01 09:00", **given)
    shown = command("posts", "show", name, **given).stdout
    back = command("posts", "unschedule", name, **given)
    tasks = command("scale", "tasks", **given)
    as_json = command("scale", "tasks", "--json", **given)

    assert odd.returncode == 2
    assert "Write day and time as 2026-12-01 09:00; they are read in Asia/Seoul." in odd.stderr
    assert done.returncode == 0
    assert "goes out at 2030-12-01 09:00 Asia/Seoul (2030-12-01T00:00:00Z)." in done.stderr
    assert "goes out at 2030-12-01 00:00:00Z" in shown
    assert "is approved" in back.stderr
    assert tasks.returncode == 1  # one of them failed
    assert "2 published" in tasks.stdout
    assert "FAILED 1×: OSError: gone" in tasks.stdout
    found = {task["name"]: task for task in json.loads(as_json.stdout)["tasks"]}
    assert found["sweep"]["failures"] == 1
    assert found["publish-scheduled"]["ran_on"] == "host-1"
