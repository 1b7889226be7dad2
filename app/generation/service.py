"""What may be done with jobs: ask for an article, watch. What is done to them later is in `control`."""

import hashlib
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Any

import anyio
from sqlalchemy.ext.asyncio import AsyncSession

from app.generation.jobs import NORMAL, Event, Job, JobState, Request
from app.generation.repository import IdempotencyKeys, Jobs
from app.infra.db import Database
from app.infra.durable import Enqueuer
from app.infra.logs import current_request
from app.infra.traces import begin_trace
from app.kit.errors import Invalid
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
    person: str = "",
    priority: int = NORMAL,
    deadline_at: datetime | None = None,
    batch_id: str | None = None,
    job_id: str | None = None,
    delay_s: float = 0.0,
) -> Job:
    """Accept a request: the job, its sources' snapshots and its workflow, all in the caller's transaction.

    With a `key` already used for the same request, answers that request's job. Keys are the `principal`'s;
    the queues are shared out by `person`, who may have several keys.

    Raises:
        Invalid: no source is given, the deadline is over, or the key was used for another request.
    """
    if not request.sources:
        raise Invalid(
            "An article is made from sources, and none was given. "
            "Add a page or a file: --source https://… or --source notes.md"
        )
    if deadline_at is not None and deadline_at <= now:
        raise Invalid("The deadline is over already.")
    jobs = Jobs(session)
    asked = request.model_dump_json(exclude={"request_id", "trace"})
    body_hash = hashlib.sha256(asked.encode()).hexdigest()
    job_id = job_id or str(uuid7())
    if key is not None:
        bound = await IdempotencyKeys(session).claim(principal, key, body_hash, job_id, now=now)
        if bound != job_id:
            return await jobs.read(bound)
    for snapshot in snapshots:
        await Snapshots(session).keep(snapshot)
    await jobs.add(
        job_id,
        request.model_copy(update={"request_id": current_request(), "trace": begin_trace()}),
        now=now,
        by=principal,
        person=person or principal,
        priority=priority,
        deadline_at=deadline_at,
        batch_id=batch_id,
    )
    await enqueuer.enqueue(
        session,
        WORKFLOW,
        job_id,
        workflow_id=job_id,
        partition=person or principal,
        priority=priority,
        delay_s=delay_s,
    )
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
