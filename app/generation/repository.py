"""Keeps and finds jobs, their events and their idempotency keys."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.generation.jobs import Event, Job, JobState, Request
from app.generation.models import AttemptRow, EventRow, IdempotencyRow, JobRow
from app.generation.schemas import Usage
from app.kit.errors import Invalid, NotFound


class Jobs:
    """The jobs that a unit of work sees."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, job_id: str, request: Request, *, now: datetime, by: str = "") -> None:
        """Add a job in its first state, with its first attempt and event, which says who asked."""
        self._session.add(
            JobRow(
                id=job_id,
                workflow_id=job_id,
                keyword=request.keyword,
                language=request.language,
                model=request.model,
                request=request.model_dump(mode="json"),
                state=JobState.QUEUED,
                created_at=now,
            )
        )
        await self._session.flush()
        self._session.add(AttemptRow(job_id=job_id, n=1, workflow_id=job_id))
        await self.record(job_id, step="job", kind="queued", now=now, data={"by": by} if by else {})

    async def read(self, job_id: str) -> Job:
        """The job.

        Raises:
            NotFound: there is none of that id.
        """
        return _job(await self._row(job_id))

    async def locked(self, job_id: str) -> Job:
        """The job, its row locked until the unit ends.

        Raises:
            NotFound: there is none of that id.
        """
        return _job(await self._row(job_id, lock=True))

    async def find(self, prefix: str) -> Job:
        """The one job whose id starts with `prefix`, as people type it.

        Raises:
            NotFound: none does.
            Invalid: several do.
        """
        wanted = prefix.replace("%", "").replace("_", "")
        rows = (
            await self._session.scalars(select(JobRow).where(JobRow.id.startswith(wanted)).limit(2))
        ).all()
        if not rows:
            raise NotFound(f"There is no job {prefix}. List them with: ai-seo-blogger jobs list")
        if len(rows) > 1:
            raise Invalid(f"Several jobs start with {prefix}; give more of the id.")
        return _job(rows[0])

    async def newest(self, limit: int = 50, *, before: str | None = None) -> list[Job]:
        """The newest jobs first. `before` is an id: those made before it."""
        query = select(JobRow).order_by(JobRow.created_at.desc(), JobRow.id.desc()).limit(limit)
        if before is not None:
            query = query.where(JobRow.id < before)
        return [_job(row) for row in await self._session.scalars(query)]

    async def unfinished(self) -> list[Job]:
        """Jobs that have not ended, oldest first."""
        rows = await self._session.scalars(
            select(JobRow)
            .where(JobRow.state.in_([JobState.QUEUED, JobState.RUNNING]))
            .order_by(JobRow.created_at)
        )
        return [_job(row) for row in rows]

    async def set_state(
        self,
        job_id: str,
        state: JobState,
        *,
        now: datetime,
        error_code: str | None = None,
        error: str | None = None,
        post_id: str | None = None,
        usage: Usage | None = None,
        result: dict[str, Any] | None = None,
    ) -> None:
        """Move a job on. A job that has ended only moves when it is queued again (`resume`)."""
        row = await self._row(job_id, lock=True)
        if JobState(row.state).ended and state is not JobState.QUEUED:
            return
        row.state = state
        row.error_code, row.error = error_code, error
        if state is JobState.RUNNING and row.started_at is None:
            row.started_at = now
        row.ended_at = now if state.ended else None
        if post_id is not None:
            row.post_id = post_id
        if usage is not None:
            row.usage = usage.model_dump(mode="json")
        if result is not None:
            row.result = result

    async def record(  # an event's columns
        self,
        job_id: str,
        *,
        step: str,
        kind: str,
        now: datetime,
        n: int = 0,
        data: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Add an event, unless a replay has it already. Its number is given under the job's lock.

        Answers what the event says: the first time counts.
        """
        row = await self._row(job_id, lock=True)
        known = await self._session.scalar(
            select(EventRow).where(
                EventRow.job_id == job_id,
                EventRow.step == step,
                EventRow.kind == kind,
                EventRow.n == n,
            )
        )
        if known is not None:
            return known.data
        row.last_seq += 1
        if step != "job":
            row.step = step
        self._session.add(
            EventRow(
                job_id=job_id, seq=row.last_seq, step=step, kind=kind, n=n, data=data or {}, at=now
            )
        )
        await self._session.flush()
        return data or {}

    async def events(self, job_id: str, *, after: int = 0) -> list[Event]:
        """The events numbered above `after`, in order."""
        rows = await self._session.scalars(
            select(EventRow)
            .where(EventRow.job_id == job_id, EventRow.seq > after)
            .order_by(EventRow.seq)
        )
        return [
            Event(seq=row.seq, step=row.step, kind=row.kind, n=row.n, data=row.data, at=row.at)
            for row in rows
        ]

    async def requested_by(self, job_id: str) -> str:
        """Who asked for a job: its first event says so."""
        data = await self._session.scalar(
            select(EventRow.data)
            .where(EventRow.job_id == job_id, EventRow.step == "job", EventRow.kind == "queued")
            .order_by(EventRow.seq)
            .limit(1)
        )
        return str((data or {}).get("by") or "local")

    async def remove(self, job_id: str) -> None:
        """Delete a job with its events, attempts and keys."""
        for table in (IdempotencyRow, EventRow, AttemptRow):
            await self._session.execute(delete(table).where(table.job_id == job_id))
        await self._session.execute(delete(JobRow).where(JobRow.id == job_id))

    async def attempts(self, job_id: str) -> Sequence[str]:
        """The workflows of a job, in order."""
        found = await self._session.scalars(
            select(AttemptRow.workflow_id).where(AttemptRow.job_id == job_id).order_by(AttemptRow.n)
        )
        return found.all()

    async def claim_key(
        self, principal: str, key: str, body_hash: str, job_id: str, *, now: datetime
    ) -> str:
        """Bind an idempotency key to `job_id` for a day; answers the job it is bound to, maybe an earlier one.

        Of several at once one wins, and the others wait for its commit.

        Raises:
            Invalid: the key was used for another request.
        """
        await self._session.execute(delete(IdempotencyRow).where(IdempotencyRow.expires_at < now))
        row = IdempotencyRow(
            principal=principal,
            key=key,
            body_hash=body_hash,
            job_id=job_id,
            expires_at=now + timedelta(days=1),
        )
        try:
            async with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:
            query = select(IdempotencyRow).where(
                IdempotencyRow.principal == principal, IdempotencyRow.key == key
            )
            row = (await self._session.scalars(query)).one()
        if row.body_hash != body_hash:
            raise Invalid(
                f"Idempotency-Key {key} was used for another request; send a new key with this one."
            )
        return row.job_id

    async def _row(self, job_id: str, *, lock: bool = False) -> JobRow:
        statement = select(JobRow).where(JobRow.id == job_id)
        row = await self._session.scalar(
            statement.with_for_update().execution_options(populate_existing=True)
            if lock
            else statement
        )
        if row is None:
            raise NotFound(f"There is no job {job_id}.")
        return row


def _job(row: JobRow) -> Job:
    return Job(
        id=row.id,
        workflow_id=row.workflow_id,
        request=Request.model_validate(row.request),
        state=JobState(row.state),
        step=row.step,
        error_code=row.error_code,
        error=row.error,
        post_id=row.post_id,
        usage=Usage.model_validate(row.usage or {}),
        result=row.result or {},
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
