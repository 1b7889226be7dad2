"""Which queues of jobs are paused, by whom and since when."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.generation.models import PausedQueueRow


class Queues:
    """The queues that are paused."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def paused(self) -> dict[str, tuple[str, datetime]]:
        """By name, who paused it and when."""
        found = await self._session.scalars(select(PausedQueueRow))
        return {row.name: (row.by, row.at) for row in found}

    async def pause(self, name: str, *, by: str, now: datetime) -> None:
        """Note that a queue is paused; one that is stays as it was."""
        if name not in await self.paused():
            self._session.add(PausedQueueRow(name=name, by=by, at=now))
            await self._session.flush()

    async def resume(self, name: str) -> None:
        """Note that it goes on."""
        await self._session.execute(delete(PausedQueueRow).where(PausedQueueRow.name == name))
