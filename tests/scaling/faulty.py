"""Serves as the program does, with one fault that no setting brings in.

A port is swapped before the application is assembled; the product has no switch for any of this.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from app import main
from app.config import Settings
from app.infra.durable import Enqueuer
from app.infra.kv import MemoryStore
from app.infra.ports import Ports, open_ports, utc_now
from app.infra.pubsub import MemoryPubSub
from app.ops import presence
from tests.started import program

SKEW = timedelta(seconds=5)


class OwnQueue(Enqueuer):
    """Keeps what it accepts in this process."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._kept: set[str] = set()

    async def enqueue(self, *_: Any, **more: Any) -> None:
        self._kept.add(more["workflow_id"])

    async def status(self, workflow_id: str) -> str | None:
        return "ENQUEUED" if workflow_id in self._kept else await super().status(workflow_id)


FAULTS: dict[str, Callable[[Ports, Settings], Ports]] = {
    "memory-cache": lambda ports, _: replace(ports, store=MemoryStore()),
    "memory-limits": lambda ports, _: replace(ports, limits=MemoryStore()),
    "cut-pubsub": lambda ports, _: replace(ports, pubsub=MemoryPubSub()),
    "skewed-clock": lambda ports, _: replace(ports, now=lambda: utc_now() + SKEW),
    "own-queue": lambda ports, settings: replace(
        ports, enqueuer=OwnQueue(settings.effective_database_url)
    ),
    "old-schema": lambda ports, _: ports,
}


def run(fault: str, *arguments: str) -> None:
    """Become the program with a fault; for a process of its own."""
    if fault == "old-schema":
        presence.head = lambda: "0001"
    main.open_ports = lambda settings: FAULTS[fault](open_ports(settings), settings)
    program(*arguments)
