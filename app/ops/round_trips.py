"""Writes something into the real thing, reads it back, deletes it."""

import secrets
from datetime import datetime, timedelta

from app.infra.blobs import Blobs
from app.infra.db import Database
from app.infra.kv import Store
from app.infra.pubsub import Message, PubSub
from app.ops.repository import Probes

_TTL_S = 30.0
"""How long what a check wrote lives when the check dies before it deletes it."""


class LostOnTheWay(Exception):
    """What was written did not come back as it was."""


async def through_store(store: Store) -> None:
    """A value, there and back."""
    key, value = f"probe:{secrets.token_hex(8)}", secrets.token_bytes(16)
    await store.set(key, value, ttl_s=_TTL_S)
    try:
        found = await store.get(key)
    finally:
        await store.delete(key)  # also where nobody waits any more
    if found != value or await store.get(key) is not None:
        raise LostOnTheWay


async def through_window(store: Store) -> None:
    """Two requests against a limit of one: the second must be refused."""
    key = f"probe:{secrets.token_hex(8)}"
    first = await store.hit(key, limit=1, window_s=_TTL_S)
    second = await store.hit(key, limit=1, window_s=_TTL_S)
    await store.delete(key)
    if not first.allowed or second.allowed:
        raise LostOnTheWay


async def through_database(database: Database, *, now: datetime) -> None:
    """A row, written in one transaction and read in another."""
    key, value = secrets.token_hex(8), secrets.token_hex(16)
    async with database.unit() as session:
        await Probes(session).write(key, value, until=now + timedelta(seconds=_TTL_S))
    async with database.reading() as session:
        found = await Probes(session).read(key)
    async with database.unit() as session:
        await Probes(session).delete(key, now=now)
    if found != value:
        raise LostOnTheWay


async def through_blobs(blobs: Blobs) -> None:
    """A file, there and back."""
    key, data = f"probe/{secrets.token_hex(8)}", secrets.token_bytes(64)
    try:
        await blobs.put(key, data)
        found = await blobs.get(key)
    finally:
        await blobs.delete(key)  # also where nobody waits any more
    if found != data:
        raise LostOnTheWay


async def through_pubsub(pubsub: PubSub) -> None:
    """A message that comes back to who sent it."""
    channel, body = f"probe-{secrets.token_hex(8)}", secrets.token_hex(8).encode()
    async with pubsub.subscribe(channel) as messages:
        await pubsub.publish(channel, body)
        async for message in messages:
            if message == Message(channel, body):
                return
    raise LostOnTheWay
