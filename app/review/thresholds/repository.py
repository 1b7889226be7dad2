"""Keeps and finds the versions of a site's thresholds."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.errors import Conflict
from app.kit.speech import say
from app.review.thresholds.models import ThresholdsRow
from app.review.thresholds.schemas import Version


class Thresholds:
    """The versions that a unit of work sees."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def current(self) -> Version:
        """What stands now; number 0 where nobody ever set anything."""
        row = await self._session.scalar(
            select(ThresholdsRow).order_by(ThresholdsRow.n.desc()).limit(1)
        )
        return _version(row) if row else Version()

    async def version(self, n: int) -> Version | None:
        """An earlier state; number 0 is that before anybody set anything."""
        if n == 0:
            return Version()
        row = await self._session.get(ThresholdsRow, n)
        return _version(row) if row else None

    async def versions(self, limit: int) -> Sequence[Version]:
        """The latest first."""
        rows = await self._session.scalars(
            select(ThresholdsRow).order_by(ThresholdsRow.n.desc()).limit(limit)
        )
        return [_version(row) for row in rows]

    async def add(self, version: Version) -> None:
        """Add a version.

        Raises:
            Conflict: somebody else added one of its number meanwhile.
        """
        self._session.add(ThresholdsRow(**version.model_dump()))
        try:
            await self._session.flush()
        except IntegrityError:
            raise Conflict(
                say(
                    "Somebody else changed the thresholds meanwhile. Look again, then repeat yours."
                )
            ) from None


def _version(row: ThresholdsRow) -> Version:
    return Version.model_validate({name: getattr(row, name) for name in Version.model_fields})
