"""What instances say of themselves in their database: what no look from outside a process could tell."""

import asyncio
import threading
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from app.infra.db import open_database
from app.ops.instances import list_instances

_WAIT_S = 2.0
"""Longest wait for the database: who asks after a cluster wants to hear that it is away."""


@dataclass(frozen=True, slots=True)
class Reported:
    """As of its last beat, a second ago or so."""

    version: str
    in_flight: int
    """Requests it is answering."""
    jobs: int
    """Jobs it holds, and works on."""


def read_reports(database_url: str, *, ttl_s: float) -> dict[int, Reported]:
    """By process id, of who beat within `ttl_s` seconds; empty when the database does not answer. Blocks."""
    found: dict[int, Reported] = {}

    def read() -> None:
        try:
            found.update(asyncio.run(_read(database_url, ttl_s)))
        except (SQLAlchemyError, OSError):
            return  # it is away

    # A thread that is left behind where the database hangs: a driver that is cancelled would ask it first.
    reading = threading.Thread(target=read, name="reports", daemon=True)
    reading.start()
    reading.join(_WAIT_S)
    return dict(found)


async def _read(url: str, ttl_s: float) -> dict[int, Reported]:
    database = open_database(url)
    try:
        found = await list_instances(database, ttl_s=ttl_s)
    finally:
        await database.close()
    return {
        one.pid: Reported(one.version, one.in_flight, one.running_jobs) for one in found if one.live
    }
