"""Enqueues a workflow inside somebody's own transaction: accepted and queued, or neither."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from dbos import DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions, SetWorkflowID
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from app.infra.durable.names import (
    APPLICATION,
    DEFAULT_PARTITION,
    PAID_QUEUE,
    SCHEMA,
    VERSION,
    WORK_QUEUE,
)
from app.infra.durable.workflows import Workflows
from app.infra.scope import Scope

__all__ = [
    "APPLICATION",
    "DEFAULT_PARTITION",
    "PAID_QUEUE",
    "SCHEMA",
    "VERSION",
    "WORK_QUEUE",
    "Enqueuer",
    "StepDone",
    "engine_url",
]


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step that a workflow has finished, with what it gave: JSON, or None for an error."""

    id: int
    """Its number in the workflow, from 1: where a fork may start."""
    name: str
    output: Any
    child_id: str | None
    raised: bool = False


_LONGEST_REASON: Final = 500
"""Characters of an engine's error that are worth keeping."""

ENQUEUER_CONNECTIONS: Final = 2
"""Connections of an `Enqueuer`: it asks little, and enqueues on its caller's."""


_ENDED: Final = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")

_PURGED_AT_ONCE: Final = 100
"""Workflows deleted in one transaction, besides those that they started."""


class Enqueuer:
    """Writes workflows into the queues; runs none. Any process may hold one."""

    def __init__(self, database_url: str) -> None:
        sqlite = engine_url(database_url).startswith("sqlite")
        self.name = "sqlite" if sqlite else "postgresql"
        self.scope = Scope.HOST if sqlite else Scope.FLEET
        self.workflows = Workflows(sqlite=sqlite)
        self._client = DBOSClient(
            system_database_url=engine_url(database_url),
            dbos_system_schema=SCHEMA,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            system_database_pool_size=ENQUEUER_CONNECTIONS,
            lazy=True,
        )

    async def enqueue(
        self,
        session: AsyncSession,
        workflow: str,
        *args: Any,
        workflow_id: str,
        partition: str = DEFAULT_PARTITION,
        priority: int = 100,
        delay_s: float = 0.0,
    ) -> None:
        """Enqueue on the work queue; the caller's commit makes it so, its rollback undoes it.

        A `workflow_id` already there is left as it is. `partition` is whose it is: one of them has a limit
        of its own. Lower `priority` numbers go first within it; nobody takes it before `delay_s` are over.
        """
        options: EnqueueOptions = {
            "workflow_name": workflow,
            "queue_name": WORK_QUEUE,
            "workflow_id": workflow_id,
            "app_version": VERSION,
            "priority": priority,
            "queue_partition_key": partition,
        }
        if delay_s:
            options["delay_seconds"] = delay_s

        def insert(sync: Session) -> None:
            self._client.enqueue_in_transaction(sync, options, *args)

        await session.run_sync(insert)

    async def cancel(self, workflow_id: str) -> None:
        """Cancel a workflow and its children; a step that can be interrupted is, within a second."""
        await self._client.cancel_workflow_async(workflow_id, cancel_children=True)

    async def status(self, workflow_id: str) -> str | None:
        """The engine's word for the workflow's state, or None when it knows no such workflow."""
        found = await self._client.list_workflows_async(
            workflow_ids=[workflow_id], load_input=False, load_output=False
        )
        return found[0].status if found else None

    async def purge(self, *, ended_before: datetime, most: int = 5_000) -> int:
        """Delete the record of workflows that ended before, with all that they started; answers how many.

        What somebody else started goes with its parent, which would need its result to go on; and a parent
        stays for as long as something that it started has not ended.
        """
        purged = kept = 0
        while purged < most:
            roots = await self._ended_roots(ended_before, skip=kept)
            if not roots:
                break
            families = {root: await self._family(root) for root in roots}
            ended = [root for root, family in families.items() if family is not None]
            doomed = [each for root in ended for each in families[root] or ()]
            if doomed:
                await self._client.delete_workflows_async(doomed)
            purged += len(doomed)
            kept += len(roots) - len(ended)
        return purged

    async def _ended_roots(self, before: datetime, *, skip: int) -> list[str]:
        found = await self._client.list_workflows_async(
            status=list(_ENDED),
            completed_before=before.isoformat(),
            has_parent=False,
            limit=_PURGED_AT_ONCE,
            offset=skip,
            load_input=False,
            load_output=False,
        )
        return [workflow.workflow_id for workflow in found]

    async def _family(self, root: str) -> list[str] | None:
        """The workflow and all that came of it; None while something of that has not ended."""
        family = level = [root]
        while level:
            children = await self._client.list_workflows_async(
                parent_workflow_id=level, load_input=False, load_output=False
            )
            if any(child.status not in _ENDED for child in children):
                return None
            level = [child.workflow_id for child in children]
            family = family + level
        return family

    async def statuses(self, workflow_ids: Sequence[str]) -> dict[str, str]:
        """The engine's words for the states of those workflows that it knows."""
        if not workflow_ids:
            return {}
        found = await self._client.list_workflows_async(
            workflow_ids=list(workflow_ids), load_input=False, load_output=False
        )
        return {workflow.workflow_id: workflow.status for workflow in found}

    async def reason(self, workflow_id: str) -> str:
        """What a workflow that ended in an error said; empty where there is nothing."""
        found = await self._client.list_workflows_async(
            workflow_ids=[workflow_id], load_input=False
        )
        error = found[0].error if found else None
        return str(error)[:_LONGEST_REASON] if error else ""

    async def steps(self, workflow_id: str) -> list[StepDone]:
        """The steps that a workflow has finished, in order; none when the engine does not know it."""
        found = await self._client.list_workflow_steps_async(workflow_id)
        return [
            StepDone(
                step["function_id"],
                step["function_name"],
                step["output"],
                step["child_workflow_id"],
                step["error"] is not None,
            )
            for step in found
        ]

    async def fork(
        self,
        workflow_id: str,
        fork_id: str,
        start: int,
        *,
        queue: str = WORK_QUEUE,
        partition: str = DEFAULT_PARTITION,
        children: dict[str, str] | None = None,
    ) -> None:
        """Enqueue a new workflow that has the steps of `workflow_id` below number `start` as its own.

        Commits by itself. A `fork_id` already there is left as it is. `children` names forks that take the
        place of children. The fork has priority 0, the first in its partition, until it is given another.
        """
        with SetWorkflowID(fork_id):
            try:
                await self._client.fork_workflow_async(
                    workflow_id,
                    start,
                    application_version=VERSION,
                    queue_name=queue,
                    queue_partition_key=partition,
                    replacement_children=children,
                )
            except IntegrityError:
                if await self.status(fork_id) is None:
                    raise

    def close(self) -> None:
        """Give the connections back."""
        self._client.destroy()


def engine_url(database_url: str) -> str:
    """Our address as the engine writes it: plain `sqlite:///` or `postgresql://`."""
    return database_url.replace("postgres://", "postgresql://", 1)
