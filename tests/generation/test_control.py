"""Jobs are stopped, gone on with, tried again and reconciled; what is finished is kept and not done twice."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.generation.control import (
    cancel_job,
    pause_queue,
    resume_job,
    resume_queue,
    retry_job,
    set_priority,
)
from app.generation.jobs import JobState, Wanted
from app.generation.partial import finished_parts
from app.generation.progress import progress_of
from app.generation.reconciling import reconcile
from app.generation.repository import Jobs
from app.infra.db import Database
from app.infra.durable import WORK_QUEUE, Enqueuer, migrate_engine
from app.infra.ports import utc_now
from app.kit.errors import Conflict, Invalid
from app.posts.repository import Posts
from tests.generation.working import Watched, accept, read, until, until_state, working

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@pytest.fixture
async def enqueuer(database: Database) -> AsyncIterator[Enqueuer]:
    await migrate_engine(database.url)
    opened = Enqueuer(database.url)
    yield opened
    opened.close()


async def kinds(database: Database, job_id: str) -> list[str]:
    """The kinds of the events about the job itself, in order."""
    async with database.reading() as session:
        events = await Jobs(session).events(job_id)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    return [event.kind for event in events if event.step == "job"]


async def set_engine(database: Database, enqueuer: Enqueuer, job_id: str, **values: Any) -> None:
    table = enqueuer.workflows.table
    async with database.unit() as session:
        await session.execute(
            sa.update(table).where(table.c.workflow_uuid == job_id).values(**values)
        )


@pytest.mark.parametrize("paid", [False, True], ids=["composer", "paid"])
async def test_a_cancelled_job_shows_its_finished_parts_and_goes_on_without_doing_them_again(
    database: Database, enqueuer: Enqueuer, paid: bool
) -> None:
    watched = Watched(paid=paid)
    watched.held = {"draft.2"}
    job_id = await accept(database, enqueuer)

    async with working(database, watched):
        await until(lambda: "draft.2" in watched.begun)

        async def first_parts() -> bool:
            parts = await finished_parts(enqueuer, await read(database, job_id))
            return [part.n for part in parts][:2] == [0, 1]

        await until(first_parts)
        await cancel_job(database, enqueuer, job_id, now=utc_now(), by="kim")
        stopped = await read(database, job_id)
        parts = await finished_parts(enqueuer, stopped)
        watched.held = set()
        watched.go_on.set()
        await resume_job(database, enqueuer, job_id, now=utc_now())
        ended = await until_state(database, job_id, "succeeded")

    assert stopped.state == "cancelled"
    assert parts[0].paragraphs
    assert parts[1].heading
    assert watched.begun.count("draft.0") == watched.begun.count("draft.1") == 1
    assert watched.begun.count("draft.2") == 2
    assert ended.error is None
    assert await kinds(database, job_id) == ["queued", "cancelled", "resumed", "succeeded"]


async def test_a_paid_section_that_failed_is_tried_again_alone(
    database: Database, enqueuer: Enqueuer
) -> None:
    watched = Watched(paid=True)
    watched.broken = {"draft.1"}
    job_id = await accept(database, enqueuer, person="kim", priority=50)

    async with working(database, watched):
        failed = await until_state(database, job_id, "failed")
        before = list(watched.begun)
        watched.broken = set()
        queued = await retry_job(database, enqueuer, job_id, now=utc_now())
        ended = await until_state(database, job_id, "succeeded")
        again = watched.begun[len(before) :]

    assert failed.error_code == "model_away"
    assert queued.attempt == 2
    assert again == ["draft.1", "verify", "optimise", "repair", "score", "save"]
    assert ended.workflow_id == f"{job_id}-r2"
    table = enqueuer.workflows.table
    async with database.reading() as session:
        jobs = Jobs(session)
        events = await jobs.events(job_id)
        assert list(await jobs.attempts(job_id)) == [job_id, f"{job_id}-r2"]
        rows = await session.execute(
            sa.select(table.c.workflow_uuid, table.c.queue_partition_key, table.c.priority).where(
                table.c.name != "feed_batch"
            )
        )
        assert {(partition, priority) for _, partition, priority in rows} == {("kim", 50)}
    progress = progress_of(events)
    assert progress.finished == 9
    assert await kinds(database, job_id) == ["queued", "failed", "retried", "succeeded"]


async def test_a_job_is_tried_again_from_the_step_that_is_named(
    database: Database, enqueuer: Enqueuer
) -> None:
    watched = Watched()
    watched.broken = {"score"}
    job_id = await accept(database, enqueuer)

    async with working(database, watched):
        await until_state(database, job_id, "failed")
        before = len(watched.begun)
        watched.broken = set()
        with pytest.raises(Conflict, match="never came"):
            await retry_job(database, enqueuer, job_id, step="save", now=utc_now())
        with pytest.raises(Invalid, match="no step"):
            await retry_job(database, enqueuer, job_id, step="bake", now=utc_now())
        await retry_job(database, enqueuer, job_id, step="verify", now=utc_now())
        with pytest.raises(Conflict):
            await retry_job(database, enqueuer, job_id, now=utc_now())
        await until_state(database, job_id, "succeeded")
        with pytest.raises(Conflict, match="succeeded"):
            await retry_job(database, enqueuer, job_id, now=utc_now())

    assert watched.begun[before:] == ["verify", "optimise", "repair", "score", "save"]


async def test_a_retry_that_was_cut_off_before_its_workflow_was_made_is_made_up_for(
    database: Database, enqueuer: Enqueuer
) -> None:
    class Cut(Enqueuer):
        async def fork(self, *_args: Any, **_more: Any) -> None:
            raise ConnectionError

    watched = Watched()
    watched.broken = {"score"}
    job_id = await accept(database, enqueuer)
    cut = Cut(database.url)

    async with working(database, watched):
        await until_state(database, job_id, "failed")
        watched.broken = set()
        with pytest.raises(ConnectionError):
            await retry_job(database, cut, job_id, now=utc_now())
        assert (await read(database, job_id)).state == "queued"
        await asyncio.gather(*(reconcile(database, enqueuer, utc_now()) for _ in range(3)))
        await until_state(database, job_id, "succeeded")
    cut.close()

    assert watched.begun.count("save") == 1


async def test_a_late_job_fails_once_whether_it_waits_or_runs(
    database: Database, enqueuer: Enqueuer
) -> None:
    watched = Watched()
    watched.held = {"outline"}
    due = utc_now() + timedelta(seconds=60)
    job_id = await accept(database, enqueuer, deadline_at=due)

    async with working(database, watched):
        await until(lambda: "outline" in watched.begun)
        await pause_queue(database, enqueuer, WORK_QUEUE, now=utc_now())
        await asyncio.sleep(0.3)
        waiting = await accept(database, enqueuer, "another keyword", deadline_at=due)
        early = await reconcile(database, enqueuer, due - timedelta(seconds=1))
        late = await asyncio.gather(
            *(reconcile(database, enqueuer, due + timedelta(seconds=1)) for _ in range(3))
        )
        states = [await read(database, each) for each in (job_id, waiting)]
        engine = [await enqueuer.status(each) for each in (job_id, waiting)]

    assert early.late == 0
    assert sum(done.late for done in late) == 2
    assert [(job.state, job.error_code) for job in states] == [("failed", "deadline")] * 2
    assert engine == ["CANCELLED", "CANCELLED"]
    assert await kinds(database, job_id) == ["queued", "failed"]


async def test_a_late_job_can_be_gone_on_with_and_its_deadline_holds_no_more(
    database: Database, enqueuer: Enqueuer
) -> None:
    due = utc_now() + timedelta(seconds=60)
    job_id = await accept(database, enqueuer, deadline_at=due)
    later = due + timedelta(seconds=1)
    await reconcile(database, enqueuer, later)

    resumed = await resume_job(database, enqueuer, job_id, now=later)

    assert (resumed.state, resumed.deadline_at) == ("queued", None)
    assert (await reconcile(database, enqueuer, later)).late == 0
    with pytest.raises(Invalid, match="deadline"):
        await accept(database, enqueuer, "too late", deadline_at=NOW - timedelta(days=1))


async def test_a_job_that_kills_its_process_is_parked_with_its_reason_and_can_be_gone_on_with(
    database: Database, enqueuer: Enqueuer
) -> None:
    watched = Watched()
    job_id = await accept(database, enqueuer)
    await set_engine(database, enqueuer, job_id, recovery_attempts=7)  # as after seven deaths

    async with working(database, watched, max_attempts=3):
        await until(lambda: _is(enqueuer, job_id, "MAX_RECOVERY_ATTEMPTS_EXCEEDED"))
        done = await asyncio.gather(*(reconcile(database, enqueuer, utc_now()) for _ in range(3)))
        parked = await read(database, job_id)
        assert watched.begun == []
        await resume_job(database, enqueuer, job_id, now=utc_now())
        await until_state(database, job_id, "succeeded")

    assert sum(each.parked for each in done) == 1
    assert (parked.state, parked.error_code) == ("parked", "crashed")
    assert "died" in (parked.error or "")
    assert await kinds(database, job_id) == ["queued", "parked", "resumed", "succeeded"]


async def _is(enqueuer: Enqueuer, workflow_id: str, status: str) -> bool:
    return await enqueuer.status(workflow_id) == status


async def test_a_job_whose_workflow_broke_fails_with_the_engine_s_reason(
    database: Database, enqueuer: Enqueuer
) -> None:
    watched = Watched()
    watched.raising = {"sources"}
    job_id = await accept(database, enqueuer)

    async with working(database, watched):
        await until(lambda: _is(enqueuer, job_id, "ERROR"))
        await reconcile(database, enqueuer, utc_now())
        failed = await read(database, job_id)
        watched.raising = set()
        await retry_job(database, enqueuer, job_id, now=utc_now())
        await until_state(database, job_id, "succeeded")

    assert (failed.state, failed.error_code) == ("failed", "internal")
    assert "the step broke" in (failed.error or "")
    assert watched.begun[:3] == ["brief", "sources", "sources"]


async def test_a_job_that_was_stopped_while_it_was_kept_leaves_no_article(
    database: Database, enqueuer: Enqueuer
) -> None:
    watched = Watched()
    watched.held = {"save"}
    job_id = await accept(database, enqueuer)

    async with working(database, watched):
        await until(lambda: "save" in watched.begun)
        async with database.unit() as session:  # as a deadline that comes a moment before
            await Jobs(session).set_state(job_id, JobState.CANCELLED, now=utc_now())
        watched.go_on.set()
        await until(lambda: _is(enqueuer, job_id, "SUCCESS"))

    assert (await read(database, job_id)).state == "cancelled"
    async with database.reading() as session:
        assert await Posts(session).newest() == []


async def test_a_paused_queue_is_paused_again_where_something_set_it_going(
    database: Database, enqueuer: Enqueuer
) -> None:
    watched = Watched()
    async with working(database, watched):
        await pause_queue(database, enqueuer, WORK_QUEUE, now=utc_now(), by="kim")
        async with database.unit() as session:
            await enqueuer.workflows.set_takers(session, WORK_QUEUE, 5)  # as an older release does
        assert (await reconcile(database, enqueuer, utc_now())).queues == 1
        assert (await reconcile(database, enqueuer, utc_now())).queues == 0
        await asyncio.sleep(0.3)
        job_id = await accept(database, enqueuer)
        await asyncio.sleep(0.5)
        assert watched.begun == []
        await resume_queue(database, enqueuer, WORK_QUEUE, concurrency=5, of_one=4)
        await until_state(database, job_id, "succeeded")
    with pytest.raises(Invalid, match="no queue"):
        await pause_queue(database, enqueuer, "sandwiches", now=utc_now())


async def test_jobs_are_listed_by_every_condition_a_page_at_a_time(
    database: Database, enqueuer: Enqueuer
) -> None:
    ids = [
        await accept(database, enqueuer, keyword, person=person)
        for keyword, person in [
            ("100% Korean", "kim"),
            ("수평 확장", "kim"),
            ("100 things", "lee"),
            ("under_score", "lee"),
        ]
    ]
    await cancel_job(database, enqueuer, ids[2], now=utc_now())
    soon = utc_now() + timedelta(hours=1)

    async def listed(limit: int = 10, before: str | None = None, **wanted: Any) -> list[int]:
        async with database.reading() as session:
            found = await Jobs(session).newest(limit, before=before, wanted=Wanted(**wanted))
        return [ids.index(job.id) for job in found]

    assert await listed() == [3, 2, 1, 0]
    assert await listed(2) == [3, 2]
    assert await listed(2, ids[2]) == [1, 0]
    assert await listed(person="kim") == [1, 0]
    assert await listed(state=JobState.CANCELLED) == [2]
    assert await listed(text="100%") == [0]
    assert await listed(text="R_s") == [3]
    assert await listed(text="확장") == [1]
    assert await listed(text="KOREAN", person="kim") == [0]
    assert await listed(language="ko") == []
    assert await listed(batch="none") == []
    assert await listed(since=soon) == []


async def test_a_job_of_high_priority_is_begun_before_the_person_s_others(
    database: Database, enqueuer: Enqueuer
) -> None:
    watched = Watched()
    ids = [await accept(database, enqueuer, keyword) for keyword in ("scaling", "load", "sessions")]
    await set_priority(database, enqueuer, ids[2], priority=50)

    async with working(database, watched, concurrency=1):
        await until(lambda: _all_ended(database, ids))
        jobs = [await read(database, job_id) for job_id in ids]
        with pytest.raises(Conflict):
            await set_priority(database, enqueuer, ids[0], priority=50)

    started = [job.started_at for job in jobs]
    assert started[2] < started[0] < started[1]  # type: ignore[operator]  # all have started


async def _all_ended(database: Database, ids: list[str]) -> bool:
    return all([(await read(database, job_id)).state.ended for job_id in ids])
