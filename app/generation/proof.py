"""The job of a proof: a real one, looked for in the queue that all share, and taken away afterwards."""

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from app.config import Settings
from app.generation.control import cancel_job
from app.generation.intake import accept_request
from app.generation.jobs import Job
from app.generation.repository import Jobs
from app.generation.streaming import STREAM_HEADERS, event_stream
from app.generation.watching import Watching
from app.infra.ports import Ports
from app.kit.errors import NotFound
from app.kit.ids import uuid7
from app.ops.proof.repository import ProofItems
from app.posts.repository import Posts
from app.sources.domain import Rights
from app.web.fields import Line
from app.web.principals import Permission, Principals, require

KIND = "job"

PRINCIPAL = "proof"
"""Whose jobs they are: nobody's."""

KEYWORD = "stateless proof "
"""What the keyword of a proof's job starts with; only such jobs are taken away."""


_TEXT = (
    "A load balancer asks every instance for its health. An instance that answers three times with an "
    "error gets no more requests. The check runs every ten seconds. A stateless instance keeps no session "
    "in its memory. PostgreSQL keeps the articles of every instance. Redis keeps the sessions and the "
    "cache. Uploaded files go to object storage. Any instance may be stopped at any time. The others take "
    "its requests over. Twelve instances share one database. Each of them opens ten connections."
)
"""What the article is made from; the composer writes it without a model, so a proof costs nothing."""


_DELAY_S = 20.0
"""Nobody takes the job before, so that it can be cancelled elsewhere; a proof is done with it in a second."""


class ProofJobOut(BaseModel):
    """A job of a proof."""

    id: str


class QueuedOut(BaseModel):
    """Whether this instance knows the job, how it stands, and whether the shared queue has it."""

    job: bool
    queued: bool
    state: str | None


def create_proof_job_router(
    ports: Ports, settings: Settings, principals: Principals, watching: Watching
) -> APIRouter:
    """Routes that ask for a proof's job, look for it, watch it, stop it and take it away.

    They call what the routes for people call; a key with the scope `ops` is enough for them.
    """
    router = APIRouter(
        prefix="/scaling/proof/jobs",
        tags=["scaling"],
        dependencies=[Depends(require(principals, Permission.OPERATE))],
    )

    @router.post("", status_code=201)
    async def ask() -> ProofJobOut:
        """Accept a job."""
        job = await accept_request(
            ports.database,
            ports.enqueuer,
            settings,
            keyword=f"{KEYWORD}{uuid7().hex[-8:]}",
            sources=[(None, _TEXT, Rights.OWN)],
            language="en",
            model="composer",
            principal=PRINCIPAL,
            delay_s=_DELAY_S,
            now=ports.now(),
        )
        async with ports.database.unit() as session:
            await ProofItems(session).add(KIND, job.id, now=ports.now())
        return ProofJobOut(id=job.id)

    @router.get("/{job_id}")
    async def look(job_id: Line) -> QueuedOut:
        """Look for the job where this instance looks."""
        async with ports.database.reading() as session:
            try:
                job = _proof_job(await Jobs(session).read(job_id))
            except NotFound:
                return QueuedOut(job=False, queued=False, state=None)
        queued = await ports.enqueuer.status(job.workflow_id) is not None
        return QueuedOut(job=True, queued=queued, state=job.state.value)

    @router.get("/{job_id}/events", response_class=StreamingResponse)
    async def watch(job_id: Line) -> StreamingResponse:
        """The job's events as they come."""
        async with ports.database.reading() as session:
            _proof_job(await Jobs(session).read(job_id))
        return StreamingResponse(
            event_stream(watching, job_id, 0),
            media_type="text/event-stream",
            headers=STREAM_HEADERS,
        )

    @router.post("/{job_id}/cancel", status_code=204)
    async def cancel(job_id: Line) -> None:
        """Cancel the job. One that has ended is a conflict."""
        async with ports.database.reading() as session:
            _proof_job(await Jobs(session).read(job_id))
        await cancel_job(ports.database, ports.enqueuer, job_id, now=ports.now())

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
