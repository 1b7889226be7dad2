"""The durable workflow that makes a batch's rows jobs, some at a time."""

from collections.abc import Awaitable, Callable
from typing import Any

from app.generation.batches.service import FEEDER
from app.infra.durable import Engine

Json = dict[str, Any]


def register_feeder(engine: Engine, feed: Callable[[str], Awaitable[Json]]) -> None:
    """Make the feeder known to the engine. `feed` makes the next rows of a batch jobs, and may run twice."""

    async def step(batch_id: str) -> Json:
        return await feed(batch_id)

    async def feed_batch(batch_id: str) -> Json:
        fed, n = 0, 0
        while True:
            result = await engine.step(f"feed.{n}", step, batch_id)
            fed += int(result["fed"])
            n += 1
            if not result["more"]:
                return {"fed": fed, "state": result["state"]}

    engine.register(FEEDER, feed_batch)
