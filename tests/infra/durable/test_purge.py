"""Old workflows go with what they started, and nothing goes that somebody still needs."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from app.infra.db import Database
from app.infra.durable import Engine, Enqueuer, migrate_engine


async def until(enqueuer: Enqueuer, workflow_id: str, status: str) -> None:
    async with asyncio.timeout(20):
        while await enqueuer.status(workflow_id) != status:
            await asyncio.sleep(0.05)


async def test_only_what_ended_before_goes_and_parents_only_with_their_children(
    database: Database,
) -> None:
    await migrate_engine(database.url)
    enqueuer = Enqueuer(database.url)
    engine = Engine(
        database.url,
        executor_id="a",
        concurrency=4,
        paid_concurrency=4,
        poll_s=0.05,
        max_attempts=3,
    )
    go_on = asyncio.Event()

    async def child(name: str) -> dict[str, Any]:
        async def work(_name: str) -> dict[str, Any]:
            if name == "slow":
                await go_on.wait()
            return {}

        return await engine.step("work", work, name)

    async def parent(name: str) -> dict[str, Any]:
        wait = await engine.paid("child", "child", name)
        return {} if name == "slow" else await wait()  # the slow one's parent ends before it

    engine.register("child", child, child=True)
    engine.register("parent", parent)
    await engine.launch()
    try:
        async with database.unit() as session:
            for name in ("quick", "slow"):
                await enqueuer.enqueue(session, "parent", name, workflow_id=name)
            await enqueuer.enqueue(session, "parent", "x", workflow_id="later", delay_s=600)
        for workflow_id in ("quick", "quick-child", "slow"):
            await until(enqueuer, workflow_id, "SUCCESS")

        soon = datetime.now(UTC) + timedelta(seconds=1)
        early = await enqueuer.purge(ended_before=soon - timedelta(hours=1))
        first = await enqueuer.purge(ended_before=soon)
        names = ("quick", "quick-child", "slow", "slow-child", "later")
        left = [name for name in names if await enqueuer.status(name)]
        go_on.set()
        await until(enqueuer, "slow-child", "SUCCESS")
        second = await enqueuer.purge(ended_before=datetime.now(UTC) + timedelta(seconds=1))
        still = [name for name in names if await enqueuer.status(name)]
    finally:
        go_on.set()
        await engine.close()
        enqueuer.close()

    assert (early, first, second) == (0, 2, 2)
    assert left == ["slow", "slow-child", "later"]
    assert still == ["later"]
