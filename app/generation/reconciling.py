"""Brings jobs and their workflows together again where a crash, a deadline or the engine left them apart.

One pass does a little of each; it is called every few seconds by whoever is elected, and does no harm where
several do so at once: each job is settled under its row's lock, after another look at it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import structlog

from app.generation.batches.service import feed_starving
from app.generation.control import DEADLINE, make_fork
from app.generation.jobs import Job, JobState
from app.generation.repository import Jobs, Queues
from app.generation.tracing import tell_job
from app.infra.db import Database
from app.infra.durable import WAITING, Enqueuer

log = structlog.get_logger()

CRASHED = "crashed"
"""The error code of a parked job."""


@dataclass(slots=True)
class Reconciled:
    """What a pass changed."""

    late: int = 0
    parked: int = 0
    ended: int = 0
    forked: int = 0
    queues: int = 0
    partitions: int = 0
    feeders: int = 0


async def reconcile(database: Database, enqueuer: Enqueuer, now: datetime) -> Reconciled:
    """One pass.

    Ends what is past its deadline, parks what kills its process, ends what the engine has ended, makes forks
    that a crash kept from being made, keeps paused queues paused, gives old workflows a partition and batches
    another feeder where theirs broke.
    """
    done = Reconciled()
    workflows = enqueuer.workflows
    async with database.reading() as session:
        jobs = Jobs(session)
        late = await jobs.overdue(now)
        behind = await jobs.left_behind(workflows)
        unforked = await jobs.unforked(workflows)
        paused = set(await Queues(session).paused())
        takers = await workflows.takers(session)
        stranded = await workflows.without_partition(session)
    for job_id in late:
        done.late += await _end_late(database, enqueuer, job_id, now)
    for job_id, _ in behind:
        await _settle(database, enqueuer, job_id, now, done)
    for job_id in unforked:
        await make_fork(database, enqueuer, job_id)
        done.forked += 1
    running = {name for name in paused if takers.get(name, 0) != 0}
    if running or stranded:
        async with database.unit() as session:
            for name in running & set(await Queues(session).paused()):
                await workflows.set_takers(session, name, 0)
                done.queues += 1
            done.partitions = await workflows.give_partitions(session)
    done.feeders = await feed_starving(database, enqueuer)
    return done


async def _end_late(database: Database, enqueuer: Enqueuer, job_id: str, now: datetime) -> bool:
    async with database.unit() as session:
        jobs = Jobs(session)
        job = await jobs.locked(job_id)
        if job.state.ended or job.deadline_at is None or job.deadline_at > now:
            return False
        message = f"It was not done by its deadline, {job.deadline_at:%Y-%m-%d %H:%M} UTC."
        await _fail(jobs, job, DEADLINE, message, now)
        await enqueuer.workflows.cancel(session, [job.workflow_id])
        job = await jobs.read(job_id)
    tell_job(job)
    return True


async def _settle(
    database: Database, enqueuer: Enqueuer, job_id: str, now: datetime, done: Reconciled
) -> None:
    """Give a job the state that its workflow has ended in."""
    async with database.reading() as session:
        job = await Jobs(session).read(job_id)
    status = await enqueuer.status(job.workflow_id)
    reason = await enqueuer.reason(job.workflow_id) if status == "ERROR" else ""
    steps = await enqueuer.steps(job.workflow_id) if status == "SUCCESS" else []
    async with database.unit() as session:
        jobs = Jobs(session)
        job = await jobs.locked(job_id)
        same = (await enqueuer.workflows.status(session, job.workflow_id)) == status
        if job.state.ended or not same or status is None or status in WAITING:
            return
        match status:
            case "MAX_RECOVERY_ATTEMPTS_EXCEEDED":
                await _park(jobs, job, now)
                done.parked += 1
            case "CANCELLED":
                await jobs.set_state(job_id, JobState.CANCELLED, now=now)
                data = {"by": "engine"}
                await jobs.record(job_id, step="job", kind="cancelled", n=None, data=data, now=now)
                done.ended += 1
            case "SUCCESS":
                await _take_result(jobs, job, steps[-1].output if steps else None, now)
                done.ended += 1
            case _:
                message = f"The workflow of the job ended with an error: {reason}"
                await _fail(jobs, job, "internal", message, now)
                done.ended += 1
        job = await jobs.read(job_id)
    tell_job(job)
    log.warning("job_settled", job_id=job_id, status=status, step=job.step, reason=reason)


async def _park(jobs: Jobs, job: Job, now: datetime) -> None:
    where = f" at the step {job.step}" if job.step else ""
    message = (
        f"Every process that worked on it died{where}, so it is not begun again by itself. "
        f"Go on with: ai-seo-blogger jobs resume {job.id}"
    )
    await jobs.set_state(job.id, JobState.PARKED, now=now, error_code=CRASHED, error=message)
    data = {"code": CRASHED, "message": message}
    await jobs.record(job.id, step="job", kind="parked", n=None, data=data, now=now)


async def _take_result(jobs: Jobs, job: Job, result: object, now: datetime) -> None:
    """End a job as the last step of its workflow says."""
    told = cast("dict[str, Any]", result) if isinstance(result, dict) else {}
    if "post_id" in told:
        await jobs.set_state(
            job.id, JobState.SUCCEEDED, now=now, post_id=told["post_id"], result=told
        )
        await jobs.record(job.id, step="job", kind="succeeded", data=told, now=now)
        return
    known: dict[str, Any] = told.get("failed") or {}
    message = str(known.get("message", "The workflow of the job ended without a result."))
    await _fail(jobs, job, str(known.get("code", "internal")), message, now)


async def _fail(jobs: Jobs, job: Job, code: str, message: str, now: datetime) -> None:
    await jobs.set_state(job.id, JobState.FAILED, now=now, error_code=code, error=message)
    data = {"code": code, "message": message}
    await jobs.record(job.id, step="job", kind="failed", n=None, data=data, now=now)
