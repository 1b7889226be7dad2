"""kill -9 at random instants: every article is finished after a restart, and no checkpointed step runs again."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from app.config import Settings
from app.generation.intake import accept_request
from app.generation.repository import Jobs
from app.infra.db import Database, open_database
from app.infra.durable import Enqueuer, migrate_engine
from app.posts.repository import Posts
from tests import started
from tests.generation import ledgered_worker
from tests.started import Started

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

DELAY = 0.04
"""Seconds before and after each step: widens the windows that a kill can hit."""

LONGEST = 2.5
"""Seconds from the first step to the last kill instant; a slowed job takes about three."""


def start_worker(url: str, ledger: Path, delay: float = DELAY, **settings: str) -> Started:
    return started.start(
        ledgered_worker.work,
        *(url, ledger, delay),
        folder=ledger.parent,
        environment={**os.environ, **settings},
        output=ledger.with_name("log"),
    )


async def accept(database: Database, url: str) -> str:
    await migrate_engine(url)
    enqueuer = Enqueuer(url)
    try:
        job = await accept_request(
            database,
            enqueuer,
            Settings(database_url=url),
            keyword="horizontal scaling",
            arguments=[(str(EXAMPLES / "en" / "horizontal-scaling.md"), None)],
            language="en",
            publish=True,
            now=datetime.now(UTC),
        )
    finally:
        enqueuer.close()
    return job.id


async def checkpoints(database: Database, job_id: str) -> set[str]:
    """The steps whose results the engine has kept."""
    table = "operation_outputs" if database.is_sqlite else "dbos.operation_outputs"
    async with database.reading() as session:
        rows = await session.execute(
            text(
                f"select function_name from {table} where workflow_uuid = :id and output is not null"
            ),
            {"id": job_id},
        )
        return {row[0] for row in rows}


def begun(ledger: Path, pid: int) -> list[str]:
    """The steps that a process began, with repetitions."""
    rows = [line.split() for line in ledger.read_text().splitlines()] if ledger.exists() else []
    return [row[4] for row in rows if row[1] == str(pid) and row[2] == "begun"]


async def killed_and_restarted(
    url: str, ledger: Path, instant: float
) -> tuple[set[str], list[str], Database, str]:
    database = open_database(url)
    job_id = await accept(database, url)
    first = start_worker(url, ledger)
    while not ledger.exists() or not ledger.read_text():  # the clock starts at the first step
        await asyncio.sleep(0.01)
        assert first.poll() is None
    await asyncio.sleep(instant)
    if first.poll() is None:
        os.kill(first.pid, signal.SIGKILL)
    first.wait()
    kept = await checkpoints(database, job_id)
    second = start_worker(url, ledger)
    code = await asyncio.to_thread(second.wait, 90)
    assert code == 0
    return kept, begun(ledger, second.pid), database, job_id


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "instant" in metafunc.fixturenames:
        seed = metafunc.config.getoption("--seed")
        chance = random.Random(seed)
        count = metafunc.config.getoption("--kills")
        instants = [round(chance.uniform(0, LONGEST), 3) for _ in range(count)]
        metafunc.parametrize("instant", instants, ids=[f"seed{seed}-{i}s" for i in instants])


@pytest.mark.processes
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_killed_job_is_finished_by_the_next_process_and_no_kept_step_runs_again(
    kind: str, instant: float, new_database: Callable[[str], str], tmp_path: Path
) -> None:
    url = new_database(kind)

    kept, again, database, job_id = await killed_and_restarted(url, tmp_path / "ledger", instant)

    try:
        async with database.reading() as session:
            job = await Jobs(session).read(job_id)
            posts = await Posts(session).newest()
        assert job.state == "succeeded", job.error
        assert [post.job_id for post in posts] == [job_id]
        assert kept & set(again) == set(), f"kept steps that ran again; kept {kept}, begun {again}"
        assert len(again) == len(set(again))
    finally:
        await database.close()


@pytest.mark.processes
async def test_events_of_a_killed_job_are_neither_lost_nor_doubled(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    url = new_database("sqlite")
    start = time.monotonic()

    _, _, database, job_id = await killed_and_restarted(url, tmp_path / "ledger", 0.6)

    async with database.reading() as session:
        events = await Jobs(session).events(job_id)
    await database.close()
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    told = [(event.step, event.kind, event.n) for event in events]
    assert len(told) == len(set(told))
    assert told[-1] == ("job", "succeeded", 0) or told[-2] == ("job", "succeeded", 0)
    assert time.monotonic() - start < 60
