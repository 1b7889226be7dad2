"""Values in Redis or Valkey: shared by every instance, each operation one command or one script."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

from redis.commands.core import AsyncScript
from redis.exceptions import (
    AuthenticationError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
)
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import TimeoutError as AnswerLate

from app.infra.kv.breaker import Breaker
from app.infra.kv.port import Hit, StoreAway, check_key
from app.infra.redis_client import ANSWER_S, CONNECTIONS, close_redis, open_redis, read_address
from app.infra.scope import Scope

PREFIX = "blogger:"
"""Before every key: a server may be shared with other programs."""

_HIT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local window = tonumber(ARGV[2])
local first = redis.call('LINDEX', KEYS[1], 0)
while first and tonumber(first) <= now - window do
  redis.call('LPOP', KEYS[1])
  first = redis.call('LINDEX', KEYS[1], 0)
end
local used = redis.call('LLEN', KEYS[1])
local allowed = 0
if used < tonumber(ARGV[1]) then
  allowed = 1
  used = used + 1
  redis.call('RPUSH', KEYS[1], string.format('%.0f', now))
  redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
end
return {allowed, used, string.format('%.0f', (first or now) + window - now)}
"""
"""The moments of a window as a list of microseconds: exact, and ten bytes a request (a sorted set takes some
hundred). The server's clock decides, so instances whose clocks differ agree."""

_INCREMENT = """
local total = redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return total
"""

_DELETE_IF = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class RedisStore:
    """A store that every instance with the same `REDIS_URL` shares.

    While the server is away calls fail at once (`Breaker`), so that requests do not pile up behind it.
    """

    name = "redis"
    scope = Scope.FLEET

    def __init__(
        self, url: str, *, breaker: Breaker | None = None, connections: int = CONNECTIONS
    ) -> None:
        self._address = read_address(url)
        self._client = open_redis(self._address, connections=connections)
        # The library's own method has no types.
        self._send: Callable[..., Awaitable[Any]] = self._client.execute_command  # pyright: ignore[reportUnknownMemberType]
        self._breaker = breaker or Breaker()
        self._slots = asyncio.Semaphore(connections)
        self._hit = self._client.register_script(_HIT)
        self._increment = self._client.register_script(_INCREMENT)
        self._delete_if = self._client.register_script(_DELETE_IF)

    @property
    def away(self) -> bool:
        """Whether the last that was heard of the server is a failure."""
        return self._breaker.open

    async def get(self, key: str) -> bytes | None:
        """The value, unless there is none or its time is over."""
        return await self._command("GET", key)

    async def set(self, key: str, value: bytes, *, ttl_s: float) -> None:
        """Write the value."""
        await self._command("SET", key, value, "PX", _ms(ttl_s))

    async def add(self, key: str, value: bytes, *, ttl_s: float) -> bool:
        """Write the value if there is none."""
        return bool(await self._command("SET", key, value, "PX", _ms(ttl_s), "NX"))

    async def touch(self, key: str, *, ttl_s: float) -> bool:
        """Give the value a new time to live."""
        return bool(await self._command("PEXPIRE", key, _ms(ttl_s)))

    async def delete(self, key: str) -> bool:
        """Answers whether there was a value."""
        return bool(await self._command("DEL", key))

    async def delete_if(self, key: str, value: bytes) -> bool:
        """Delete the value if it is this one."""
        return bool(await self._script(self._delete_if, key, value))

    async def increment(self, key: str, *, by: int = 1, ttl_s: float) -> int:
        """Add to a counter, which lives `ttl_s` from its first increment."""
        return int(await self._script(self._increment, key, by, _ms(ttl_s)))

    async def hit(self, key: str, *, limit: int, window_s: float) -> Hit:
        """Count one request in a sliding window."""
        window = round(window_s * 1_000_000)
        allowed, used, reset = await self._script(self._hit, key, limit, window)
        return Hit(bool(allowed), int(used), int(reset) / 1_000_000)

    async def ping(self) -> None:
        """Ask for a sign of life."""
        await self._ask(partial(self._send, "PING"))

    async def close(self) -> None:
        """Give the connections back."""
        await close_redis(self._client)

    async def _command(self, name: str, key: str, *words: bytes | str | int) -> Any:
        return await self._ask(partial(self._send, name, _name(key), *words))

    async def _script(self, script: AsyncScript, key: str, *words: bytes | int) -> Any:
        return await self._ask(partial(script, keys=[_name(key)], args=words))

    async def _ask(self, call: Callable[[], Awaitable[Any]]) -> Any:
        """Run one command within the limits of the breaker and of the connections."""
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._slots.acquire()
        except TimeoutError:
            raise StoreAway(
                f"All connections to Redis at {self._address.where} are busy."
            ) from None
        try:
            return await self._try(call)
        finally:
            self._slots.release()

    async def _try(self, call: Callable[[], Awaitable[Any]]) -> Any:
        if not self._breaker.admits():
            raise StoreAway(f"Redis at {self._address.where} did not answer a moment ago.")
        try:
            answer = await call()
        except (ConnectionLost, AnswerLate, OSError) as error:
            self._breaker.failed()
            # What is left in the pool goes to the same dead server; each would cost one more failure.
            with suppress(RedisError, OSError):
                await self._client.connection_pool.disconnect(inuse_connections=False)
            raise StoreAway(_say(error, self._address.where)) from error
        except (ReadOnlyError, OutOfMemoryError, NoPermissionError) as error:
            self._breaker.succeeded()  # it is there; it does not want to
            raise StoreAway(_say(error, self._address.where)) from error
        except RedisError:
            self._breaker.succeeded()
            raise
        except BaseException:
            self._breaker.gave_up()
            raise
        self._breaker.succeeded()
        return answer


def _say(error: Exception, where: str) -> str:
    match error:
        case AuthenticationError() | NoPermissionError():
            return f"Redis at {where} refuses the name or password of REDIS_URL."
        case ReadOnlyError():
            return f"Redis at {where} is a replica and takes no writes."
        case OutOfMemoryError():
            return f"Redis at {where} is full; set maxmemory-policy allkeys-lru or more memory."
        case _:
            return f"Redis at {where} does not answer ({type(error).__name__})."


def _name(key: str) -> str:
    return PREFIX + check_key(key)


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))
