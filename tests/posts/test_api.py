"""The API publishes and schedules for who may, and for nobody else."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

from app.config import Settings
from app.infra.ports import open_ports
from app.posts.api import create_posts_router
from app.web.problems import answer_with_problems
from tests.desk.conftest import RolesByHeader
from tests.posts.articles import NOW, published, saved


@pytest.fixture
async def api(database_url: str, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    settings = Settings(
        database_url=database_url,
        data_dir=tmp_path,
        timezone="Asia/Seoul",
        publishing={"per_day": 1},
    )
    ports = replace(open_ports(settings), now=lambda: NOW)
    app = FastAPI()
    answer_with_problems(app)
    app.include_router(create_posts_router(ports, settings, RolesByHeader()))
    app.state.database = ports.database
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://api.example", headers={"x-role": "editor"}
    ) as client:
        client.database = ports.database  # for what a test keeps first
        yield client
    await ports.close()


async def test_an_article_is_scheduled_seen_and_cancelled(api: httpx2.AsyncClient) -> None:
    post = await saved(api.database)

    asked = await api.post(f"/posts/{post.id}/publish", json={"at": "2026-12-01 09:00"})
    seen = await api.get(f"/posts/{post.slug}")
    stranger = await api.get(f"/posts/{post.slug}", headers={"x-role": ""})
    cancelled = await api.post(f"/posts/{post.id}/unschedule")
    again = await api.post(f"/posts/{post.id}/unschedule")

    assert asked.status_code == 200
    assert asked.json()["state"] == seen.json()["state"] == "scheduled"
    at = datetime.fromisoformat(seen.json()["publish_at"])
    assert at == datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
    assert stranger.status_code == 404
    assert (cancelled.json()["state"], cancelled.json()["publish_at"]) == ("approved", None)
    assert again.status_code == 409


async def test_it_publishes_at_once_until_the_pace_is_used_up(api: httpx2.AsyncClient) -> None:
    first, second = await saved(api.database), await saved(api.database)

    done = await api.post(f"/posts/{first.id}/publish")
    over = await api.post(f"/posts/{second.id}/publish", json={})

    assert (done.status_code, done.json()["state"]) == (200, "published")
    assert over.status_code == 409
    assert "the next can be at 2026-03-05 14:06 Asia/Seoul" in over.json()["detail"]


@pytest.mark.parametrize("role", ["", "viewer", "writer"])
@pytest.mark.parametrize("verb", ["publish", "unschedule"])
async def test_only_who_may_publish_does(api: httpx2.AsyncClient, role: str, verb: str) -> None:
    post = await saved(api.database)

    answer = await api.post(f"/posts/{post.id}/{verb}", headers={"x-role": role})

    assert answer.status_code == (403 if role else 401)
    assert (await api.get(f"/posts/{post.id}")).json()["state"] == "draft"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"at": "tomorrow"}, 422),
        ({"at": "2001-01-01 00:00"}, 422),
        ({"at": "2099-01-01 00:00"}, 422),
        ({"at": "9" * 41}, 422),
        ({"at": "2026-12-01\u0000 09:00"}, 422),
        ({"at": 5}, 422),
        ({"when": "2026-12-01 09:00"}, 422),
        ({"version": 99}, 409),
    ],
)
async def test_what_makes_no_sense_is_a_problem(
    api: httpx2.AsyncClient, body: dict[str, object], status: int
) -> None:
    post = await saved(api.database)

    answer = await api.post(f"/posts/{post.id}/publish", json=body)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_what_is_published_stays_so(api: httpx2.AsyncClient) -> None:
    post = await published(api.database)

    again = await api.post(f"/posts/{post.id}/publish")
    later = await api.post(f"/posts/{post.id}/publish", json={"at": "2026-12-01 09:00"})

    assert (again.status_code, again.json()["state"]) == (200, "published")
    assert later.status_code == 409
