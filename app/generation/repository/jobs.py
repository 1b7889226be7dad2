"""Keeps and finds jobs and their events."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.generation.jobs import LIVE, NORMAL, Event, Job, JobState, Request, Wanted
from app.generation.models import AttemptRow, EventRow, IdempotencyRow, JobRow
from app.generation.schemas import Usage
from app.infra.durable import WAITING, Workflows
from app.kit.errors import Invalid, NotFound

_CHANGED = "changed jobs"

AT_ONCE = 200
"""Most jobs in one query of `heads` and `news`."""


class Head(NamedTuple):
    """How far a job is: the number of its newest event, and its state."""

    seq: int
    state: JobState


class Jobs:
    """The jobs that a unit of work sees."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(
        self,
        job_id: str,
        request: Request,
        *,
        now: datetime,
        by: str = "",
        person: str = "",
        priority: int = NORMAL,
        deadline_at: datetime | None = None,
        batch_id: str | None = None,
    ) -> None:
        """Add a job in its first state, with its first attempt and event, which says who asked."""
        self._session.add(
            JobRow(
                id=job_id,
                workflow_id=job_id,
                keyword=request.keyword,
                language=request.language,
                model=request.model,
                request=_written(request),
                state=JobState.QUEUED,
                created_at=now,
                requested_by=person or by,
                priority=priority,
                deadline_at=deadline_at,
                batch_id=batch_id,
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

    async def newest(
        self, limit: int = 50, *, before: str | None = None, wanted: Wanted | None = None
    ) -> list[Job]:
        """The newest jobs first, those that are `wanted`. `before` is an id: those accepted before it."""
        query = select(JobRow).order_by(JobRow.id.desc()).limit(limit)
        if before is not None:
            query = query.where(JobRow.id < before)
        for condition in _conditions(wanted or Wanted()):
            query = query.where(condition)
        return [_job(row) for row in await self._session.scalars(query)]

    async def unfinished(self) -> list[Job]:
        """Jobs that have not ended, oldest first."""
        rows = await self._session.scalars(
            select(JobRow).where(JobRow.state.in_(LIVE)).order_by(JobRow.created_at)
        )
        return [_job(row) for row in rows]

    async def by_state(self) -> dict[JobState, int]:
        """How many jobs there are in each state."""
        found = await self._session.execute(
            select(JobRow.state, func.count()).group_by(JobRow.state)
        )
        counts = dict.fromkeys(JobState, 0)
        counts.update({JobState(state): number for state, number in found})
        return counts

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
        self._note_change(job_id, 0)
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
        n: int | None = 0,
        data: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Add an event, unless a replay has it already. Its number is given under the job's lock.

        What may happen several times to one attempt, such as a cancellation, is counted: `n` is None.
        Answers what the event says: the first time counts.
        """
        row = await self._row(job_id, lock=True)
        if kind == "started" and row.state == JobState.QUEUED:
            row.state = JobState.RUNNING  # gone on with from a later step than the one that says so
        same = (
            EventRow.job_id == job_id,
            EventRow.attempt == row.attempt,
            EventRow.step == step,
            EventRow.kind == kind,
        )
        if n is None:
            n = await self._session.scalar(select(func.count()).where(*same)) or 0
        else:
            known = await self._session.scalar(select(EventRow).where(*same, EventRow.n == n))
            if known is not None:
                return known.data
        row.last_seq += 1
        if step != "job":
            row.step = step
        self._session.add(
            EventRow(
                job_id=job_id,
                seq=row.last_seq,
                step=step,
                kind=kind,
                n=n,
                attempt=row.attempt,
                data=data or {},
                at=now,
            )
        )
        await self._session.flush()
        self._note_change(job_id, row.last_seq)
        return data or {}

    async def events(self, job_id: str, *, after: int = 0) -> list[Event]:
        """The events numbered above `after`, in order."""
        rows = await self._session.scalars(
            select(EventRow)
            .where(EventRow.job_id == job_id, EventRow.seq > after)
            .order_by(EventRow.seq)
        )
        return [_event(row) for row in rows]

    async def heads(self, job_ids: Collection[str]) -> dict[str, Head]:
        """How far these jobs are, at most `AT_ONCE` of them; one that is gone is left out."""
        rows = await self._session.execute(
            select(JobRow.id, JobRow.last_seq, JobRow.state).where(JobRow.id.in_(job_ids))
        )
        return {job_id: Head(seq, JobState(state)) for job_id, seq, state in rows}

    async def news(self, known: Mapping[str, int]) -> dict[str, list[Event]]:
        """The events of jobs (at most `AT_ONCE`) above the number known of each, in order."""
        rows = await self._session.scalars(
            select(EventRow)
            .where(
                or_(
                    *(
                        and_(EventRow.job_id == job_id, EventRow.seq > seq)
                        for job_id, seq in known.items()
                    )
                )
            )
            .order_by(EventRow.job_id, EventRow.seq)
        )
        found: dict[str, list[Event]] = {}
        for row in rows:
            found.setdefault(row.job_id, []).append(_event(row))
        return found

    async def requested_by(self, job_id: str) -> str:
        """Who asked for a job."""
        asked = await self._session.scalar(select(JobRow.requested_by).where(JobRow.id == job_id))
        return asked or "local"

    async def remove(self, job_id: str) -> None:
        """Delete a job with its events, attempts and keys."""
        for table in (IdempotencyRow, EventRow, AttemptRow):
            await self._session.execute(delete(table).where(table.job_id == job_id))
        await self._session.execute(delete(JobRow).where(JobRow.id == job_id))
        self._note_change(job_id, 0)

    async def attempts(self, job_id: str) -> Sequence[str]:
        """The workflows of a job, in order."""
        found = await self._session.scalars(
            select(AttemptRow.workflow_id).where(AttemptRow.job_id == job_id).order_by(AttemptRow.n)
        )
        return found.all()

    async def begin_attempt(self, job_id: str, workflow_id: str, fork: dict[str, Any]) -> None:
        """Give a job another workflow, made from an earlier one as `fork` says."""
        row = await self._row(job_id, lock=True)
        row.attempt += 1
        row.workflow_id = workflow_id
        self._session.add(
            AttemptRow(job_id=job_id, n=row.attempt, workflow_id=workflow_id, fork=fork)
        )
        await self._session.flush()

    async def set_terms(
        self, job_id: str, *, priority: int | None = None, deadline_at: datetime | None = None
    ) -> None:
        """Change a job's priority and its deadline; without one it has none from here on."""
        row = await self._row(job_id, lock=True)
        if priority is not None:
            row.priority = priority
        row.deadline_at = deadline_at

    async def overdue(self, now: datetime, limit: int = 200) -> Sequence[str]:
        """Jobs that have not ended by their deadline."""
        found = await self._session.scalars(
            select(JobRow.id)
            .where(JobRow.state.in_(LIVE), JobRow.deadline_at <= now)
            .order_by(JobRow.deadline_at)
            .limit(limit)
        )
        return found.all()

    async def left_behind(self, workflows: Workflows, limit: int = 200) -> list[tuple[str, str]]:
        """Jobs that have not ended though their workflow has, with the engine's word for how."""
        engine = workflows.table.c
        found = await self._session.execute(
            select(JobRow.id, engine.status)
            .join(workflows.table, engine.workflow_uuid == JobRow.workflow_id)
            .where(JobRow.state.in_(LIVE), engine.status.not_in(WAITING))
            .order_by(JobRow.id)
            .limit(limit)
        )
        return [(job_id, status) for job_id, status in found]

    async def unforked(self, workflows: Workflows, limit: int = 200) -> Sequence[str]:
        """Jobs that are to go on in a workflow which has not been made yet."""
        engine = workflows.table.c
        found = await self._session.scalars(
            select(JobRow.id)
            .outerjoin(workflows.table, engine.workflow_uuid == JobRow.workflow_id)
            .where(
                JobRow.state == JobState.QUEUED,
                JobRow.attempt > 1,
                engine.workflow_uuid.is_(None),
            )
            .limit(limit)
        )
        return found.all()

    async def fork(self, job_id: str) -> dict[str, Any] | None:
        """What the job's newest workflow is made from; None for its first."""
        return await self._session.scalar(
            select(AttemptRow.fork)
            .where(AttemptRow.job_id == job_id)
            .order_by(AttemptRow.n.desc())
            .limit(1)
        )

    def _note_change(self, job_id: str, seq: int) -> None:
        noted: dict[str, int] = self._session.info.setdefault(_CHANGED, {})
        noted[job_id] = seq if noted.get(job_id, seq) else 0

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


def changed_jobs(session: AsyncSession) -> Mapping[str, int]:
    """The jobs that this unit of work changed so far: the number of the newest event, 0 for another change."""
    return session.info.get(_CHANGED, {})


def _event(row: EventRow) -> Event:
    return Event(
        seq=row.seq,
        step=row.step,
        kind=row.kind,
        n=row.n,
        attempt=row.attempt,
        data=row.data,
        at=row.at,
    )


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for column, value in (
        (JobRow.state, wanted.state),
        (JobRow.requested_by, wanted.person),
        (JobRow.language, wanted.language),
        (JobRow.batch_id, wanted.batch),
    ):
        if value:
            conditions.append(column == value)
    if wanted.text:
        conditions.append(JobRow.keyword.icontains(wanted.text, autoescape=True))
    if wanted.since is not None:
        conditions.append(JobRow.created_at >= wanted.since)
    return conditions


def _written(request: Request) -> dict[str, Any]:
    """As the table keeps it: without a trace where there is none, which an earlier release would refuse."""
    return request.model_dump(mode="json", exclude=set() if request.trace else {"trace"})


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
        requested_by=row.requested_by,
        priority=row.priority,
        deadline_at=row.deadline_at,
        batch_id=row.batch_id,
        attempt=row.attempt,
    )
