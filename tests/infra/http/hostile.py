"""A server on loopback that does to a fetcher what the worst of the web would do, byte by byte."""

import gzip
import socket
import socketserver
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import parse_qs, unquote, urlsplit

ARTICLE = (
    "<!doctype html><html lang=en><head><title>Coffee</title></head><body><article><h1>Coffee</h1>"
    + "<p>Cold brew steeps for twelve hours at four degrees and loses a third of its acid.</p>" * 3
    + "</article></body></html>"
).encode()


@dataclass
class Asked:
    """One request as it came."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


class Answer:
    """The connection, with the request that came over it."""

    def __init__(self, connection: socket.socket, asked: Asked) -> None:
        self.connection = connection
        self.asked = asked

    def raw(self, data: bytes) -> None:
        self.connection.sendall(data)

    def head(self, status: str = "200 OK", **headers: str) -> None:
        lines = [f"HTTP/1.1 {status}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.raw("\r\n".join(lines).encode() + b"\r\n\r\n")

    def send(self, body: bytes, status: str = "200 OK", **headers: str) -> None:
        headers = {"Content_Type": "text/html", "Content_Length": str(len(body)), **headers}
        self.head(status, **headers)
        self.raw(body)

    def forever(self, data: bytes, *, every: float = 0.0) -> None:
        """Go on until the other side has enough, at most 20 s."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            self.raw(data)
            time.sleep(every)


Page = Callable[[Answer], None]
PAGES: dict[str, Page] = {}


def page(path: str) -> Callable[[Page], Page]:
    def keep(function: Page) -> Page:
        PAGES[path] = function
        return function

    return keep


@dataclass
class Hostile:
    """A running server. `asked` is what it was asked for, robots.txt included."""

    port: int
    tls: bool = False
    asked: list[Asked] = field(default_factory=list)
    robots: Page | None = None
    """What answers for robots.txt; None: there is none (404)."""

    pages: dict[str, Page] = field(default_factory=dict)
    """Pages of the test's own."""

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"{'https' if self.tls else 'http'}://{self.place}{path}"

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def answer(self, connection: socket.socket) -> None:
        asked = _asked(connection)
        if asked is None:
            self.asked.append(Asked("not HTTP", {}, {}))
            return
        self.asked.append(asked)
        answer = Answer(connection, asked)
        if asked.path == "/robots.txt":
            (self.robots or _none)(answer)
        else:
            (self.pages.get(asked.path) or PAGES.get(asked.path, _none))(answer)


def _none(answer: Answer) -> None:
    answer.send(b"no such page", "404 Not Found")


def _asked(connection: socket.socket) -> Asked | None:
    head = b""
    while b"\r\n\r\n" not in head:
        data = connection.recv(65536)
        if not data:
            return None
        head += data
    first, *lines = head.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
    parts = urlsplit(first.split(" ")[1])
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return Asked(unquote(parts.path), query, headers)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True


@contextmanager
def hostile_server(tls: ssl.SSLContext | None = None) -> Iterator[Hostile]:
    """Run one on a free port of 127.0.0.1."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(20)
            # The other side hanging up is what these tests are about.
            with suppress(OSError):
                connection = (
                    tls.wrap_socket(self.request, server_side=True) if tls else self.request
                )
                hostile.answer(connection)
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
                connection.close()

    with _Server(("127.0.0.1", 0), Handler) as server:
        hostile = Hostile(server.server_address[1], tls is not None)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield hostile
        finally:
            server.shutdown()
            thread.join()


@page("/article")
def _(answer: Answer) -> None:
    answer.send(ARTICLE, Content_Type="text/html; charset=utf-8", Set_Cookie="seen=1; Path=/")


@page("/redirect")
def _(answer: Answer) -> None:
    status = answer.asked.query.get("status", "302 Found")
    answer.send(b"", status, Location=answer.asked.query["to"], Set_Cookie="trail=1; Path=/")


@page("/redirect-nowhere")
def _(answer: Answer) -> None:
    answer.send(b"", "302 Found")


@page("/circle")
def _(answer: Answer) -> None:
    answer.send(b"", "302 Found", Location="/circle-back")


@page("/circle-back")
def _(answer: Answer) -> None:
    answer.send(b"", "301 Moved Permanently", Location="/circle")


@page("/fifty")
def _(answer: Answer) -> None:
    n = int(answer.asked.query.get("n", "0"))
    if n == 50:
        answer.send(ARTICLE)
    else:
        answer.send(b"", "302 Found", Location=f"/fifty?n={n + 1}")


@page("/status")
def _(answer: Answer) -> None:
    answer.send(ARTICLE, answer.asked.query["of"])


@page("/type")
def _(answer: Answer) -> None:
    answer.send(ARTICLE, Content_Type=answer.asked.query["of"])


@page("/untyped")
def _(answer: Answer) -> None:
    answer.head(Content_Length=str(len(ARTICLE)))
    answer.raw(ARTICLE)


@page("/notes.md")
def _(answer: Answer) -> None:
    answer.send(b"# Notes\n\nWritten by hand.\n", Content_Type="application/octet-stream")


@page("/gigabyte")
def _(answer: Answer) -> None:
    answer.head(Content_Type="text/html", Content_Length=str(1024**3))
    answer.forever(b"x" * 65536)


@page("/no-length")
def _(answer: Answer) -> None:
    answer.head(Content_Type="text/html")
    answer.forever(b"x" * 65536)


@page("/endless-chunks")
def _(answer: Answer) -> None:
    answer.head(Content_Type="text/html", Transfer_Encoding="chunked")
    answer.forever(b"8000\r\n" + b"x" * 0x8000 + b"\r\n")


@page("/drip")
def _(answer: Answer) -> None:
    answer.head(Content_Type="text/html", Content_Length="100000")
    answer.forever(b"x", every=0.05)


@page("/slow-head")
def _(answer: Answer) -> None:
    answer.raw(b"HTTP/1.1 200 OK\r\n")
    answer.forever(b"X-Slow: 1\r\n", every=0.1)


@page("/silent")
def _(answer: Answer) -> None:
    time.sleep(5)


@page("/early-hints")
def _(answer: Answer) -> None:
    answer.forever(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n", every=0.001)


@page("/gzip")
def _(answer: Answer) -> None:
    answer.send(gzip.compress(ARTICLE), Content_Encoding="gzip")


@page("/gzip-members")
def _(answer: Answer) -> None:
    half = len(ARTICLE) // 2
    body = gzip.compress(ARTICLE[:half]) + gzip.compress(ARTICLE[half:])
    answer.send(body, Content_Encoding="gzip")


@page("/deflate")
def _(answer: Answer) -> None:
    answer.send(zlib.compress(ARTICLE), Content_Encoding="deflate")


@page("/deflate-raw")
def _(answer: Answer) -> None:
    packer = zlib.compressobj(wbits=-15)
    answer.send(packer.compress(ARTICLE) + packer.flush(), Content_Encoding="deflate")


@cache
def _bomb(wbits: int) -> bytes:
    packer = zlib.compressobj(9, wbits=wbits)
    mebibyte = bytes(1024 * 1024)
    return b"".join(packer.compress(mebibyte) for _ in range(30)) + packer.flush()


@page("/gzip-bomb")
def _(answer: Answer) -> None:
    answer.send(_bomb(31), Content_Encoding="gzip")


@page("/deflate-bomb")
def _(answer: Answer) -> None:
    answer.send(_bomb(15), Content_Encoding="deflate")


@page("/brotli-bomb")
def _(answer: Answer) -> None:
    answer.send(b"\xcb\xff\xff\xff\x07" + bytes(1000), Content_Encoding="br")


@page("/gzip-in-gzip")
def _(answer: Answer) -> None:
    answer.send(gzip.compress(_bomb(31)), Content_Encoding="gzip, gzip")


@page("/gzip-damaged")
def _(answer: Answer) -> None:
    packed = gzip.compress(ARTICLE)
    answer.send(packed[:40] + bytes(60), Content_Encoding="gzip")


@page("/gzip-cut")
def _(answer: Answer) -> None:
    answer.send(gzip.compress(ARTICLE)[:-20], Content_Encoding="gzip")


@page("/cut")
def _(answer: Answer) -> None:
    answer.head(Content_Type="text/html", Content_Length=str(len(ARTICLE) + 500))
    answer.raw(ARTICLE)


@page("/cut-chunk")
def _(answer: Answer) -> None:
    answer.head(Content_Type="text/html", Transfer_Encoding="chunked")
    answer.raw(b"ff\r\nonly this much")


@page("/hang-up")
def _(answer: Answer) -> None:
    answer.connection.close()


@page("/header-bomb")
def _(answer: Answer) -> None:
    answer.raw(b"HTTP/1.1 200 OK\r\nX-Long: ")
    answer.forever(b"x" * 65536)


@page("/many-headers")
def _(answer: Answer) -> None:
    answer.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n")
    answer.raw(b"".join(b"X-%05d: %s\r\n" % (n, b"y" * 60) for n in range(1100)))
    answer.raw(b"Content-Length: 0\r\n\r\n")


@page("/not-http")
def _(answer: Answer) -> None:
    answer.raw(b"220 mail.example ESMTP ready\r\n\r\n")


@page("/two-lengths")
def _(answer: Answer) -> None:
    answer.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\nhello")


@page("/bad-chunk")
def _(answer: Answer) -> None:
    answer.head(Content_Type="text/html", Transfer_Encoding="chunked")
    answer.raw(b"-1\r\nhello\r\n0\r\n\r\n")
