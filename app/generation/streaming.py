"""A job's events as server-sent events, for programs and for browsers alike."""

import asyncio
import json
from collections.abc import AsyncGenerator

from app.generation import service
from app.infra.db import Database

_HEARTBEAT_S = 15.0
"""A comment this often keeps proxies from closing a quiet stream (their usual limit is 60 s)."""

STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def event_stream(database: Database, job_id: str, after: int) -> AsyncGenerator[str]:
    """Each event above `after` as it comes; ends with the job."""
    loop = asyncio.get_running_loop()
    quiet_since = loop.time()
    async for event, _job in service.watch_job(database, job_id, after=after):
        if event is not None:
            quiet_since = loop.time()
            data = json.dumps(
                {"step": event.step, "n": event.n, "at": event.at.isoformat(), **event.data},
                ensure_ascii=False,
            )
            yield f"id: {event.seq}\nevent: {event.kind}\ndata: {data}\n\n"
        elif loop.time() - quiet_since > _HEARTBEAT_S:
            quiet_since = loop.time()
            yield ": still here\n\n"
