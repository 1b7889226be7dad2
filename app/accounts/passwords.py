"""Hashes and verifies passwords (argon2id), a few at a time and never on the event loop.

One takes 19 MiB and tens of milliseconds on purpose (OWASP's least for argon2id: m = 19 MiB, t = 2, p = 1).
Without a bound, whoever sends many sign-ins at once would take the machine's memory and cores.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

_T = TypeVar("_T")

_AT_ONCE = 2
_MOST_WAITING = 50


class TooBusy(Exception):
    """So many passwords wait to be verified that another would wait too long."""


class Passwords:
    """Bound to one event loop."""

    def __init__(self) -> None:
        self._hasher = PasswordHash(
            (Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),)
        )
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="argon2")
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """Wait until few others verify.

        Raises:
            TooBusy: too many wait already.
        """
        if self._waiting >= _MOST_WAITING:
            raise TooBusy
        self._waiting += 1
        try:
            async with self._turns:
                yield
        finally:
            self._waiting -= 1

    async def hash(self, password: str) -> str:
        """The hash to keep of a password."""
        return await self._run(self._hasher.hash, password)

    async def verify(self, password: str, hashed: str | None) -> tuple[bool, str | None]:
        """Whether it is the password of a hash, and a newer hash if that one is out of date.

        Without a hash (there is no such person) it takes as long, and is wrong.
        """
        right, renewed = await self._run(self._verify, password, hashed or "")
        return right and hashed is not None, renewed

    async def _run(self, function: Callable[..., _T], *args: str) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *args)

    def _verify(self, password: str, hashed: str) -> tuple[bool, str | None]:
        return self._hasher.verify_and_update(password, hashed or self._nobody)

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("nobody's password")
