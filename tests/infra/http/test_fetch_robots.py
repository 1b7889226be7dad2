"""What a site's robots.txt lets the fetcher read, and what it does when there is none to read."""

import pytest

from app.infra.http import Fetcher, FetchLimits, FetchRefused
from tests.infra.http.hostile import ARTICLE, Answer, Hostile, hostile_server


def _rules(text: str, status: str = "200 OK"):
    return lambda answer: answer.send(text.encode(), status, Content_Type="text/plain")


def _fetcher(*servers: Hostile, limits: FetchLimits | None = None) -> Fetcher:
    return Fetcher(limits, allow=frozenset(server.place for server in servers))


@pytest.mark.parametrize(
    "rules",
    [
        "User-agent: *\nDisallow: /art",
        "User-agent: AISEOBlogger\nDisallow: /",
        "User-agent: *\nAllow: /\n\nUser-agent: aiseoblogger\nDisallow: /article",
        "\ufeffUser-agent: *\r\nDisallow: *article$",
    ],
)
async def test_a_page_that_the_rules_close_is_not_asked_for(rules: str, server: Hostile) -> None:
    server.robots = _rules(rules)

    with pytest.raises(FetchRefused) as refused:
        await _fetcher(server).fetch(server.url("/article"))

    assert refused.value.reason_code == "robots_denied"
    assert server.paths == ["/robots.txt"]


@pytest.mark.parametrize(
    ("rules", "status"),
    [
        ("User-agent: *\nDisallow: /private", "200 OK"),
        ("User-agent: OtherBot\nDisallow: /", "200 OK"),
        ("User-agent: *\nDisallow: /\n\nUser-agent: AISEOBlogger\nAllow: /", "200 OK"),
        ("User-agent: *\nDisallow: /", "404 Not Found"),
        ("User-agent: *\nDisallow: /", "403 Forbidden"),
        ("<html>no rules here</html>", "200 OK"),
        ("", "200 OK"),
    ],
)
async def test_a_page_that_the_rules_leave_open_is_read(
    rules: str, status: str, server: Hostile
) -> None:
    server.robots = _rules(rules, status)

    page = await _fetcher(server).fetch(server.url("/article"))

    assert page.body == ARTICLE


@pytest.mark.parametrize("status", ["500 Internal Server Error", "503 Service Unavailable"])
async def test_rules_that_exist_but_cannot_be_read_close_the_site(
    status: str, server: Hostile
) -> None:
    server.robots = _rules("User-agent: *\nAllow: /", status)

    with pytest.raises(FetchRefused) as refused:
        await _fetcher(server).fetch(server.url("/article"))

    assert refused.value.reason_code == "robots_unreachable"
    assert status[:3] in refused.value.message
    assert server.paths == ["/robots.txt"]


async def test_rules_that_break_off_close_the_site(server: Hostile) -> None:
    def broken(answer: Answer) -> None:
        answer.head(Content_Length="1000")
        answer.raw(b"User-agent: *\nAllow: /")

    server.robots = broken

    with pytest.raises(FetchRefused) as refused:
        await _fetcher(server).fetch(server.url("/article"))

    assert refused.value.reason_code == "robots_unreachable"


async def test_rules_are_asked_for_once_an_hour(server: Hostile) -> None:
    server.robots = _rules("User-agent: *\nDisallow: /private")
    fetcher = _fetcher(server)

    await fetcher.fetch(server.url("/article"))
    await fetcher.fetch(server.url("/gzip"))

    assert server.paths == ["/robots.txt", "/article", "/gzip"]


async def test_rules_are_asked_for_again_when_they_are_old(server: Hostile) -> None:
    fetcher = _fetcher(server, limits=FetchLimits(robots_s=0.0))

    await fetcher.fetch(server.url("/article"))
    await fetcher.fetch(server.url("/article"))

    assert server.paths == ["/robots.txt", "/article"] * 2


async def test_rules_that_redirect_to_an_inner_place_are_not_followed(
    server: Hostile, forbidden: Hostile
) -> None:
    server.robots = lambda answer: answer.send(
        b"", "302 Found", Location=forbidden.url("/robots.txt")
    )

    with pytest.raises(FetchRefused) as refused:
        await _fetcher(server).fetch(server.url("/article"))

    assert refused.value.reason_code == "inner_address"
    assert server.paths == ["/robots.txt"]


async def test_only_the_first_500_kib_of_rules_count(server: Hostile) -> None:
    head = "User-agent: *\nDisallow: /private\n"
    filler = "# " + "x" * 98 + "\n"
    server.robots = _rules(head + filler * 6000 + "Disallow: /article\n")

    page = await _fetcher(server).fetch(server.url("/article"))

    assert page.body == ARTICLE


async def test_endless_rules_are_cut(server: Hostile) -> None:
    def endless(answer: Answer) -> None:
        answer.head(Content_Type="text/plain")
        answer.raw(b"User-agent: *\nDisallow: /article\n")
        answer.forever(b"# nothing\n" * 5000)

    server.robots = endless

    with pytest.raises(FetchRefused) as refused:
        await _fetcher(server).fetch(server.url("/article"))

    assert refused.value.reason_code == "robots_denied"


async def test_the_site_a_redirect_leads_to_has_rules_of_its_own(server: Hostile) -> None:
    with hostile_server() as second:
        second.robots = _rules("User-agent: *\nDisallow: /")

        with pytest.raises(FetchRefused) as refused:
            await _fetcher(server, second).fetch(
                server.url(f"/redirect?to={second.url('/article')}")
            )

        assert refused.value.reason_code == "robots_denied"
        assert second.paths == ["/robots.txt"]
