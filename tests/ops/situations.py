"""Situations to bring checks into: real ports, of which a test swaps one."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.config import Settings
from app.infra.kv.memory import MemoryStore
from app.infra.ports import Ports, open_ports
from app.infra.scope import Scope
from app.ops.findings import Finding
from app.ops.situation import Keeper, Situation, situation


class SharedStore(MemoryStore):
    """Stands for a store that every instance reaches."""

    name = "redis"
    scope = Scope.FLEET


def open_for(url: str, folder: Path, **settings: Any) -> tuple[Ports, Settings]:
    given = Settings(database_url=url, data_dir=folder, **settings)
    return open_ports(given), given


async def found_by(
    check: Any,
    url: str,
    folder: Path,
    *,
    sessions: Keeper | None = None,
    settings: Any = None,
    **swapped: Any,
) -> Finding:
    """What a check says of a situation; ports are swapped by name."""
    ports, given = open_for(url, folder, **(settings or {}))
    if "store" in swapped:  # limits are counted in the same store
        swapped.setdefault("limits", swapped["store"])
    looked: Situation = situation(replace(ports, **swapped), given, sessions)
    try:
        return await asyncio.wait_for(check(looked), 60)
    finally:
        looked.close()
        await ports.close()


def now() -> datetime:
    return datetime.now(UTC)
