"""Keeps and finds batches, feeds their rows, and moves the jobs of a whole batch at once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Select,
    String,
    cast,
    exists,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.generation.batches.models import BatchItemRow, BatchRow
from app.generation.batches.schemas import Batch, BatchState, RowResult
from app.generation.jobs import LIVE, JobState
from app.generation.models import JobRow
from app.infra.durable import WAITING, Workflows
from app.kit.errors import Invalid, NotFound
from app.kit.speech import say
from app.posts.models import PostRow, RevisionRow

_CHUNK = 400
"""Rows an insert, and words a search: far from the limits on a statement's parameters."""


class Batches:
    """The batches that a unit of work sees."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, batch_id: str, *, name: str, by: str, key: str, now: datetime) -> str:
        """Add a batch, unless there is one of the same `key` and person; answers that one's id then."""
        row = BatchRow(
            id=batch_id,
            name=name,
            requested_by=by,
            key=key,
            state=BatchState.RUNNING,
            feeders=1,
            created_at=now,
        )
        try:
            async with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:
            query = select(BatchRow.id).where(BatchRow.requested_by == by, BatchRow.key == key)
            return (await self._session.scalars(query)).one()
        return batch_id

    async def by_key(self, by: str, key: str) -> Batch | None:
        """The batch that somebody sent with this key."""
        row = await self._session.scalar(
            select(BatchRow).where(BatchRow.requested_by == by, BatchRow.key == key)
        )
        return None if row is None else (await self._with_counts([row]))[0]

    async def add_rows(self, rows: Sequence[dict[str, Any]]) -> None:
        """Add rows, which are columns of `BatchItemRow`."""
        for start in range(0, len(rows), _CHUNK):
            await self._session.execute(insert(BatchItemRow), rows[start : start + _CHUNK])

    async def read(self, batch_id: str) -> Batch:
        """The batch with its counts.

        Raises:
            NotFound: there is none of that id.
        """
        row = await self._session.get(BatchRow, batch_id)
        if row is None:
            raise NotFound(f"There is no batch {batch_id}.")
        return (await self._with_counts([row]))[0]

    async def locked(self, batch_id: str) -> BatchRow:
        """The batch's row, locked until the unit ends.

        Raises:
            NotFound: there is none of that id.
        """
        row = await self._session.scalar(
            select(BatchRow)
            .where(BatchRow.id == batch_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if row is None:
            raise NotFound(f"There is no batch {batch_id}.")
        return row

    async def find(self, prefix: str) -> str:
        """The id of the one batch that starts with `prefix`.

        Raises:
            NotFound: none does.
            Invalid: several do.
        """
        query = select(BatchRow.id).where(BatchRow.id.startswith(prefix, autoescape=True)).limit(2)
        ids = (await self._session.scalars(query)).all()
        if not ids:
            raise NotFound(
                f"There is no batch {prefix}. List them with: ai-seo-blogger bulk status"
            )
        if len(ids) > 1:
            raise Invalid(f"Several batches start with {prefix}; give more of the id.")
        return ids[0]

    async def newest(self, limit: int = 50, *, before: str | None = None) -> list[Batch]:
        """The newest batches first. `before` is an id: those accepted before it."""
        query = select(BatchRow).order_by(BatchRow.id.desc()).limit(limit)
        if before is not None:
            query = query.where(BatchRow.id < before)
        return await self._with_counts((await self._session.scalars(query)).all())

    async def unfed(self, batch_id: str, limit: int) -> Sequence[BatchItemRow]:
        """Rows without a job yet, in order."""
        found = await self._session.scalars(
            select(BatchItemRow)
            .where(
                BatchItemRow.batch_id == batch_id,
                BatchItemRow.fed.is_(False),
                BatchItemRow.skipped == "",
            )
            .order_by(BatchItemRow.n)
            .limit(limit)
        )
        return found.all()

    async def skip_unfed(self, batch_id: str, reason: str) -> None:
        """Write no article for the rows that have no job yet."""
        await self._session.execute(
            update(BatchItemRow)
            .where(
                BatchItemRow.batch_id == batch_id,
                BatchItemRow.fed.is_(False),
                BatchItemRow.skipped == "",
            )
            .values(skipped=reason)
        )

    async def lock_jobs(self, batch_id: str) -> None:
        """Lock the jobs that have not ended: jobs are locked before their workflows, as everywhere."""
        await self._session.execute(
            select(JobRow.id)
            .where(JobRow.batch_id == batch_id, JobRow.state.in_(LIVE))
            .order_by(JobRow.id)
            .with_for_update()
        )

    async def starving(self, workflows: Workflows) -> Sequence[str]:
        """Batches that run and have rows left, though their feeder has ended or was never made."""
        engine = workflows.table.c
        feeder = BatchRow.id + literal_column("'-f'") + cast(BatchRow.feeders, String)
        left = exists().where(
            BatchItemRow.batch_id == BatchRow.id,
            BatchItemRow.fed.is_(False),
            BatchItemRow.skipped == "",
        )
        feeds = (
            exists()
            .select_from(workflows.table)
            .where(engine.workflow_uuid == feeder, engine.status.in_(WAITING))
        )
        found = await self._session.scalars(
            select(BatchRow.id).where(BatchRow.state == BatchState.RUNNING, left, ~feeds)
        )
        return found.all()

    def workflows_of(self, batch_id: str) -> Select[str]:
        """The workflows of a batch's jobs that have not ended."""
        return select(JobRow.workflow_id).where(JobRow.batch_id == batch_id, JobRow.state.in_(LIVE))

    async def hold(self, batch_id: str, workflow_ids: Sequence[str]) -> None:
        """Say of these jobs that they are held."""
        await self._move(batch_id, workflow_ids, JobState.HELD)

    async def release(self, batch_id: str, workflow_ids: Sequence[str]) -> None:
        """Say of these jobs that they wait for their turn again."""
        await self._move(batch_id, workflow_ids, JobState.QUEUED)

    async def cancel(self, batch_id: str, now: datetime) -> None:
        """Say of the jobs that have not ended that they are cancelled."""
        await self._session.execute(
            update(JobRow)
            .where(JobRow.batch_id == batch_id, JobRow.state.in_(LIVE))
            .values(state=JobState.CANCELLED, ended_at=now)
        )

    async def results(
        self, batch_id: str, *, after: int = 0, limit: int | None = None
    ) -> list[RowResult]:
        """What became of each row numbered above `after`, in order."""
        query = (
            select(BatchItemRow, JobRow)
            .outerjoin(JobRow, JobRow.id == BatchItemRow.job_id)
            .where(BatchItemRow.batch_id == batch_id, BatchItemRow.n > after)
            .order_by(BatchItemRow.n)
            .limit(limit)
        )
        return [_result(item, job) for item, job in await self._session.execute(query)]

    async def taken(self, keys: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
        """Of articles as (keyword in small letters, language), where each is already, in words.

        A job that has not ended, or a published article about the same.
        """
        wanted = set(keys)
        found: dict[tuple[str, str], str] = {}
        articles = (
            select(RevisionRow.keyphrase, PostRow.language, PostRow.title)
            .join(
                RevisionRow,
                (RevisionRow.post_id == PostRow.id) & (RevisionRow.n == PostRow.revision),
            )
            .where(PostRow.state == "published", PostRow.unlisted.is_(False))
        )
        for keyphrase, language, title in await self._session.execute(articles):
            key = (keyphrase.casefold(), language)
            if key in wanted:
                found.setdefault(key, say("the article “{title}”", title=title))
        jobs = select(JobRow.keyword, JobRow.language, JobRow.id).where(JobRow.state.in_(LIVE))
        for keyword, language, job_id in await self._session.execute(jobs):
            key = (keyword.casefold(), language)
            if key in wanted:
                found.setdefault(key, say("the job {job}", job=job_id))
        return found

    async def _move(self, batch_id: str, workflow_ids: Sequence[str], state: JobState) -> None:
        for start in range(0, len(workflow_ids), _CHUNK):
            await self._session.execute(
                update(JobRow)
                .where(
                    JobRow.batch_id == batch_id,
                    JobRow.state.in_(LIVE),
                    JobRow.workflow_id.in_(workflow_ids[start : start + _CHUNK]),
                )
                .values(state=state)
            )

    async def _with_counts(self, rows: Sequence[BatchRow]) -> list[Batch]:
        ids = [row.id for row in rows]
        counts: dict[str, dict[str, int]] = {batch_id: {} for batch_id in ids}
        # A literal: PostgreSQL does not take two parameters of one value for the same expression.
        skipped_ = BatchItemRow.skipped != literal_column("''")
        found = await self._session.execute(
            select(
                BatchItemRow.batch_id,
                skipped_,
                JobRow.state,
                func.count(),
            )
            .outerjoin(JobRow, JobRow.id == BatchItemRow.job_id)
            .where(BatchItemRow.batch_id.in_(ids))
            .group_by(BatchItemRow.batch_id, skipped_, JobRow.state)
        )
        for batch_id, skipped, state, number in found:
            name = "skipped" if skipped else state or "accepted"
            counts[batch_id][name] = counts[batch_id].get(name, 0) + number
        return [
            Batch(
                id=row.id,
                name=row.name,
                requested_by=row.requested_by,
                state=BatchState(row.state),
                created_at=row.created_at,
                counts=counts[row.id],
            )
            for row in rows
        ]


def _result(item: BatchItemRow, job: JobRow | None) -> RowResult:
    made: dict[str, Any] = (job.result or {}) if job else {}
    state = "skipped" if item.skipped else job.state if job else "accepted"
    score = made.get("score")
    return RowResult(
        n=item.n,
        keyword=item.keyword,
        state=state,
        job_id=job.id if job else None,
        reason=item.skipped or (job.error or "" if job else ""),
        title=str(made.get("title", "")),
        url=str(made.get("url", "")),
        score=score if isinstance(score, int) else None,
    )
