"""Counts requests and measures how long they took, by the pattern of their route: never by what was typed.

Kept pages that are answered before the application (`app.web.readers_protocol`, `PageFront`) do not come here;
`Pages` counts them, so that counting costs their readers nothing.
"""

import time

from prometheus_client import Counter, Histogram
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUESTS = Counter(
    "blogger_http_requests_total",
    "Requests by route pattern, method and status; status none: who asked left before the answer began.",
    ["route", "method", "status"],
)
SECONDS = Histogram(
    "blogger_http_request_seconds",
    "From the request to the last byte handed over, without streams of events, which are meant to last.",
    ["route", "method"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Anybody can make up others; each would be a series for ever."""

_NOT_FOUND = "404"

NO_ROUTE = "(none)"
KEPT = "(kept page)"
"""Answered from the page cache behind its door: nothing of the application was asked."""


class RequestMetrics:
    """The layer that counts; `quiet` paths (probes) are not counted."""

    def __init__(self, app: ASGIApp, *, quiet: tuple[str, ...]) -> None:
        self._app = app
        self._quiet = frozenset(quiet)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self._quiet:
            await self._app(scope, receive, send)
            return
        status, streams = "none", False

        async def watched(message: Message) -> None:
            nonlocal status, streams
            if message["type"] == "http.response.start":
                status = str(message["status"])
                streams = any(
                    name.lower() == b"content-type" and value.startswith(b"text/event-stream")
                    for name, value in message.get("headers", ())
                )
            await send(message)

        began = time.perf_counter()
        try:
            await self._app(scope, receive, watched)
        except Exception:
            status = "500" if status == "none" else status  # the layer outside says so to who asked
            raise
        finally:
            method = scope["method"] if scope["method"] in METHODS else "other"
            route = route_of(scope, status)
            REQUESTS.labels(route, method, status).inc()
            if not streams:
                SECONDS.labels(route, method).observe(time.perf_counter() - began)


def route_of(scope: Scope, status: str) -> str:
    """The pattern of the route that a request came to, with the folder it is mounted in."""
    route = scope.get("route")
    if route is None:
        return NO_ROUTE
    if isinstance(route, Mount):  # a folder of files, or a door that knows no such address
        if route.path:
            return f"{route.path}/…"
        return NO_ROUTE if status == _NOT_FOUND else KEPT
    pattern = getattr(route, "path_format", None) or getattr(route, "path", "")
    return f"{scope.get('root_path', '')}{pattern}" or NO_ROUTE
