"""Keeps the one connection over which an instance hears messages, and says where it was broken."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import structlog

from app.infra.pubsub.listeners import Listeners
from app.infra.pubsub.port import Gap, Message

log = structlog.get_logger()

AGAIN_S = 0.25
"""How long after a broken connection it is tried anew, seconds."""
ENTER_S = 2.0
"""How long who starts to listen waits for the connection, seconds; a gap follows when it comes later."""
QUIET_S = 15.0
"""After so long without a sign of life one is asked for, seconds: a cable says nothing when it is pulled."""

Hear = Callable[[Callable[[], None]], Awaitable[None]]
"""Connects, calls what it is given once messages arrive, and receives until the connection breaks."""


class Line:
    """One connection for all who listen in this process, made when the first does."""

    def __init__(self, name: str, hear: Hear) -> None:
        self.listeners = Listeners()
        self._name = name
        self._hear = hear
        self._task: asyncio.Task[None] | None = None
        self._up = asyncio.Event()
        self._missed = False

    @asynccontextmanager
    async def listen(self, *channels: str) -> AsyncGenerator[AsyncIterator[Message | Gap]]:
        """Listen while the block runs."""
        async with self.listeners.listen(*channels) as messages:
            self.start()
            try:
                async with asyncio.timeout(ENTER_S):
                    await self._up.wait()
            except TimeoutError:
                self._missed = True
            yield messages

    def start(self) -> None:
        """Have the connection made, unless it is."""
        if self._task is None:
            self._task = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Give the connection up."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _keep(self) -> None:
        while True:
            try:
                await self._hear(self._connected)
            except Exception as error:  # noqa: BLE001  # whatever broke: listening goes on
                if self._up.is_set() or not self._missed:
                    log.warning("pubsub_lost", by=self._name, reason=type(error).__name__)
            self._missed = True
            self._up.clear()
            await asyncio.sleep(AGAIN_S)

    def _connected(self) -> None:
        if self._missed:
            log.info("pubsub_back", by=self._name)
            self.listeners.gap()
        self._missed = False
        self._up.set()
