"""The audit of our own pages at every door: they pass, who may ask asks, and nobody else does."""

import asyncio
import json

import pytest

from app.infra.db import open_database
from app.posts.schemas import Post
from tests.doors.conftest import Server, serving
from tests.posts.articles import published

KOREAN = (
    "수평 확장은 서버를 여러 대로 늘리는 방법이며 부하 분산기가 요청을 나누어 보냅니다.[^1]\n\n"
    "## 어떻게 확인하나요\n\n열 초마다 모든 서버를 확인합니다.[^1]\n\n"
    "[^1]: 부하 분산, <https://example.org/balancing>, 2026-03-04에 확인.\n"
)


@pytest.fixture(scope="module")
def articles(servers) -> tuple[Server, Post, Post]:
    """A server, and an article of its blog in both languages."""
    server: Server = servers("sqlite")

    async def make() -> tuple[Post, Post]:
        database = open_database(server.environment["DATABASE_URL"])
        try:
            english = await published(database, slug="audited")
            korean = await published(
                database,
                language="ko",
                slug="수평-확장-점검",
                title="수평 확장 <b>안내</b> & </script>",
                markdown=KOREAN,
                translation_of=english.id,
                claims=(),
            )
        finally:
            await database.close()
        return english, korean

    return server, *asyncio.run(make())


@pytest.mark.parametrize("language", ["en", "ko"])
def test_our_own_pages_pass_everything(articles: tuple[Server, Post, Post], language: str) -> None:
    server, english, korean = articles
    post = english if language == "en" else korean

    with server.signed_in("writer") as browser:
        answer = browser.post(f"/desk/articles/{post.id}/audit", data={})

    assert answer.status_code == 200
    assert '<span class="state bad">' not in answer.text
    assert '<span class="state ok">' not in answer.text
    assert answer.text.count('<span class="state good">') >= 20


def test_the_command_and_the_api_say_the_same(
    articles: tuple[Server, Post, Post], tmp_path
) -> None:
    _, english, _ = articles
    other = articles[0]
    place = other.url.removeprefix("http://")
    url = other.url + english.path
    with serving(tmp_path, f"sqlite:///{tmp_path}/b.db", FETCH_ALLOW=place) as server:
        command = server.command("audit", url, "--format", "json", "--say", "ko")
        with server.operator() as client:
            answer = client.post("/api/v1/page-audit", json={"url": url, "say": "ko"})

    told = json.loads(command.stdout)
    assert command.returncode == 0, command.stderr
    assert answer.status_code == 200, answer.text
    assert told["findings"] == answer.json()["findings"]
    assert told["passed"]


def test_strangers_viewers_and_other_sites_may_not_ask(
    articles: tuple[Server, Post, Post],
) -> None:
    server, english, _ = articles
    body, desk = {"url": "https://example.org/"}, f"/desk/articles/{english.id}/audit"
    with server.anybody() as client:
        assert client.post("/api/v1/page-audit", json=body).status_code == 401
        assert client.post(desk).status_code in {303, 401, 403}
    with server.signed_in("viewer") as browser:
        assert browser.post("/api/v1/page-audit", json=body).status_code == 403
        assert browser.post(desk).status_code == 403
    with server.signed_in("writer") as browser:
        browser.headers["sec-fetch-site"] = "cross-site"
        assert browser.post("/api/v1/page-audit", json=body).status_code == 403
        assert browser.post(desk).status_code == 403


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/", "http://127.0.0.1:1/", "file:///etc/passwd", "no address"]
)
def test_the_api_fetches_nothing_inside_the_network(one_server: Server, url: str) -> None:
    with one_server.operator() as client:
        answer = client.post("/api/v1/page-audit", json={"url": url})

    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"]


def test_a_draft_has_no_page_to_audit(one_server: Server) -> None:
    with one_server.signed_in("writer") as browser:
        assert browser.post("/desk/articles/nobody/audit").status_code == 404


def test_the_editor_shows_what_is_written_as_results_would(
    articles: tuple[Server, Post, Post],
) -> None:
    server, english, _ = articles
    path = f"/desk/articles/{english.id}/preview"
    fields = {
        "title": "<b>Horizontal scaling</b> " * 9,
        "meta_description": "수평 확장",
        "slug": "a",
    }
    with server.signed_in("writer") as browser:
        editor = browser.get(f"/desk/articles/{english.id}/edit").text
        shown = browser.post(path, data=fields).text
        browser.headers["sec-fetch-site"] = "cross-site"
        elsewhere = browser.post(path, data=fields)
    with server.signed_in("viewer") as browser:
        viewer = browser.post(path, data=fields)

    assert f'data-preview="{path}"' in editor
    assert "&lt;b&gt;Horizontal scaling&lt;/b&gt;" in shown
    assert "<b>" not in shown
    assert "…" in shown
    assert f"{server.url} › en › a" in shown
    assert (elsewhere.status_code, viewer.status_code) == (403, 403)
