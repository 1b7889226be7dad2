"""Batches are accepted once and at once, fed without a row twice, paused, gone on with and cancelled."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa

from app.generation.batches import service
from app.generation.batches.repository import Batches
from app.generation.batches.schemas import Batch, Options, RowResult
from app.generation.batches.service import accept_batch, feed_rows, preview_batch
from app.generation.jobs import Wanted
from app.generation.reconciling import reconcile
from app.generation.repository import Jobs
from app.infra.db import Database
from app.infra.durable import Enqueuer, migrate_engine
from app.infra.ports import utc_now
from app.kit.errors import Conflict, Invalid
from tests.generation.working import Watched, accept, settings_of, until, working
from tests.posts.articles import published, saved

HEADINGS = "keyword,sources,language,due date,priority,publish\n"


@pytest.fixture
async def enqueuer(database: Database) -> AsyncIterator[Enqueuer]:
    await migrate_engine(database.url)
    opened = Enqueuer(database.url)
    yield opened
    opened.close()


def table(count: int, *, more: str = "") -> bytes:
    rows = [f"keyword {n:04},https://a.example/{n},en,,,\n" for n in range(count)]
    return (HEADINGS + "".join(rows) + more).encode()


async def sent(
    database: Database, enqueuer: Enqueuer, data: bytes, *, key: str | None = None, **options: Any
) -> tuple[Batch, bool]:
    return await accept_batch(
        database,
        enqueuer,
        settings_of(database),
        data,
        Options(**options),
        person="kim",
        may_publish=True,
        key=key,
        now=utc_now(),
    )


async def read(database: Database, batch_id: str) -> Batch:
    async with database.reading() as session:
        return await Batches(session).read(batch_id)


async def results(database: Database, batch_id: str) -> list[RowResult]:
    async with database.reading() as session:
        return await Batches(session).results(batch_id)


async def job_ids(database: Database, batch_id: str) -> list[str]:
    async with database.reading() as session:
        found = await Jobs(session).newest(5000, wanted=Wanted(batch=batch_id))
    return [job.id for job in found]


async def fed(database: Database, enqueuer: Enqueuer, batch_id: str) -> None:
    """Feed it to its end, as its workflow does."""
    while (await feed_rows(database, enqueuer, batch_id, now=utc_now()))["more"]:
        pass


async def test_1000_rows_are_accepted_at_once_and_the_same_file_is_the_same_batch(
    database: Database, enqueuer: Enqueuer
) -> None:
    data = table(1000)

    batch, new = await sent(database, enqueuer, data)
    again, new_again = await sent(database, enqueuer, data)
    other, new_other = await sent(database, enqueuer, data, key="again", keep_repeated=True)

    assert (new, new_again, new_other) == (True, False, True)
    assert again.id == batch.id != other.id
    assert batch.counts == {"accepted": 1000}
    assert await enqueuer.status(f"{batch.id}-f1") == "ENQUEUED"


async def test_of_the_same_file_sent_ten_times_at_once_one_is_accepted(
    database: Database, enqueuer: Enqueuer
) -> None:
    answers = await asyncio.gather(*(sent(database, enqueuer, table(3)) for _ in range(10)))

    assert len({batch.id for batch, _ in answers}) == 1
    assert sum(new for _, new in answers) == 1


async def test_a_feeder_that_dies_and_one_that_runs_beside_it_make_no_job_twice(
    database: Database, enqueuer: Enqueuer
) -> None:
    batch, _ = await sent(database, enqueuer, table(60))

    async def fail_late() -> None:
        class Dies(Enqueuer):
            count = 0

            async def enqueue(self, *arguments: Any, **more: Any) -> None:
                Dies.count += 1
                if Dies.count == 10:
                    raise ConnectionError
                await super().enqueue(*arguments, **more)

        dies = Dies(database.url)
        try:
            await feed_rows(database, dies, batch.id, now=utc_now())
        finally:
            dies.close()

    with pytest.raises(ConnectionError):
        await fail_late()
    assert await job_ids(database, batch.id) == []
    await asyncio.gather(*(fed(database, enqueuer, batch.id) for _ in range(3)))
    await fed(database, enqueuer, batch.id)  # replayed once more

    ids = await job_ids(database, batch.id)
    assert len(ids) == len(set(ids)) == 60
    assert (await read(database, batch.id)).counts == {"queued": 60}
    workflows = enqueuer.workflows.table
    async with database.reading() as session:
        count = await session.scalar(
            sa.select(sa.func.count()).where(
                workflows.c.queue_partition_key == "kim", workflows.c.status == "ENQUEUED"
            )
        )
    assert count == 60


async def test_a_batch_whose_feeder_broke_is_fed_by_another(
    database: Database, enqueuer: Enqueuer
) -> None:
    batch, _ = await sent(database, enqueuer, table(3))
    assert (await reconcile(database, enqueuer, utc_now())).feeders == 0
    workflows = enqueuer.workflows.table
    async with database.unit() as session:
        await session.execute(sa.update(workflows).values(status="ERROR"))

    await asyncio.gather(*(reconcile(database, enqueuer, utc_now()) for _ in range(3)))

    assert await enqueuer.status(f"{batch.id}-f2") == "ENQUEUED"
    assert await enqueuer.status(f"{batch.id}-f3") is None
    await fed(database, enqueuer, batch.id)
    assert (await reconcile(database, enqueuer, utc_now())).feeders == 0
    assert (await read(database, batch.id)).counts == {"queued": 3}


async def test_a_paused_batch_begins_nothing_goes_on_and_is_cancelled(
    database: Database, enqueuer: Enqueuer
) -> None:
    batch, _ = await sent(database, enqueuer, table(30))
    await feed_rows(database, enqueuer, batch.id, now=utc_now())

    paused = await service.pause_batch(database, enqueuer, batch.id)
    assert paused.counts == {"held": 25, "accepted": 5}
    await fed(database, enqueuer, batch.id)
    assert (await read(database, batch.id)).counts == {"held": 25, "accepted": 5}
    some = (await job_ids(database, batch.id))[0]
    assert await enqueuer.status(some) == "DELAYED"
    resumed = await service.resume_batch(database, enqueuer, batch.id)
    assert resumed.counts == {"queued": 25, "accepted": 5}
    assert await enqueuer.status(some) == "ENQUEUED"
    assert await enqueuer.status(f"{batch.id}-f2") == "ENQUEUED"
    cancelled = await service.cancel_batch(database, enqueuer, batch.id, now=utc_now())

    assert cancelled.counts == {"cancelled": 25, "skipped": 5}
    assert cancelled.shown_state == "cancelled"
    assert await enqueuer.status(some) == "CANCELLED"
    with pytest.raises(Conflict):
        await service.resume_batch(database, enqueuer, batch.id)


async def test_what_has_begun_goes_on_while_its_batch_is_paused(
    database: Database, enqueuer: Enqueuer
) -> None:
    watched = Watched()
    watched.held = {"brief"}
    batch, _ = await sent(database, enqueuer, table(7))

    async with working(database, watched, concurrency=3):
        await until(lambda: len(watched.begun) >= 2)
        await until(lambda: _counts(database, batch.id, accepted=0))
        await service.pause_batch(database, enqueuer, batch.id)
        watched.held = set()
        watched.go_on.set()
        # The pages are nowhere to be had, so that what has begun fails, and only that.
        await until(lambda: _counts(database, batch.id, queued=0, running=0))
        counts = (await read(database, batch.id)).counts
        assert counts["held"] >= 4
        assert counts["failed"] == 7 - counts["held"]
        await service.resume_batch(database, enqueuer, batch.id)
        await until(lambda: _counts(database, batch.id, failed=7))

    assert (await read(database, batch.id)).shown_state == "done"


async def _counts(database: Database, batch_id: str, **wanted: int) -> bool:
    counts = (await read(database, batch_id)).counts
    return all(counts.get(state, 0) == number for state, number in wanted.items())


async def test_a_preview_keeps_nothing_and_names_what_is_wrong_or_there_already(
    database: Database, enqueuer: Enqueuer
) -> None:
    waiting = await accept(database, enqueuer, "Horizontal scaling")
    post = await published(database)
    keyphrase = await _keyphrase(database, post.id)
    more = (
        "horizontal scaling,https://a.example,en,,,\n"
        f"{keyphrase.upper()},https://a.example,{post.language},,,\n"
        "keyword 0000,https://b.example,en,,,\n"
        "wrong,nowhere,en,,,\n"
    )

    seen = await preview_batch(
        database,
        settings_of(database),
        table(2, more=more),
        Options(),
        may_publish=True,
        now=utc_now(),
    )

    assert seen.counts == {"rows": 6, "ready": 2, "wrong": 1, "repeated": 3}
    assert [row.duplicate_of for row in seen.rows] == [
        *("", ""),
        f"the job {waiting}",
        f"the article “{post.title}”",
        "row 2 of this file",
        "",
    ]
    assert seen.cost_usd == (0.0, 0.0), "the composer is free"
    async with database.reading() as session:
        assert await Batches(session).newest() == []


async def _keyphrase(database: Database, post_id: str) -> str:
    from app.posts.repository import Posts

    async with database.reading() as session:
        return (await Posts(session).revision(post_id)).keyphrase


async def test_wrong_rows_hold_the_batch_unless_the_others_are_wanted(
    database: Database, enqueuer: Enqueuer
) -> None:
    data = table(2, more="wrong,nowhere,en,,,\nkeyword 0001,https://b.example,en,,,\n")

    with pytest.raises(Invalid, match=r"used: 1\. \[4, sources\]"):
        await sent(database, enqueuer, data)
    batch, _ = await sent(database, enqueuer, data, skip_wrong=True)
    rows = await results(database, batch.id)
    both, _ = await sent(database, enqueuer, data, skip_wrong=True, keep_repeated=True)

    assert [row.state for row in rows] == ["accepted", "accepted", "skipped", "skipped"]
    assert "no address" in rows[2].reason
    assert rows[3].reason == "The same as row 3 of this file."
    assert both.counts == {"accepted": 3, "skipped": 1}
    with pytest.raises(Invalid, match="No row is left"):
        await sent(database, enqueuer, f"{HEADINGS}wrong,x,en,,,\n".encode(), skip_wrong=True)


async def test_a_row_whose_due_date_passed_before_its_turn_is_skipped(
    database: Database, enqueuer: Enqueuer
) -> None:
    year = utc_now().year + 1
    data = f"{HEADINGS}one,https://a.example,en,{year}-01-05,high,\n".encode()
    batch, _ = await sent(database, enqueuer, data)

    await feed_rows(database, enqueuer, batch.id, now=utc_now().replace(year=year + 1))

    [row] = await results(database, batch.id)
    assert (row.state, row.job_id) == ("skipped", None)
    assert "due date" in row.reason


async def test_results_name_every_row_and_are_no_formulas(
    database: Database, enqueuer: Enqueuer
) -> None:
    data = f'{HEADINGS}"=HYPERLINK(""https://evil.example"")",https://a.example,en,,,\n'.encode()
    batch, _ = await sent(database, enqueuer, data)

    text = service.results_as_csv(await results(database, batch.id))

    assert text.splitlines()[0] == "\ufeffrow,keyword,state,title,url,score,reason,job"
    assert "2,\"'=HYPERLINK(" in text


async def test_rows_are_told_what_the_blog_has_on_them_and_written_all_the_same(
    database: Database, enqueuer: Enqueuer
) -> None:
    post = await saved(database, title="A", keyphrase="load balancing")
    more = (
        "load balanced,https://a.example/,en,,,\nkeywords 0000,https://a.example/,en,,,\n"
        ",https://a.example/,en,,,\n"
    )

    seen = await preview_batch(
        database,
        settings_of(database),
        table(2, more=more),
        Options(),
        may_publish=True,
        now=utc_now(),
    )
    batch, _new = await sent(database, enqueuer, table(2, more=more), skip_wrong=True)
    again, _new = await sent(database, enqueuer, table(2, more=more), skip_wrong=True)

    marks = [(row.n, row.similar_to, [each.post_id for each in row.existing]) for row in seen.rows]
    assert marks == [
        (2, None, []),
        (3, None, []),
        (4, None, [post.id]),
        (5, 2, []),
        (6, None, []),
    ]
    assert seen.counts["ready"] == 4
    assert batch.existing is not None
    assert [(each.n, each.articles[0].path) for each in batch.existing] == [(4, post.path)]
    assert again.existing is None
    assert batch.counts["accepted"] == 4
