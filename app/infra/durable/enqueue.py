"""Enqueues a workflow inside somebody's own transaction: accepted and queued, or neither."""

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

    def close(self) -> None:
        """Give the connections back."""
        self._client.destroy()


def engine_url(database_url: str) -> str:
    """Our address as the engine writes it: plain `sqlite:///` or `postgresql://`."""
    return database_url.replace("postgres://", "postgresql://", 1)
