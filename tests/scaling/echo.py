"""A server that stands in for an instance where a test must see, or decide, what an instance does."""

import json
import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

PUBLIC = "public, max-age=0, s-maxage=1, stale-while-revalidate=60, stale-if-error=86400"


class Echo:
    """Answers what it was sent, by path:

    `/api/echo`: headers and the length of the body. `/api/drop`: nothing, once `drops` is set. `/health`: 200, or
    503 once `unready` is set. `…/events`: an event, and another once `released` is set. `/en/cookie`, `/en/private`,
    everything else: the number of requests so far, for caches, with and without what forbids keeping it.
    """

    def __init__(self, port: int = 0) -> None:
        self.seen: list[tuple[str, str]] = []
        self.drops = False
        self.unready = False
        self.released = threading.Event()
        self._lock = threading.Lock()
        self._connections: list[socket.socket] = []
        self._open(port)
        self.port = self._server.server_address[1]

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def count(self, path: str, method: str = "GET") -> int:
        with self._lock:
            return self.seen.count((method, path))

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
        for connection in self._connections:  # as the system does for a process that ends
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._connections.clear()

    def reopen(self) -> None:
        self._open(self.port)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def _open(self, port: int) -> None:
        echo = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                echo._answer(self)

            do_POST = do_GET  # noqa: N815  # the library's name
            do_HEAD = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def get_request(self) -> tuple[socket.socket, Any]:
                connection, address = super().get_request()
                echo._connections.append(connection)
                return connection, address

            def handle_error(self, *_: object) -> None:
                pass  # a balancer that hangs up is part of the test

        self._server = Quiet(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )
        self._thread.start()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path.split("?")[0]
        left = length = int(request.headers.get("content-length") or 0)
        while left > 0:
            left -= len(request.rfile.read(min(left, 1 << 16)))
        with self._lock:
            self.seen.append((request.command, path))
            number = len(self.seen)
        if path == "/api/drop" and self.drops:
            request.close_connection = True
            return
        if path.endswith("/events"):
            self._stream(request)
            return
        headers = {"content-type": "text/html; charset=utf-8"}
        body, status = f"<p>{number} {'x' * 2000}", 200
        if path == "/health":
            status = 503 if self.unready else 200
        elif path == "/api/echo":
            sent = {name.lower(): value for name, value in request.headers.items()}
            assert len(sent) == len(request.headers), "a header came twice"
            body = json.dumps({"headers": sent, "length": length, "pad": "x" * 2000})
            headers["content-type"] = "application/json"
        elif path != "/en/private":
            headers["cache-control"] = PUBLIC
        if path in {"/en/cookie", "/api/cookie"}:
            headers["set-cookie"] = "session=secret"
        content = body.encode()
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("content-length", str(len(content)))
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(content)

    def _stream(self, request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("content-type", "text/event-stream")
        request.send_header("cache-control", "no-store")
        request.send_header("connection", "close")
        request.end_headers()
        request.wfile.write(b"data: first\n\n")
        request.wfile.flush()
        self.released.wait(60)
        request.wfile.write(b"data: last\n\n")
        request.close_connection = True
