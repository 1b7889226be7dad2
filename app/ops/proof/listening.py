"""Remembers for a moment which messages of proofs this instance heard."""

import asyncio
from collections import OrderedDict

import structlog

from app.infra.pubsub import Message, PubSub

CHANNEL = "proof"

_KEPT = 1_000
"""Most messages remembered; a proof of five instances sends twenty."""

_AGAIN_S = 1.0

log = structlog.get_logger()


class Listener:
    """Listens to the channel of proofs while it runs."""

    def __init__(self, pubsub: PubSub) -> None:
        self._pubsub = pubsub
        self._heard: OrderedDict[str, None] = OrderedDict()

    def heard(self, token: str) -> bool:
        """Whether this instance heard it."""
        return token in self._heard

    async def run(self) -> None:
        """Listen until cancelled; a channel that is away is tried again every second."""
        while True:
            try:
                async with self._pubsub.subscribe(CHANNEL) as messages:
                    async for message in messages:
                        if isinstance(message, Message):
                            self._heard[message.body.decode("ascii", "replace")] = None
                            while len(self._heard) > _KEPT:
                                self._heard.popitem(last=False)
            except Exception as error:  # noqa: BLE001  # whatever the channel raises, it is only away
                log.warning("proof_channel_away", reason=type(error).__name__)
            await asyncio.sleep(_AGAIN_S)
