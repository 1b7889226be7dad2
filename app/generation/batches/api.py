"""The API's door to batches: look a table over, have it written, watch it, stop it."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import BaseModel
from starlette.datastructures import UploadFile

from app.config import Settings
from app.generation.batches import service
from app.generation.batches.repository import Batches
from app.generation.batches.schemas import Batch, Existing, Options, PlannedRow, Preview, RowResult
from app.generation.batches.table import MAX_BYTES
from app.generation.jobs import priority_name
from app.infra.ports import Ports
from app.kit.errors import Invalid
from app.kit.speech import say
from app.sources.domain import Rights
from app.web.fields import Line
from app.web.principals import Permission, Principal, Principals, require

_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


class SendQuery(BaseModel):
    """How a table is to be written."""

    preview: bool = False
    """Only look it over."""
    name: Line = ""
    model: Line = ""
    rights: Rights = Rights.THIRD_PARTY
    skip_wrong: bool = False
    """Write the other rows though some are wrong."""
    keep_repeated: bool = False
    """Write also what is in the file twice, in the queue or published."""


class ProblemOut(BaseModel):
    """What is wrong with a cell."""

    column: str
    message: str


class ExistingRowOut(BaseModel):
    """An article that the blog has."""

    post_id: str
    title: str
    state: str
    path: str


class RowExistingOut(BaseModel):
    """A row that is written, and the articles that the blog has on it."""

    row: int
    keyword: str
    articles: list[ExistingRowOut]


class PlannedRowOut(BaseModel):
    """What a row asks for, and why it would not be written."""

    row: int
    keyword: str
    language: str
    sources: list[str]
    priority: str
    deadline_at: datetime | None
    publish: bool
    problems: list[ProblemOut]
    duplicate_of: str | None
    similar_to: int | None
    """The row above whose keyword is of the same words in another form; both are written."""
    existing: list[ExistingRowOut]
    """Articles of the blog with the same keyphrase; the row is written all the same."""


class PreviewOut(BaseModel):
    """What a file would do; nothing of it is kept."""

    encoding: str
    separator: str
    unused_columns: list[str]
    counts: dict[str, int]
    cost_usd: list[float] | None
    """The least and the most that it is thought to cost; null: unknown."""
    rows: list[PlannedRowOut]


class BatchOut(BaseModel):
    """A batch and how many of its rows are in which state."""

    id: str
    name: str
    state: str
    """`running`, `paused`, `cancelled` or `done`."""
    requested_by: str
    created_at: datetime
    total: int
    counts: dict[str, int]
    already: bool = False
    """The same file was accepted before, and this is what became of it: nothing was started."""
    existing: list[RowExistingOut] | None = None
    """Rows that are written though the blog has an article with their keyphrase, a hundred at most; null but in
    the answer to a file that was just accepted."""


class RowOut(BaseModel):
    """What became of a row."""

    row: int
    keyword: str
    state: str
    job_id: str | None
    reason: str
    title: str
    url: str
    score: int | None


class BatchDetailOut(BatchOut):
    """A batch with its rows, 500 at most: `after` the last one's number for more."""

    rows: list[RowOut]


def create_batches_router(ports: Ports, settings: Settings, principals: Principals) -> APIRouter:
    """The routes of batches: seen by who may read jobs, sent and stopped by who may write."""
    may_read = Depends(require(principals, Permission.READ))
    may_write = Depends(require(principals, Permission.WRITE))
    router = APIRouter(prefix="/batches", tags=["batches"])

    @router.post(
        "", status_code=202, openapi_extra=_FORM, responses={200: {"model": BatchOut | PreviewOut}}
    )
    async def send(
        request: Request,
        response: Response,
        asker: Annotated[Principal, may_write],
        asked: Annotated[SendQuery, Query()],
        idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
    ) -> BatchOut | PreviewOut:
        """Have a table written: the field `file`, a CSV of at most 5,000 rows and 5 MiB.

        Columns: keyword, sources, language, due date, priority, publish. With `preview` it is only looked
        over. The same file with the same options is accepted once (200 with `already`); to have it written
        again, send an `Idempotency-Key` of your own.
        """
        data = await _file(request)
        options = Options.model_validate(asked.model_dump(exclude={"preview"}))
        may_publish = Permission.PUBLISH in asker.permissions
        if asked.preview:
            response.status_code = 200
            return _preview(
                await service.preview_batch(
                    ports.database,
                    settings,
                    data,
                    options,
                    may_publish=may_publish,
                    now=ports.now(),
                )
            )
        batch, new = await service.accept_batch(
            ports.database,
            ports.enqueuer,
            settings,
            data,
            options,
            person=asker.person_id or asker.id,
            may_publish=may_publish,
            key=idempotency_key,
            now=ports.now(),
        )
        response.status_code = 202 if new else 200
        response.headers["Location"] = f"/api/v1/batches/{batch.id}"
        return _out(batch, already=not new)

    @router.get("", dependencies=[may_read])
    async def list_batches(
        limit: Annotated[int, Query(ge=1, le=100)] = 20, before: Line | None = None
    ) -> list[BatchOut]:
        """The newest batches first."""
        async with ports.database.reading() as session:
            return [_out(batch) for batch in await Batches(session).newest(limit, before=before)]

    @router.get(
        "/{batch_id}.csv",
        dependencies=[may_read],
        response_class=Response,
        responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    )
    async def export(batch_id: Line) -> Response:
        """What became of each row, as a table. No cell of it is taken for a formula."""
        async with ports.database.reading() as session:
            batches = Batches(session)
            await batches.read(batch_id)
            results = await batches.results(batch_id)
        return Response(
            service.results_as_csv(results),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="batch.csv"'},
        )

    @router.get("/{batch_id}", dependencies=[may_read])
    async def read(
        batch_id: Line,
        after: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
        limit: Annotated[int, Query(ge=1, le=500)] = 500,
    ) -> BatchDetailOut:
        """A batch and what became of its rows."""
        async with ports.database.reading() as session:
            batches = Batches(session)
            batch = await batches.read(batch_id)
            rows = await batches.results(batch_id, after=after, limit=limit)
        return BatchDetailOut(**_out(batch).model_dump(), rows=[_row(row) for row in rows])

    @router.post("/{batch_id}/pause", status_code=202, dependencies=[may_write])
    async def pause(batch_id: Line) -> BatchOut:
        """Begin no more of its jobs; what has begun goes on."""
        return _out(await service.pause_batch(ports.database, ports.enqueuer, batch_id))

    @router.post("/{batch_id}/resume", status_code=202, dependencies=[may_write])
    async def resume(batch_id: Line) -> BatchOut:
        """Go on with a paused batch."""
        return _out(await service.resume_batch(ports.database, ports.enqueuer, batch_id))

    @router.delete("/{batch_id}", status_code=202, dependencies=[may_write])
    async def cancel(batch_id: Line) -> BatchOut:
        """Cancel what is left; finished articles stay."""
        return _out(
            await service.cancel_batch(ports.database, ports.enqueuer, batch_id, now=ports.now())
        )

    return router


async def _file(request: Request) -> bytes:
    # Read here and not by a parameter, which would be read before anybody asks who sends it.
    async with request.form(max_files=1, max_fields=1) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Invalid(say("Send the file as multipart/form-data in the field “file”."))
        return await file.read(MAX_BYTES + 1)


def _preview(preview: Preview) -> PreviewOut:
    return PreviewOut(
        encoding=preview.encoding,
        separator=preview.separator,
        unused_columns=list(preview.unused_columns),
        counts=preview.counts,
        cost_usd=list(preview.cost_usd) if preview.cost_usd else None,
        rows=[_planned(row) for row in preview.rows],
    )


def _planned(row: PlannedRow) -> PlannedRowOut:
    return PlannedRowOut(
        row=row.n,
        keyword=row.keyword,
        language=row.language,
        sources=list(row.sources),
        priority=priority_name(row.priority),
        deadline_at=row.deadline_at,
        publish=row.publish,
        problems=[
            ProblemOut(column=problem.column, message=problem.message) for problem in row.problems
        ],
        duplicate_of=row.duplicate_of or None,
        similar_to=row.similar_to,
        existing=[_existing(each) for each in row.existing],
    )


def _existing(article: Existing) -> ExistingRowOut:
    return ExistingRowOut(**article.model_dump())


def _out(batch: Batch, *, already: bool = False) -> BatchOut:
    return BatchOut(
        id=batch.id,
        name=batch.name,
        state=batch.shown_state,
        requested_by=batch.requested_by,
        created_at=batch.created_at,
        total=batch.total,
        counts=batch.counts,
        already=already,
        existing=None
        if batch.existing is None
        else [
            RowExistingOut(
                row=each.n,
                keyword=each.keyword,
                articles=[_existing(one) for one in each.articles],
            )
            for each in batch.existing
        ],
    )


def _row(row: RowResult) -> RowOut:
    return RowOut(
        row=row.n,
        keyword=row.keyword,
        state=row.state,
        job_id=row.job_id,
        reason=row.reason,
        title=row.title,
        url=row.url,
        score=row.score,
    )
