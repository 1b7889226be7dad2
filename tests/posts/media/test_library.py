"""Files are kept once, deleted whole, and never half there, whoever uploads or deletes beside."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.infra.blobs import Blobs, BlobsAway, open_blobs
from app.infra.db import Database
from app.kit.errors import Invalid, NotFound
from app.posts.media.domain import kind_of
from app.posts.media.library import Library, clean_name
from app.posts.media.repository import MediaFiles
from tests.posts.media.files import ALLOWED, PNG, REFUSED

NOW = datetime(2026, 3, 4, tzinfo=UTC)


@pytest.fixture
async def blobs(tmp_path: Path) -> AsyncIterator[Blobs]:
    opened = open_blobs("", tmp_path / "media")
    yield opened
    await opened.close()


@pytest.fixture
def library(database: Database, blobs: Blobs) -> Library:
    return Library(database, blobs, lambda: NOW)


@pytest.mark.parametrize("expected", ALLOWED)
def test_a_file_is_what_its_bytes_say(expected: str) -> None:
    kind = kind_of(ALLOWED[expected])

    assert kind is not None
    assert kind.type == expected


@pytest.mark.parametrize("what", REFUSED)
def test_what_may_not_be_uploaded_is_of_no_kind(what: str) -> None:
    assert kind_of(REFUSED[what]) is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("photo.png", "photo.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\photo.png", "photo.png"),
        ("사진.png", "사진.png"),  # decomposed
        ("a\x00b\r\nc\u202egnp.exe", "abcgnp.exe"),
        ("  ", ""),
        ("x" * 300, "x" * 200),
    ],
)
def test_a_name_is_its_last_part_without_what_is_not_seen(given: str, kept: str) -> None:
    assert clean_name(given) == kept


async def test_a_file_is_kept_with_its_bytes(library: Library, blobs: Blobs) -> None:
    file, new = await library.keep(PNG, name="a.png", uploaded_by="person:1")

    assert new
    assert (file.type, file.bytes, file.name, file.uploaded_by) == (
        "image/png",
        len(PNG),
        "a.png",
        "person:1",
    )
    assert file.key == f"{file.sha256}.png"
    assert await blobs.get(file.key) == PNG


async def test_the_same_bytes_are_kept_once_even_at_once(
    library: Library, database: Database
) -> None:
    kept = await asyncio.gather(
        *(library.keep(PNG, name=f"{n}.png", uploaded_by="person:1") for n in range(8))
    )

    assert len({file.id for file, _ in kept}) == 1
    assert sum(new for _, new in kept) == 1
    async with database.reading() as session:
        assert len(await MediaFiles(session).newest(before=None, limit=10)) == 1


async def test_what_is_no_picture_is_refused_and_leaves_nothing(
    library: Library, database: Database
) -> None:
    with pytest.raises(Invalid, match="PNG, JPEG"):
        await library.keep(REFUSED["svg"], name="a.png", uploaded_by="person:1")

    async with database.reading() as session:
        assert await MediaFiles(session).newest(before=None, limit=10) == []


async def test_a_deleted_file_is_gone_and_can_come_back(library: Library, blobs: Blobs) -> None:
    first, _ = await library.keep(PNG, name="a.png", uploaded_by="person:1")

    await library.delete(first.id)
    gone = await blobs.get(first.key)
    with pytest.raises(NotFound):
        await library.delete(first.id)
    second, new = await library.keep(PNG, name="a.png", uploaded_by="person:1")

    assert gone is None
    assert new
    assert second.id != first.id
    assert await blobs.get(second.key) == PNG


class Interrupted:
    """A store of files in which a deletion comes between somebody's bytes and their row."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self.name, self.scope = blobs.name, blobs.scope
        self.between = False
        self.get, self.head, self.delete = blobs.get, blobs.head, blobs.delete
        self.ping, self.close = blobs.ping, blobs.close

    async def put(self, key: str, data: bytes, *, new: bool = False) -> bool:
        written = await self._blobs.put(key, data, new=new)
        if self.between:
            self.between = False
            await self._blobs.delete(key)
        return written


async def test_bytes_that_a_deletion_took_are_put_again(database: Database, blobs: Blobs) -> None:
    interrupted = Interrupted(blobs)
    interrupted.between = True
    library = Library(database, interrupted, lambda: NOW)

    file, _ = await library.keep(PNG, name="a.png", uploaded_by="person:1")

    assert await blobs.get(file.key) == PNG


class Gone(Interrupted):
    async def put(self, key: str, data: bytes, *, new: bool = False) -> bool:  # noqa: ARG002
        raise BlobsAway("The s3 store of files does not answer.")


async def test_without_the_store_of_files_there_is_no_row(database: Database, blobs: Blobs) -> None:
    library = Library(database, Gone(blobs), lambda: NOW)

    with pytest.raises(BlobsAway):
        await library.keep(PNG, name="a.png", uploaded_by="person:1")

    async with database.reading() as session:
        assert await MediaFiles(session).newest(before=None, limit=10) == []
