"""A job's events as server-sent events, for programs and for browsers alike."""

import json
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing

from app.generation.watching import Watching
from app.kit.errors import NotFound

_HEARTBEAT_S = 15.0
"""A comment this often keeps proxies from closing a quiet stream (their usual limit is 60 s)."""

_RECONNECT_MS = (500, 1500)
"""When browsers come back after a cut connection: not all of them in the same instant."""

STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def event_stream(watching: Watching, job_id: str, after: int) -> AsyncGenerator[str]:
    """Each event above `after` as it comes; ends with the job, or when it is taken away."""
    yield f"retry: {random.randint(*_RECONNECT_MS)}\n\n"  # noqa: S311  # spreads, guards nothing
    watched = watching.watch(job_id, after=after, quiet_s=_HEARTBEAT_S)
    async with aclosing(watched) as events:
        while True:
            try:
                event = await anext(events)
            except (StopAsyncIteration, NotFound):
                return
            if event is None:
                yield ": still here\n\n"
                continue
            data = json.dumps(
                {"step": event.step, "n": event.n, "at": event.at.isoformat(), **event.data},
                ensure_ascii=False,
            )
            yield f"id: {event.seq}\nevent: {event.kind}\ndata: {data}\n\n"
