"""One HTTP/1.1 request at a time on a kept connection, over asyncio; nothing is ever sent a second time."""

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass, field
from typing import cast

import httptools


class Lost(Exception):
    """The connection ended before the answer did."""


@dataclass(slots=True)
class Answer:
    """An answer that has arrived whole."""

    status: int
    body: bytes
    cache: str
    """What the balancer says of its cache (`X-Cache`); empty where it keeps nothing."""


@dataclass
class _Reading:
    """An answer that is arriving. The callbacks' names are httptools'."""

    answer: asyncio.Future[Answer]
    parts: list[bytes] = field(default_factory=list[bytes])
    cache: str = ""
    parser: httptools.HttpResponseParser | None = None

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep the one header that is looked at."""
        if name.lower() == b"x-cache":
            self.cache = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body."""
        self.parts.append(body)

    def on_message_complete(self) -> None:
        """Give it to whoever waits."""
        if self.parser and not self.answer.done():
            status = self.parser.get_status_code()
            self.answer.set_result(Answer(status, b"".join(self.parts), self.cache))


class Connection(asyncio.Protocol):
    """A connection to the balancer, kept for as long as that keeps it."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._reading: _Reading | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is there."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class
        self.open = True

    def data_received(self, data: bytes) -> None:
        """Read on; what is no HTTP ends it."""
        if self._parser is None or self._reading is None:
            self.close()  # an answer that nobody asked for
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            if not self._reading.answer.done():
                self._reading.answer.set_exception(Lost(f"no HTTP: {error}"))
            self.close()
            return
        if self._reading.answer.done() and not self._parser.should_keep_alive():
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits for an answer does not get it."""
        self.open = False
        if self._reading and not self._reading.answer.done():
            self._reading.answer.set_exception(Lost(str(exc or "closed")))

    def ask(self, request: bytes) -> asyncio.Future[Answer]:
        """Send a request.

        Raises:
            Lost: the connection is gone.
        """
        if self._transport is None or not self.open:
            raise Lost("closed before it was used")
        self._reading = _Reading(asyncio.get_running_loop().create_future())
        self._parser = self._reading.parser = httptools.HttpResponseParser(self._reading)
        self._transport.write(request)
        return self._reading.answer

    def close(self) -> None:
        """End it at once."""
        self.open = False
        if self._transport is not None:
            self._transport.abort()


class Connections:
    """As many as are asked on at once; those at rest are used again, the last one first."""

    def __init__(self) -> None:
        self._resting: dict[int, deque[Connection]] = {}

    async def ask(self, port: int, request: bytes, within_s: float) -> Answer:
        """One request, sent once.

        Raises:
            Lost: the connection could not be made, or ended too early.
            TimeoutError: no whole answer came in time.
        """
        async with asyncio.timeout(within_s):
            connection = self._rested(port) or await _connect(port)
            try:
                answer = await connection.ask(request)
            except BaseException:
                connection.close()  # what comes later on it would be taken for another's answer
                raise
        if connection.open:
            self._resting.setdefault(port, deque()).append(connection)
        return answer

    def _rested(self, port: int) -> Connection | None:
        resting = self._resting.get(port)
        while resting:
            connection = resting.pop()
            if connection.open:
                return connection
        return None

    def close(self) -> None:
        """End those at rest."""
        for resting in self._resting.values():
            for connection in resting:
                with contextlib.suppress(OSError):
                    connection.close()


async def _connect(port: int) -> Connection:
    loop = asyncio.get_running_loop()
    try:
        _, connection = await loop.create_connection(Connection, "127.0.0.1", port)
    except OSError as error:
        raise Lost(str(error)) from error
    return connection
