"""Enqueues a workflow inside somebody's own transaction: accepted and queued, or neither."""

from datetime import datetime
from typing import Any, Final

from dbos import DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from app.infra.scope import Scope

APPLICATION: Final = "ai-seo-blogger"
"""The engine's name for us; 3 to 256 characters, lower case."""

VERSION: Final = "pipeline-1"
"""Constant over releases: the engine neither runs nor recovers another version's jobs, and its own
default (a hash of the code) would strand every running job at each deploy. Changed only when the order
of steps changes (docs/decisions/0004)."""

SCHEMA: Final = "dbos"
WORK_QUEUE: Final = "posts"
PAID_QUEUE: Final = "llm"

DEFAULT_PARTITION: Final = "local"
"""The partition key until there are people."""


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
        priority: int = 100,
        delay_s: float = 0.0,
    ) -> None:
        """Enqueue on the work queue; the caller's commit makes it so, its rollback undoes it.

        A `workflow_id` already there is left as it is. Lower `priority` numbers go first; nobody takes it
        before `delay_s` are over.
        """
        options: EnqueueOptions = {
            "workflow_name": workflow,
            "queue_name": WORK_QUEUE,
            "workflow_id": workflow_id,
            "app_version": VERSION,
            "priority": priority,
        }
        if delay_s:
            options["delay_seconds"] = delay_s

        def insert(sync: Session) -> None:
            self._client.enqueue_in_transaction(sync, options, *args)

        await session.run_sync(insert)

    async def cancel(self, workflow_id: str) -> None:
        """Cancel a workflow and its children; a step that can be interrupted is, within a second."""
        await self._client.cancel_workflow_async(workflow_id, cancel_children=True)

    async def resume(self, workflow_id: str) -> None:
        """Put a cancelled or parked workflow back on its queue; finished steps are not run again."""
        await self._client.resume_workflow_async(workflow_id, queue_name=WORK_QUEUE)

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

    def close(self) -> None:
        """Give the connections back."""
        self._client.destroy()


def engine_url(database_url: str) -> str:
    """Our address as the engine writes it: plain `sqlite:///` or `postgresql://`."""
    return database_url.replace("postgres://", "postgresql://", 1)
