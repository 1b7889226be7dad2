"""The job of a proof: a real one, looked for in the queue that all share, and taken away afterwards."""

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from app.generation.jobs import Job
from app.generation.repository import Jobs
from app.infra.ports import Ports
from app.kit.errors import NotFound
from app.ops.proof.repository import ProofItems
from app.posts.repository import Posts
from app.web.fields import Line
from app.web.principals import Permission, Principals, require

KIND = "job"

KEYWORD = "stateless proof "
"""What the keyword of a proof's job starts with; only such jobs are taken away."""


class QueuedOut(BaseModel):
    """Whether this instance knows the job, and whether the shared queue does."""

    job: bool
    queued: bool


def create_proof_job_router(ports: Ports, principals: Principals) -> APIRouter:
    """Routes that look for a proof's job and take it away."""
    router = APIRouter(
        prefix="/scaling/proof/jobs",
        tags=["scaling"],
        dependencies=[Depends(require(principals, Permission.OPERATE))],
    )

    @router.get("/{job_id}")
    async def look(job_id: Line) -> QueuedOut:
        """Look for the job, and write it down so that it is taken away in any case."""
        async with ports.database.unit() as session:
            try:
                job = _proof_job(await Jobs(session).read(job_id))
            except NotFound:
                return QueuedOut(job=False, queued=False)
            await ProofItems(session).add(KIND, job_id, now=ports.now())
        return QueuedOut(job=True, queued=await ports.enqueuer.status(job.workflow_id) is not None)

    @router.delete("/{job_id}", status_code=204)
    async def take_back(job_id: Line) -> None:
        """Take the job of a proof away."""
        async with ports.database.reading() as session:
            _proof_job(await Jobs(session).read(job_id))
        await remove_proof_job(ports, job_id)

    return router


async def remove_proof_job(ports: Ports, job_id: str) -> None:
    """Cancel it where it is still running, and delete its rows and its article."""
    async with ports.database.unit() as session:
        jobs = Jobs(session)
        try:
            job = _proof_job(await jobs.read(job_id))
        except NotFound:
            job = None
        if job is not None:
            posts = Posts(session)
            if (post := await posts.of_job(job_id)) is not None:
                await posts.remove(post)
            await jobs.remove(job_id)
        await ProofItems(session).remove(KIND, job_id)
    if job is not None and not job.state.ended:
        await ports.enqueuer.cancel(job.workflow_id)


def _proof_job(job: Job) -> Job:
    """The job, if it is a proof's.

    Raises:
        NotFound: it is somebody's.
    """
    if not job.request.keyword.startswith(KEYWORD):
        raise NotFound(f"There is no job {job.id} of a proof.")
    return job
