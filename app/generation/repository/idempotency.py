"""Idempotency keys: one request that is sent twice is one job."""

from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.generation.models import IdempotencyRow
from app.kit.errors import Invalid


class IdempotencyKeys:
    """The keys that a unit of work sees."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def claim(
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

    async def forget_expired(self, *, now: datetime) -> int:
        """Delete the idempotency keys whose day is over; answers how many."""
        gone = await self._session.execute(
            delete(IdempotencyRow).where(IdempotencyRow.expires_at < now)
        )
        return gone.rowcount if isinstance(gone, CursorResult) else 0
