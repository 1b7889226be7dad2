"""Takes away what a killed proof left behind."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

from app.infra.ports import Ports
from app.ops.proof.repository import ProofItems

_EVERY_S = 60.0

log = structlog.get_logger()

Removers = Mapping[str, Callable[[str], Awaitable[None]]]
"""How a thing of each kind is taken away, by its reference."""


async def purge_proofs(ports: Ports, removers: Removers) -> int:
    """Take away what is overdue. Answers how many things went."""
    async with ports.database.reading() as session:
        overdue = await ProofItems(session).overdue(now=ports.now())
    for kind, ref in overdue:
        if kind in removers:
            await removers[kind](ref)
        async with ports.database.unit() as session:
            await ProofItems(session).remove(kind, ref)
    return len(overdue)


async def keep_purging(ports: Ports, removers: Removers) -> None:
    """Do so every minute until cancelled."""
    while True:
        try:
            if purged := await purge_proofs(ports, removers):
                log.info("proof_leftovers_removed", count=purged)
        except Exception as error:  # noqa: BLE001  # the next round tries again, whatever was away
            log.warning("proof_purge_failed", reason=type(error).__name__)
        await asyncio.sleep(_EVERY_S)
