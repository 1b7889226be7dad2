"""Keeps and finds what is known of uploaded files."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.errors import NotFound
from app.posts.media.models import MediaRow
from app.posts.media.schemas import MediaFile


class MediaFiles:
    """The files that a unit of work sees."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, file: MediaFile) -> None:
        """Add a file. A second one of the same bytes is an `IntegrityError`."""
        self._session.add(MediaRow(**file.model_dump()))
        await self._session.flush()

    async def of_content(self, sha256: str) -> MediaFile | None:
        """The file of these bytes, if there is one."""
        row = await self._session.scalar(select(MediaRow).where(MediaRow.sha256 == sha256))
        return _file(row) if row else None

    async def read(self, file_id: str) -> MediaFile:
        """The file of an id.

        Raises:
            NotFound: there is none.
        """
        row = await self._session.get(MediaRow, file_id)
        if row is None:
            raise NotFound(f"There is no file {file_id}.")
        return _file(row)

    async def newest(self, *, before: str | None, limit: int) -> Sequence[MediaFile]:
        """Files, newest first; those after the one with the id `before` in that order."""
        query = select(MediaRow).order_by(MediaRow.id.desc()).limit(limit)
        if before is not None:
            query = query.where(MediaRow.id < before)
        return [_file(row) for row in await self._session.scalars(query)]

    async def has_images(self) -> bool:
        """Whether there is a picture among them."""
        found = await self._session.scalar(
            select(MediaRow.id).where(MediaRow.type.startswith("image/")).limit(1)
        )
        return found is not None

    async def remove(self, file_id: str) -> None:
        """Forget a file."""
        await self._session.execute(delete(MediaRow).where(MediaRow.id == file_id))


def _file(row: MediaRow) -> MediaFile:
    return MediaFile(
        id=row.id,
        key=row.key,
        type=row.type,
        bytes=row.bytes,
        sha256=row.sha256,
        name=row.name,
        uploaded_by=row.uploaded_by,
        created_at=row.created_at,
    )
