"""Two real servers on one PostgreSQL and one Valkey."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from app.cluster import ValkeyServer
from app.infra.db import Database, open_database
from app.posts import service
from app.posts.repository import Posts
from tests.doors.conftest import Server, serving
from tests.posts.articles import published

pytestmark = pytest.mark.processes


@pytest.fixture
def valkey() -> Iterator[ValkeyServer]:
    with ValkeyServer() as server:
        yield server


@pytest.fixture
def fleet(
    new_database: Callable[[str], str], valkey: ValkeyServer, tmp_path: Path
) -> Iterator[tuple[Server, Server]]:
    url = new_database("postgresql")
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    shared = {"REDIS_URL": valkey.url, "ROLE": "web"}
    with serving(folders[0], url, **shared) as a, serving(folders[1], url, **shared) as b:
        yield a, b


@pytest.fixture
async def articles(fleet: tuple[Server, Server]) -> Database:
    return open_database(fleet[0].environment["DATABASE_URL"])


async def test_an_unpublished_page_is_gone_on_every_instance_within_a_second(
    fleet: tuple[Server, Server], articles: Database
) -> None:
    post = await published(articles)
    readers = [server.anybody() for server in fleet]
    for reader in readers:
        assert [reader.get(post.path).status_code for _ in range(3)] == [200] * 3

    async with articles.unit() as session:  # by a process that tells nobody
        await service.unpublish_post(Posts(session), post.id, now=datetime.now(UTC))
    unpublished = time.monotonic()

    for reader in readers:
        asked = time.monotonic()
        while reader.get(post.path).status_code == 200:
            assert asked < unpublished + 1.0
            asked = time.monotonic()
            assert asked < unpublished + 30
        assert reader.get(post.path).status_code == 410
        reader.close()
    await articles.close()


async def test_readers_notice_nothing_while_valkey_is_killed_and_comes_back(
    fleet: tuple[Server, Server], articles: Database, valkey: ValkeyServer
) -> None:
    post = await published(articles)
    reader = fleet[0].anybody()

    async def edit(n: int) -> None:
        async with articles.unit() as session:
            await service.edit_post(
                Posts(session), post.id, now=datetime.now(UTC), title=f"Title number {n}"
            )

    def seen() -> set[int]:
        return {reader.get(path).status_code for path in (post.path, "/", "/en/", "/feed.xml")}

    statuses = seen()
    valkey.kill()
    for n in range(5):
        await edit(n)
        statuses |= seen()
    valkey.start()
    for n in range(5, 10):
        await edit(n)
        statuses |= seen()

    assert statuses == {200}
    _until_shown(reader, post.path, "Title number 9")
    reader.close()
    await articles.close()


def _until_shown(reader: httpx2.Client, path: str, text: str) -> None:
    until = time.monotonic() + 30
    while text not in reader.get(path).text:
        assert time.monotonic() < until
