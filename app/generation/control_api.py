"""The API's door to what is done to jobs once they are accepted, and to the queues they stand in."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from app.config import Settings
from app.generation import control
from app.generation.api import JobOut, Priority, job_out
from app.generation.jobs import PRIORITIES
from app.generation.partial import finished_parts
from app.generation.repository import Jobs, Queues
from app.infra.durable import QUEUES
from app.infra.ports import Ports
from app.web.fields import Line
from app.web.principals import Permission, Principal, Principals, require

Step = Literal[
    "brief", "sources", "outline", "draft", "verify", "judge", "optimise", "repair", "score", "save"
]
QueueName = Literal["posts", "llm"]


class RetryIn(BaseModel):
    """From where to try again."""

    model_config = ConfigDict(extra="forbid")

    step: Step | None = None
    """Unset: from the step that failed."""


class PriorityIn(BaseModel):
    """Where in the queue a job is to stand."""

    model_config = ConfigDict(extra="forbid")

    priority: Priority


class PartOut(BaseModel):
    """A finished part of an article; 0 is its introduction."""

    n: int
    heading: str
    paragraphs: list[str]


class QueueOut(BaseModel):
    """A queue: `posts` of articles, `llm` of model calls."""

    name: str
    waiting: int
    begun: int
    paused: bool
    paused_by: str | None
    paused_at: datetime | None


def create_control_router(ports: Ports, principals: Principals) -> APIRouter:
    """The routes that change jobs, for who may write, and the one that shows what there is of an article."""
    may_read = Depends(require(principals, Permission.READ))
    may_write = Depends(require(principals, Permission.WRITE))
    router = APIRouter(tags=["jobs"])

    @router.delete("/jobs/{job_id}", status_code=202)
    async def cancel_job(job_id: Line, asker: Annotated[Principal, may_write]) -> JobOut:
        """Cancel a job; what it has made is kept. One that has ended is a conflict."""
        return job_out(
            await control.cancel_job(
                ports.database, ports.enqueuer, job_id, now=ports.now(), by=asker.id
            )
        )

    @router.post("/jobs/{job_id}/resume", status_code=202)
    async def resume_job(job_id: Line, asker: Annotated[Principal, may_write]) -> JobOut:
        """Go on with a job that was cancelled, held, parked or late, from where it was."""
        return job_out(
            await control.resume_job(
                ports.database, ports.enqueuer, job_id, now=ports.now(), by=asker.id
            )
        )

    @router.post("/jobs/{job_id}/retry", status_code=202)
    async def retry_job(
        job_id: Line, body: RetryIn, asker: Annotated[Principal, may_write]
    ) -> JobOut:
        """Try an ended job again from a step; the steps before it are not run or paid for again."""
        return job_out(
            await control.retry_job(
                ports.database,
                ports.enqueuer,
                job_id,
                step=body.step,
                now=ports.now(),
                by=asker.id,
            )
        )

    @router.put("/jobs/{job_id}/priority", dependencies=[may_write])
    async def set_priority(job_id: Line, body: PriorityIn) -> JobOut:
        """Move a job that has not ended in its person's queue."""
        priority = PRIORITIES[body.priority]
        return job_out(
            await control.set_priority(ports.database, ports.enqueuer, job_id, priority=priority)
        )

    @router.get("/jobs/{job_id}/parts", dependencies=[may_read])
    async def read_parts(job_id: Line) -> list[PartOut]:
        """What a job has written so far, before it was checked; kept also when it does not end well."""
        async with ports.database.reading() as session:
            job = await Jobs(session).read(job_id)
        return [
            PartOut(n=part.n, heading=part.heading, paragraphs=list(part.paragraphs))
            for part in await finished_parts(ports.enqueuer, job)
        ]

    return router


def create_queues_router(ports: Ports, settings: Settings, principals: Principals) -> APIRouter:
    """The routes of queues: seen by who may read jobs, moved by who operates the fleet."""
    may_read = Depends(require(principals, Permission.READ))
    may_operate = Depends(require(principals, Permission.OPERATE))
    router = APIRouter(prefix="/queues", tags=["jobs"])

    @router.get("", dependencies=[may_read])
    async def list_queues() -> list[QueueOut]:
        """How many jobs and calls wait and have begun, over the whole fleet."""
        return await queues_now(ports)

    @router.post("/{name}/pause")
    async def pause(name: QueueName, asker: Annotated[Principal, may_operate]) -> QueueOut:
        """Let no instance take anything more; what has begun goes on."""
        await control.pause_queue(
            ports.database, ports.enqueuer, name, now=ports.now(), by=asker.id
        )
        return next(queue for queue in await queues_now(ports) if queue.name == name)

    @router.post("/{name}/resume", dependencies=[may_operate])
    async def resume(name: QueueName) -> QueueOut:
        """Let the instances take from it again."""
        await control.resume_queue(
            ports.database,
            ports.enqueuer,
            name,
            concurrency=settings.jobs.concurrency,
            of_one=settings.jobs.most_of_one,
        )
        return next(queue for queue in await queues_now(ports) if queue.name == name)

    return router


async def queues_now(ports: Ports) -> list[QueueOut]:
    """The queues as they stand."""
    async with ports.database.reading() as session:
        counts = await ports.enqueuer.workflows.waiting(session)
        paused = await Queues(session).paused()
    return [
        QueueOut(
            name=name,
            waiting=counts[name][0],
            begun=counts[name][1],
            paused=name in paused,
            paused_by=paused[name][0] if name in paused else None,
            paused_at=paused[name][1] if name in paused else None,
        )
        for name in QUEUES
    ]
