"""Where the instances are that live now and take readers."""

from app.infra.db import Database
from app.ops.instances import list_instances


async def live_addresses(database: Database, *, ttl_s: float) -> list[str]:
    """`host:port` of each, in a lasting order, so that an unchanged fleet writes an unchanged file.

    Left out is who only works, who leaves, and who went without a word for `ttl_s` seconds.
    """
    found = await list_instances(database, ttl_s=ttl_s)
    addresses = {
        one.address.removeprefix("http://").rstrip("/")
        for one in found
        if one.live and not one.draining and one.role != "worker" and one.address
    }
    return sorted(addresses)
