"""The generated configurations in the real programs, before servers that tell what reaches them."""

import json
import re
import select
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.cluster import CaddyServer, CannotStart, HaproxyServer, NginxServer, Proxy
from app.config import BalancerSettings, Settings
from app.ops.balancers.plan import make_plan
from tests.clients import connect, get
from tests.scaling.echo import Echo

pytestmark = pytest.mark.processes

QUICK = Settings(balancer=BalancerSettings(interval_s=1, timeout_s=1, healthy=1, unhealthy=2))
KINDS: list[type[Proxy]] = [NginxServer, HaproxyServer, CaddyServer]
CHECKING = [HaproxyServer, CaddyServer]


@pytest.fixture
def echoes() -> Iterator[list[Echo]]:
    found = [Echo() for _ in range(3)]
    yield found
    for each in found:
        each.close()


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def proxy(request: pytest.FixtureRequest, echoes: list[Echo]) -> Iterator[Proxy]:
    with request.param(QUICK, [each.address for each in echoes]) as running:
        yield running


@pytest.fixture
def reader(proxy: Proxy) -> Iterator[httpx2.Client]:
    with connect(proxy.url) as client:
        yield client


def eventually(true: Callable[[], bool], what: str) -> None:
    for _ in range(600):
        if true():
            return
        time.sleep(0.1)
    pytest.fail(f"{what} within a minute")


def test_requests_are_spread(reader: httpx2.Client, echoes: list[Echo]) -> None:
    for _ in range(60):
        assert reader.get("/api/echo").status_code == 200

    counts = [each.count("/api/echo") for each in echoes]
    assert sum(counts) == 60
    assert min(counts) >= 10


def test_what_a_stranger_says_of_its_address_is_not_passed_on(reader: httpx2.Client) -> None:
    said = {
        "x-forwarded-for": "6.6.6.6",
        "x-real-ip": "6.6.6.6",
        "x-forwarded-proto": "https",
        "x-forwarded-host": "evil.example",
        "x-forwarded-port": "6666",
        "x-forwarded-prefix": "/evil",
        "forwarded": "for=6.6.6.6",
    }

    for path in ("/api/echo", "/desk/../api/echo"):
        headers = reader.get(path, headers=said).json()["headers"]

        assert headers["x-forwarded-for"] == "127.0.0.1"
        assert headers["x-real-ip"] == "127.0.0.1"
        assert headers["x-forwarded-proto"] == "http"
        assert headers["host"] == reader.base_url.netloc.decode()
        assert "6.6.6.6" not in json.dumps(headers)
        assert "evil" not in json.dumps(headers)


def test_a_stream_is_passed_on_as_it_comes(reader: httpx2.Client, echoes: list[Echo]) -> None:
    for path in ("/api/v1/jobs/1/events", "/desk/jobs/1/events"):
        with reader.stream("GET", path, headers={"accept-encoding": "gzip"}) as answer:
            lines = answer.iter_lines()
            first = next(lines)
            for each in echoes:
                each.released.set()
            rest = "".join(lines)

        assert first == "data: first", "it came only after the stream had ended"
        assert rest == "data: last"
        assert "content-encoding" not in answer.headers
        for each in echoes:
            each.released.clear()


def test_metrics_are_nobodys_business(reader: httpx2.Client, echoes: list[Echo]) -> None:
    for path in ("/metrics", "/metrics/", "/metrics?x=1", "/%6Detrics", "/metrics/x"):
        assert reader.get(path).status_code == 404, path

    assert not any("etrics" in path for each in echoes for _method, path in each.seen)


def test_a_body_may_be_as_long_as_the_program_takes_and_no_longer(
    proxy: Proxy, reader: httpx2.Client, echoes: list[Echo]
) -> None:
    longest = make_plan(QUICK, []).body_bytes

    taken = reader.post("/api/echo", content=bytes(longest))
    refused = announced_status(proxy.port, longest + 1)

    assert taken.json()["length"] == longest
    assert refused == 413


def announced_status(port: int, length: int) -> int:
    """The status of an answer to a body of `length` bytes, sent for as long as it is wanted."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        head = f"POST /api/echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\r\n"
        connection.sendall(head.encode())
        left = length
        while left > 0:
            readable, writable, _ = select.select([connection], [connection], [], 60)
            if readable:
                break
            if writable:
                try:
                    left -= connection.send(bytes(min(left, 1 << 16)))
                except OSError:
                    break
        return int(connection.recv(64).split()[1])


def test_what_may_be_sent_twice_is_and_nothing_else(
    reader: httpx2.Client, echoes: list[Echo]
) -> None:
    echoes[0].drops = True

    read = [reader.get("/api/drop").status_code for _ in range(12)]
    written = [reader.post("/api/drop", content=b"x").status_code for _ in range(12)]

    assert set(read) == {200}
    posts = [each.count("/api/drop", "POST") for each in echoes]
    assert sum(posts) == 12, "a POST was sent twice"
    assert written.count(200) == 12 - posts[0]


def test_a_dead_instance_costs_nobody_an_answer(reader: httpx2.Client, echoes: list[Echo]) -> None:
    echoes[1].close()

    read = [reader.get("/api/echo").status_code for _ in range(30)]
    written = [reader.post("/api/echo", content=b"x").status_code for _ in range(30)]

    assert set(read) == {200}
    assert set(written) == {200}, "a connection that is refused is safe to go elsewhere with"
    echoes[1].reopen()


def test_when_all_are_away_and_back_readers_are_served_at_once(
    reader: httpx2.Client, echoes: list[Echo]
) -> None:
    for each in echoes:
        each.close()
    away = [reader.get("/api/echo").status_code for _ in range(15)]

    for each in echoes:
        each.reopen()
    back = [reader.get("/api/echo").status_code for _ in range(15)]

    assert set(away) <= {502, 503}
    assert set(back) == {200}


def test_instances_change_without_a_lost_request(
    proxy: Proxy, reader: httpx2.Client, echoes: list[Echo]
) -> None:
    proxy.balance([echoes[0].address])
    with connect(proxy.url) as later:  # connections from before end with their worker
        before = [len(each.seen) for each in echoes[1:]]
        answers = {later.get("/api/echo").status_code for _ in range(20)}

    assert answers == {200}
    assert [each.count("/api/echo") for each in echoes[1:]] == [0, 0], before


@pytest.mark.parametrize("kind", CHECKING, ids=lambda kind: kind.name)
def test_an_instance_that_says_it_leaves_gets_no_new_requests(
    kind: type[Proxy], echoes: list[Echo]
) -> None:
    with (
        kind(QUICK, [each.address for each in echoes]) as proxy,
        connect(proxy.url) as reader,
    ):
        echoes[0].unready = True

        def left_alone() -> bool:
            before = echoes[0].count("/api/echo")
            assert {reader.get("/api/echo").status_code for _ in range(9)} == {200}
            return echoes[0].count("/api/echo") == before

        eventually(left_alone, "it still gets requests: not left alone")
        echoes[0].unready = False
        eventually(lambda: not left_alone(), "it was not taken back")


@pytest.mark.parametrize("kind", CHECKING, ids=lambda kind: kind.name)
def test_when_all_are_unready_all_are_tried(kind: type[Proxy], echoes: list[Echo]) -> None:
    with (
        kind(QUICK, [each.address for each in echoes]) as proxy,
        connect(proxy.url) as reader,
    ):
        asked = [each.count("/health") for each in echoes]
        for each in echoes:
            each.unready = True
        eventually(
            lambda: all(
                each.count("/health") >= before + 5
                for each, before in zip(echoes, asked, strict=True)
            ),
            "not checked five times",
        )

        assert {reader.get("/api/echo").status_code for _ in range(20)} == {200}


def test_public_text_is_compressed_and_private_text_is_not(reader: httpx2.Client) -> None:
    asked = {"accept-encoding": "gzip"}

    public = reader.get("/en/private", headers=asked)
    private = reader.get("/api/echo", headers=asked)

    assert public.headers.get("content-encoding") == "gzip"
    assert "content-encoding" not in private.headers


class TestMicroCache:
    """nginx alone has one."""

    @pytest.fixture
    def proxy(self, echoes: list[Echo]) -> Iterator[Proxy]:
        with NginxServer(QUICK, [each.address for each in echoes]) as running:
            yield running

    def test_a_public_page_is_kept_for_as_long_as_it_says(self, reader: httpx2.Client) -> None:
        def twice(path: str) -> tuple[str, ...]:
            return tuple(reader.get(path).headers["x-cache"] for _ in range(2))

        kept = twice("/en/page")
        eventually(lambda: reader.get("/en/page").headers["x-cache"] == "EXPIRED", "not renewed")

        assert kept == ("MISS", "HIT")

    @pytest.mark.parametrize(
        "path", ["/en/cookie", "/en/private", "/api/cookie", "/api/page", "/desk/page"]
    )
    def test_what_is_not_for_everybody_is_never_kept(
        self, reader: httpx2.Client, path: str
    ) -> None:
        answers = [reader.get(path) for _ in range(4)]

        assert len({answer.text for answer in answers}) > 1
        assert all(answer.headers.get("x-cache", "MISS") == "MISS" for answer in answers)

    def test_who_shows_a_key_is_never_answered_from_it(self, reader: httpx2.Client) -> None:
        reader.get("/en/keyed")

        keyed = reader.get("/en/keyed", headers={"authorization": "Bearer x"})
        after = reader.get("/en/other", headers={"authorization": "Bearer x"})
        stranger = reader.get("/en/other")

        assert keyed.headers["x-cache"] == "BYPASS"
        assert after.headers["x-cache"] == "BYPASS"
        assert stranger.headers["x-cache"] == "MISS", "an answer to a key was kept"

    def test_hosts_do_not_share_pages(self, reader: httpx2.Client) -> None:
        first = reader.get("/en/host", headers={"host": "one.example"})
        other = reader.get("/en/host", headers={"host": "two.example"})

        assert (first.headers["x-cache"], other.headers["x-cache"]) == ("MISS", "MISS")

    def test_while_nobody_answers_the_page_stays(
        self, reader: httpx2.Client, echoes: list[Echo]
    ) -> None:
        kept = reader.get("/en/stays").text
        time.sleep(2)  # longer than s-maxage
        for each in echoes:
            each.close()

        answers = [reader.get("/en/stays") for _ in range(5)]

        assert {(answer.status_code, answer.text) for answer in answers} == {(200, kept)}
        assert {answer.headers["x-cache"] for answer in answers} <= {"STALE", "UPDATING"}
        for each in echoes:
            each.reopen()


def logged(proxy: Proxy) -> list[dict[str, Any]]:
    """What it said of requests: lines of JSON among others."""
    lines = proxy.log.read_text("utf-8").splitlines()
    events = [json.loads(line) for line in lines if line.startswith("{")]
    return [event for event in events if "balancer" in event]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_probes_are_not_logged(kind: type[Proxy], echoes: list[Echo], tmp_path: Path) -> None:
    with (
        kind(QUICK, [echoes[0].address], home=tmp_path / "home") as proxy,
        connect(proxy.url) as reader,
    ):
        for path in ("/health", "/health/readiness", "/en/logged"):
            assert reader.get(path).status_code == 200

        eventually(lambda: "logged" in proxy.log.read_text(), "nothing logged")
        assert "readiness" not in proxy.log.read_text()  # a JSON of HAProxy's writes / as \\/


def test_a_request_has_one_name_before_behind_and_in_the_log(
    proxy: Proxy, reader: httpx2.Client
) -> None:
    given = "came.with-it_0123"

    answers = [
        reader.get("/api/echo?key=s3cr3t", headers={"X-Request-ID": name} if name else {})
        for name in (given, "", "short", "x" * 65, 'quoted"and{braced}')
    ]

    names = [answer.headers.get_list("x-request-id") for answer in answers]
    assert [len(each) for each in names] == [1] * 5
    assert [each[0] for each in names] == [
        answer.json()["headers"]["x-request-id"] for answer in answers
    ]
    assert names[0] == [given]
    assert len({each[0] for each in names}) == 5
    assert all(re.fullmatch(r"[A-Za-z0-9._-]{8,64}", each[0]) for each in names)

    def lines() -> list[dict[str, Any]]:
        wanted = {each[0] for each in names}
        return [line for line in logged(proxy) if line["request_id"] in wanted]

    eventually(lambda: len(lines()) >= 5, "not five lines")
    assert {line["request_id"] for line in lines()} == {each[0] for each in names}
    assert "s3cr3t" not in proxy.log.read_text()
    for line in lines():
        assert line["balancer"] == proxy.name
        age = datetime.now(UTC) - datetime.fromisoformat(line["time"])
        assert timedelta(seconds=-1) < age < timedelta(minutes=1)
        assert {line["status"]} == {200}


def test_what_is_refused_has_a_name_too(proxy: Proxy, reader: httpx2.Client) -> None:
    answer = reader.get("/metrics", headers={"X-Request-ID": "nobodys-business"})

    assert answer.headers["x-request-id"] == "nobodys-business"
    eventually(
        lambda: (
            ("nobodys-business", 404)
            in [(line["request_id"], line["status"]) for line in logged(proxy)]
        ),
        "no line of it",
    )


def test_an_address_of_any_letters_leaves_a_line_of_json(
    proxy: Proxy, reader: httpx2.Client
) -> None:
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=60) as connection:
        path = '/api/echo/한"\\글'.encode()
        head = b"GET %b HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Request-ID: odd-letters\r\nConnection: close\r\n\r\n"
        connection.sendall(head % path)
        while connection.recv(65_536):
            pass
    reader.get("/api/echo", headers={"X-Request-ID": "after-that"})

    eventually(
        lambda: "after-that" in {line["request_id"] for line in logged(proxy)}, "no line after it"
    )


@pytest.mark.parametrize("kind", [NginxServer, HaproxyServer], ids=lambda kind: kind.name)
def test_a_configuration_that_the_program_refuses_is_not_put_into_force(
    kind: type[Proxy], echoes: list[Echo]
) -> None:
    with kind(QUICK, [echoes[0].address]) as proxy:
        with pytest.raises(CannotStart, match="refuses"):
            proxy.balance(["no-such-host.invalid:1"])

        assert get(f"{proxy.url}/api/echo").status_code == 200
