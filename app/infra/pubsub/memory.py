"""Messages within one process."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from app.infra.pubsub.port import GAP, Gap, Message
from app.infra.scope import Scope

_WAITING = 1_000
"""Most messages a slow listener may leave lying; then it is told of a gap."""


class MemoryPubSub:
    """The embedded default."""

    name = "memory"
    scope = Scope.PROCESS

    def __init__(self) -> None:
        self._listeners: set[tuple[frozenset[str], asyncio.Queue[Message | Gap]]] = set()

    async def publish(self, channel: str, body: bytes) -> None:
        """Put the message before every listener of the channel."""
        for channels, queue in self._listeners:
            if channel in channels:
                if queue.qsize() >= _WAITING:
                    while not queue.empty():
                        queue.get_nowait()
                    queue.put_nowait(GAP)
                queue.put_nowait(Message(channel, body))

    @asynccontextmanager
    async def subscribe(self, *channels: str) -> AsyncGenerator[AsyncIterator[Message | Gap]]:
        """Listen while the block runs."""
        queue: asyncio.Queue[Message | Gap] = asyncio.Queue()
        listener = (frozenset(channels), queue)
        self._listeners.add(listener)

        async def messages() -> AsyncIterator[Message | Gap]:
            while True:
                yield await queue.get()

        try:
            yield messages()
        finally:
            self._listeners.discard(listener)

    async def close(self) -> None:
        """Nothing is held."""
