"""Messages to every instance. They only wake: what must not be lost is a row first."""

from app.infra.pubsub.memory import MemoryPubSub
from app.infra.pubsub.opening import open_pubsub
from app.infra.pubsub.port import GAP, MAX_BODY, Gap, Message, PubSub

__all__ = ["GAP", "MAX_BODY", "Gap", "MemoryPubSub", "Message", "PubSub", "open_pubsub"]
