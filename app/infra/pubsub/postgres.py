"""Messages through PostgreSQL's LISTEN and NOTIFY, on one connection beside the pool.

All messages go over one of PostgreSQL's channels with ours inside: it hands every listening connection every
notification of its database anyway. Behind PgBouncer this needs session mode or the server's own address.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, suppress

import psycopg

from app.infra.pubsub.line import QUIET_S, Line
from app.infra.pubsub.port import Gap, Message, check_message
from app.infra.scope import Scope

_CHANNEL = "blogger_messages"
_CONNECT_S = 3
_ANSWER_S = 5.0
_WAITING = 1_000
"""Most messages that wait to be sent; further ones are dropped."""
_LAST_S = 1.0
"""How long `close` waits for what is still to be sent, seconds."""


class PostgresPubSub:
    """Messages between all instances with the same database."""

    name = "postgresql"
    scope = Scope.FLEET

    def __init__(self, url: str) -> None:
        self._url = url
        self._outgoing: asyncio.Queue[str] = asyncio.Queue(_WAITING)
        self._line = Line(self.name, self._hear)

    async def publish(self, channel: str, body: bytes) -> None:
        """Send soon; while the server is away some messages wait, and listeners hear of a gap later."""
        payload = _encode(check_message(channel, body))
        self._line.start()
        with suppress(asyncio.QueueFull):
            self._outgoing.put_nowait(payload)

    def subscribe(
        self, *channels: str
    ) -> AbstractAsyncContextManager[AsyncIterator[Message | Gap]]:
        """Listen while the block runs."""
        return self._line.listen(*channels)

    async def close(self) -> None:
        """Send what waits, and give the connection up."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_S):
                await self._outgoing.join()
        await self._line.close()

    async def _hear(self, connected: Callable[[], None]) -> None:
        connection = await psycopg.AsyncConnection.connect(
            self._url,
            autocommit=True,
            connect_timeout=_CONNECT_S,
            application_name="ai-seo-blogger messages",
            keepalives_idle=10,
            keepalives_interval=3,
            keepalives_count=3,
        )
        async with connection:
            await connection.execute(f"listen {_CHANNEL}")
            connected()
            while True:
                payload = await self._next(connection)
                if payload is not None:
                    await self._send(connection, payload)
                async for notice in connection.notifies(timeout=0):
                    message = _decode(notice.payload)
                    if message is not None:
                        self._line.listeners.deliver(message)

    async def _next(self, connection: psycopg.AsyncConnection) -> str | None:
        """Wait until there is something to send, which is answered, or something to hear."""
        loop = asyncio.get_running_loop()
        readable = asyncio.Event()
        number = connection.fileno()
        loop.add_reader(number, readable.set)
        sending = asyncio.ensure_future(self._outgoing.get())
        hearing = asyncio.ensure_future(readable.wait())
        try:
            done, _ = await asyncio.wait(
                {sending, hearing}, timeout=QUIET_S, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            loop.remove_reader(number)
            hearing.cancel()
            if not sending.done():
                sending.cancel()
        if not done:
            async with asyncio.timeout(_ANSWER_S):
                await connection.execute("select 1")
        return sending.result() if sending in done else None

    async def _send(self, connection: psycopg.AsyncConnection, payload: str) -> None:
        try:
            async with asyncio.timeout(_ANSWER_S):
                await connection.execute("select pg_notify(%s, %s)", (_CHANNEL, payload))
        finally:
            self._outgoing.task_done()


def _encode(message: Message) -> str:
    """Text for NOTIFY, which takes neither bytes nor U+0000: channel, a space, the body in base64."""
    return f"{message.channel} {base64.b64encode(message.body).decode()}"


def _decode(payload: str) -> Message | None:
    """The message; None for what others sent on our channel."""
    channel, separator, body = payload.partition(" ")
    try:
        return Message(channel, base64.b64decode(body, validate=True)) if separator else None
    except ValueError:
        return None
