"""What is done to jobs once they are accepted: stop, go on, try again from a step, pause a queue.

Each changes the job's row and the engine's in one transaction, so no crash leaves them apart. Only a fork
needs two: the row says first what is to be forked, and `reconcile` makes up for a fork that was not made.
"""

from collections.abc import Sequence
from datetime import datetime

from app.generation.jobs import Job, JobState
from app.generation.repository import Jobs, Queues
from app.generation.retrying import Retry, plan_retry, stage_named
from app.generation.service import LOCAL_PRINCIPAL
from app.generation.tracing import tell_job
from app.infra.db import Database
from app.infra.durable import DEFAULT_PARTITION, PAID_QUEUE, QUEUES, WORK_QUEUE, Enqueuer
from app.kit.errors import Conflict, Invalid

DEADLINE = "deadline"
"""The error code of a job that was not done by its deadline."""


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
        await jobs.set_state(job_id, JobState.CANCELLED, now=now)
        await jobs.record(job_id, step="job", kind="cancelled", n=None, data={"by": by}, now=now)
        await enqueuer.workflows.cancel(session, [job.workflow_id])
        job = await jobs.read(job_id)
    tell_job(job)
    return job


async def resume_job(
    database: Database,
    enqueuer: Enqueuer,
    job_id: str,
    *,
    now: datetime,
    by: str = LOCAL_PRINCIPAL,
) -> Job:
    """Put a job that was cancelled, held, parked or late back on the queue.

    Finished steps are not run again; a deadline that is over holds no more. A job that is queued or running
    is left alone.

    Raises:
        NotFound: there is no such job.
        Conflict: it succeeded, or failed for a reason that going on would meet again.
    """
    async with database.unit() as session:
        jobs = Jobs(session)
        job = await jobs.locked(job_id)
        workflows = enqueuer.workflows
        again = await workflows.requeue(session, [job.workflow_id])
        again += await workflows.release(session, [job.workflow_id])
        if again:
            await jobs.set_state(job_id, JobState.QUEUED, now=now)
            if job.deadline_at is not None and job.deadline_at <= now:
                await jobs.set_terms(job_id, deadline_at=None)
            await jobs.record(job_id, step="job", kind="resumed", n=None, data={"by": by}, now=now)
        elif job.attempt > 1 and await workflows.status(session, job.workflow_id) is None:
            await jobs.set_state(job_id, JobState.QUEUED, now=now)  # stopped before it was forked
        elif job.state.ended:
            raise Conflict(_why_not(job))
    await make_fork(database, enqueuer, job_id)
    async with database.reading() as session:
        return await Jobs(session).read(job_id)


async def retry_job(
    database: Database,
    enqueuer: Enqueuer,
    job_id: str,
    *,
    step: str | None = None,
    now: datetime,
    by: str = LOCAL_PRINCIPAL,
) -> Job:
    """Go on with an ended job in a new workflow, from `step` or from the one that failed.

    The steps before it are taken over with what they gave: neither run nor paid for again.

    Raises:
        NotFound: there is no such job.
        Conflict: it has not ended, or it succeeded, or it never came to that step.
        Invalid: there is no such step.
    """
    async with database.reading() as session:
        job = await Jobs(session).read(job_id)
    _require_retriable(job)
    if await enqueuer.status(job.workflow_id) is None:
        raise Conflict(
            f"What the steps of job {job_id} gave is not kept any more; ask for it anew."
        )
    steps = await enqueuer.steps(job.workflow_id)
    children = [each.child_id for each in steps if each.child_id]
    plan = plan_retry(steps, await enqueuer.statuses(children), step)
    async with database.unit() as session:
        jobs = Jobs(session)
        locked = await jobs.locked(job_id)
        _require_retriable(locked)
        if locked.workflow_id != job.workflow_id:
            raise Conflict(f"Job {job_id} is being tried again already.")
        number = locked.attempt + 1
        fork = plan.made_into(f"{job_id}-r{number}", of=job.workflow_id)
        await jobs.set_state(job_id, JobState.QUEUED, now=now)
        await jobs.set_terms(job_id, deadline_at=_still_ahead(locked.deadline_at, now))
        await jobs.begin_attempt(job_id, fork.workflow_id, fork.model_dump(mode="json"))
        data = {"by": by, "from": plan.step, "attempt": number}
        await jobs.record(job_id, step="job", kind="retried", n=None, data=data, now=now)
    await make_fork(database, enqueuer, job_id)
    async with database.reading() as session:
        return await Jobs(session).read(job_id)


async def make_fork(database: Database, enqueuer: Enqueuer, job_id: str) -> None:
    """Make the workflow that a job's newest attempt asks for. May be called by several at once."""
    async with database.reading() as session:
        jobs = Jobs(session)
        job, kept = await jobs.read(job_id), await jobs.fork(job_id)
    if kept is None or job.state is not JobState.QUEUED:
        return
    if await enqueuer.status(job.workflow_id) is not None:
        return
    fork = Retry.model_validate(kept)
    partition = job.requested_by or DEFAULT_PARTITION
    for child, anew in fork.children.items():
        await enqueuer.fork(child, anew, 1, queue=PAID_QUEUE, partition=partition)
    await enqueuer.fork(
        fork.of, fork.workflow_id, fork.start, partition=partition, children=fork.children or None
    )
    async with database.unit() as session:
        job = await Jobs(session).locked(job_id)
        ids = [fork.workflow_id, *fork.children.values()]
        await enqueuer.workflows.set_priority(session, ids, job.priority)
        if job.state is JobState.CANCELLED:  # while the fork was being made
            await enqueuer.workflows.cancel(session, ids)


async def set_priority(
    database: Database, enqueuer: Enqueuer, job_id: str, *, priority: int
) -> Job:
    """Move a job that has not ended in the queue.

    Raises:
        NotFound: there is no such job.
        Conflict: it has ended.
    """
    async with database.unit() as session:
        jobs = Jobs(session)
        job = await jobs.locked(job_id)
        if job.state.ended:
            raise Conflict(f"Job {job_id} has {job.state.value} already.")
        await jobs.set_terms(job_id, priority=priority, deadline_at=job.deadline_at)
        await enqueuer.workflows.set_priority(session, [job.workflow_id], priority)
        return await jobs.read(job_id)


async def pause_queue(
    database: Database, enqueuer: Enqueuer, name: str, *, now: datetime, by: str = LOCAL_PRINCIPAL
) -> None:
    """Let no instance take anything more from a queue; what has begun goes on.

    Raises:
        NotFound: there is no such queue.
    """
    _require_queue(name)
    async with database.unit() as session:
        await Queues(session).pause(name, by=by, now=now)
        await enqueuer.workflows.set_takers(session, name, 0)


async def resume_queue(
    database: Database, enqueuer: Enqueuer, name: str, *, concurrency: int, of_one: int
) -> None:
    """Let the instances take from a queue again: so many each, and so many of one person.

    Raises:
        NotFound: there is no such queue.
    """
    _require_queue(name)
    async with database.unit() as session:
        await Queues(session).resume(name)
        if name == WORK_QUEUE:
            await enqueuer.workflows.set_takers(session, name, concurrency, of_one=of_one)
        else:
            await enqueuer.workflows.set_takers(session, name, None)


def retriable_steps(stages: Sequence[str]) -> list[str]:
    """The stages of the pipeline among names of steps, in order and once each."""
    return list(dict.fromkeys(stage for name in stages if (stage := stage_named(name))))


def _require_retriable(job: Job) -> None:
    if not job.state.ended:
        raise Conflict(
            f"Job {job.id} is {job.state.value}; cancel it first: ai-seo-blogger jobs cancel {job.id}"
        )
    if job.state is JobState.SUCCEEDED:
        raise Conflict(f"Job {job.id} has succeeded; ask for another article instead.")


def _require_queue(name: str) -> None:
    if name not in QUEUES:
        raise Invalid(f"There is no queue {name[:40]}; there are {' and '.join(QUEUES)}.")


def _still_ahead(deadline: datetime | None, now: datetime) -> datetime | None:
    return deadline if deadline is not None and deadline > now else None


def _why_not(job: Job) -> str:
    reason = f": {job.error}" if job.error else "."
    if job.state is JobState.FAILED:
        reason += f" Try it again with: ai-seo-blogger jobs retry {job.id}"
    return f"Job {job.id} has {job.state.value}{reason}"
