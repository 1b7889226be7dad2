"""A span a request, called by the pattern of its route: never by what was typed, which may be a secret."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars

from app.infra.logs import current_request
from app.infra.traces import Span, request_span
from app.web.request_metrics import KEPT, METHODS, NO_ROUTE, route_of

_CARRIED = {b"traceparent": "traceparent", b"tracestate": "tracestate"}
"""W3C Trace Context. Baggage is left out: nothing here reads it."""

_FAILED = 500


class RequestTrace:
    """The layer that traces; `quiet` paths are not. Lines logged from here on name the trace."""

    def __init__(self, app: ASGIApp, *, quiet: tuple[str, ...]) -> None:
        self._app = app
        self._quiet = frozenset(quiet)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self._quiet:
            await self._app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in METHODS else "HTTP"
        with request_span(method, _carried(scope)) as span:
            if span.trace_id:
                bind_contextvars(trace_id=span.trace_id)
            answer = _Answer(scope, send, method, span)
            try:
                await self._app(scope, receive, answer.send)
            finally:
                answer.tell()


class _Answer:
    """One answer on its way out."""

    def __init__(self, scope: Scope, send: Send, method: str, span: Span) -> None:
        self._scope = scope
        self._send = send
        self._method = method
        self._span = span
        self._status = 0
        """0 until it begins."""
        self._told = False

    async def send(self, message: Message) -> None:
        """Send on what the application says. A stream is meant to last: its span ends when it begins."""
        streams = False
        if message["type"] == "http.response.start":
            self._status = message["status"]
            streams = any(
                name.lower() == b"content-type" and value.startswith(b"text/event-stream")
                for name, value in message.get("headers", ())
            )
        await self._send(message)
        if streams:
            self.tell()
            self._span.end()

    def tell(self) -> None:
        """Say how it was answered, once."""
        if self._told:
            return
        self._told = True
        route = route_of(self._scope, str(self._status))
        self._span.rename(self._method if route == NO_ROUTE else f"{self._method} {route}")
        self._span.set(
            {
                "http.request.method": self._method if self._method != "HTTP" else "_OTHER",
                "url.scheme": self._scope["scheme"],
                "blogger.request.id": current_request(),
            }
        )
        if route not in {NO_ROUTE, KEPT}:
            self._span.set({"http.route": route})
        if self._status:
            self._span.set({"http.response.status_code": self._status})
        if self._status >= _FAILED:
            self._span.fail(str(self._status))


def _carried(scope: Scope) -> dict[str, str]:
    """What the request says of the trace it belongs to."""
    return {
        _CARRIED[name]: value.decode("latin-1")
        for name, value in scope["headers"]
        if name in _CARRIED
    }
