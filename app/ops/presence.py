"""Keeps this process present in its fleet: its lease, and the fingerprint of its settings beside it."""

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import structlog

from app import __version__
from app.config import FleetSettings, Settings
from app.infra.db.migrate import head
from app.infra.kv import StoreAway
from app.infra.ports import Ports
from app.ops.bounded import within
from app.ops.fingerprint import Mark, read_mark, take_fingerprint
from app.ops.instances import About, Fleet, Identity, Pulse, join_fleet
from app.ops.lease import Lease
from app.web.secret import secret_key

log = structlog.get_logger()

_MARK_EVERY_S = 10.0
"""How often the shared store is looked at: a new one without memory gets a new mark."""

_BEATS_A_TTL = 3
"""On SQLite, whose every write is one on this disk, an instance beats no more often than it needs to."""

_CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass
class Presence:
    """This process in its fleet."""

    fleet: Fleet
    lease: Lease
    fingerprint: Mapping[str, str] = field(default_factory=dict[str, str])


async def describe_self(settings: Settings, role: str, address: str) -> About:
    """What this process says of itself at boot."""
    revision = settings.fleet.git_revision or await asyncio.to_thread(_git_revision)
    return About(
        role=role,
        address=settings.fleet.address or address,
        version=__version__,
        git_revision=revision,
        schema_head=head() or "",
    )


@asynccontextmanager
async def presence(
    ports: Ports,
    settings: Settings,
    identity: Identity,
    about: About,
    *,
    pulse: Callable[[], Pulse] = Pulse,
    asked: Callable[[bool], None] | None = None,
    lost: Callable[[], None] | None = None,
) -> AsyncGenerator[Presence]:
    """Hold a lease while the block runs. The database must answer now; from then on it may be away."""
    fleet = await join_fleet(ports.database)
    secret = secret_key(settings)
    lease = Lease(
        ports.database,
        identity,
        about,
        now=ports.now,
        interval_s=interval_s(settings.fleet, is_sqlite=ports.database.is_sqlite),
        ttl_s=settings.fleet.ttl_s,
        asked=asked,
        lost=lost,
    )
    present = Presence(fleet, lease)

    async def look_at_store(before: Mark | None) -> Mark | None:
        try:
            mark = await within(1.0, read_mark(ports.store, fleet))
        except (StoreAway, TimeoutError):
            return before
        if mark != before:
            present.fingerprint = await take_fingerprint(settings, fleet, mark, secret)
        return mark

    async def keep_looking(mark: Mark | None) -> None:
        while True:
            await asyncio.sleep(_MARK_EVERY_S)
            mark = await look_at_store(mark)

    mark = await look_at_store(None)
    if mark is None:
        present.fingerprint = await take_fingerprint(settings, fleet, None, secret)
    lease.pulse = lambda: replace(pulse(), fingerprint=present.fingerprint)
    await lease.take()
    looking = asyncio.create_task(keep_looking(mark))
    try:
        yield present
    finally:
        looking.cancel()
        await lease.give_up()


def interval_s(fleet: FleetSettings, *, is_sqlite: bool) -> float:
    """Seconds between two beats."""
    return max(fleet.heartbeat_s, fleet.ttl_s / _BEATS_A_TTL) if is_sqlite else fleet.heartbeat_s


def _git_revision() -> str:
    if not (_CHECKOUT / ".git").exists():
        return ""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        asked = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"],  # noqa: S607  # the machine's own git, of our own checkout
            cwd=_CHECKOUT,
            capture_output=True,
            text=True,
            timeout=2,
            check=True,
        )
        return asked.stdout.strip()
    return ""
