"""What may be done with jobs: ask for an article, cancel, resume, watch."""

import hashlib
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Any

import anyio
from sqlalchemy.ext.asyncio import AsyncSession

from app.generation.jobs import Event, Job, JobState, Request
from app.generation.repository import Jobs
from app.infra.db import Database
from app.infra.durable import Enqueuer
from app.kit.errors import Conflict, Invalid
from app.kit.ids import uuid7
from app.posts.repository import Posts
from app.sources.domain import Snapshot
from app.sources.repository import Snapshots

WORKFLOW = "write_article"

LOCAL_PRINCIPAL = "local"
"""Whose requests they are until there are people."""

_WATCH_S = 0.1
"""How often a watcher looks for new events; a query on the primary key."""


async def request_article(
    session: AsyncSession,
    enqueuer: Enqueuer,
    request: Request,
    *,
    snapshots: Sequence[Snapshot] = (),
    now: datetime,
    key: str | None = None,
    principal: str = LOCAL_PRINCIPAL,
    delay_s: float = 0.0,
) -> Job:
    """Accept a request: the job, its sources' snapshots and its workflow, all in the caller's transaction.

    With a `key` already used for the same request, answers that request's job.

    Raises:
        Invalid: no source is given, or the key was used for another request.
    """
    if not request.sources:
        raise Invalid(
            "An article is made from sources, and none was given. "
            "Add a page or a file: --source https://… or --source notes.md"
        )
    jobs = Jobs(session)
    body_hash = hashlib.sha256(request.model_dump_json().encode()).hexdigest()
    job_id = str(uuid7())
    if key is not None:
        bound = await jobs.claim_key(principal, key, body_hash, job_id, now=now)
        if bound != job_id:
            return await jobs.read(bound)
    for snapshot in snapshots:
        await Snapshots(session).keep(snapshot)
    await jobs.add(job_id, request, now=now, by=principal)
    await enqueuer.enqueue(session, WORKFLOW, job_id, workflow_id=job_id, delay_s=delay_s)
    return await jobs.read(job_id)


async def find_written(
    session: AsyncSession, *, keyword: str, language: str, model: str
) -> dict[str, Any] | None:
    """The result of the newest job that wrote this before and whose article is still published."""
    for job in await Jobs(session).newest(200):
        asked = job.request
        if (asked.keyword, asked.language, asked.model) != (keyword, language, model):
            continue
        if job.state is JobState.SUCCEEDED and job.post_id is not None:
            post = await Posts(session).find(job.post_id)
            if post is not None and post.state == "published":
                return {**job.result, "slug": post.slug}
    return None


async def cancel_job(
    database: Database,
    enqueuer: Enqueuer,
    job_id: str,
    *,
    now: datetime,
    by: str = LOCAL_PRINCIPAL,
) -> Job:
    """Cancel a job. What it has made so far is kept; `resume_job` goes on from there.

    Raises:
        NotFound: there is no such job.
        Conflict: it has ended already.
    """
    async with database.unit() as session:
        jobs = Jobs(session)
        job = await jobs.locked(job_id)
        if job.state.ended:
            raise Conflict(f"Job {job_id} has {job.state.value} already.")
        attempts = await jobs.attempts(job_id)
        await jobs.set_state(job_id, JobState.CANCELLED, now=now)
        await jobs.record(
            job_id, step="job", kind="cancelled", n=len(attempts), data={"by": by}, now=now
        )
    await enqueuer.cancel(job.workflow_id)
    async with database.reading() as session:
        return await Jobs(session).read(job_id)


async def resume_job(database: Database, enqueuer: Enqueuer, job_id: str, *, now: datetime) -> Job:
    """Put a cancelled job, or one parked after too many crashes, back on the queue.

    Finished steps are not run again. A job that is queued or running is left alone.

    Raises:
        NotFound: there is no such job.
        Conflict: it succeeded, or failed for a reason that another run would meet again.
    """
    async with database.reading() as session:
        job = await Jobs(session).read(job_id)
    status = await enqueuer.status(job.workflow_id)
    if status in {"CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"}:
        async with database.unit() as session:
            await Jobs(session).set_state(job_id, JobState.QUEUED, now=now)
        await enqueuer.resume(job.workflow_id)
    elif job.state.ended:
        reason = f": {job.error}" if job.error else ""
        raise Conflict(f"Job {job_id} has {job.state.value}{reason}")
    async with database.reading() as session:
        return await Jobs(session).read(job_id)


async def watch_job(
    database: Database, job_id: str, *, after: int = 0
) -> AsyncGenerator[tuple[Event | None, Job]]:
    """Yield each event above `after` as it comes, with the job as it stands; ends with the job.

    Between events it yields `(None, job)` about every 100 ms, so that a watcher can draw or give up.
    """
    seq = after
    while True:
        async with database.reading() as session:
            jobs = Jobs(session)
            job = await jobs.read(job_id)
            events = await jobs.events(job_id, after=seq)
        for event in events:
            seq = event.seq
            yield event, job
        if job.state.ended and not events:
            return
        yield None, job
        await anyio.sleep(_WATCH_S)
