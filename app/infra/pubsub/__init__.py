"""Messages to every instance. They only wake: what must not be lost is a row first."""

from app.infra.pubsub.memory import MemoryPubSub
from app.infra.pubsub.port import GAP, Gap, Message, PubSub

__all__ = ["GAP", "Gap", "MemoryPubSub", "Message", "PubSub"]
