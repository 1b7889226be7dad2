"""Places that the fetcher must not reach, however they are spelt and whoever names them."""

import socket
from collections.abc import Sequence
from urllib.parse import quote

import httpx2
import pytest

from app.infra.http import Fetcher, FetchFailed, FetchLimits, FetchRefused
from app.infra.http.addresses import as_address, what_is
from app.infra.http.targets import parse_target
from tests.infra.http.hostile import ARTICLE, Hostile

INNER = [
    ("127.0.0.1", "inner_address"),
    ("127.8.9.10", "inner_address"),
    ("0.0.0.0", "inner_address"),
    ("10.1.2.3", "inner_address"),
    ("172.31.0.1", "inner_address"),
    ("192.168.0.1", "inner_address"),
    ("100.64.0.1", "inner_address"),
    ("169.254.169.254", "inner_address"),
    ("100.100.100.200", "inner_address"),
    ("168.63.129.16", "inner_address"),
    ("198.18.0.1", "inner_address"),
    ("224.0.0.251", "inner_address"),
    ("255.255.255.255", "inner_address"),
    ("[::1]", "inner_address"),
    ("[::]", "inner_address"),
    ("[::ffff:127.0.0.1]", "inner_address"),
    ("[::ffff:7f00:1]", "inner_address"),
    ("[::127.0.0.1]", "inner_address"),
    ("[64:ff9b::7f00:1]", "inner_address"),
    ("[2002:7f00:1::]", "inner_address"),
    ("[2001:0:7f00:1::]", "inner_address"),
    ("[fd00:ec2::254]", "inner_address"),
    ("[fe80::1]", "inner_address"),
    ("[ff02::1]", "inner_address"),
    ("2130706433", "odd_address"),
    ("0x7f000001", "odd_address"),
    ("0x7f.0.0.1", "odd_address"),
    ("0x7f.1", "odd_address"),
    ("127.1", "odd_address"),
    ("127.0.1", "odd_address"),
    ("017700000001", "odd_address"),
    ("127.0.0.1.", "trailing_dot"),
    ("localhost.", "trailing_dot"),
    ("localhost", "inner_name"),
    ("LOCALHOST", "inner_name"),
    ("blog.localhost", "inner_name"),
    ("metadata.google.internal", "inner_name"),
    ("printer.local", "inner_name"),
    ("redis", "inner_name"),
    ("127。0。0。1", "inner_address"),
    ("127%2e0%2e0%2e1", "bad_url"),
    ("ⓛocalhost", "bad_url"),
    ("１２７.0.0.1", "bad_url"),
    ("0177.0.0.1", "bad_url"),
    ("[fe80::1%25lo]", "bad_url"),
    ("[::1", "bad_url"),
    ("exa mple.com", "bad_url"),
    ("", "bad_url"),
]


@pytest.mark.parametrize(("host", "code"), INNER, ids=[host or "none" for host, _ in INNER])
async def test_an_inner_place_is_refused(host: str, code: str, forbidden: Hostile) -> None:
    with pytest.raises(FetchRefused) as refused:
        await Fetcher().fetch(f"http://{host}:{forbidden.port}/article")

    assert refused.value.reason_code == code


REDIRECTED = [(host, code) for host, code in INNER if host and " " not in host]


@pytest.mark.parametrize(("host", "code"), REDIRECTED, ids=[host for host, _ in REDIRECTED])
async def test_a_redirect_to_an_inner_place_is_refused(
    host: str, code: str, server: Hostile, forbidden: Hostile
) -> None:
    fetcher = Fetcher(allow=frozenset({server.place}))
    location = quote(f"http://{host}:{forbidden.port}/article".encode())

    with pytest.raises(FetchRefused) as refused:
        await fetcher.fetch(server.url(f"/redirect?to={location}"))

    assert refused.value.reason_code == code
    assert server.paths == ["/robots.txt", "/redirect"]


ELSEWHERE = [
    ("file:///etc/passwd", "scheme"),
    ("ftp://127.0.0.1/x", "scheme"),
    ("gopher://127.0.0.1:6379/_FLUSHALL", "scheme"),
    ("javascript:alert(1)", "scheme"),
    ("data:text/html,hello", "scheme"),
    ("http://user:secret@example.com/", "credentials"),
    ("http://127.0.0.1@example.com/", "credentials"),
    ("http://example.com:22/", "port"),
    ("http://example.com:6379/", "port"),
    ("http://example.com:99999/", "port"),
    ("http://example.com:0/", "port"),
    ("http:///article", "bad_url"),
    ("http://example.com/a b", "bad_url"),
    ("http://example.com\\@127.0.0.1/", "bad_url"),
    ("http://example.com/\r\nX-Smuggled: 1", "bad_url"),
    ("http://example.com/\u202egnp.exe", "bad_url"),
    ("http://example.com/" + "a" * 3000, "bad_url"),
    ("example.com", "scheme"),
    ("", "scheme"),
]


@pytest.mark.parametrize(
    ("url", "code"), ELSEWHERE, ids=[url[:40] or "none" for url, _ in ELSEWHERE]
)
async def test_an_address_that_is_no_plain_web_address_is_refused(url: str, code: str) -> None:
    with pytest.raises(FetchRefused) as refused:
        await Fetcher().fetch(url)

    assert refused.value.reason_code == code
    assert "secret" not in refused.value.message


@pytest.mark.parametrize(
    ("location", "code"),
    [
        (url, code)
        for url, code in ELSEWHERE
        if code in {"scheme", "credentials", "port"} and ":" in url
    ],
)
async def test_a_redirect_away_from_the_web_is_refused(
    location: str, code: str, server: Hostile
) -> None:
    fetcher = Fetcher(allow=frozenset({server.place}))

    with pytest.raises(FetchRefused) as refused:
        await fetcher.fetch(server.url(f"/redirect?to={quote(location)}"))

    assert refused.value.reason_code == code


async def test_a_redirect_that_only_names_a_host_is_checked(
    server: Hostile, forbidden: Hostile
) -> None:
    fetcher = Fetcher(allow=frozenset({server.place}))
    location = quote(f"//127.0.0.1:{forbidden.port}/article")

    with pytest.raises(FetchRefused) as refused:
        await fetcher.fetch(server.url(f"/redirect?to={location}"))

    assert refused.value.reason_code == "inner_address"


def test_a_redirect_from_https_to_http_is_refused() -> None:
    target = parse_target("https://example.com/a", frozenset())

    with pytest.raises(FetchRefused) as refused:
        target.follow("http://example.com/a", frozenset())

    assert refused.value.reason_code == "downgrade"


async def test_only_the_place_as_written_is_allowed(server: Hostile) -> None:
    fetcher = Fetcher(allow=frozenset({server.place}))

    with pytest.raises(FetchRefused) as refused:
        await fetcher.fetch(f"http://localhost:{server.port}/article")

    assert refused.value.reason_code == "inner_name"
    assert server.asked == []


async def test_the_message_says_what_to_set() -> None:
    with pytest.raises(FetchRefused) as refused:
        await Fetcher().fetch("http://127.0.0.1/")

    assert refused.value.message == (
        "http://127.0.0.1/ is a loopback address. Addresses inside your network are not fetched; "
        "to allow this one set FETCH_ALLOW=127.0.0.1:80"
    )


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "172.32.0.1"])
def test_a_public_address_is_public(address: str) -> None:
    found = as_address(address)

    assert found is not None
    assert what_is(found) is None


class Names:
    """A name server of our own: the answers to one look-up after the other, the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, _host: str, _port: int) -> Sequence[str]:
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        if not answer:
            raise socket.gaierror(-2, "Name or service not known")
        return answer


class Detour(httpx2.AsyncBaseTransport):
    """The public internet: notes which address a connection would go to, and goes to the test's server."""

    def __init__(self, server: Hostile) -> None:
        self.server = server
        self.reached: list[str] = []
        self.names: list[str] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.reached.append(request.url.host)
        self.names.append(request.extensions["sni_hostname"])
        url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self.server.port)
        inner = httpx2.AsyncHTTPTransport(trust_env=False)
        return await inner.handle_async_request(
            httpx2.Request(
                "GET",
                url,
                headers=request.headers,
                stream=request.stream,
                extensions={"timeout": request.extensions["timeout"]},
            )
        )


async def test_the_checked_address_is_the_one_connected_to(server: Hostile) -> None:
    detour = Detour(server)
    fetcher = Fetcher(resolve=Names(["93.184.216.34"]), inner=detour)

    page = await fetcher.fetch("https://blog.example/article")

    assert page.body == ARTICLE
    assert page.final_url == "https://blog.example/article"
    assert detour.reached == ["93.184.216.34", "93.184.216.34"]
    assert detour.names == ["blog.example", "blog.example"]
    assert [asked.headers["host"] for asked in server.asked] == ["blog.example", "blog.example"]


async def test_an_answer_that_changes_between_look_ups_is_checked_again(server: Hostile) -> None:
    detour = Detour(server)
    fetcher = Fetcher(resolve=Names(["93.184.216.34"], ["127.0.0.1"]), inner=detour)

    with pytest.raises(FetchRefused) as refused:
        await fetcher.fetch("http://rebind.example/article")

    assert refused.value.reason_code == "inner_address"
    assert detour.reached == ["93.184.216.34"]
    assert server.paths == ["/robots.txt"]


async def test_an_answer_that_changes_after_a_redirect_is_checked_again(server: Hostile) -> None:
    detour = Detour(server)
    public = ["93.184.216.34"]
    fetcher = Fetcher(resolve=Names(public, public, ["10.0.0.1"]), inner=detour)

    with pytest.raises(FetchRefused) as refused:
        await fetcher.fetch("http://rebind.example/redirect?to=/article")

    assert refused.value.reason_code == "inner_address"
    assert server.paths == ["/robots.txt", "/redirect"]


@pytest.mark.parametrize(
    "answer",
    [
        ["93.184.216.34", "127.0.0.1"],
        ["10.0.0.5"],
        ["::ffff:169.254.169.254"],
        ["64:ff9b::a9fe:a9fe"],
        ["fe80::1%lo"],
        ["2606:4700::1111", "::1"],
    ],
    ids=" and ".join,
)
async def test_a_name_with_an_inner_address_among_its_answers_is_refused(
    answer: list[str], server: Hostile
) -> None:
    detour = Detour(server)
    fetcher = Fetcher(resolve=Names(answer), inner=detour)

    with pytest.raises((FetchRefused, FetchFailed)) as refused:
        await fetcher.fetch("http://mixed.example/article")

    assert refused.value.reason_code == ("dns" if "%" in answer[0] else "inner_address")
    assert detour.reached == []


async def test_a_name_without_an_address_fails_clearly(server: Hostile) -> None:
    detour = Detour(server)
    fetcher = Fetcher(resolve=Names([]), inner=detour)

    with pytest.raises(FetchFailed) as failed:
        await fetcher.fetch("http://nowhere.example/")

    assert failed.value.reason_code == "dns"
    assert "nowhere.example" in failed.value.message


async def test_a_slow_name_server_counts_towards_the_time(server: Hostile) -> None:
    import anyio

    async def slow(host: str, port: int) -> Sequence[str]:
        await anyio.sleep(10)
        return ["93.184.216.34"]

    fetcher = Fetcher(FetchLimits(seconds=0.2), resolve=slow, inner=Detour(server))

    with pytest.raises(FetchFailed) as failed:
        await fetcher.fetch("http://slow.example/")

    assert failed.value.reason_code == "too_slow"


async def test_the_next_address_is_tried_when_one_does_not_answer(server: Hostile) -> None:
    class FirstIsDown(Detour):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            if request.url.host == "2606:4700::1111":
                self.reached.append(request.url.host)
                raise httpx2.ConnectError("no route")
            return await super().handle_async_request(request)

    detour = FirstIsDown(server)
    fetcher = Fetcher(resolve=Names(["2606:4700::1111", "93.184.216.34"]), inner=detour)

    page = await fetcher.fetch("http://two.example/article")

    assert page.body == ARTICLE
    assert detour.reached == ["2606:4700::1111", "93.184.216.34"] * 2
