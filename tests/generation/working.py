"""A worker in this process on the real pipeline, whose steps a test can hold, break and count."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from app.config import Settings
from app.generation.intake import accept_request
from app.generation.jobs import Job
from app.generation.repository import Jobs
from app.generation.steps import PipelineSteps, open_steps
from app.generation.worker import Worker
from app.infra.db import Database
from app.infra.durable import Enqueuer
from app.infra.ports import utc_now
from app.ops.instances import About, new_identity
from app.ops.lease import Lease

SOURCE = (
    Path(__file__).resolve().parents[2] / "examples" / "en" / "horizontal-scaling.md"
).read_text()


class Watched:
    """The real steps. `held` ones wait until `go_on`; `broken` ones answer that the job cannot go on.

    With `paid`, the composer's sections are written by children on the paid queue, as a model's are.
    """

    def __init__(self, *, paid: bool = False) -> None:
        self.begun: list[str] = []
        self.held: set[str] = set()
        self.broken: set[str] = set()
        self.raising: set[str] = set()
        self.go_on = asyncio.Event()
        self.steps: PipelineSteps | None = None
        self._paid = paid

    def __getattr__(self, name: str) -> Any:
        async def run(job_id: str, *args: Any) -> Any:
            label = f"{name}.{args[-1]}" if name == "draft" else name
            self.begun.append(label)
            if label in self.held:
                await self.go_on.wait()
            if label in self.raising:
                raise RuntimeError("the step broke")
            if label in self.broken:
                return {"failed": {"code": "model_away", "message": "The model is away."}}
            assert self.steps is not None
            result = await getattr(self.steps, name)(job_id, *args)
            return {**result, "paid": True} if name == "outline" and self._paid else result

        return run


def settings_of(database: Database, **jobs: Any) -> Settings:
    return Settings(database_url=database.url, jobs={"poll_s": 0.05, **jobs})


@asynccontextmanager
async def working(database: Database, watched: Watched, **jobs: Any) -> AsyncIterator[Worker]:
    settings = settings_of(database, **jobs)
    lease = Lease(
        database,
        new_identity(),
        About("worker"),
        now=utc_now,
        interval_s=settings.fleet.heartbeat_s,
        ttl_s=settings.fleet.ttl_s,
        lost=lambda: None,
    )
    async with open_steps(database, settings, may_pay=lease.may_pay) as steps:
        watched.steps = steps
        worker = Worker(database, settings, watched, lease)
        await lease.take()
        await worker.start()
        try:
            yield worker
        finally:
            watched.go_on.set()
            await worker.stop()
            await lease.give_up()


async def accept(
    database: Database, enqueuer: Enqueuer, keyword: str = "horizontal scaling", **more: Any
) -> str:
    job = await accept_request(
        database,
        enqueuer,
        settings_of(database),
        keyword=keyword,
        sources=[(None, SOURCE, None)],
        language="en",
        now=utc_now(),
        **more,
    )
    return job.id


async def read(database: Database, job_id: str) -> Job:
    async with database.reading() as session:
        return await Jobs(session).read(job_id)


async def until(is_so: Callable[[], Any], seconds: float = 20.0) -> None:
    """Wait for what `is_so` says, a coroutine or not."""
    for _ in range(int(seconds / 0.05)):
        found = is_so()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return
        await asyncio.sleep(0.05)
    pytest.fail("it never came to that")


async def until_state(database: Database, job_id: str, state: str) -> Job:
    async def is_so() -> bool:
        return (await read(database, job_id)).state == state

    await until(is_so)
    return await read(database, job_id)
