"""Messages through Redis or Valkey, on one channel of its own for all of ours.

An instance hears every message and picks out what somebody listens to: nothing needs to be subscribed to
or given up while it runs, and a broken connection has one thing to restore.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, cast

import structlog
from redis.exceptions import RedisError

from app.infra.kv.breaker import Breaker
from app.infra.pubsub.line import QUIET_S, Line
from app.infra.pubsub.port import Gap, Message, check_message
from app.infra.redis_client import ANSWER_S, close_redis, open_redis, read_address
from app.infra.scope import Scope

log = structlog.get_logger()

_PUBLISHERS = 4
"""Connections that publish; more publishers wait for one."""


class RedisPubSub:
    """Messages between all instances with the same `REDIS_URL`."""

    name = "redis"
    scope = Scope.FLEET

    def __init__(self, url: str) -> None:
        address = read_address(url)
        # Databases of one server share their channels, so the number stands in the name.
        self._channel = f"blogger:{address.database}:messages"
        self._listening = open_redis(address, connections=2)
        self._publishing = open_redis(address, connections=_PUBLISHERS)
        self._slots = asyncio.Semaphore(_PUBLISHERS)
        self._breaker = Breaker()
        self._line = Line(self.name, self._hear)

    async def publish(self, channel: str, body: bytes) -> None:
        """Send; while Redis is away the message is dropped, and listeners hear of a gap later."""
        message = check_message(channel, body)
        async with self._slots:
            if not self._breaker.admits():
                return
            try:
                send = cast("Any", self._publishing.execute_command)  # pyright: ignore[reportUnknownMemberType]
                await send("PUBLISH", self._channel, message.channel.encode() + b"\n" + body)
            except (RedisError, OSError) as error:
                self._breaker.failed()
                log.warning("publish_failed", by=self.name, reason=type(error).__name__)
            except BaseException:
                self._breaker.gave_up()
                raise
            else:
                self._breaker.succeeded()

    def subscribe(
        self, *channels: str
    ) -> AbstractAsyncContextManager[AsyncIterator[Message | Gap]]:
        """Listen while the block runs."""
        return self._line.listen(*channels)

    async def close(self) -> None:
        """Give the connections back."""
        await self._line.close()
        await close_redis(self._listening)
        await close_redis(self._publishing)

    async def _hear(self, connected: Callable[[], None]) -> None:
        pool = cast("Any", self._listening.connection_pool)
        connection = await pool.get_connection()
        try:
            await connection.send_command("SUBSCRIBE", self._channel)
            while True:
                words = await self._read(connection)
                match words:
                    case [b"message", _, bytes(data)]:
                        name, _, body = data.partition(b"\n")
                        self._line.listeners.deliver(Message(name.decode(), body))
                    case [b"subscribe", _, _]:
                        connected()
                    case _:
                        continue  # the answer to a ping
        finally:
            await connection.disconnect(nowait=True)
            await pool.release(connection)

    async def _read(self, connection: Any) -> list[Any] | bytes:
        """The next thing heard. Asks for a sign of life after a while of silence."""
        reading = asyncio.ensure_future(
            connection.read_response(timeout=math.inf, push_request=True, disconnect_on_error=False)
        )
        try:
            done, _ = await asyncio.wait({reading}, timeout=QUIET_S)
            if not done:
                await connection.send_command("PING", check_health=False)
                async with asyncio.timeout(ANSWER_S * 2):
                    return await asyncio.shield(reading)
            return reading.result()
        finally:
            reading.cancel()
