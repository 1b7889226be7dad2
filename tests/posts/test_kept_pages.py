"""The blog answered from kept pages: what changes is new at once, what does not is not made again."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from app.config import Settings
from app.infra.db import Database
from app.infra.ports import open_ports
from app.posts import service
from app.posts.repository import Posts
from app.posts.site import create_site
from app.web.page_cache import Pages
from tests.posts.articles import NOW, published


@pytest.fixture
async def blog(database: Database, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    settings = Settings(
        data_dir=tmp_path, database_url=database.url, public_url="https://blog.example"
    )
    ports = open_ports(settings)
    await ports.database.close()
    ports = replace(ports, database=database)
    pages = Pages(ports, settings)
    transport = httpx2.ASGITransport(app=create_site(database, settings, pages=pages))
    async with (
        pages.running(),
        httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
    ):
        yield client
    await ports.pubsub.close()
    await ports.store.close()
    ports.enqueuer.close()


LISTS = ("/", "/en/", "/feed.xml", "/sitemap.xml")


async def _texts(blog: httpx2.AsyncClient, *paths: str) -> list[str]:
    return [(await blog.get(path)).text for path in paths]


async def test_a_published_article_is_on_every_list_at_once(
    database: Database, blog: httpx2.AsyncClient
) -> None:
    missing = await blog.get("/en/load-balancing-in-practice")
    before = await _texts(blog, *LISTS)

    post = await published(database)

    after = await _texts(blog, *LISTS)
    assert missing.status_code == 404
    assert (await blog.get(post.path)).status_code == 200
    assert not any(post.path in text for text in before)
    assert all(post.path in text for text in after)


async def test_an_unpublished_article_is_gone_everywhere_at_once(
    database: Database, blog: httpx2.AsyncClient
) -> None:
    post = await published(database)
    await _texts(blog, post.path, post.path + ".md", *LISTS)

    async with database.unit() as session:
        await service.unpublish_post(Posts(session), post.id, now=NOW)

    assert (await blog.get(post.path)).status_code == 410
    assert (await blog.get(post.path + ".md")).status_code == 410
    assert not any(post.path in text for text in await _texts(blog, *LISTS))


async def test_an_edit_is_read_at_once_and_leaves_other_articles_kept(
    database: Database, blog: httpx2.AsyncClient
) -> None:
    post = await published(database)
    other = await published(database, slug="another", title="Another")
    await _texts(blog, post.path, other.path)

    async with database.unit() as session:
        await service.edit_post(
            Posts(session), post.id, now=NOW, title="A better title", slug="better"
        )

    moved = await blog.get(post.path, follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (301, "/en/better")
    assert "A better title" in (await blog.get("/en/better")).text
    assert "A better title" in (await blog.get("/")).text


async def test_an_earlier_text_that_is_brought_back_is_read_at_once(
    database: Database, blog: httpx2.AsyncClient
) -> None:
    post = await published(database)
    async with database.unit() as session:
        await service.edit_post(Posts(session), post.id, now=NOW, title="A better title")
    await blog.get(post.path)

    async with database.unit() as session:
        await service.restore_revision(Posts(session), post.id, 1, now=NOW)

    assert "A better title" not in (await blog.get(post.path)).text


async def test_the_first_article_of_a_language_appears_in_every_page_s_choice(
    database: Database, blog: httpx2.AsyncClient
) -> None:
    post = await published(database)
    before = (await blog.get(post.path)).text

    korean = await published(database, language="ko", slug="균형", translation_of=post.id)
    after = (await blog.get(post.path)).text

    assert f'hreflang="ko" href="https://blog.example{korean.path}"' not in before
    assert f'hreflang="ko" href="https://blog.example{korean.path}"' in after
    assert 'href="/ko/"' in after


async def test_a_page_is_not_made_again_while_nothing_changes(
    database: Database, blog: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = await published(database)
    paths = (post.path, post.path + ".md", *LISTS, "/robots.txt", "/static/site.css")
    first = await _texts(blog, *paths)

    def fail(*_arguments: object, **_values: object) -> None:
        raise AssertionError("the database was asked")

    with monkeypatch.context() as patch:
        patch.setattr(Posts, "published", fail)
        patch.setattr(Posts, "address", fail)
        patch.setattr(Posts, "addresses", fail)
        second = await _texts(blog, *paths)

    assert first == second


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?page=1", 200),
        ("?page=0", 404),
        ("?page=x", 404),
        ("?page=", 404),
        ("?" + "a=1&" * 60, 200),
    ],
)
async def test_a_query_of_a_list_means_what_it_did(
    blog: httpx2.AsyncClient, query: str, status: int
) -> None:
    assert (await blog.get("/" + query)).status_code == status


async def test_the_database_away_is_said_with_503_and_when_to_come_again(
    database: Database, blog: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    async def away(*_arguments: object) -> None:
        raise OperationalError("select", {}, Exception("gone"))

    monkeypatch.setattr(Posts, "address", away)

    answer = await blog.get("/en/anything")

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["cache-control"] == "no-store"
