"""Changes the state of workflows inside somebody's own transaction, together with the rows that want it so.

The engine's own calls for this use connections of their own, so that a crash between two commits would leave
a job and its workflow in different states, and they do not look at the state they change (`resume_workflows`
puts a workflow that already runs back on its queue). The columns used here are held by a contract test.
"""

import time
from collections.abc import Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.infra.durable.names import DEFAULT_PARTITION, PAID_QUEUE, QUEUES, SCHEMA, WORK_QUEUE

_HELD_UNTIL_MS: Final = 253_402_300_799_000
"""The end of the year 9999: when the engine would start a held workflow by itself."""

_OVER: Final = ("SUCCESS", "ERROR")
STOPPED: Final = ("CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
"""States out of which a workflow is put back on its queue."""

WAITING: Final = ("ENQUEUED", "PENDING", "DELAYED")
"""States in which the engine goes on with a workflow by itself."""

Ids = Sequence[str] | sa.Select[str]


class Workflows:
    """The engine's table of workflows."""

    def __init__(self, *, sqlite: bool) -> None:
        self.table = sa.table(
            "workflow_status",
            *(
                sa.column(name, kind)
                for name, kind in (
                    ("workflow_uuid", sa.Text()),
                    ("status", sa.Text()),
                    ("name", sa.Text()),
                    ("queue_name", sa.Text()),
                    ("queue_partition_key", sa.Text()),
                    ("priority", sa.Integer()),
                    ("parent_workflow_id", sa.Text()),
                    ("owner_xid", sa.Text()),
                    ("recovery_attempts", sa.BigInteger()),
                    ("delay_until_epoch_ms", sa.BigInteger()),
                    ("workflow_deadline_epoch_ms", sa.BigInteger()),
                    ("started_at_epoch_ms", sa.BigInteger()),
                    ("completed_at", sa.BigInteger()),
                    ("updated_at", sa.BigInteger()),
                )
            ),
            schema=None if sqlite else SCHEMA,
        )
        self._columns = self.table.c
        self._queues = sa.table(
            "queues",
            sa.column("name", sa.Text()),
            sa.column("worker_concurrency", sa.Integer()),
            sa.column("partition_worker_concurrency", sa.Integer()),
            schema=None if sqlite else SCHEMA,
        )

    async def cancel(self, session: AsyncSession, ids: Ids) -> None:
        """Cancel workflows and the children they wait for; one that is over stays as it is.

        A running step that may be interrupted is, within a second: the engine looks each second.
        """
        c = self._columns
        stopped = {
            "status": "CANCELLED",
            "owner_xid": None,
            "queue_name": None,
            "started_at_epoch_ms": None,
            "completed_at": _now_ms(),
        }
        await self._change(session, c.workflow_uuid.in_(ids), c.status.not_in(_OVER), **stopped)
        await self._change(
            session, c.parent_workflow_id.in_(ids), c.status.not_in(_OVER), **stopped
        )

    async def requeue(self, session: AsyncSession, ids: Ids) -> list[str]:
        """Put cancelled or parked workflows back on the work queue, and their children on theirs.

        Partition and priority stay; attempts count from 0 again. Answers those that were put back.
        """
        c = self._columns
        again = {
            "status": "ENQUEUED",
            "owner_xid": None,
            "recovery_attempts": 0,
            "workflow_deadline_epoch_ms": None,
            "started_at_epoch_ms": None,
            "completed_at": None,
        }
        await self._change(
            session,
            c.parent_workflow_id.in_(ids),
            c.status.in_(STOPPED),
            queue_name=PAID_QUEUE,
            **again,
        )
        return await self._change(
            session, c.workflow_uuid.in_(ids), c.status.in_(STOPPED), queue_name=WORK_QUEUE, **again
        )

    def survived(self, ids: Ids) -> sa.Update:
        """The statement that counts the starts of workflows, and of their children, from 1 again.

        What waits or is handed over has not killed its process; only deaths in a row park a workflow.
        """
        c = self._columns
        return (
            sa.update(self.table)
            .where(
                c.workflow_uuid.in_(ids) | c.parent_workflow_id.in_(ids),
                c.status.in_(WAITING),
                c.recovery_attempts > 1,
            )
            .values(recovery_attempts=1)
        )

    async def hold(self, session: AsyncSession, ids: Ids) -> list[str]:
        """Keep workflows that nobody has begun from being begun; answers those that are held now."""
        c = self._columns
        return await self._change(
            session,
            c.workflow_uuid.in_(ids),
            c.status == "ENQUEUED",
            status="DELAYED",
            delay_until_epoch_ms=_HELD_UNTIL_MS,
        )

    async def release(self, session: AsyncSession, ids: Ids) -> list[str]:
        """Let held workflows be begun; answers which. One that waits for its hour goes on waiting."""
        c = self._columns
        return await self._change(
            session,
            c.workflow_uuid.in_(ids),
            c.status == "DELAYED",
            c.delay_until_epoch_ms == _HELD_UNTIL_MS,
            status="ENQUEUED",
            delay_until_epoch_ms=None,
        )

    async def set_priority(self, session: AsyncSession, ids: Ids, priority: int) -> None:
        """Move waiting workflows in their queue; lower numbers go first."""
        c = self._columns
        await self._change(
            session, c.workflow_uuid.in_(ids), c.status.in_(WAITING), priority=priority
        )

    async def status(self, session: AsyncSession, workflow_id: str) -> str | None:
        """The engine's word for the workflow's state; None when there is no such workflow."""
        c = self._columns
        return await session.scalar(sa.select(c.status).where(c.workflow_uuid == workflow_id))

    async def without_partition(self, session: AsyncSession) -> bool:
        """Whether an earlier release enqueued something without a partition."""
        found = await session.scalar(
            sa.select(self._columns.workflow_uuid).where(*self._stranded()).limit(1)
        )
        return found is not None

    async def give_partitions(self, session: AsyncSession) -> int:
        """Give what an earlier release enqueued without a partition one: nobody would ever take it.

        Answers how many there were.
        """
        changed = await self._change(
            session, *self._stranded(), queue_partition_key=DEFAULT_PARTITION
        )
        return len(changed)

    def _stranded(self) -> tuple[sa.ColumnElement[bool], ...]:
        c = self._columns
        return (
            c.queue_name.in_(QUEUES),
            c.queue_partition_key.is_(None),
            c.status == "ENQUEUED",
        )

    async def set_takers(
        self, session: AsyncSession, queue: str, most: int | None, *, of_one: int | None = None
    ) -> None:
        """How many workflows of a queue each instance runs at once, and of one person; 0 pauses the queue.

        None is any number; `of_one` is left as it is where it is None.

        Instances read it before every poll, so the whole fleet stops taking from it within one; what runs
        goes on. Nothing happens where no instance has ever run: the first to do so makes the queue.
        """
        table = self._queues
        await session.execute(
            sa.update(table)
            .where(table.c.name == queue)
            .values(
                worker_concurrency=most,
                **({"partition_worker_concurrency": of_one} if of_one else {}),
            )
        )

    async def takers(self, session: AsyncSession) -> dict[str, int | None]:
        """`set_takers` of each queue there is."""
        found = await session.execute(
            sa.select(self._queues.c.name, self._queues.c.worker_concurrency)
        )
        return {row.name: row.worker_concurrency for row in found}

    async def waiting(self, session: AsyncSession) -> dict[str, tuple[int, int]]:
        """How many workflows of each of our queues wait, and how many have begun."""
        c = self._columns
        found = await session.execute(
            sa.select(c.queue_name, c.status, sa.func.count())
            .where(c.queue_name.in_(QUEUES), c.status.in_(WAITING))
            .group_by(c.queue_name, c.status)
        )
        counts = {queue: [0, 0] for queue in QUEUES}
        for queue, status, number in found:
            counts[queue][status == "PENDING"] += number
        return {queue: (waiting, begun) for queue, (waiting, begun) in counts.items()}

    async def oldest_s(self, session: AsyncSession) -> dict[str, float]:
        """How long what waits longest in each of our queues has been there, seconds; 0: nothing waits."""
        c = self._columns
        found = await session.execute(
            sa.select(c.queue_name, sa.func.min(c.updated_at))
            .where(c.queue_name.in_(QUEUES), c.status == "ENQUEUED")
            .group_by(c.queue_name)
        )
        ages: dict[str, float] = dict.fromkeys(QUEUES, 0.0)
        for queue, since_ms in found:
            ages[queue] = max(0.0, (_now_ms() - int(since_ms)) / 1000)
        return ages

    async def _change(
        self, session: AsyncSession, *where: sa.ColumnElement[bool], **values: Any
    ) -> list[str]:
        statement = (
            sa.update(self.table)
            .where(*where)
            .values(**values, updated_at=_now_ms())
            .returning(self._columns.workflow_uuid)
        )
        changed: Iterable[str] = await session.scalars(statement)
        return list(changed)


def _now_ms() -> int:
    return int(time.time() * 1000)
