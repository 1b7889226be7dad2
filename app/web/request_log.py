"""Names every request, and says in one line how it was answered.

The outermost layer. A request keeps the name it comes with (`X-Request-ID`) if that is one, gets one otherwise,
and has it back with its answer; everything logged on the way carries it, and so do jobs that it starts.
"""

import re
import secrets
import time
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, clear_contextvars

HEADER = b"x-request-id"

_NAME = re.compile(rb"[A-Za-z0-9._-]{8,64}")
"""As balancers and trace tools write them; anything else could be somebody's text, or a line of its own."""

_LONGEST_PATH = 200
_FAILED = 500

log = structlog.get_logger()

_PROCESS = secrets.token_hex(6).encode()
_NUMBER = count(1)


def request_name(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """What the request calls itself, or a new name: 12 hexadecimal digits of the process and a number."""
    for name, value in headers:
        if name == HEADER:
            if _NAME.fullmatch(value):
                return value
            break
    return b"%b-%08x" % (_PROCESS, next(_NUMBER))


class RequestLog:
    """Logs requests that took `slow_s` or longer, or failed, as warnings; the others as information."""

    def __init__(self, app: ASGIApp, *, quiet: tuple[str, ...], every: bool, slow_s: float) -> None:
        """`quiet` paths are logged only when they fail; without `every`, so are all."""
        self._app = app
        self._quiet = frozenset(quiet)
        self._every = every
        self._slow_s = slow_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = request_name(scope["headers"]).decode("ascii")
        clear_contextvars()
        bind_contextvars(request_id=name)
        answer = _Answer(send, name)
        began = time.perf_counter()
        try:
            await self._app(scope, receive, answer.send)
        finally:
            self._tell(scope, answer, time.perf_counter() - began)

    def _tell(self, scope: Scope, answer: "_Answer", seconds: float) -> None:
        status = answer.status
        # A stream is meant to last: how long says nothing of it.
        slow = seconds >= self._slow_s and not answer.streams
        if not (slow or status >= _FAILED or status == 0):
            if not self._every or scope["path"] in self._quiet:
                return
            tell: Callable[..., Any] = log.info
        else:
            tell = log.warning
        tell(
            "slow_request" if slow else "request",
            method=scope["method"],
            path=scope["path"][:_LONGEST_PATH],
            route=_route(scope),
            status=status or "none",
            ms=round(seconds * 1000, 1),
            bytes=answer.bytes,
        )


class _Answer:
    """One answer on its way out."""

    def __init__(self, send: Send, name: str) -> None:
        self._send = send
        self._name = name
        self.status = 0
        """0 until it begins: who asked has left, or the application broke."""
        self.bytes = 0
        self.streams = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message.setdefault("headers", [])
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self._name
            self.streams = headers.get("content-type", "").startswith("text/event-stream")
        elif message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))
        await self._send(message)


def _route(scope: Scope) -> str:
    """The route's pattern, as FastAPI keeps it; of others, the name of what answered."""
    route = scope.get("route")
    if (pattern := getattr(route, "path_format", None) or getattr(route, "path", None)) is not None:
        return str(pattern)
    endpoint = scope.get("endpoint")
    return getattr(endpoint, "__name__", "") if endpoint else ""
