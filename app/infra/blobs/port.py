"""What every store of files can do."""

import re
from dataclasses import dataclass
from typing import Protocol

from app.infra.scope import Scope


class BlobsAway(Exception):
    """The store of files does not answer. Never repeats a key or a password."""


_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_MAX_KEY = 512


def check_key(key: str) -> str:
    """Answer the key.

    Raises:
        ValueError: it is no relative path of plain names. None starts with a dot, so none leads upwards or
            to a hidden file.
    """
    if len(key) > _MAX_KEY or not _KEY.fullmatch(key):
        raise ValueError("A key is a relative path of letters, digits, '-', '_' and '.'.")
    return key


class BadBlobUrl(ValueError):
    """The address cannot be used. Says what to write; never repeats a key."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A file's size in bytes and its entity tag."""

    key: str
    size: int
    etag: str | None


class Blobs(Protocol):
    """Files by key. Keys are relative paths (`check_key`); `ValueError` for others.

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

    async def close(self) -> None:
        """Give back what is held."""
        ...
