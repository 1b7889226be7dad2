"""Kept pages past the application, over real connections."""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.config import Settings
from app.infra.ports import open_ports
from app.main import create_app
from app.web.page_cache import Pages
from app.web.readers_protocol import readers_protocol
from tests.posts.articles import published


class Site:
    """A server in this loop, and what it answers to bytes."""

    def __init__(
        self, port: int, path: str, pages: Pages, protocol: type[HttpToolsProtocol]
    ) -> None:
        self.port, self.path, self.pages, self.protocol = port, path, pages, protocol

    @property
    def answered(self) -> int:
        return self.protocol.answered  # type: ignore[attr-defined]

    def request(self, method: str = "GET", *fields: str, version: str = "1.1") -> bytes:
        lines = [f"{method} {self.path} HTTP/{version}", "Host: 127.0.0.1", *fields, "", ""]
        return "\r\n".join(lines).encode()

    async def talk(self, data: bytes) -> bytes:
        """Everything that comes back until the server closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(data)
        answer = await asyncio.wait_for(reader.read(), 30)
        writer.close()
        return answer


@pytest.fixture
async def site(
    new_database: Callable[[str], str], tmp_path: Path, unused_port: int
) -> AsyncIterator[Site]:
    settings = Settings(
        database_url=new_database("sqlite"), data_dir=tmp_path, role="web", migrate_on_start=False
    )
    ports = open_ports(settings)
    post = await published(ports.database)
    ready = asyncio.Event()
    application = create_app(settings, ports=ports, ready=ready.set)
    protocol = readers_protocol(application.state.pages)
    server = uvicorn.Server(
        uvicorn.Config(
            application, http=protocol, port=unused_port, log_level="error", server_header=False
        )
    )
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign]  # the tests' own stay
    running = asyncio.create_task(server.serve())
    await asyncio.wait_for(ready.wait(), 60)
    while not server.started:
        await asyncio.sleep(0.01)
    site = Site(unused_port, post.path, application.state.pages, protocol)
    await site.talk(site.request("GET", "Connection: close"))
    yield site
    server.should_exit = True
    await running


def _split(answer: bytes) -> tuple[dict[bytes, bytes], bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")[1:]
    return dict(line.lower().split(b": ", 1) for line in lines), body


async def test_the_shortcut_answers_what_the_application_would(site: Site) -> None:
    last = site.request("GET", "Connection: close")
    usual = await site.talk(last)
    before = site.answered

    both = await site.talk(site.request() + last)

    quick = both[: len(both) - len(usual)]
    headers, body = _split(quick)
    expected, text = _split(usual)
    assert site.answered == before + 1
    assert quick.startswith(b"HTTP/1.1 200 OK\r\n")
    assert body == text
    assert headers.keys() == expected.keys() - {b"connection"}
    assert headers[b"x-request-id"] != expected[b"x-request-id"]
    own = {b"date": b"", b"x-request-id": b""}  # of each answer
    assert {**headers, **own} == {
        **{name: value for name, value in expected.items() if name != b"connection"},
        **own,
    }
    assert b"server" not in headers


async def test_a_reader_who_has_the_page_is_told_so_by_the_shortcut_as_by_the_application(
    site: Site,
) -> None:
    page = await site.talk(site.request("GET", "Connection: close"))
    tag = re.search(rb"etag: (.*)\r\n", page)
    assert tag
    has = f"If-None-Match: {tag[1].decode()}"
    last = site.request("GET", has, "Connection: close")
    usual = await site.talk(last)
    before = site.answered

    both = await site.talk(site.request("GET", has) + site.request("HEAD", has) + last)

    own = {b"connection": b"", b"date": b"", b"x-request-id": b""}
    parts = both.split(b"\r\n\r\n")
    assert site.answered == before + 2
    assert [part.split(b"\r\n")[0] for part in parts] == [b"HTTP/1.1 304 Not Modified"] * 3 + [b""]
    for part in parts[:2]:
        assert {**_split(part + b"\r\n\r\n")[0], **own} == {**_split(usual)[0], **own}


async def test_a_reader_who_has_another_page_gets_the_whole(site: Site) -> None:
    before = site.answered

    answer = await site.talk(
        site.request("GET", 'If-None-Match: "another"') + site.request("GET", "Connection: close")
    )

    assert site.answered == before + 1
    assert answer.count(b"HTTP/1.1 200 OK\r\n") == 2


async def test_a_thousand_requests_in_one_packet_are_all_answered_in_order(site: Site) -> None:
    wanted = site.request() * 999 + site.request("GET", "Connection: close")

    answer = await site.talk(wanted)

    assert answer.count(b"HTTP/1.1 200 OK\r\n") == 1000


async def test_head_has_no_body(site: Site) -> None:
    before = site.answered

    answer = await site.talk(site.request("HEAD") + site.request("HEAD", "Connection: close"))

    assert site.answered == before + 1
    assert answer.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert b"<html" not in answer


@pytest.mark.parametrize(
    "request_",
    [
        ("GET", "Connection: close"),
        ("GET", "Host: evil.example", "Connection: close"),
        ("GET", "Authorization: Bearer x", "Connection: close"),
        ("POST", "Content-Length: 0", "Connection: close"),
    ],
)
async def test_what_is_not_plain_reading_goes_the_usual_way(
    site: Site, request_: tuple[str, ...]
) -> None:
    before = site.answered

    await site.talk(site.request(*request_))

    assert site.answered == before


async def test_a_request_of_an_old_browser_ends_its_connection(site: Site) -> None:
    assert b"200 OK" in await site.talk(site.request(version="1.0"))


async def test_a_process_that_leaves_says_so_in_every_answer(site: Site) -> None:
    site.pages.leaving = lambda: True
    before = site.answered

    await site.talk(site.request() + site.request("GET", "Connection: close"))

    assert site.answered == before


async def test_who_does_not_read_fills_no_memory(site: Site) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port, limit=1024)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    before = site.answered
    until = time.monotonic() + 2
    with contextlib.suppress(TimeoutError, ConnectionError):
        while time.monotonic() < until:
            writer.write(site.request() * 100)
            await asyncio.wait_for(writer.drain(), 0.5)

    # It stops being answered soon: what the sockets of both ends hold, and no more.
    assert (site.answered - before) * 3_000 < 50_000_000
    writer.transport.abort()
    assert reader is not None
