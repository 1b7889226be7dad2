"""The API's door to jobs: ask for an article, look at it being made, stop it."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import StreamingResponse

from app.config import Settings
from app.generation import service
from app.generation.intake import accept_request
from app.generation.jobs import Job
from app.generation.repository import Jobs
from app.generation.streaming import STREAM_HEADERS, event_stream
from app.generation.watching import Watching
from app.infra.ports import Ports
from app.kit.errors import Invalid
from app.sources.domain import Rights
from app.web.fields import Line
from app.web.principals import Permission, Principal, Principals, check_permission, require


class SourceIn(BaseModel):
    """One source: a page's address, or pasted text."""

    model_config = ConfigDict(extra="forbid")

    url: str | None = Field(default=None, max_length=2048)
    text: str | None = Field(default=None, max_length=1_000_000)
    rights: Rights | None = None


class ArticleIn(BaseModel):
    """A request for one article."""

    model_config = ConfigDict(extra="forbid")

    keyword: str = Field(min_length=1, max_length=120)
    sources: list[SourceIn] = Field(min_length=1, max_length=20)
    language: Literal["ko", "en"] | None = None
    model: Line | None = None
    publish: bool = False


class JobOut(BaseModel):
    """A job and where to look on."""

    job_id: str
    state: str
    step: str
    keyword: str
    language: str
    model: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    error_code: str | None
    error: str | None
    post_id: str | None
    result: dict[str, Any]
    events_url: str


def create_jobs_router(
    ports: Ports,
    settings: Settings,
    principals: Principals,
    watching: Watching,
) -> APIRouter:
    """The routes of jobs: to be seen by who may read drafts, changed by who may write."""
    may_read = Depends(require(principals, Permission.READ))
    may_write = Depends(require(principals, Permission.WRITE))
    router = APIRouter(dependencies=[may_read], tags=["jobs"])

    @router.post("/generate-post", status_code=202)
    async def generate_post(
        body: ArticleIn,
        response: Response,
        asker: Annotated[Principal, may_write],
        idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
    ) -> JobOut:
        """Accept a request for an article. The same `Idempotency-Key` answers the same job."""
        if body.publish:
            check_permission(asker, Permission.PUBLISH)
        job = await accept_request(
            ports.database,
            ports.enqueuer,
            settings,
            keyword=body.keyword,
            sources=[(source.url, source.text, source.rights) for source in body.sources],
            language=body.language,
            model=body.model,
            publish=body.publish,
            key=idempotency_key,
            principal=asker.id,
            now=ports.now(),
        )
        response.headers["Location"] = f"/api/v1/jobs/{job.id}"
        return _out(job)

    @router.get("/jobs")
    async def list_jobs(limit: int = 50) -> list[JobOut]:
        """The newest jobs first, at most 200."""
        async with ports.database.reading() as session:
            return [_out(job) for job in await Jobs(session).newest(max(1, min(limit, 200)))]

    @router.get("/jobs/{job_id}")
    async def read_job(job_id: Line) -> JobOut:
        async with ports.database.reading() as session:
            return _out(await Jobs(session).read(job_id))

    @router.delete("/jobs/{job_id}", status_code=202, dependencies=[may_write])
    async def cancel_job(job_id: Line) -> JobOut:
        """Cancel a job; what it has made is kept. One that has ended is a conflict."""
        return _out(
            await service.cancel_job(ports.database, ports.enqueuer, job_id, now=ports.now())
        )

    @router.get("/jobs/{job_id}/events", response_class=StreamingResponse)
    async def watch_job(
        job_id: Line, last_event_id: Annotated[str | None, Header()] = None
    ) -> StreamingResponse:
        """The job's events as they come (server-sent events), from after `Last-Event-ID`."""
        async with ports.database.reading() as session:
            await Jobs(session).read(job_id)  # a problem now rather than an empty stream
        if not re.fullmatch(r"[0-9]{1,18}", last_event_id or "0"):
            raise Invalid("Last-Event-ID is the number of an event of this stream.")
        return StreamingResponse(
            event_stream(watching, job_id, int(last_event_id or 0)),
            media_type="text/event-stream",
            headers=STREAM_HEADERS,
        )

    return router


def _out(job: Job) -> JobOut:
    return JobOut(
        job_id=job.id,
        state=job.state.value,
        step=job.step,
        keyword=job.request.keyword,
        language=job.request.language,
        model=job.request.model,
        created_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
        error_code=job.error_code,
        error=job.error,
        post_id=job.post_id,
        result=job.result,
        events_url=f"/api/v1/jobs/{job.id}/events",
    )
