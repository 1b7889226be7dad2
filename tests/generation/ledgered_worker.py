"""A worker process for kill tests: the real pipeline, slowed down, with a ledger of every step begun and done.

`work` is for a process of its own; it ends when no job is left.
"""

import asyncio
import os
import time
from pathlib import Path
from typing import Any

from app.cli.house import Code
from app.config import Settings
from app.generation.repository import Jobs
from app.generation.steps import PipelineSteps, open_steps
from app.generation.worker import Worker
from app.infra.db import open_database
from app.infra.ports import utc_now
from app.ops.instances import About, new_identity
from app.ops.lease import Lease

STEPS = ("brief", "sources", "outline", "draft", "verify", "optimise", "repair", "score", "save")


class Ledgered:
    """The steps, each written to the ledger when it begins and when it is done."""

    def __init__(self, steps: PipelineSteps, ledger: Path, delay: float) -> None:
        self._steps = steps
        self._ledger = os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._delay = delay

    def __getattr__(self, name: str) -> Any:
        step = getattr(self._steps, name)

        async def run(job_id: str, *args: Any) -> Any:
            label = f"{name}.{args[-1]}" if name == "draft" else name
            self._write("begun", job_id, label)
            await asyncio.sleep(self._delay)
            result = await step(job_id, *args)
            self._write("done", job_id, label)
            await asyncio.sleep(self._delay)
            return result

        return run

    def _write(self, what: str, job_id: str, label: str) -> None:
        # One write of a short line to a file opened for appending is atomic, also under SIGKILL.
        os.write(
            self._ledger, f"{time.time():.6f} {os.getpid()} {what} {job_id} {label}\n".encode()
        )


def work(url: str, ledger: Path, delay: float) -> None:
    asyncio.run(_work(url, ledger, delay))


async def _work(url: str, ledger: Path, delay: float) -> None:
    settings = Settings(database_url=url, jobs={"poll_s": 0.1})
    database = open_database(url)
    lease = Lease(
        database,
        new_identity(),
        About("worker"),
        now=utc_now,
        interval_s=settings.fleet.heartbeat_s,
        ttl_s=settings.fleet.ttl_s,
        lost=lambda: os._exit(Code.FENCED),
    )
    async with open_steps(database, settings, may_pay=lease.may_pay) as steps:
        worker = Worker(database, settings, Ledgered(steps, ledger, delay), lease)
        await lease.take()
        await worker.start()
        while True:
            async with database.reading() as session:
                if not await Jobs(session).unfinished():
                    break
            await asyncio.sleep(0.05)
        await worker.stop()
        await lease.give_up()
    await database.close()
