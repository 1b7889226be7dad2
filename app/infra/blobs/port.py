"""What every store of files can do."""

from dataclasses import dataclass
from typing import Protocol

from app.infra.scope import Scope


class BlobsAway(Exception):
    """The store of files does not answer. Never repeats a key or a password."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A file's size in bytes and its entity tag."""

    key: str
    size: int
    etag: str | None


class Blobs(Protocol):
    """Files by key. Keys are relative paths of ASCII letters, digits, `-`, `_`, `.` and `/`.

    Every operation raises `BlobsAway` when the store does not answer.
    """

    @property
    def name(self) -> str:
        """What keeps the files: `folder`, `s3`, `gcs`, `azure`, `memory`."""
        ...

    @property
    def scope(self) -> Scope:
        """How far the files reach."""
        ...

    async def put(self, key: str, data: bytes, *, new: bool = False) -> bool:
        """Write a file whole. With `new`, an existing one stays and the answer is False."""
        ...

    async def get(self, key: str) -> bytes | None:
        """The file's bytes; None when there is none."""
        ...

    async def head(self, key: str) -> Blob | None:
        """Size and tag; None when there is none."""
        ...

    async def delete(self, key: str) -> None:
        """Delete the file; one that is not there is no error."""
        ...

    async def ping(self) -> None:
        """Ask for a sign of life."""
        ...
