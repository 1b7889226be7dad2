"""Copies uploaded files from one store to another, and reads each back."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.infra.blobs import Blobs

_AT_ONCE = 6
"""Files on their way; an upload may have ten megabytes, and each is held whole."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file that the database knows, by what it must be."""

    key: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of the files."""

    copied: int
    there: int
    """That were in the target already, with the same bytes."""
    bytes: int
    missing: tuple[str, ...]
    """Keys that the source has no file for, or one whose bytes are not those of the upload."""
    wrong: tuple[str, ...]
    """Keys that were read back from the target with other bytes."""


async def copy_files(
    source: Blobs, target: Blobs, files: Sequence[Listed], tell: Callable[[int, int], None]
) -> Moved:
    """Copy each file that the target lacks; every one is read back and held against its hash.

    Nothing need be remembered: files that have arrived whole are found by their bytes.

    Raises:
        BlobsAway: a store does not answer. Run it again: it goes on.
    """
    slots = asyncio.Semaphore(_AT_ONCE)
    found: list[tuple[Listed, str]] = []

    async def move(file: Listed) -> None:
        async with slots:
            found.append((file, await _move(source, target, file)))
            tell(len(found), len(files))

    async with asyncio.TaskGroup() as group:
        for file in files:
            group.create_task(move(file))

    def of(fate: str) -> list[Listed]:
        return sorted((file for file, became in found if became == fate), key=lambda f: f.key)

    return Moved(
        len(of("copied")),
        len(of("there")),
        sum(file.size for file in of("copied")),
        tuple(file.key for file in of("missing")),
        tuple(file.key for file in of("wrong")),
    )


async def _move(source: Blobs, target: Blobs, file: Listed) -> str:
    if _is(file, await target.get(file.key)):
        return "there"
    data = await source.get(file.key)
    if data is None or not _is(file, data):
        return "missing"
    await target.put(file.key, data)
    return "copied" if _is(file, await target.get(file.key)) else "wrong"


def _is(file: Listed, data: bytes | None) -> bool:
    return data is not None and hashlib.sha256(data).hexdigest() == file.sha256
