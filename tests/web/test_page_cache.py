"""The kept pages before a small application, with the layers in the order that the program has them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from app.config import CacheSettings, Settings
from app.infra.ports import Ports, open_ports
from app.infra.tags import bump_tags
from app.web import page_cache
from app.web.answers import AnswerCodec, finish_answer
from app.web.hosts import HostGuard
from app.web.page_cache import PageDoor, PageFront, Pages
from app.web.pages import PUBLIC, public_answer

LONG = "<p>An article about load balancing. " * 300


@dataclass
class Blog:
    """Pages that count how often they are made, and fail when told to."""

    ports: Ports
    pages: Pages
    client: httpx2.AsyncClient
    made: list[str] = field(default_factory=list)
    headers_seen: list[dict[str, str]] = field(default_factory=list)
    text: str = LONG
    status: int = 200
    extra: dict[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] | None = ("post:1",)
    breaks: bool = False

    async def page(self, request: Request) -> Response:
        self.made.append(str(request.url))
        self.headers_seen.append(dict(request.headers))
        if self.breaks:
            raise RuntimeError("the database does not answer")
        if self.tags is not None:
            request.state.tags = self.tags
        return public_answer(request, self.text, "text/html", self.status, self.extra)

    async def bump(self, *tags: str) -> None:
        async with self.ports.database.unit() as session:
            await bump_tags(session, tags)
        await asyncio.sleep(0)


def _normal(path: str, query: bytes) -> bytes | None:
    if path == "/media":
        return None
    return query if query == b"page=2" else b""


@pytest.fixture
async def blog(
    new_database: Callable[[str], str], tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Blog]:
    cache = CacheSettings(pages=getattr(request, "param", True))
    settings = Settings(
        database_url=new_database("sqlite"), data_dir=tmp_path, cache=cache, public_url=""
    )
    ports = open_ports(settings)
    pages = Pages(ports, settings)

    async def pixels(_request: Request) -> Response:
        blog.made.append("pixels")
        return Response(bytes(5000), media_type="image/png")

    async def page(request: Request) -> Response:
        return await blog.page(request)

    async def stream(_request: Request) -> Response:
        async def parts() -> AsyncIterator[str]:
            yield LONG
            yield LONG

        return StreamingResponse(parts(), media_type="text/html")

    async def refuse(_request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return PlainTextResponse("refused", error.status_code)

    app = Starlette(
        routes=[
            Route("/media", pixels),
            Route("/pixels", pixels),
            Route("/stream", stream),
            Route("/{name:path}", page),
        ],
        middleware=[
            Middleware(HostGuard, allowed={"blog.example", "127.0.0.1"}),
            Middleware(PageDoor, pages=pages, normal=_normal),
        ],
        exception_handlers={HTTPException: refuse},
    )
    transport = httpx2.ASGITransport(app=PageFront(app, pages), raise_app_exceptions=False)
    async with (
        httpx2.AsyncClient(transport=transport, base_url="http://blog.example") as client,
        pages.running(),
    ):
        blog = Blog(ports, pages, client)
        yield blog
    await ports.close()


async def test_a_page_is_made_once(blog: Blog) -> None:
    first = await blog.client.get("/en/a")
    second = await blog.client.get("/en/a")
    third = await blog.client.get("/en/a")

    assert first.text == second.text == third.text == LONG
    assert first.headers == second.headers == third.headers
    assert first.headers["cache-control"] == PUBLIC
    assert len(blog.made) == 1
    assert len(blog.pages.shortcuts) == 1


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [("br", "br"), ("gzip", "gzip"), ("gzip, br;q=0.1", "gzip"), ("identity", None), ("", None)],
)
async def test_each_reader_gets_the_form_it_accepts(
    blog: Blog, accept: str, encoding: str | None
) -> None:
    await blog.client.get("/en/a", headers={"accept-encoding": "br, gzip"})

    for _ in range(2):
        answer = await blog.client.get("/en/a", headers={"accept-encoding": accept})

        assert answer.headers.get("content-encoding") == encoding
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.text == LONG
        assert int(answer.headers["content-length"]) < len(LONG) or encoding is None
    assert len(blog.made) == 1


async def test_who_has_the_page_already_is_told_so(blog: Blog) -> None:
    tag = (await blog.client.get("/en/a")).headers["etag"]

    for given in (tag, f'"x", {tag}', "*", tag.removeprefix("W/")):
        answer = await blog.client.get("/en/a", headers={"if-none-match": given})

        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == tag
        assert answer.headers["cache-control"] == PUBLIC
        assert "content-encoding" not in answer.headers
    other = await blog.client.get("/en/a", headers={"if-none-match": '"x"'})
    assert other.status_code == 200


async def test_head_says_what_get_would_and_sends_nothing(blog: Blog) -> None:
    head = await blog.client.head("/en/a")
    got = await blog.client.get("/en/a")
    again = await blog.client.head("/en/a")

    assert head.headers == got.headers == again.headers
    assert head.content == again.content == b""
    assert len(blog.made) == 1


async def test_a_bump_in_the_database_makes_the_page_new(blog: Blog) -> None:
    old = await blog.client.get("/en/a")
    blog.text = LONG + "and more"
    unmoved = await blog.client.get("/en/a")

    await blog.bump("post:1")
    new = await blog.client.get("/en/a")

    assert unmoved.text == old.text
    assert new.text == blog.text
    assert new.headers["etag"] != old.headers["etag"]


async def test_a_page_that_names_no_tags_is_old_after_any_bump(blog: Blog) -> None:
    blog.tags = None
    await blog.client.get("/en/a")

    await blog.bump("anything")
    await blog.client.get("/en/a")

    assert len(blog.made) == 2


async def test_a_query_that_does_not_matter_makes_no_page_of_its_own(blog: Blog) -> None:
    for n in range(50):
        assert (await blog.client.get(f"/en/a?utm_source={n}&x={n}")).text == LONG
    await blog.client.get("/en/a?page=2")

    assert blog.made == ["http://blog.example/en/a", "http://blog.example/en/a?page=2"]
    assert len(blog.pages.cache) == 2
    assert len(blog.pages.shortcuts) == 1


async def test_a_host_that_is_not_ours_gets_nothing_kept_and_leaves_nothing(blog: Blog) -> None:
    await blog.client.get("/en/a")

    evil = await blog.client.get("/en/a", headers={"host": "evil.example"})
    twice = await blog.client.get(
        "/en/a", headers=[("host", "evil.example"), ("host", "blog.example")]
    )
    other = await blog.client.get("/en/a", headers={"host": "127.0.0.1"})

    assert (evil.status_code, twice.status_code, other.status_code) == (421, 421, 200)
    assert blog.made == ["http://blog.example/en/a", "http://127.0.0.1/en/a"]


@pytest.mark.parametrize(
    ("status", "extra"),
    [
        (200, {"set-cookie": "session=1"}),
        (200, {"cache-control": "private, max-age=60"}),
        (200, {"cache-control": "no-store"}),
        (200, {"vary": "Cookie"}),
        (302, {"location": "/"}),
        (405, {}),
        (500, {}),
        (503, {"retry-after": "5"}),
    ],
)
async def test_what_is_not_for_everybody_is_never_kept(
    blog: Blog, status: int, extra: dict[str, str]
) -> None:
    blog.status, blog.extra = status, extra
    for _ in range(2):
        answer = await blog.client.get("/en/a")

        assert answer.status_code == status
        assert all(answer.headers[name].startswith(value) for name, value in extra.items())
    assert len(blog.made) == 2
    assert len(blog.pages.cache) == 0


async def test_readers_at_once_never_share_an_answer_that_sets_a_cookie(blog: Blog) -> None:
    blog.extra = {"set-cookie": "session=1"}

    await asyncio.gather(*(blog.client.get("/en/a") for _ in range(10)))

    assert len(blog.made) == 10


async def test_a_key_goes_past_what_is_kept(blog: Blog) -> None:
    await blog.client.get("/en/a")

    for _ in range(2):
        await blog.client.get("/en/a", headers={"authorization": "Bearer x"})

    assert len(blog.made) == 3


async def test_pages_are_made_from_nothing_of_the_reader_s(blog: Blog) -> None:
    await blog.client.get(
        "/en/a",
        headers={"cookie": "session=1", "x-forwarded-host": "evil", "accept-language": "ko"},
    )

    assert blog.headers_seen == [{"host": "blog.example"}]


async def test_a_failure_shows_the_old_page_and_says_nothing_of_it(blog: Blog) -> None:
    await blog.client.get("/en/a")
    await blog.bump("post:1")
    blog.breaks = True

    answer = await blog.client.get("/en/a")

    assert (answer.status_code, answer.text) == (200, LONG)
    assert blog.pages.can_serve_readers()


async def test_a_failure_with_nothing_kept_is_a_failure(blog: Blog) -> None:
    blog.breaks = True

    answer = await blog.client.get("/en/a")

    assert answer.status_code == 500
    assert not blog.pages.can_serve_readers()


async def test_an_article_that_is_gone_is_not_shown_even_when_all_else_fails(blog: Blog) -> None:
    blog.tags = ("post:1", "gone:1")
    await blog.client.get("/en/a")
    await blog.bump("post:1", "gone:1")
    blog.breaks = True

    answer = await blog.client.get("/en/a")

    assert answer.status_code == 500


@pytest.mark.parametrize("status", [301, 404, 410])
async def test_what_is_not_there_is_kept_a_moment_and_apart(blog: Blog, status: int) -> None:
    blog.status, blog.tags = status, None
    await blog.client.get("/en/a", follow_redirects=False)
    await blog.client.get("/en/a", follow_redirects=False)
    assert len(blog.made) == 1
    assert len(blog.pages.cache) == 0
    assert not blog.pages.shortcuts

    blog.status = 200
    await blog.bump("lists:en")

    assert (await blog.client.get("/en/a")).status_code == 200


async def test_addresses_made_up_do_not_push_pages_out(
    blog: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    await blog.client.get("/en/a")
    blog.status = 404
    monkeypatch.setattr(blog.pages.cache._brief, "_max", 100_000)

    for n in range(100):
        await blog.client.get(f"/en/made-up-{n}")
    blog.status = 200
    await blog.client.get("/en/a")

    assert blog.made.count("http://blog.example/en/a") == 1
    assert blog.pages.cache._brief.bytes <= 100_000


async def test_requests_known_by_their_bytes_are_bounded(
    blog: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_cache, "_SHORTCUTS", 5)

    for n in range(20):
        await blog.client.get("/en/a", headers={"accept-encoding": f"gzip, x{n}"})

    assert len(blog.pages.shortcuts) == 5
    assert len(next(iter(blog.pages.shortcuts.values())).entry.shortcuts) == 5
    assert len(blog.made) == 1


async def test_a_picture_goes_through_as_it_is(blog: Blog) -> None:
    for path in ("/pixels", "/media"):
        answer = await blog.client.get(path)

        assert answer.content == bytes(5000)
        assert "content-encoding" not in answer.headers
    assert blog.made.count("pixels") == 3  # at the address that is not known for media, it is tried


async def test_a_stream_of_text_is_kept_whole(blog: Blog) -> None:
    first = await blog.client.get("/stream")
    second = await blog.client.get("/stream")

    assert first.text == second.text == LONG + LONG


@pytest.mark.parametrize("blog", [False], indirect=True)
async def test_with_keeping_off_pages_are_still_compressed(blog: Blog) -> None:
    for _ in range(2):
        answer = await blog.client.get("/en/a", headers={"accept-encoding": "br"})

        assert answer.headers["content-encoding"] == "br"
    assert len(blog.made) == 2
    assert not blog.pages.can_serve_readers()


async def test_other_methods_go_to_the_application(blog: Blog) -> None:
    await blog.client.get("/en/a")

    assert (await blog.client.post("/en/a")).status_code == 405


def test_an_answer_comes_back_as_it_was_written() -> None:
    codec = AnswerCodec()
    answer = finish_answer(200, [(b"ETag", b'"x"'), (b"X-A", b"\xe9")], LONG.encode())

    back = codec.decode(codec.encode(answer))

    assert (back.status, back.headers, back.forms, back.starts) == (
        answer.status,
        answer.headers,
        answer.forms,
        answer.starts,
    )
    assert back.headers[0] == (b"etag", b'W/"x"')


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x02[]",
        b'\x00\x00\x00\x21[200, [["set-cookie", "a"]], [["",0]]]',
        b'\x00\x00\x00\x13[200, [], [["",9]]]',
        b'\x00\x00\x00\x16[200, [], [["zstd",0]]]',
    ],
)
def test_bytes_that_are_no_answer_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        AnswerCodec().decode(data)
