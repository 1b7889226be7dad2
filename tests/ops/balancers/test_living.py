"""A balancer gets the instances that take readers now, and no others."""

from datetime import timedelta

from sqlalchemy import update

from app.infra.db import Database
from app.ops.balancers.living import live_addresses
from app.ops.instances import About, new_identity, register_instance
from app.ops.models import InstanceRow
from tests.ops.situations import now


async def test_who_only_works_leaves_ended_or_is_lost_gets_no_readers(database: Database) -> None:
    identities = {}
    for address, role in (
        ("http://10.0.0.2:8000", "all"),
        ("10.0.0.1:8000", "web"),
        ("http://[fd00::1]:8000", "all"),
        ("http://10.0.0.3:8000", "worker"),
        ("http://10.0.0.4:8000", "all"),
        ("http://10.0.0.5:8000", "all"),
        ("http://10.0.0.6:8000", "all"),
        ("", "all"),
    ):
        identities[address] = new_identity()
        await register_instance(database, identities[address], About(role, address))
    changes = {
        "http://10.0.0.4:8000": {"ended_at": now()},
        "http://10.0.0.5:8000": {"draining": True},
        "http://10.0.0.6:8000": {"seen_at": now() - timedelta(minutes=5)},
    }
    async with database.unit() as session:
        for address, values in changes.items():
            mine = InstanceRow.executor_id == identities[address].executor_id
            await session.execute(update(InstanceRow).where(mine).values(**values))

    found = await live_addresses(database, ttl_s=60)

    assert found == ["10.0.0.1:8000", "10.0.0.2:8000", "[fd00::1]:8000"]
