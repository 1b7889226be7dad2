"""Who listens in this process: a queue each, filled by whatever carries the messages."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from app.infra.pubsub.port import GAP, Gap, Message

_WAITING = 1_000
"""Most messages a slow listener may leave lying; then it is told of a gap."""

_Queue = asyncio.Queue[Message | Gap]


class _Heard:
    """What one listener hears. No generator: one whose `anext` is cancelled by a time limit would end."""

    def __init__(self, queue: _Queue) -> None:
        self._queue = queue

    def __aiter__(self) -> AsyncIterator[Message | Gap]:
        return self

    async def __anext__(self) -> Message | Gap:
        return await self._queue.get()


class Listeners:
    """Hands each message to those who listen to its channel."""

    def __init__(self) -> None:
        self._all: set[tuple[frozenset[str], _Queue]] = set()

    def deliver(self, message: Message) -> None:
        """Put the message before every listener of its channel."""
        for channels, queue in self._all:
            if message.channel in channels:
                if queue.qsize() >= _WAITING:
                    _empty(queue)
                    queue.put_nowait(GAP)
                queue.put_nowait(message)

    def gap(self) -> None:
        """Tell every listener that messages may be gone."""
        for _, queue in self._all:
            if queue.qsize() >= _WAITING:
                _empty(queue)
            queue.put_nowait(GAP)

    @asynccontextmanager
    async def listen(self, *channels: str) -> AsyncGenerator[AsyncIterator[Message | Gap]]:
        """Listen while the block runs."""
        queue: _Queue = asyncio.Queue()
        listener = (frozenset(channels), queue)
        self._all.add(listener)
        try:
            yield _Heard(queue)
        finally:
            self._all.discard(listener)


def _empty(queue: _Queue) -> None:
    while not queue.empty():
        queue.get_nowait()
