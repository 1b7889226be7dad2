"""An instance is killed: who watched goes on elsewhere without a gap, and what is due goes out all the same."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from app.cluster import Fleet
from app.config import DrainSettings, Settings
from app.generation.jobs import JobState, Request
from app.generation.repository import Jobs
from app.generation.watching import Watching
from app.infra.db import Database, open_database
from app.infra.pubsub import open_pubsub
from app.kit.ids import uuid7
from app.ops.instances import list_instances
from app.ops.tasks import list_tasks
from app.posts.repository import Posts
from tests.doors import people
from tests.posts.articles import saved

pytestmark = pytest.mark.processes

WATCHERS = 12
EVENTS = 60
QUICK = Settings(drain=DrainSettings(wait_s=0, deadline_s=20))


@pytest.fixture(scope="module")
def fleet(
    tmp_path_factory: pytest.TempPathFactory, module_database: Callable[[str], str]
) -> Iterator[Fleet]:
    shared = {"DATA_DIR": str(tmp_path_factory.mktemp("shared"))}
    with Fleet(
        2,
        balancer=None,
        policy=QUICK,
        settings=shared,
        database_url=module_database("postgresql"),
        redis_url="",
        blob_url="",
    ) as running:
        yield running


@pytest.fixture(autouse=True)
def _both_run(fleet: Fleet) -> None:
    for each in fleet.instances:
        if not each.running:
            each.start()


@pytest.fixture
async def database(fleet: Fleet) -> AsyncIterator[Database]:
    opened = open_database(fleet.environment["DATABASE_URL"])
    yield opened
    await opened.close()


@pytest.fixture(scope="module")
def key(fleet: Fleet) -> str:
    url = fleet.environment["DATABASE_URL"]
    return people.make_key(url, people.make_person(url, "owner@example.org", "owner"))


async def events_of(stream: httpx2.Response) -> AsyncIterator[tuple[int, str, str]]:
    """Whole events alone: number, kind and step. What a cut connection left half is nothing."""
    fields: dict[str, str] = {}
    async for line in stream.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
            continue
        if "id" in fields:
            yield int(fields["id"]), fields["event"], json.loads(fields["data"])["step"]
        fields = {}


async def browser(fleet: Fleet, key: str, job_id: str, turn: int) -> tuple[list[int], int]:
    """Watches as a browser does: comes back with the number of the last event it saw, to another instance."""
    seen: list[int] = []
    connections = 0
    async with httpx2.AsyncClient(
        headers={"authorization": f"Bearer {key}"}, timeout=httpx2.Timeout(5, read=30)
    ) as client:
        while True:
            at = fleet.instances[turn % len(fleet.instances)].url
            turn, connections = turn + 1, connections + 1
            last = {"last-event-id": str(seen[-1])} if seen else {}
            try:
                async with client.stream(
                    "GET", f"{at}/api/v1/jobs/{job_id}/events", headers=last
                ) as stream:
                    async for seq, kind, step in events_of(stream):
                        seen.append(seq)
                        if (step, kind) == ("save", "finished"):
                            return seen, connections
            except httpx2.TransportError:
                pass
            await asyncio.sleep(0.1)


async def test_watchers_lose_and_repeat_no_event_when_their_instance_is_killed(
    fleet: Fleet, database: Database, key: str
) -> None:
    job_id = str(uuid7())
    request = Request(keyword="watching", language="en", model="composer", sources=())
    async with database.unit() as session:
        await Jobs(session).add(job_id, request, now=datetime.now(UTC))
    pubsub = open_pubsub("", database.url)
    async with Watching(database, pubsub).running(), asyncio.timeout(90):
        browsers = [
            asyncio.create_task(browser(fleet, key, job_id, turn)) for turn in range(WATCHERS)
        ]
        for n in range(EVENTS):
            if n == EVENTS // 2:
                await asyncio.to_thread(fleet.instances[1].kill)
            async with database.unit() as session:
                await Jobs(session).record(
                    job_id, step="draft", kind="progress", n=n, now=datetime.now(UTC)
                )
            await asyncio.sleep(0.03)
        async with database.unit() as session:
            jobs = Jobs(session)
            await jobs.set_state(job_id, JobState.SUCCEEDED, now=datetime.now(UTC))
            await jobs.record(job_id, step="job", kind="succeeded", now=datetime.now(UTC))
            await jobs.record(job_id, step="save", kind="finished", now=datetime.now(UTC))
        seen = await asyncio.gather(*browsers)
    await pubsub.close()

    assert [events for events, _ in seen] == [list(range(1, EVENTS + 4))] * WATCHERS
    assert sum(connections for _, connections in seen) > WATCHERS  # some had to come back


async def test_what_is_due_goes_out_once_although_who_did_it_before_is_killed(
    fleet: Fleet, database: Database, key: str
) -> None:
    async def runner() -> str | None:
        tasks = {task.name: task for task in await list_tasks(database)}
        return tasks["publish-scheduled"].ran_on if "publish-scheduled" in tasks else None

    async with asyncio.timeout(30):
        while (before := await runner()) is None:
            await asyncio.sleep(0.2)
    found = await list_instances(database, ttl_s=6.0)
    address = next(each.address for each in found if each.executor_id == before)
    victim = next(each for each in fleet.instances if each.address == address)
    survivor = next(each for each in fleet.instances if each is not victim)
    post = await saved(database)
    at = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
    async with httpx2.AsyncClient(base_url=survivor.url, timeout=30) as client:
        early = await client.get(post.path)
        asked = await client.post(
            f"/api/v1/posts/{post.id}/publish",
            json={"at": at},
            headers={"authorization": f"Bearer {key}"},
        )
        await asyncio.to_thread(victim.kill)
        began = time.monotonic()
        async with asyncio.timeout(40):
            while (await client.get(post.path)).status_code != 200:
                await asyncio.sleep(0.2)
        took = time.monotonic() - began
        feed = (await client.get("/feed.xml")).text
    async with database.reading() as session:
        after = await Posts(session).read(post.id)

    assert early.status_code == 404
    assert asked.json()["state"] == "scheduled"
    assert took < 25
    assert (after.state, after.version) == ("published", 3)
    assert await runner() != before
    assert post.path in feed
