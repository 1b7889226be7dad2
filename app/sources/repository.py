"""Keeps and finds snapshots."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.errors import NotFound
from app.sources.domain import Rights, Snapshot
from app.sources.models import SnapshotRow


class Snapshots:
    """The snapshots that a unit of work sees."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def keep(self, snapshot: Snapshot) -> None:
        """Keep a snapshot; one with the same id says the same and stays as it is."""
        if await self._session.get(SnapshotRow, snapshot.id) is not None:
            return
        try:
            async with self._session.begin_nested():
                self._session.add(SnapshotRow(**asdict(snapshot)))
        except IntegrityError:
            # Another writer may have kept the same page meanwhile: its row serves as well.
            if await self._session.get(SnapshotRow, snapshot.id) is None:
                raise

    async def read(self, ids: Sequence[str]) -> list[Snapshot]:
        """The snapshots, in the order of `ids`.

        Raises:
            NotFound: one of them is not kept (any more).
        """
        rows = await self._session.scalars(select(SnapshotRow).where(SnapshotRow.id.in_(ids)))
        found = {row.id: row for row in rows}
        for wanted in ids:
            if wanted not in found:
                raise NotFound(f"Source {wanted} is not kept any more; give the source again.")
        return [_snapshot(found[wanted]) for wanted in ids]

    async def known(self, ids: Sequence[str]) -> list[Snapshot]:
        """Those of `ids` that are kept still, in their order."""
        rows = await self._session.scalars(select(SnapshotRow).where(SnapshotRow.id.in_(ids)))
        found = {row.id: row for row in rows}
        return [_snapshot(found[each]) for each in ids if each in found]


def _snapshot(row: SnapshotRow) -> Snapshot:
    return Snapshot(
        id=row.id,
        origin=row.origin,
        url=row.url,
        title=row.title,
        text=row.text,
        language="ko" if row.language == "ko" else "en",
        rights=Rights(row.rights),
        fetched_at=row.fetched_at,
        author=row.author,
        published_on=row.published_on,
        site=row.site,
    )
