"""What every channel of messages can do."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final, Protocol

from app.infra.scope import Scope


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a channel."""

    channel: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Gap:
    """The connection was lost and is there again: messages in between are gone. Look at the rows."""


GAP: Final = Gap()


class PubSub(Protocol):
    """Sends small messages (under 8,000 bytes, PostgreSQL's limit for NOTIFY) to whoever listens now."""

    @property
    def name(self) -> str:
        """What carries the messages: such as `memory` or `redis`."""
        ...

    @property
    def scope(self) -> Scope:
        """How far messages reach."""
        ...

    async def publish(self, channel: str, body: bytes) -> None:
        """Send. Raises nothing when nobody hears it; a message is never needed for correctness."""
        ...

    def subscribe(
        self, *channels: str
    ) -> AbstractAsyncContextManager[AsyncIterator[Message | Gap]]:
        """Listen while the block runs; entering it waits until the subscription holds."""
        ...

    async def close(self) -> None:
        """Give the connection back."""
        ...
