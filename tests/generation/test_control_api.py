"""The API's routes of control and of batches, in this process: what they answer, and whom they let in."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from app.config import Settings
from app.generation.api import create_jobs_router
from app.generation.batches.api import create_batches_router
from app.generation.batches.table import MAX_BYTES
from app.generation.control_api import create_control_router, create_queues_router
from app.generation.watching import Watching
from app.infra.durable import migrate_engine
from app.infra.ports import open_ports
from app.web.problems import answer_with_problems
from tests.desk.conftest import RolesByHeader
from tests.generation.working import SOURCE

TABLE = (
    b"keyword,sources,priority,publish\none,https://a.example,high,no\ntwo,https://b.example,,no\n"
)


class Client(httpx2.AsyncClient):
    """Asks as somebody of a role."""

    async def as_(self, role: str, method: str, path: str, **more: Any) -> httpx2.Response:
        headers = {**more.pop("headers", {}), **({"x-role": role} if role else {})}
        return await self.request(method, path, headers=headers, **more)

    async def send_table(self, table: bytes, role: str = "writer", **query: Any) -> httpx2.Response:
        headers = {"idempotency-key": query.pop("key")} if "key" in query else {}
        files = {"file": ("t.csv", table, "text/csv")}
        return await self.as_(role, "POST", "/batches", files=files, params=query, headers=headers)


@pytest.fixture
async def client(database_url: str, tmp_path: Path) -> AsyncIterator[Client]:
    await migrate_engine(database_url)
    settings = Settings(database_url=database_url, data_dir=tmp_path)
    ports = open_ports(settings)
    people = RolesByHeader()
    api = FastAPI()
    answer_with_problems(api)
    api.include_router(
        create_jobs_router(ports, settings, people, Watching(ports.database, ports.pubsub))
    )
    api.include_router(create_control_router(ports, people))
    api.include_router(create_queues_router(ports, settings, people))
    api.include_router(create_batches_router(ports, settings, people))
    transport = httpx2.ASGITransport(app=api)
    async with Client(transport=transport, base_url="http://api.example") as opened:
        yield opened
    await ports.close()


async def job(client: Client, keyword: str = "horizontal scaling", **more: Any) -> dict[str, Any]:
    body = {"keyword": keyword, "sources": [{"text": SOURCE}], **more}
    answer = await client.as_("writer", "POST", "/generate-post", json=body)
    assert answer.status_code == 202, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("method", "path", "needs"),
    [
        ("DELETE", "/jobs/none", "write"),
        ("POST", "/jobs/none/resume", "write"),
        ("POST", "/jobs/none/retry", "write"),
        ("PUT", "/jobs/none/priority", "write"),
        ("GET", "/jobs/none/parts", "read"),
        ("GET", "/queues", "read"),
        ("POST", "/queues/posts/pause", "ops"),
        ("POST", "/queues/posts/resume", "ops"),
        ("POST", "/batches", "write"),
        ("GET", "/batches", "read"),
        ("GET", "/batches/none", "read"),
        ("GET", "/batches/none.csv", "read"),
        ("POST", "/batches/none/pause", "write"),
        ("POST", "/batches/none/resume", "write"),
        ("DELETE", "/batches/none", "write"),
    ],
)
async def test_strangers_and_people_without_the_permission_are_refused(
    client: Client, method: str, path: str, needs: str
) -> None:
    lower = {"write": "viewer", "ops": "editor", "read": ""}[needs]
    allowed = {"write": "writer", "ops": "owner", "read": "viewer"}[needs]

    assert (await client.as_("", method, path, json={})).status_code == 401
    if lower:
        assert (await client.as_(lower, method, path, json={})).status_code == 403
    assert (await client.as_(allowed, method, path, json={})).status_code not in {401, 403}


async def test_jobs_are_listed_by_condition_and_linked_page_by_page(client: Client) -> None:
    made = [await job(client, f"scaling {n}", priority="low") for n in range(3)]
    await job(client, "other")

    first = await client.as_("viewer", "GET", "/jobs?q=scaling&limit=2&since=2026-01-01T00:00:00")
    next_ = first.headers["link"].split(">")[0].removeprefix("</api/v1")
    second = await client.as_("viewer", "GET", next_)
    person = await client.as_("viewer", "GET", "/jobs?person=person:writer&state=queued")
    odd = await client.as_("viewer", "GET", "/jobs?state=sleeping")

    assert [each["job_id"] for each in first.json()] == [made[2]["job_id"], made[1]["job_id"]]
    assert [each["job_id"] for each in second.json()] == [made[0]["job_id"]]
    assert "link" not in second.headers
    assert first.json()[0]["priority"] == 200
    assert len(person.json()) == 4
    assert odd.status_code == 422


async def test_a_job_is_cancelled_gone_on_with_and_tried_again(client: Client) -> None:
    path = f"/jobs/{(await job(client))['job_id']}"

    cancelled = await client.as_("writer", "DELETE", path)
    twice = await client.as_("writer", "DELETE", path)
    resumed = await client.as_("writer", "POST", f"{path}/resume")
    moved = await client.as_("writer", "PUT", f"{path}/priority", json={"priority": "high"})
    early = await client.as_("writer", "POST", f"{path}/retry", json={})
    await client.as_("writer", "DELETE", path)
    retried = await client.as_("writer", "POST", f"{path}/retry", json={})
    odd = await client.as_("writer", "POST", f"{path}/retry", json={"step": "bake"})
    parts = await client.as_("viewer", "GET", f"{path}/parts")

    assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
    assert twice.status_code == early.status_code == 409
    assert resumed.json()["state"] == "queued"
    assert moved.json()["priority"] == 50
    assert (retried.json()["state"], retried.json()["attempt"]) == ("queued", 2)
    assert odd.status_code == 422
    assert parts.json() == []


async def test_a_deadline_has_a_zone_and_lies_ahead(client: Client) -> None:
    body = {"keyword": "scaling", "sources": [{"text": SOURCE}]}

    answers = [
        await client.as_("writer", "POST", "/generate-post", json={**body, "deadline_at": at})
        for at in ("2099-01-01T00:00:00Z", "2020-01-01T00:00:00Z", "2099-01-01T00:00:00")
    ]

    assert [answer.status_code for answer in answers] == [202, 422, 422]
    assert answers[0].json()["deadline_at"].startswith("2099-01-01T00:00:00")


async def test_queues_are_counted_paused_and_resumed(client: Client) -> None:
    await job(client)

    before = (await client.as_("viewer", "GET", "/queues")).json()
    paused = await client.as_("owner", "POST", "/queues/posts/pause")
    listed = (await client.as_("viewer", "GET", "/queues")).json()
    resumed = await client.as_("owner", "POST", "/queues/posts/resume")
    unknown = await client.as_("owner", "POST", "/queues/none/pause")

    assert [(queue["name"], queue["waiting"]) for queue in before] == [("posts", 1), ("llm", 0)]
    assert paused.json()["paused_by"] == "person:owner"
    assert [queue["paused"] for queue in listed] == [True, False]
    assert resumed.json()["paused"] is False
    assert unknown.status_code == 422


async def test_a_batch_is_looked_over_accepted_once_watched_and_exported(client: Client) -> None:
    seen = await client.send_table(TABLE, preview=1)
    accepted = await client.send_table(TABLE, name="December")
    again = await client.send_table(TABLE, name="December")
    anew = await client.send_table(TABLE, name="December", key="k1", keep_repeated=1)
    path = f"/batches/{accepted.json()['id']}"
    detail = await client.as_("viewer", "GET", path)
    rest = await client.as_("viewer", "GET", f"{path}?after=2")
    table = await client.as_("viewer", "GET", f"{path}.csv")
    paused = await client.as_("writer", "POST", f"{path}/pause")
    resumed = await client.as_("writer", "POST", f"{path}/resume")
    cancelled = await client.as_("writer", "DELETE", path)
    late = await client.as_("writer", "POST", f"{path}/resume")
    listed = await client.as_("viewer", "GET", "/batches?limit=1")

    assert seen.status_code == 200
    assert seen.json()["counts"] == {"rows": 2, "ready": 2, "wrong": 0, "repeated": 0}
    assert seen.json()["cost_usd"] == [0.0, 0.0]
    assert [row["priority"] for row in seen.json()["rows"]] == ["high", "normal"]
    assert accepted.status_code == 202
    assert accepted.headers["location"] == f"/api/v1{path}"
    assert (again.status_code, again.json()["already"]) == (200, True)
    assert again.json()["id"] == accepted.json()["id"] != anew.json()["id"]
    assert [row["row"] for row in detail.json()["rows"]] == [2, 3]
    assert [row["row"] for row in rest.json()["rows"]] == [3]
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert [each.json()["state"] for each in (paused, resumed, cancelled)] == [
        *("paused", "running", "cancelled"),
    ]
    assert late.status_code == 409
    assert [batch["id"] for batch in listed.json()] == [anew.json()["id"]]


async def test_a_table_that_cannot_be_used_is_a_clear_problem(client: Client) -> None:
    publishing = TABLE.replace(b"high,no", b"high,yes")
    answers = [
        await client.send_table(b""),
        await client.send_table(b"\x89PNG\x00\x00"),
        await client.send_table(b"x" * (MAX_BYTES + 1)),
        await client.send_table(TABLE, model="gpt-99"),
        await client.send_table(publishing),
        await client.as_("writer", "POST", "/batches", content=b"not a form"),
    ]
    published = await client.send_table(publishing, role="editor")

    assert [answer.status_code for answer in answers] == [422] * 6
    assert "may not publish" in answers[4].text
    assert all(answer.headers["content-type"] == "application/problem+json" for answer in answers)
    assert published.status_code == 202
