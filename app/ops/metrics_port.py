"""Answers `/metrics` on a port of its own, on loopback alone and in a thread: also when nothing else answers.

A browser that was led to it by a name of somebody else's is refused, as everywhere (`app.web.hosts`).
"""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from typing_extensions import override

HOST = "127.0.0.1"
"""Never another: whoever reaches it needs no key."""

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_NAMES = frozenset({"127.0.0.1", "localhost"})
_PATIENCE_S = 5.0
"""Longest wait for a request's next line: a connection that says nothing holds a thread."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    timeout = _PATIENCE_S

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: a scrape every few seconds is no event."""


@contextmanager
def metrics_port(port: int, told: Callable[[], bytes]) -> Generator[int]:
    """Answer what `told` says while the block runs; it is called in a thread. Gives the port.

    Raises:
        RuntimeError: the port is in use; says what to set.
    """

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        plain = [("Content-Type", "text/plain; charset=utf-8")]
        if environ.get("HTTP_HOST", HOST).rsplit(":", 1)[0].lower() not in _NAMES:
            start("421 Misdirected Request", plain)
            return [b"This answers to 127.0.0.1 and localhost.\n"]
        if environ.get("PATH_INFO") != "/metrics":
            start("404 Not Found", plain)
            return [b"Metrics are at /metrics.\n"]
        if environ.get("REQUEST_METHOD") not in {"GET", "HEAD"}:
            start("405 Method Not Allowed", [*plain, ("Allow", "GET, HEAD")])
            return [b"Metrics are read with GET.\n"]
        body = told()
        start("200 OK", [("Content-Type", CONTENT_TYPE), ("Content-Length", str(len(body)))])
        return [body] if environ["REQUEST_METHOD"] == "GET" else []

    try:
        server = make_server(HOST, port, answer, server_class=_Server, handler_class=_Handler)
    except OSError as error:
        raise RuntimeError(
            f"Port {port} of {HOST} cannot be used for metrics ({error.strerror}). "
            "Set APP_METRICS__PORT to a free one, or to 0 for none."
        ) from error
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="metrics", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
