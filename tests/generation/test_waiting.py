"""A job whose model is down waits, in front of everybody's eyes, and goes on when it is back."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.config import Settings
from app.generation.control import cancel_job
from app.generation.intake import accept_request
from app.generation.jobs import Event, Job, JobState
from app.generation.progress import progress_of
from app.generation.repository import Jobs
from app.generation.spending.repository import Spending
from app.generation.steps import open_steps
from app.generation.waiting import Asked, Patience
from app.generation.worker import Worker
from app.infra.db import Database, open_database
from app.infra.durable import Enqueuer, migrate_engine
from app.infra.ports import utc_now
from app.ops.instances import About, new_identity
from app.ops.lease import Lease
from tests.generation.test_kill import start_worker
from tests.infra.llm.scripted import Answer, Script, failure, joins_facts, scripted
from tests.started import Started

ROOT = Path(__file__).resolve().parents[2]
SOURCE = str(ROOT / "examples" / "en" / "horizontal-scaling.md")
NOW = datetime(2026, 11, 25, tzinfo=UTC)


class Provider:
    """A model server that is down, and can be brought back."""

    def __init__(self) -> None:
        self.fault: Answer | None = failure(503)

    def __call__(self, asked: dict[str, Any]) -> Answer:
        return self.fault or joins_facts(asked)


def settings_of(url: str, script: Script, **models: Any) -> Settings:
    waits = {"wait_first_s": 0.3, "wait_most_s": 1.0, "circuit_rest_s": 0.2, "attempts": 1}
    return Settings(
        database_url=url,
        llm_base_url=f"{script.url}/v1",
        models={**waits, "seconds": 20, **models},
        jobs={"poll_s": 0.05},
    )


async def accept(database: Database, settings: Settings) -> str:
    await migrate_engine(database.url)
    enqueuer = Enqueuer(database.url)
    try:
        job = await accept_request(
            database,
            enqueuer,
            settings,
            keyword="horizontal scaling",
            arguments=[(SOURCE, None)],
            language="en",
            model="compatible:scripted",
            principal="person:kim",
            now=datetime.now(UTC),
        )
    finally:
        enqueuer.close()
    return job.id


@pytest.fixture
async def one_database(new_database: Callable[[str], str]) -> AsyncIterator[Database]:
    """Where the kind of database makes no difference."""
    opened = open_database(new_database("sqlite"))
    yield opened
    await opened.close()


async def always() -> bool:
    return True


@asynccontextmanager
async def working(database: Database, settings: Settings) -> AsyncIterator[Worker]:
    lease = Lease(database, new_identity(), About("worker"), now=utc_now, interval_s=1, ttl_s=15)
    async with open_steps(database, settings, may_pay=lease.may_pay) as steps:
        worker = Worker(database, settings, steps, lease)
        await lease.take()
        await worker.start()
        try:
            yield worker
        finally:
            await worker.stop()
            await lease.give_up()


async def look(database: Database, job_id: str) -> tuple[Job, list[Event]]:
    async with database.reading() as session:
        return await Jobs(session).read(job_id), await Jobs(session).events(job_id)


async def ended(database: Database, job_id: str, seconds: float = 60) -> tuple[Job, list[Event]]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        job, events = await look(database, job_id)
        if job.state.ended:
            return job, events
        await asyncio.sleep(0.1)
    pytest.fail(f"the job did not end: {events[-1]}")


async def waits(database: Database, job_id: str, many: int = 1) -> list[Event]:
    for _ in range(600):
        found = [event for event in (await look(database, job_id))[1] if event.kind == "waiting"]
        if len(found) >= many:
            return found
        await asyncio.sleep(0.05)
    pytest.fail("it never waited")


async def test_a_job_waits_while_its_model_is_down_and_goes_on_when_it_is_back(
    database: Database,
) -> None:
    provider = Provider()
    engine_table = "workflow_status" if database.is_sqlite else "dbos.workflow_status"
    with scripted(then=provider) as script:
        settings = settings_of(database.url, script)
        job_id = await accept(database, settings)
        async with working(database, settings):
            first = (await waits(database, job_id, 2))[0]
            async with database.unit() as session:
                await session.execute(
                    sa.text(
                        f"UPDATE {engine_table} SET recovery_attempts = 4 WHERE status = 'PENDING'"
                    )
                )
            await waits(database, job_id, len(await waits(database, job_id)) + 2)
            async with database.reading() as session:
                deaths = await session.scalars(
                    sa.text(
                        f"SELECT recovery_attempts FROM {engine_table} WHERE status = 'PENDING'"
                    )
                )
            held = (await look(database, job_id))[0]
            progress = progress_of((await look(database, job_id))[1])
            provider.fault = None
            job, events = await ended(database, job_id)

    assert held.state is JobState.RUNNING
    assert set(deaths) == {1}, "who waits has not died of it"
    assert (first.step, first.data["model"]) == ("outline", "compatible:scripted")
    assert first.data["note"].startswith("waiting for compatible:scripted, next try at 2")
    assert "failed on its side" in first.data["message"]
    outline = progress.steps[2]
    assert (outline.state, outline.waiting_for) == ("started", "compatible:scripted")
    assert outline.waiting_until is not None
    assert job.state is JobState.SUCCEEDED, job.error
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert progress_of(events).steps[2].waiting_until is None


async def test_sections_that_have_to_wait_are_written_later_and_the_others_not_again(
    database: Database,
) -> None:
    tries: dict[str, int] = {}

    def answer(asked: dict[str, Any]) -> Answer:
        """Down for the first three sections that are asked for, as often as one call tries."""
        prompt = asked["messages"][-1]["content"]
        if "response_format" not in asked and (prompt in tries or len(tries) < 3):
            tries[prompt] = tries.get(prompt, 0) + 1
            if tries[prompt] <= 3:
                return failure(503)
        return joins_facts(asked)

    with scripted(then=answer) as script:
        settings = settings_of(database.url, script, circuit_failures=1000)
        job_id = await accept(database, settings)
        async with working(database, settings):
            job, events = await ended(database, job_id)

    assert job.state is JobState.SUCCEEDED, job.error
    waited = [event for event in events if event.kind == "waiting"]
    assert [event.step for event in waited] == ["draft"]
    finished = [event.n for event in events if (event.step, event.kind) == ("draft", "finished")]
    assert sorted(finished) == list(range(len(finished)))
    async with database.reading() as session:
        steps = {cost.group for cost in await Spending(session).costs("step", job_id=job_id)}
    again = {step.split(".")[1] for step in steps if ".try2." in step}
    assert len(again) == 3
    once = {step.split(".")[1] for step in steps if step.startswith("draft") and ".try" not in step}
    assert not again & once


async def test_a_key_that_is_revoked_ends_the_job_at_once_and_says_what_to_check(
    one_database: Database,
) -> None:
    database = one_database
    with scripted(failure(401)) as script:
        settings = settings_of(database.url, script)
        job_id = await accept(database, settings)
        async with working(database, settings):
            job, events = await ended(database, job_id)

    assert (job.state, job.error_code) == (JobState.FAILED, "model_refused")
    assert "LLM_API_KEY" in (job.error or "")
    assert len(script.asked) == 1
    assert not [event for event in events if event.kind == "waiting"]


async def test_a_job_that_may_not_wait_fails_at_once_and_one_that_may_says_how_long_it_did(
    one_database: Database,
) -> None:
    database = one_database
    with scripted(failure(503)) as script:
        impatient = settings_of(database.url, script, wait_s=0)
        first = await accept(database, impatient)
        async with working(database, impatient):
            at_once, _ = await ended(database, first)
        patient = settings_of(database.url, script, wait_s=4.0)
        second = await accept(database, patient)
        async with working(database, patient):
            later, events = await ended(database, second)

    assert (at_once.state, at_once.error_code) == (JobState.FAILED, "model_away")
    assert "APP_MODELS__WAIT_S" not in (at_once.error or "")
    assert (later.state, later.error_code) == (JobState.FAILED, "model_away")
    assert "APP_MODELS__WAIT_S" in (later.error or "")
    assert len([event for event in events if event.kind == "waiting"]) >= 2


async def test_a_job_that_waits_holds_no_paid_call_back_and_can_be_cancelled(
    database: Database,
) -> None:
    with scripted(failure(503)) as script:
        settings = settings_of(database.url, script, wait_first_s=600, wait_most_s=600)
        job_id = await accept(database, settings)
        enqueuer = Enqueuer(database.url)
        async with working(database, settings) as worker:
            await waits(database, job_id)
            assert not worker.engine._children_running
            await cancel_job(database, enqueuer, job_id, now=datetime.now(UTC))
            cancelled = time.monotonic()
            while worker.engine.running:
                await asyncio.sleep(0.05)
            took = time.monotonic() - cancelled
        enqueuer.close()
        job, _ = await look(database, job_id)

    assert took < 30  # of the 600 s it would have waited
    assert job.state is JobState.CANCELLED


async def test_a_fallback_answers_in_the_place_of_a_model_that_is_down(
    one_database: Database,
) -> None:
    database = one_database

    def answer(asked: dict[str, Any]) -> Answer:
        return failure(503) if asked["model"] == "scripted" else joins_facts(asked)

    with scripted(then=answer) as script:
        settings = settings_of(database.url, script, circuit_failures=1000)
        settings = settings.model_copy(update={"llm_fallbacks": ("compatible:second",)})
        job_id = await accept(database, settings)
        async with working(database, settings):
            job, events = await ended(database, job_id)

    assert job.state is JobState.SUCCEEDED, job.error
    assert not [event for event in events if event.kind == "waiting"]
    async with database.reading() as session:
        models = await Spending(session).costs("model", job_id=job_id)
    assert [cost.group for cost in models] == ["compatible:second"]


@pytest.mark.processes
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_kill_during_a_wait_loses_nothing(
    kind: str, new_database: Callable[[str], str], tmp_path: Path
) -> None:
    url, ledger = new_database(kind), tmp_path / "ledger"
    provider = Provider()
    database = open_database(url)
    with scripted(then=provider) as script:
        environment = {
            "LLM_BASE_URL": f"{script.url}/v1",
            "APP_MODELS__WAIT_FIRST_S": "4",
            "APP_MODELS__ATTEMPTS": "1",
        }

        def start() -> Started:
            return start_worker(url, ledger, 0, **environment)

        job_id = await accept(database, settings_of(url, script))
        first = start()
        until = datetime.fromisoformat((await waits(database, job_id))[0].data["until"])
        first.send_signal(signal.SIGKILL)
        first.wait()
        provider.fault = None
        asked = len(script.asked)
        second = start()
        code = await asyncio.to_thread(second.wait, 150)
        job, events = await look(database, job_id)

    await database.close()
    assert code == 0
    assert job.state is JobState.SUCCEEDED, job.error
    assert len([event for event in events if event.kind == "waiting"]) == 1
    lines = [line.split() for line in ledger.read_text().splitlines()]
    again = [row for row in lines if row[1] == str(second.pid) and row[2] == "begun"]
    # The wait itself is begun anew only where the kill came between its event and its checkpoint.
    begun = [row[4] for row in again if row[4] != "wait"]
    assert begun[0] == "outline"
    assert begun.count("outline") == 1
    tried_at = next(float(row[0]) for row in again if row[4] == "outline")
    assert tried_at >= until.timestamp()
    assert len(script.asked) > asked


def asked_of(**changes: Any) -> Asked:
    given = {"step": "draft", "part": 2, "model": "openai:m", "attempt": 1, "since": None}
    return Asked.model_validate({**given, "reason": {"message": "down."}, **changes})


def test_pauses_are_doubled_up_to_the_longest_and_spread() -> None:
    patience = Patience(first_s=15, most_s=100, all_s=86400)
    pauses = [
        patience.pause_of(asked_of(attempt=n), now=NOW, spread=1.0) for n in (1, 2, 3, 4, 1000)
    ]

    assert pauses == [15, 30, 60, 100, 100]
    assert patience.pause_of(asked_of(), now=NOW, spread=1.2) == 18


def test_what_a_provider_asks_for_is_waited_up_to_the_longest() -> None:
    patience = Patience(first_s=15, most_s=100, all_s=86400)

    for asked, pause in ((5, 15), (70, 70), (86400, 100)):
        reason = {"message": "", "retry_after_s": asked}
        assert patience.pause_of(asked_of(reason=reason), now=NOW, spread=1.0) == pause


def test_the_last_try_is_at_the_end_and_none_after_it() -> None:
    patience = Patience(first_s=15, most_s=900, all_s=3600)
    began = (NOW - timedelta(seconds=3590)).timestamp()

    assert patience.pause_of(asked_of(since=began, attempt=9), now=NOW, spread=1.0) == 10
    assert patience.pause_of(asked_of(since=began - 10), now=NOW, spread=1.0) is None
    assert "1 h and tried 9 times" in patience.given_up(asked_of(attempt=9))


def test_tries_that_may_cost_are_not_made_all_day() -> None:
    patience = Patience(first_s=15, most_s=900, all_s=86400, most_billed=3)
    late = {"message": "m gave no answer within 120 s.", "may_be_billed": True}

    assert patience.pause_of(asked_of(billed=1, reason=late), now=NOW, spread=1.0) == 15
    assert patience.pause_of(asked_of(billed=2, reason=late), now=NOW, spread=1.0) is None
    assert patience.pause_of(asked_of(billed=2), now=NOW, spread=1.0) == 15
    assert "3 times" in patience.given_up(asked_of(billed=2, reason=late))


async def test_a_model_that_is_only_too_slow_is_not_asked_for_ever(one_database: Database) -> None:
    with scripted(Answer(delay_s=30)) as script:
        settings = settings_of(
            one_database.url, script, seconds=0.2, wait_timeouts=2, circuit_failures=1000
        )
        job_id = await accept(one_database, settings)
        async with working(one_database, settings):
            job, _ = await ended(one_database, job_id)

    assert (job.state, job.error_code) == (JobState.FAILED, "model_away")
    assert "APP_MODELS__WAIT_TIMEOUTS" in (job.error or "")
    assert len(script.asked) == 2


def test_waits_of_parts_have_numbers_of_their_own() -> None:
    numbers = {asked_of(part=part, attempt=n).event for part in range(20) for n in range(1, 500)}

    assert len(numbers) == 20 * 499


async def test_a_wait_that_is_told_twice_ends_when_it_was_first_said_to(
    one_database: Database,
) -> None:
    with scripted(failure(503)) as script:
        settings = settings_of(one_database.url, script, wait_first_s=60, wait_most_s=600)
        job_id = await accept(one_database, settings)
        async with open_steps(one_database, settings, may_pay=always) as steps:
            asked = asked_of().model_dump(mode="json")
            first, again = [await steps.wait(job_id, asked) for _ in range(2)]
            longer = await steps.wait(job_id, {**asked, "attempt": 3, "since": first["since"]})

    assert again["until"] == first["until"]
    assert longer["until"] > first["until"] + 60
