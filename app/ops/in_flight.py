"""Counts requests, closes connections while the process leaves, and ends streams with a word to reconnect."""

import asyncio
import random

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.ops.checks.process import PATHS
from app.ops.drain import Drain, Stage

_RECONNECT_MS = (500, 2000)
"""Within which time browsers come back: not all at once."""


class InFlight:
    """The outermost layer. Probes are not counted: they go on to the very end."""

    def __init__(self, app: ASGIApp, *, drain: Drain) -> None:
        self._app = app
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PATHS:
            await self._app(scope, receive, send)
            return
        answer = _Answer(self._drain, send, closable=scope["http_version"] in {"1.0", "1.1"})
        self._drain.in_flight += 1
        try:
            await self._app(scope, receive, answer.send)
        except asyncio.CancelledError:
            if not answer.cut:
                raise
            task = asyncio.current_task()
            if task is not None:
                task.uncancel()  # it was `end` that cancelled it, and all is said
        finally:
            self._drain.in_flight -= 1
            self._drain.forget(answer)
            answer.close()


class _Answer:
    """One answer on its way out."""

    def __init__(self, drain: Drain, send: Send, *, closable: bool) -> None:
        self.cut = False
        """Whether its application was told to stop."""
        self._complete = False
        self._drain = drain
        self._send = send
        self._closable = closable
        self._task = asyncio.current_task()
        self._between = asyncio.Event()
        """Set when what was sent last ended an event: only there may something be put in."""
        self._between.set()
        self._lock = asyncio.Lock()
        self._late: asyncio.Task[None] | None = None

    async def send(self, message: Message) -> None:
        """Send on what the application says."""
        if message["type"] == "http.response.start":
            await self._start(message)
            return
        async with self._lock:
            if self._complete:
                return  # what comes after the last word comes again, from where the stream goes on
            body = message.get("body", b"")
            if body.endswith(b"\n\n"):
                self._between.set()
            elif body:
                self._between.clear()
            self._complete = not message.get("more_body", False)
            await self._send(message)

    async def end(self) -> None:
        """Between two events, say when to come back, and end."""
        await self._between.wait()
        async with self._lock:
            if self._complete:
                return
            self._complete = self.cut = True
            wait = random.randint(*_RECONNECT_MS)  # noqa: S311  # spreads, guards nothing
            last = f"retry: {wait}\nevent: reconnect\ndata: {{}}\n\n".encode()
            await self._send({"type": "http.response.body", "body": last, "more_body": False})
        if self._task is not None:
            self._task.cancel()

    def close(self) -> None:
        """The application has ended, however it did."""
        self._complete = True
        self._between.set()

    async def _start(self, message: Message) -> None:
        headers = message.get("headers", [])
        if self._drain.draining and self._closable:
            message = {**message, "headers": [*headers, (b"connection", b"close")]}
        await self._send(message)
        if any(_is_stream(name, value) for name, value in headers):
            self._drain.register(self)
            if self._drain.stage in {Stage.ENDING, Stage.QUIET}:
                self._late = asyncio.create_task(self.end())


def _is_stream(name: bytes, value: bytes) -> bool:
    return name.lower() == b"content-type" and value.startswith(b"text/event-stream")
