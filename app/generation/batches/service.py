"""What may be done with batches: look a file over, accept it, feed it, pause, go on, cancel, tell results."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.config import Settings
from app.generation.batches.estimating import estimate_cost
from app.generation.batches.repository import Batches
from app.generation.batches.rows import count_rows, plan_rows
from app.generation.batches.schemas import (
    Batch,
    BatchState,
    Existing,
    Options,
    PlannedRow,
    Preview,
    RowExisting,
    RowResult,
)
from app.generation.batches.table import read_table, write_table
from app.generation.jobs import JobState, Request, SourceIn, Wanted
from app.generation.repository import Jobs
from app.generation.service import request_article
from app.generation.tracing import tell_job
from app.generation.writers.choice import check_spec
from app.infra.db import Database, waits_for_database
from app.infra.durable import Enqueuer
from app.kit.errors import Conflict, Invalid
from app.kit.ids import uuid7
from app.kit.speech import say
from app.language.types import Language
from app.review.existing import find_same

FEEDER = "feed_batch"
"""The workflow that makes a batch's rows jobs."""

_CHUNK = 25
"""Rows a step of the feeder: SQLite's other writers wait for one (about 0.2 s)."""

_MOST_RUNNING = 1000
"""Jobs of a batch that are worked on at once: more than the instances of any fleet have places for."""

_MOST_TOLD = 100
"""Rows with articles on the same that the answer to a file names."""

_NAMED = 3
"""How many wrong cells a refusal names."""


async def preview_batch(
    database: Database,
    settings: Settings,
    data: bytes,
    options: Options,
    *,
    may_publish: bool,
    now: datetime,
) -> Preview:
    """What a file would do, row by row. Nothing is kept.

    Raises:
        Invalid: the file cannot be read, or there is no such model.
    """
    model = options.model or settings.llm_model
    check_spec(model, settings)
    table = read_table(data)
    rows = plan_rows(table, timezone=settings.timezone, now=now, may_publish=may_publish)
    async with database.reading() as session:
        taken = await Batches(session).taken(row.same_as for row in rows)
    rows = [
        row.model_copy(update={"duplicate_of": taken[row.same_as]})
        if not row.duplicate_of and row.same_as in taken
        else row
        for row in rows
    ]
    rows = await _with_existing(database, rows)
    wanted = [row for row in rows if not _reason(row, options)]
    return Preview(
        encoding=table.encoding,
        separator=table.separator,
        unused_columns=table.unused,
        rows=tuple(rows),
        counts=count_rows(rows),
        cost_usd=await estimate_cost(wanted, model, settings),
    )


async def accept_batch(  # what a batch is made of
    database: Database,
    enqueuer: Enqueuer,
    settings: Settings,
    data: bytes,
    options: Options,
    *,
    person: str,
    may_publish: bool,
    key: str | None = None,
    now: datetime,
) -> tuple[Batch, bool]:
    """Accept a file: its rows and the workflow that feeds them, in one transaction.

    Answers the batch, and whether it is new: the same file with the same options, or another with the same
    `key`, is the batch that it was the first time.

    Raises:
        Invalid: the file cannot be read, rows are wrong, or none is left to be written.
    """
    key = key or _key(data, options)
    async with database.reading() as session:
        known = await Batches(session).by_key(person, key)
    if known is not None:
        return known, False
    preview = await preview_batch(
        database, settings, data, options, may_publish=may_publish, now=now
    )
    _require_some(preview, options)
    batch_id = str(uuid7())
    async with database.unit() as session:
        batches = Batches(session)
        bound = await batches.add(batch_id, name=options.name[:120], by=person, key=key, now=now)
        if bound == batch_id:
            model = options.model or settings.llm_model
            await batches.add_rows(_rows(batch_id, preview.rows, options, model))
            await _enqueue_feeder(session, enqueuer, batch_id, 1)
        batch = await batches.read(bound)
    is_new = bound == batch_id
    return (_telling(batch, preview, options) if is_new else batch), is_new


def _telling(batch: Batch, preview: Preview, options: Options) -> Batch:
    """The batch with what the blog has already on rows that are written."""
    found = [
        RowExisting(n=row.n, keyword=row.keyword, articles=row.existing)
        for row in preview.rows
        if row.existing and not _reason(row, options)
    ]
    return batch.model_copy(update={"existing": tuple(found[:_MOST_TOLD])})


async def _with_existing(database: Database, rows: Sequence[PlannedRow]) -> list[PlannedRow]:
    """Rows with the articles that have their keyphrase, and the first row of which they are a variant."""
    known = await find_same(database, (_asked(row) for row in rows if not row.problems))
    first: dict[tuple[str, str], int] = {}
    found: list[PlannedRow] = []
    for row in rows:
        same = known.get(_asked(row))
        if row.problems or same is None:
            found.append(row)
            continue
        above = first.setdefault((same.key, row.language), row.n)
        articles = tuple(
            Existing(
                post_id=each.post.id,
                title=each.post.title,
                state=each.post.state,
                path=each.post.path,
            )
            for each in same.articles
        )
        similar = above if above != row.n and not row.duplicate_of else None
        found.append(row.model_copy(update={"existing": articles, "similar_to": similar}))
    return found


def _asked(row: PlannedRow) -> tuple[str, Language]:
    return row.keyword, "ko" if row.language == "ko" else "en"


async def feed_starving(database: Database, enqueuer: Enqueuer) -> int:
    """Start another feeder for each batch whose feeder broke; answers for how many."""
    async with database.reading() as session:
        starving = await Batches(session).starving(enqueuer.workflows)
    for batch_id in starving:
        async with database.unit() as session:
            batches = Batches(session)
            batch = await batches.locked(batch_id)
            if batch_id in await batches.starving(enqueuer.workflows):
                batch.feeders += 1
                await _enqueue_feeder(session, enqueuer, batch_id, batch.feeders)
    return len(starving)


@waits_for_database
async def feed_rows(
    database: Database, enqueuer: Enqueuer, batch_id: str, *, now: datetime
) -> dict[str, Any]:
    """Make the next rows of a batch jobs; answers how many, and whether there may be more.

    May run twice: a row and its job are marked and made in one transaction, and the job's id was chosen
    when the batch was accepted.
    """
    async with database.unit() as session:
        batches = Batches(session)
        batch = await batches.locked(batch_id)
        if batch.state != BatchState.RUNNING:
            return {"fed": 0, "more": False, "state": batch.state}
        rows = await batches.unfed(batch_id, _CHUNK)
        for row in rows:
            row.fed = True
            deadline = row.deadline_at
            if deadline is not None and deadline <= now:
                row.skipped = "Its due date passed before it came to its turn."
                continue
            await request_article(
                session,
                enqueuer,
                Request.model_validate(row.request),
                now=now,
                principal=batch.requested_by,
                priority=row.priority,
                deadline_at=deadline,
                batch_id=batch_id,
                job_id=row.job_id,
            )
        return {"fed": len(rows), "more": len(rows) == _CHUNK, "state": batch.state}


async def pause_batch(database: Database, enqueuer: Enqueuer, batch_id: str) -> Batch:
    """Begin no more jobs of a batch; what has begun goes on. One that is paused stays so.

    Raises:
        NotFound: there is no such batch.
        Conflict: it was cancelled.
    """
    async with database.unit() as session:
        batches = Batches(session)
        batch = await batches.locked(batch_id)
        _require_not_cancelled(batch.state)
        batch.state = BatchState.PAUSED
        await session.flush()
        await batches.lock_jobs(batch_id)
        held = await enqueuer.workflows.hold(session, batches.workflows_of(batch_id))
        await batches.hold(batch_id, held)
        return await batches.read(batch_id)


async def resume_batch(database: Database, enqueuer: Enqueuer, batch_id: str) -> Batch:
    """Go on with a paused batch. One that runs is left alone.

    Raises:
        NotFound: there is no such batch.
        Conflict: it was cancelled.
    """
    async with database.unit() as session:
        batches = Batches(session)
        batch = await batches.locked(batch_id)
        _require_not_cancelled(batch.state)
        if batch.state == BatchState.PAUSED:
            batch.state = BatchState.RUNNING
            batch.feeders += 1
            await session.flush()
            await batches.lock_jobs(batch_id)
            released = await enqueuer.workflows.release(session, batches.workflows_of(batch_id))
            await batches.release(batch_id, released)
            await _enqueue_feeder(session, enqueuer, batch_id, batch.feeders)
        return await batches.read(batch_id)


async def cancel_batch(
    database: Database, enqueuer: Enqueuer, batch_id: str, *, now: datetime
) -> Batch:
    """Cancel what is left of a batch; finished articles stay.

    Raises:
        NotFound: there is no such batch.
    """
    async with database.unit() as session:
        batches = Batches(session)
        batch = await batches.locked(batch_id)
        batch.state = BatchState.CANCELLED
        await batches.skip_unfed(batch_id, "The batch was cancelled before it came to its turn.")
        await batches.lock_jobs(batch_id)
        begun = Wanted(batch=batch_id, state=JobState.RUNNING)
        cut = await Jobs(session).newest(_MOST_RUNNING, wanted=begun)
        await enqueuer.workflows.cancel(session, batches.workflows_of(batch_id))
        await batches.cancel(batch_id, now)
        cancelled = await batches.read(batch_id)
    for job in cut:
        tell_job(job.model_copy(update={"state": JobState.CANCELLED, "ended_at": now}))
    return cancelled


def results_as_csv(results: Sequence[RowResult]) -> str:
    """The results as a table that a spreadsheet opens."""
    heading = ["row", "keyword", "state", "title", "url", "score", "reason", "job"]
    return write_table(
        [
            heading,
            *(
                [
                    str(row.n),
                    row.keyword,
                    row.state,
                    row.title,
                    row.url,
                    "" if row.score is None else str(row.score),
                    row.reason,
                    row.job_id or "",
                ]
                for row in results
            ),
        ]
    )


async def _enqueue_feeder(
    session: AsyncSession, enqueuer: Enqueuer, batch_id: str, number: int
) -> None:
    await enqueuer.enqueue(
        session,
        FEEDER,
        batch_id,
        workflow_id=f"{batch_id}-f{number}",
        # One of its own: it must not wait behind the jobs of who sent the batch.
        partition=f"batch:{batch_id}",
        priority=1,
    )


def _key(data: bytes, options: Options) -> str:
    digest = hashlib.sha256(data)
    digest.update(options.model_dump_json(exclude={"name"}).encode())
    return digest.hexdigest()


def _reason(row: PlannedRow, options: Options) -> str:
    """Why no article is written for a row; empty where one is."""
    if row.problems:
        return "; ".join(f"{problem.column}: {problem.message}" for problem in row.problems)
    if row.duplicate_of and not options.keep_repeated:
        return say("The same as {other}.", other=row.duplicate_of)
    return ""


def _require_some(preview: Preview, options: Options) -> None:
    wrong = [row for row in preview.rows if row.problems]
    if wrong and not options.skip_wrong:
        named = " ".join(
            f"[{row.n}, {row.problems[0].column}] {row.problems[0].message}"
            for row in wrong[:_NAMED]
        )
        raise Invalid(
            say(
                "Rows that cannot be used: {count}. {named} Correct them, or have the others written.",
                count=len(wrong),
                named=named,
            )
        )
    if all(_reason(row, options) for row in preview.rows):
        raise Invalid(say("No row is left to be written: all are wrong or repeated."))


def _require_not_cancelled(state: str) -> None:
    if state == BatchState.CANCELLED:
        raise Conflict(say("The batch was cancelled."))


def _rows(
    batch_id: str, rows: Sequence[PlannedRow], options: Options, model: str
) -> list[dict[str, Any]]:
    job_ids = iter(sorted(str(uuid7()) for _ in rows))
    return [_item(batch_id, row, options, model, next(job_ids)) for row in rows]


def _item(
    batch_id: str, row: PlannedRow, options: Options, model: str, job_id: str
) -> dict[str, Any]:
    skipped = _reason(row, options)
    common: Mapping[str, Any] = {
        "batch_id": batch_id,
        "n": row.n,
        "keyword": row.keyword,
        "priority": row.priority,
        "deadline_at": row.deadline_at,
        "fed": False,
        "skipped": skipped,
    }
    if skipped:
        return {**common, "job_id": None, "request": None}
    request = Request(
        keyword=row.keyword,
        language="ko" if row.language == "ko" else "en",
        model=model,
        sources=tuple(SourceIn(url=source, rights=options.rights) for source in row.sources),
        publish=row.publish,
    )
    return {**common, "job_id": job_id, "request": request.model_dump(mode="json")}
