"""Keeps files in two places: bytes in the store of files, a row in the database; neither without the other.

No transaction is held while bytes travel. The order makes up for it: bytes come first and go first, and who
adds a row looks once more whether the bytes are still there, since a deletion may have been under way.
"""

import hashlib
import unicodedata
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from app.infra.blobs import Blobs
from app.infra.db import Database
from app.kit.errors import Invalid
from app.kit.ids import uuid7
from app.kit.speech import say
from app.posts.media.domain import kind_of
from app.posts.media.repository import MediaFiles
from app.posts.media.schemas import MediaFile

_LONGEST_NAME = 200


class Library:
    """The uploaded files."""

    def __init__(self, database: Database, blobs: Blobs, now: Callable[[], datetime]) -> None:
        self._database = database
        self._blobs = blobs
        self._now = now

    async def keep(self, data: bytes, *, name: str, uploaded_by: str) -> tuple[MediaFile, bool]:
        """Keep a file; one of the same bytes is kept once. Answers it, and whether it is new.

        Raises:
            Invalid: it is of no type that may be uploaded.
            BlobsAway: the store of files does not answer.
        """
        kind = kind_of(data)
        if kind is None:
            raise Invalid(
                say("Only PNG, JPEG, GIF, WebP, AVIF and PDF files can be uploaded; this is none.")
            )
        sha256 = hashlib.sha256(data).hexdigest()
        file = MediaFile(
            id=str(uuid7()),
            key=f"{sha256}.{kind.ending}",
            type=kind.type,
            bytes=len(data),
            sha256=sha256,
            name=clean_name(name) or f"{sha256[:12]}.{kind.ending}",
            uploaded_by=uploaded_by,
            created_at=self._now(),
        )
        await self._blobs.put(file.key, data, new=True)
        kept = await self._add(file)
        if await self._blobs.head(kept.key) is None:
            await self._blobs.put(kept.key, data, new=True)
        return kept, kept.id == file.id

    async def _add(self, file: MediaFile) -> MediaFile:
        try:
            async with self._database.unit() as session:
                files = MediaFiles(session)
                known = await files.of_content(file.sha256)
                if known is not None:
                    return known
                await files.add(file)
        except IntegrityError:  # somebody uploads the same at this moment
            async with self._database.reading() as session:
                return await MediaFiles(session).of_content(file.sha256) or file
        return file

    async def delete(self, file_id: str) -> None:
        """Delete a file, its bytes first: where they cannot be deleted it stays in the list.

        Raises:
            NotFound: there is none.
            BlobsAway: the store of files does not answer.
        """
        async with self._database.reading() as session:
            file = await MediaFiles(session).read(file_id)
        await self._blobs.delete(file.key)
        async with self._database.unit() as session:
            await MediaFiles(session).remove(file.id)


def clean_name(name: str) -> str:
    """The last part of a file's name without what is not seen; at most 200 characters."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable()).strip()[:_LONGEST_NAME]
