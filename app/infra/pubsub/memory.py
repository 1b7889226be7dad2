"""Messages within one process."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

from app.infra.pubsub.listeners import Listeners
from app.infra.pubsub.port import Gap, Message, check_message
from app.infra.scope import Scope


class MemoryPubSub:
    """The embedded default."""

    name = "memory"
    scope = Scope.PROCESS

    def __init__(self) -> None:
        self._listeners = Listeners()

    async def publish(self, channel: str, body: bytes) -> None:
        """Put the message before every listener of the channel."""
        self._listeners.deliver(check_message(channel, body))

    def subscribe(
        self, *channels: str
    ) -> AbstractAsyncContextManager[AsyncIterator[Message | Gap]]:
        """Listen while the block runs."""
        return self._listeners.listen(*channels)

    async def close(self) -> None:
        """Nothing is held."""
