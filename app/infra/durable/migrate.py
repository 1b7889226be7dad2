"""Brings the engine's own tables up to date; the engine locks against other starters by itself."""

import asyncio
import logging

from dbos import DBOS

from app.infra.durable.enqueue import SCHEMA, engine_url


async def migrate_engine(database_url: str) -> None:
    """Create or update the engine's tables, so that jobs can be enqueued before anybody runs any."""
    logging.getLogger("dbos").setLevel(logging.WARNING)
    await asyncio.to_thread(DBOS.migrate, engine_url(database_url), schema=SCHEMA)
