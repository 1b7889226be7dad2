"""The API's door to jobs: ask for an article, look at it being made, stop it."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import StreamingResponse

from app.config import Settings
from app.generation.intake import accept_request
from app.generation.jobs import PRIORITIES, Job, JobState, Wanted
from app.generation.repository import Jobs
from app.generation.streaming import STREAM_HEADERS, event_stream
from app.generation.watching import Watching
from app.infra.ports import Ports
from app.kit.errors import Invalid
from app.review.existing import find_existing
from app.review.existing_schemas import ExistingOut, existing_out
from app.sources.domain import Rights
from app.web.fields import Line
from app.web.principals import Permission, Principal, Principals, check_permission, require

Priority = Literal["high", "normal", "low"]
"""Among the jobs of one person."""


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
    priority: Priority = "normal"
    deadline_at: AwareDatetime | None = None
    """A job that is not done by then fails."""


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
    requested_by: str
    priority: int
    """Lower numbers go first: 50 high, 100 normal, 200 low."""
    deadline_at: datetime | None
    batch_id: str | None
    attempt: int
    events_url: str


class AcceptedOut(JobOut):
    """A job that was accepted, with what the blog has on its keyword already. It is written all the same."""

    existing: list[ExistingOut]


class ListQuery(BaseModel):
    """Which jobs to list."""

    limit: int = 50
    before: Line | None = None
    """The last job of the page before."""
    state: JobState | None = None
    person: Line = ""
    language: Literal["", "ko", "en"] = ""
    q: Line = ""
    """A part of the keyword."""
    batch: Line = ""
    since: datetime | None = None
    """Without a zone it is taken for UTC."""

    def wanted(self) -> Wanted:
        """As the repository is asked."""
        since = self.since
        return Wanted(
            state=self.state,
            person=self.person,
            language=self.language,
            text=self.q,
            batch=self.batch,
            since=since.replace(tzinfo=UTC) if since and since.tzinfo is None else since,
        )


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
    ) -> AcceptedOut:
        """Accept a request for an article. The same `Idempotency-Key` answers the same job.

        `existing` names articles with the same keyphrase or on a near topic; they hold nothing back.
        """
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
            person=asker.person_id,
            priority=PRIORITIES[body.priority],
            deadline_at=body.deadline_at,
            now=ports.now(),
        )
        response.headers["Location"] = f"/api/v1/jobs/{job.id}"
        found = await find_existing(
            ports.database, job.request.keyword, job.request.language, without_job=job.id
        )
        return AcceptedOut(**job_out(job).model_dump(), existing=existing_out(found))

    @router.get("/jobs")
    async def list_jobs(
        response: Response,
        asked: Annotated[ListQuery, Query()],
    ) -> list[JobOut]:
        """The newest jobs first, at most 200; those that meet every condition.

        Where there are more, `Link` (`rel="next"`) leads to them.
        """
        most = max(1, min(asked.limit, 200))
        wanted = asked.wanted()
        async with ports.database.reading() as session:
            found = await Jobs(session).newest(most + 1, before=asked.before, wanted=wanted)
        if len(found) > most:
            next_ = asked.model_copy(update={"before": found[most - 1].id})
            given = urlencode(next_.model_dump(mode="json", exclude_defaults=True))
            response.headers["Link"] = f'</api/v1/jobs?{given}>; rel="next"'
        return [job_out(job) for job in found[:most]]

    @router.get("/jobs/{job_id}")
    async def read_job(job_id: Line) -> JobOut:
        async with ports.database.reading() as session:
            return job_out(await Jobs(session).read(job_id))

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


def job_out(job: Job) -> JobOut:
    """A job as the API answers it."""
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
        requested_by=job.requested_by,
        priority=job.priority,
        deadline_at=job.deadline_at,
        batch_id=job.batch_id,
        attempt=job.attempt,
        events_url=f"/api/v1/jobs/{job.id}/events",
    )
