"""What servers answer: too much, too slowly, damaged, unasked for; and what the fetcher makes of it."""

import time

import anyio
import pytest

from app import __version__
from app.infra.http import Fetcher, FetchError, FetchFailed, FetchLimits, FetchRefused
from tests.infra.http.hostile import ARTICLE, Hostile

LIMITS = FetchLimits(max_bytes=1024 * 1024, seconds=8.0, connect_s=4.0)
PATIENCE = FetchLimits(seconds=0.4)
"""For what never ends; the others have time even on a busy machine."""


def _fetcher(server: Hostile, limits: FetchLimits = LIMITS) -> Fetcher:
    return Fetcher(limits, allow=frozenset({server.place}))


async def test_a_page_is_read_with_what_the_server_states(server: Hostile) -> None:
    page = await _fetcher(server).fetch(server.url("/article#top"))

    assert page.body == ARTICLE
    assert page.status == 200
    assert page.content_type == "text/html"
    assert page.charset == "utf-8"
    assert page.url == server.url("/article#top")
    assert page.final_url == server.url("/article")
    assert 0 < page.seconds < LIMITS.seconds


async def test_the_fetcher_says_who_it_is(server: Hostile) -> None:
    await _fetcher(server).fetch(server.url("/article"))

    assert {asked.headers["user-agent"] for asked in server.asked} == {
        f"AISEOBlogger/{__version__}"
    }
    assert "br" not in server.asked[-1].headers["accept-encoding"]


async def test_a_redirect_is_followed_without_cookies(server: Hostile) -> None:
    page = await _fetcher(server).fetch(server.url("/redirect?to=/article"))

    assert page.body == ARTICLE
    assert page.final_url == server.url("/article")
    assert server.paths == ["/robots.txt", "/redirect", "/article"]
    assert all("cookie" not in asked.headers for asked in server.asked)


@pytest.mark.parametrize("path", ["/gzip", "/gzip-members", "/deflate", "/deflate-raw"])
async def test_a_packed_page_is_unpacked(path: str, server: Hostile) -> None:
    page = await _fetcher(server).fetch(server.url(path))

    assert page.body == ARTICLE


FAILURES = [
    ("/gigabyte", "too_big"),
    ("/no-length", "too_big"),
    ("/endless-chunks", "too_big"),
    ("/gzip-bomb", "too_big"),
    ("/deflate-bomb", "too_big"),
    ("/brotli-bomb", "encoding"),
    ("/gzip-in-gzip", "encoding"),
    ("/gzip-damaged", "encoding"),
    ("/gzip-cut", "truncated"),
    ("/cut", "truncated"),
    ("/cut-chunk", "truncated"),
    ("/hang-up", "truncated"),
    ("/header-bomb", "headers_too_big"),
    ("/many-headers", "headers_too_big"),
    ("/not-http", "bad_http"),
    ("/two-lengths", "bad_http"),
    ("/bad-chunk", "bad_http"),
    ("/circle", "redirect_loop"),
    ("/fifty", "too_many_redirects"),
    ("/redirect-nowhere", "http_302"),
    ("/status?of=404+Not+Found", "http_404"),
    ("/status?of=410+Gone", "http_410"),
    ("/status?of=401+Unauthorized", "http_401"),
    ("/status?of=403+Forbidden", "http_403"),
    ("/status?of=429+Too+Many+Requests", "http_429"),
    ("/status?of=500+Internal+Server+Error", "http_500"),
    ("/status?of=418+Teapot", "http_418"),
    ("/type?of=image/png", "content_type"),
    ("/type?of=application/json", "content_type"),
    ("/type?of=application/octet-stream", "content_type"),
    ("/type?of=nonsense", "content_type"),
    ("/untyped", "content_type"),
]


@pytest.mark.parametrize(("path", "code"), FAILURES, ids=[path for path, _ in FAILURES])
async def test_what_cannot_be_used_fails_clearly(path: str, code: str, server: Hostile) -> None:
    with pytest.raises((FetchFailed, FetchRefused)) as failed:
        await _fetcher(server).fetch(server.url(path))

    assert failed.value.reason_code == code
    assert server.place in failed.value.message


@pytest.mark.parametrize("path", ["/drip", "/slow-head", "/silent", "/early-hints"])
async def test_what_never_ends_is_left_in_time(path: str, server: Hostile) -> None:
    fetcher = _fetcher(server)
    await fetcher.fetch(server.url("/article"))  # the rules are known from here on
    fetcher._limits = PATIENCE
    started = time.monotonic()

    with pytest.raises(FetchFailed) as failed:
        await fetcher.fetch(server.url(path))

    assert failed.value.reason_code == "too_slow"
    assert PATIENCE.seconds <= time.monotonic() - started < LIMITS.seconds


async def test_no_more_than_the_limit_is_taken_off_the_wire(server: Hostile) -> None:
    limits = FetchLimits(max_bytes=len(ARTICLE) - 1)

    with pytest.raises(FetchFailed) as failed:
        await _fetcher(server, limits).fetch(server.url("/article"))

    assert failed.value.reason_code == "too_big"


async def test_a_page_of_exactly_the_limit_is_read(server: Hostile) -> None:
    limits = FetchLimits(max_bytes=len(ARTICLE))

    page = await _fetcher(server, limits).fetch(server.url("/article"))

    assert page.body == ARTICLE


async def test_five_redirects_are_followed_and_a_sixth_is_not(server: Hostile) -> None:
    fetcher = _fetcher(server)

    page = await fetcher.fetch(server.url("/fifty?n=45"))
    with pytest.raises(FetchFailed) as failed:
        await fetcher.fetch(server.url("/fifty?n=44"))

    assert page.body == ARTICLE
    assert failed.value.reason_code == "too_many_redirects"


async def test_a_file_of_no_stated_type_is_known_by_its_ending(server: Hostile) -> None:
    page = await _fetcher(server).fetch(server.url("/notes.md"))

    assert page.content_type == "text/markdown"


async def test_nothing_listening_fails_clearly(unused_port: int) -> None:
    place = f"127.0.0.1:{unused_port}"

    with pytest.raises(FetchFailed) as failed:
        await Fetcher(allow=frozenset({place})).fetch(f"http://{place}/")

    assert failed.value.reason_code == "connect"


async def test_proxies_of_the_environment_are_not_used(
    server: Hostile, forbidden: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, forbidden.url(""))
    monkeypatch.setenv("NO_PROXY", "")

    page = await _fetcher(server).fetch(server.url("/article"))

    assert page.body == ARTICLE
    assert forbidden.asked == []


async def test_reading_can_be_cancelled(server: Hostile) -> None:
    started = time.monotonic()

    with anyio.move_on_after(0.2) as scope:
        await _fetcher(server, FetchLimits(seconds=30)).fetch(server.url("/drip"))

    assert scope.cancelled_caught
    assert time.monotonic() - started < 15  # not to its own limit


def test_an_error_survives_the_way_through_a_durable_step() -> None:
    import pickle

    error = FetchRefused("port", "http://example.com:22/ asks on port 22")

    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes

    assert isinstance(copy, FetchRefused)
    assert isinstance(copy, FetchError)
    assert (copy.reason_code, copy.message) == (error.reason_code, error.message)
    assert str(copy) == error.message
