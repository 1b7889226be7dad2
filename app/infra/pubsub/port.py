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


MAX_BODY: Final = 5_000
"""Longest body, bytes: NOTIFY carries 7,999 of text, base64 takes a third more, and the channel goes along."""
_MAX_CHANNEL = 200


def check_message(channel: str, body: bytes) -> Message:
    """The message.

    Raises:
        ValueError: its channel is not 1 to 200 printable ASCII characters without a space, or its body is
            too long.
    """
    if not 0 < len(channel) <= _MAX_CHANNEL or not channel.isascii() or not channel.isprintable():
        raise ValueError(f"A channel is 1 to {_MAX_CHANNEL} printable ASCII characters.")
    if " " in channel:
        raise ValueError("A channel has no space.")
    if len(body) > MAX_BODY:
        raise ValueError(f"A message has at most {MAX_BODY} bytes; write a row and send its id.")
    return Message(channel, body)


class PubSub(Protocol):
    """Sends small messages (at most `MAX_BODY` bytes) to whoever listens now.

    Messages of one sender arrive in order. A lost connection is made anew by itself.
    """

    @property
    def name(self) -> str:
        """What carries the messages: such as `memory` or `redis`."""
        ...

    @property
    def scope(self) -> Scope:
        """How far messages reach."""
        ...

    async def publish(self, channel: str, body: bytes) -> None:
        """Send. Raises nothing when nobody hears it; a message is never needed for correctness.

        Raises:
            ValueError: the message is none (`check_message`).
        """
        ...

    def subscribe(
        self, *channels: str
    ) -> AbstractAsyncContextManager[AsyncIterator[Message | Gap]]:
        """Listen while the block runs; entering it waits until the subscription holds.

        Where the server is away it waits two seconds; a gap is told of once the subscription holds.
        Waiting for the next message may be cancelled, by a time limit for example; no message is lost by it.
        """
        ...

    async def close(self) -> None:
        """Give the connection back."""
        ...
