"""The API tells and sets links between articles, and tells what wants mending, to who may."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

from app.config import Settings
from app.infra.ports import open_ports
from app.posts.upkeep.api import create_upkeep_router
from app.web.problems import answer_with_problems
from tests.desk.conftest import RolesByHeader
from tests.posts.articles import NOW, published, saved


@pytest.fixture
async def api(database_url: str, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    settings = Settings(
        database_url=database_url, data_dir=tmp_path, public_url="https://blog.example"
    )
    ports = replace(open_ports(settings), now=lambda: NOW + timedelta(10))
    app = FastAPI()
    answer_with_problems(app)
    app.include_router(create_upkeep_router(ports, settings, RolesByHeader()))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://api.example", headers={"x-role": "writer"}
    ) as client:
        client.database = ports.database  # for what a test keeps first
        yield client
    await ports.close()


async def test_links_are_told_and_set(api: httpx2.AsyncClient) -> None:
    brew = await published(
        api.database, title="Cold brew", slug="cold-brew", keyphrase="cold brew", claims=()
    )
    text = "We like cold brew."
    draft = await saved(api.database, markdown=text, claims=())

    told = (await api.get(f"/posts/{draft.slug}/links")).json()
    done = await api.post(f"/posts/{draft.slug}/links", json={"to": [brew.id], "revision": 1})
    late = await api.post(f"/posts/{draft.slug}/links", json={"to": [brew.id], "revision": 1})
    none = await api.post(f"/posts/{draft.slug}/links")

    (suggested,) = told["suggested"]
    assert (told["revision"], told["orphan"]) == (1, False)
    assert suggested["id"] == brew.id
    assert suggested["path"] == "/en/cold-brew"
    assert text[suggested["start"] : suggested["end"]] == suggested["anchor"] == "cold brew"
    assert suggested["why"] == "keyphrase"
    assert done.json()["revision"] == 2
    assert [each["id"] for each in done.json()["inserted"]] == [brew.id]
    assert late.status_code == 409
    assert none.json() == {"revision": 2, "inserted": []}


async def test_links_into_an_orphan_are_told(api: httpx2.AsyncClient) -> None:
    brew = await published(
        api.database, title="Cold brew", slug="cold-brew", keyphrase="cold brew", claims=()
    )
    near = await published(
        api.database, title="Brew of summer", slug="summer", keyphrase="summer brew",
        markdown="Cold brew it is.", claims=(),
    )  # fmt: skip

    told = (await api.get(f"/posts/{brew.id}/links")).json()
    refused = await api.post(f"/posts/{near.id}/links")  # published, and a writer asks

    assert told["orphan"] is True
    assert [each["article"]["slug"] for each in told["linkers"]] == ["summer"]
    assert refused.status_code == 409


async def test_upkeep_is_told_topic_by_topic(api: httpx2.AsyncClient) -> None:
    for _ in range(3):
        await published(
            api.database, markdown="It opens on 5 March 2026.\n\n[x](/en/no)", claims=()
        )

    found = {
        topic: (await api.get(f"/upkeep?topic={topic}&limit=2")).json()
        for topic in ("ageing", "links", "orphans", "titles", "keyphrases", "descriptions")
    }
    second = (await api.get(f"/upkeep?topic=ageing&after={found['ageing']['after']}")).json()

    assert found["ageing"]["counts"] == {
        "ageing": 3, "links": 3, "orphans": 3, "titles": 1, "keyphrases": 1, "descriptions": 1,
    }  # fmt: skip
    assert found["ageing"]["items"][0]["due_on"] == "2026-03-06"
    assert found["ageing"]["items"][0]["said"] == "It opens on 5 March 2026."
    assert (len(second["items"]), second["after"]) == (1, None)
    assert found["links"]["items"][0] | {"articles": []} == {
        "articles": [], "said": "", "path": "/en/no", "why": "missing", "leads_to": "", "due_on": None,
    }  # fmt: skip
    assert len(found["orphans"]["items"]) == 2
    assert len(found["titles"]["items"][0]["articles"]) == 3
    assert (await api.get("/upkeep?topic=nothing")).status_code == 422


async def test_only_who_may_reads_and_sets(api: httpx2.AsyncClient) -> None:
    draft = await saved(api.database)
    path = f"/posts/{draft.id}/links"

    for role, expected in (("", 401), ("viewer", 403)):
        answer = await api.post(path, headers={"x-role": role})
        assert answer.status_code == expected
    for path_ in (path, "/upkeep"):
        assert (await api.get(path_, headers={"x-role": ""})).status_code == 401
        assert (await api.get(path_, headers={"x-role": "viewer"})).status_code == 200
