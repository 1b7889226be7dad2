"""Keeps what proofs wrote, so that it is taken away when a proof no longer can."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.ops.proof.models import ProofItemRow

LIFE = timedelta(minutes=2)
"""How long what a proof wrote may stay; a proof of five instances takes seconds."""


class ProofItems:
    """The things of proofs that a unit of work sees."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, kind: str, ref: str, *, now: datetime) -> None:
        """Write down a thing that is about to be made; one already there stays."""
        if not await self.has(kind, ref):
            self._session.add(ProofItemRow(kind=kind, ref=ref, expires_at=now + LIFE))
            await self._session.flush()

    async def has(self, kind: str, ref: str) -> bool:
        """Whether it is written down."""
        return await self._session.get(ProofItemRow, (kind, ref)) is not None

    async def remove(self, kind: str, ref: str) -> None:
        """Cross a thing off."""
        await self._session.execute(
            delete(ProofItemRow).where(ProofItemRow.kind == kind, ProofItemRow.ref == ref)
        )

    async def overdue(self, *, now: datetime) -> list[tuple[str, str]]:
        """Kind and reference of what should be gone by now."""
        rows = await self._session.scalars(
            select(ProofItemRow).where(ProofItemRow.expires_at < now).limit(500)
        )
        return [(row.kind, row.ref) for row in rows]
