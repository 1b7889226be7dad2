"""An instance is killed or paused: another goes on with its job from the last kept step, and pays nothing twice."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.cli.house import Code
from app.generation.repository import Jobs
from app.infra.db import Database, open_database
from app.ops.instances import list_instances
from tests.generation.test_kill import accept, begun, checkpoints, start_worker
from tests.started import Started

pytestmark = pytest.mark.processes

TTL_S = 3
SLOWLY_S = 0.5
TAKEN_OVER_WITHIN_S = 15.0


@dataclass
class Pair:
    """Two workers of one database, and their one job, which the first of them has begun."""

    database: Database
    ledger: Path
    job_id: str
    owner: Started
    other: Started

    async def until_begun(self, steps: int) -> None:
        """Wait until the owner is within a step, which takes a while, and has kept those before it."""
        while len(begun(self.ledger, self.owner.pid)) < steps:
            assert self.owner.poll() is None
            await asyncio.sleep(0.02)

    async def until_taken_over(self) -> float:
        """Seconds until the other one begins a step."""
        since = time.monotonic()
        while not begun(self.ledger, self.other.pid):
            assert time.monotonic() - since < 60, "nobody took it over"
            await asyncio.sleep(0.05)
        return time.monotonic() - since

    async def succeeded(self) -> bool:
        """Whether the job did, once the other worker has no more to do."""
        assert await asyncio.to_thread(self.other.wait, 90) == 0
        async with self.database.reading() as session:
            return (await Jobs(session).read(self.job_id)).state == "succeeded"


@pytest.fixture
async def pair(new_database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[Pair]:
    url, ledger = new_database("postgresql"), tmp_path / "ledger"
    database = open_database(url)
    job_id = await accept(database, url)
    settings = {"APP_FLEET__TTL_S": str(TTL_S), "APP_FLEET__HEARTBEAT_S": "0.3"}
    workers = [start_worker(url, ledger, SLOWLY_S, **settings) for _ in range(2)]
    try:
        while len(await list_instances(database, ttl_s=60)) < 2 or not ledger.exists():
            assert [worker.poll() for worker in workers] == [None, None]
            await asyncio.sleep(0.02)
        while not (owners := [each for each in workers if begun(ledger, each.pid)]):
            await asyncio.sleep(0.02)
        [other] = [each for each in workers if each is not owners[0]]
        yield Pair(database, ledger, job_id, owners[0], other)
    finally:
        for worker in workers:
            if worker.poll() is None:
                worker.kill()
                worker.wait()
        await database.close()


async def test_a_job_of_a_killed_instance_goes_on_elsewhere(pair: Pair) -> None:
    await pair.until_begun(3)
    pair.owner.kill()
    kept = await checkpoints(pair.database, pair.job_id)

    taken_over_s = await pair.until_taken_over()

    assert await pair.succeeded()
    assert taken_over_s < TAKEN_OVER_WITHIN_S
    again = begun(pair.ledger, pair.other.pid)
    assert kept
    assert kept & set(again) == set()


async def test_one_that_was_paused_too_long_begins_nothing_more_and_ends(pair: Pair) -> None:
    await pair.until_begun(3)
    os.kill(pair.owner.pid, signal.SIGSTOP)
    before = begun(pair.ledger, pair.owner.pid)

    taken_over_s = await pair.until_taken_over()
    os.kill(pair.owner.pid, signal.SIGCONT)
    code = await asyncio.to_thread(pair.owner.wait, 30)

    assert code == Code.FENCED
    assert taken_over_s < TAKEN_OVER_WITHIN_S
    assert begun(pair.ledger, pair.owner.pid) == before
    assert await pair.succeeded()
    assert not set(before[:-1]) & set(begun(pair.ledger, pair.other.pid)), (
        "only what ran is run again"
    )
