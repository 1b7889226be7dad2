"""Reads one page of the public web, within limits of time, size and place."""

import re
import ssl
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import urlsplit

import anyio
import httpx2

from app import __version__
from app.infra.http.bodies import ENCODINGS, read_body, truncated
from app.infra.http.errors import FetchError, FetchFailed, FetchRefused
from app.infra.http.robots import AGENT, RobotsRules
from app.infra.http.targets import Target, parse_target, shown
from app.infra.http.transport import CheckedTransport, Resolve, look_up

HTML = frozenset({"text/html", "application/xhtml+xml"})
MARKDOWN = frozenset({"text/markdown", "text/x-markdown"})
PDF = "application/pdf"
TYPES = HTML | MARKDOWN | {"text/plain", PDF}

_UNTYPED = frozenset({"", "application/octet-stream", "binary/octet-stream"})
_BY_ENDING = {
    ".htm": "text/html",
    ".html": "text/html",
    ".markdown": "text/markdown",
    ".md": "text/markdown",
    ".pdf": PDF,
    ".txt": "text/plain",
}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.IGNORECASE)

_HINTS = {
    401: "it asks for a sign-in; save the page in a browser and give the file.",
    403: "it does not let programs in; save the page in a browser and give the file.",
    404: "there is no such page; check the address.",
    410: "the page is gone; give another source.",
    429: "the site asks for fewer requests; try again later.",
}


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How much of anything one page may take."""

    max_bytes: int = 5 * 1024 * 1024
    """On the wire and unpacked."""
    seconds: float = 20.0
    """From the first look-up to the last byte, redirects and robots.txt included."""
    connect_s: float = 5.0
    redirects: int = 5
    max_header_bytes: int = 64 * 1024
    max_robots_bytes: int = 500 * 1024
    """Google's limit, and the least that RFC 9309 asks for; what is over is not read."""
    robots_s: float = 3600.0
    """How long a site's robots.txt is remembered."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as it came, unpacked."""

    url: str
    final_url: str
    status: int
    content_type: str
    """Lower case, without parameters; one of `TYPES`."""
    charset: str | None
    """As the header states it, right or wrong."""
    body: bytes
    seconds: float


@dataclass(frozen=True, slots=True)
class Observed:
    """An answer as it came, whatever its status and type, for who judges it and not its text."""

    url: str
    final_url: str
    hops: tuple[int, ...]
    """The statuses of the redirects passed, first to last."""
    status: int
    headers: tuple[tuple[str, str], ...]
    """Names in lower case, each as often as it came."""
    charset: str | None
    body: bytes
    """Unpacked; at most as many bytes as were asked for."""
    cut: bool
    """Whether the body may go on behind `body`."""
    seconds: float

    @property
    def content_type(self) -> str:
        """Lower case, without parameters; empty where none was stated."""
        return self.header("content-type").partition(";")[0].strip().lower()

    def header(self, name: str) -> str:
        """Every value of a header, joined as RFC 9110, 5.3 says."""
        return ", ".join(value for known, value in self.headers if known == name)


class Fetcher:
    """Reads pages; keeps no connection open between them and no cookie at all.

    `allow` holds exact `host:port` (an IPv6 address in brackets) that may be reached although they
    are private or on an unusual port. `resolve`, `inner` and `tls` are there for tests.
    """

    def __init__(
        self,
        limits: FetchLimits | None = None,
        *,
        allow: frozenset[str] = frozenset(),
        resolve: Resolve = look_up,
        inner: httpx2.AsyncBaseTransport | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits or FetchLimits()
        self._allow = frozenset(place.lower() for place in allow)
        self._resolve = resolve
        self._inner = inner
        self._tls = tls
        self._robots = RobotsRules(seconds=self._limits.robots_s)

    async def fetch(self, url: str) -> Fetched:
        """Read the page at `url`, following redirects. May be cancelled at any point.

        Raises:
            FetchRefused: a rule forbids it.
            FetchFailed: it could not be read, or is nothing that can be used.
        """
        started = time.monotonic()
        with anyio.move_on_after(self._limits.seconds):
            target = parse_target(url, self._allow)
            async with self._transport() as transport:
                return await self._page(transport, target, url, started)
        raise FetchFailed(
            "too_slow",
            f"{shown(url)} took longer than {self._limits.seconds:g} s; try again later, give the page "
            "as a file, or raise APP_FETCH__SECONDS.",
        )

    async def observe(
        self,
        url: str,
        *,
        method: Literal["GET", "HEAD"] = "GET",
        max_bytes: int | None = None,
        robots: bool = True,
    ) -> Observed:
        """What answers at `url`, following redirects: any status, any type, the body cut at `max_bytes`.

        `robots=False` is for what is asked of sites beside their rules: robots.txt itself, and whether a
        link that a page shows its readers leads anywhere.

        Raises:
            FetchRefused: a rule forbids it.
            FetchFailed: nothing answered, or in no way that can be understood.
        """
        started = time.monotonic()
        most = self._limits.max_bytes if max_bytes is None else max_bytes
        with anyio.move_on_after(self._limits.seconds):
            target = parse_target(url, self._allow)
            hops: list[int] = []
            async with (
                self._transport() as transport,
                self._answer(transport, target, ask=robots, method=method, hops=hops) as (
                    final,
                    response,
                ),
            ):
                body = b""
                if method == "GET" and most:
                    body = await read_body(response, final.url, limit=most, cut=True)
                charset = _CHARSET.search(response.headers.get("content-type", ""))
                return Observed(
                    url=url,
                    final_url=final.url,
                    hops=tuple(hops),
                    status=response.status_code,
                    headers=tuple(
                        (name.lower(), value) for name, value in response.headers.multi_items()
                    ),
                    charset=charset.group(1).lower() if charset else None,
                    body=body,
                    cut=len(body) >= most,
                    seconds=time.monotonic() - started,
                )
        raise FetchFailed(
            "too_slow",
            f"{shown(url)} took longer than {self._limits.seconds:g} s; try again later, or raise "
            "APP_FETCH__SECONDS.",
        )

    async def _page(
        self, transport: CheckedTransport, target: Target, url: str, started: float
    ) -> Fetched:
        async with self._answer(transport, target, ask=True) as (final, response):
            _check_status(response, final)
            content_type = _content_type(response, final)
            charset = _CHARSET.search(response.headers.get("content-type", ""))
            body = await read_body(response, final.url, limit=self._limits.max_bytes)
        return Fetched(
            url=url,
            final_url=final.url,
            status=response.status_code,
            content_type=content_type,
            charset=charset.group(1).lower() if charset else None,
            body=body,
            seconds=time.monotonic() - started,
        )

    async def _read_robots(self, transport: CheckedTransport, url: str) -> tuple[int, bytes]:
        target = parse_target(url, self._allow)
        async with self._answer(transport, target, ask=False) as (final, response):
            body = await read_body(
                response, final.url, limit=self._limits.max_robots_bytes, cut=True
            )
            return response.status_code, body

    @asynccontextmanager
    async def _answer(
        self,
        transport: CheckedTransport,
        target: Target,
        *,
        ask: bool,
        method: str = "GET",
        hops: list[int] | None = None,
    ) -> AsyncGenerator[tuple[Target, httpx2.Response]]:
        """The first answer that is no redirect. `ask`: each site's robots.txt is asked before it.

        The statuses of what was passed are added to `hops`.
        """
        passed: list[str] = []
        while True:
            if ask:
                await self._robots.check(target, partial(self._read_robots, transport))
            async with self._sent(transport, target, method) as response:
                location = response.headers.get("location")
                if response.status_code not in _REDIRECTS or location is None:
                    yield target, response
                    return
            passed.append(target.url)
            if hops is not None:
                hops.append(response.status_code)
            target = target.follow(location, self._allow)
            self._check_way(passed, target)

    def _check_way(self, passed: Sequence[str], target: Target) -> None:
        if target.url in passed:
            raise FetchFailed(
                "redirect_loop",
                f"{shown(passed[0])} redirects in a circle; give the final address of the page.",
            )
        if len(passed) > self._limits.redirects:
            raise FetchFailed(
                "too_many_redirects",
                f"{shown(passed[0])} redirects more than {self._limits.redirects} times; give the "
                "final address of the page.",
            )

    @asynccontextmanager
    async def _sent(
        self, transport: CheckedTransport, target: Target, method: str
    ) -> AsyncGenerator[httpx2.Response]:
        """One request's answer, its headers checked; the connection is let go at the end."""
        limits = self._limits
        timeout = httpx2.Timeout(limits.seconds, connect=limits.connect_s)
        request = httpx2.Request(
            method,
            target.url,
            headers={
                "User-Agent": f"{AGENT}/{__version__}",
                "Accept": "text/html, application/xhtml+xml, text/markdown, text/plain, application/pdf",
                "Accept-Encoding": ENCODINGS,
                "Connection": "close",
            },
            extensions={"timeout": timeout.as_dict()},
        )
        try:
            response = await transport.handle_async_request(request)
            try:
                size = sum(len(name) + len(value) + 4 for name, value in response.headers.raw)
                if size > limits.max_header_bytes:
                    raise _headers_too_big(target.url)
                yield response
            finally:
                await response.aclose()
        except httpx2.TransportError as error:
            raise _explained(error, target) from error

    @asynccontextmanager
    async def _transport(self) -> AsyncGenerator[CheckedTransport]:
        inner = self._inner
        if inner is None:
            # No connection is kept: one opened for a name must not carry another name's request.
            inner = httpx2.AsyncHTTPTransport(
                verify=self._tls or _trusted(),
                trust_env=False,
                limits=httpx2.Limits(max_connections=4, max_keepalive_connections=0),
            )
        async with CheckedTransport(inner, resolve=self._resolve, allow=self._allow) as transport:
            yield transport


@cache
def _trusted() -> ssl.SSLContext:
    """The machine's certificates: read once, it takes 50 ms."""
    return httpx2.create_ssl_context(trust_env=False)


def _check_status(response: httpx2.Response, target: Target) -> None:
    status = response.status_code
    if status in {200, 203}:
        return
    hint = _HINTS.get(status)
    if hint is None:
        later = status >= 500  # noqa: PLR2004  # the server's own fault, by the standard
        hint = "try again later." if later else "check the address in a browser."
    raise FetchFailed(
        f"http_{status}", f"{shown(target.url)} answered with status {status}: {hint}"
    )


def _content_type(response: httpx2.Response, target: Target) -> str:
    stated = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if stated in _UNTYPED:
        ending = PurePosixPath(urlsplit(target.url).path).suffix.lower()
        stated = _BY_ENDING.get(ending, stated)
    if stated not in TYPES:
        raise FetchRefused(
            "content_type",
            f"{shown(target.url)} is {stated[:60] or 'of no stated type'}; only HTML, plain text, Markdown "
            "and PDF can be read.",
        )
    return stated


def _headers_too_big(url: str) -> FetchFailed:
    return FetchFailed(
        "headers_too_big",
        f"{shown(url)} answered with headers of unreasonable size; give the page as a file.",
    )


def _explained(error: httpx2.TransportError, target: Target) -> FetchError:
    url = shown(target.url)
    match error:
        case httpx2.ConnectTimeout():
            code, what = "connect_timeout", "no connection came about in time; try again later."
        case httpx2.ConnectError() if _is_tls(error):
            code = "tls"
            what = (
                f"its certificate or encryption is not to be trusted ({error}); check the address."
            )
        case httpx2.ConnectError():
            code, what = "connect", "nothing answers there; check the address, or try again later."
        case httpx2.TimeoutException():
            code, what = "too_slow", "it stopped sending; try again later."
        case httpx2.RemoteProtocolError() if "too long" in str(error):
            return _headers_too_big(target.url)
        case httpx2.RemoteProtocolError() if "connect" in str(error):
            return truncated(target.url)
        case httpx2.ReadError() | httpx2.WriteError() | httpx2.CloseError():
            return truncated(target.url)
        case _:
            code, what = "bad_http", "what answers there does not speak HTTP; check the address."
    return FetchFailed(code, f"{url} could not be read: {what}")


def _is_tls(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
