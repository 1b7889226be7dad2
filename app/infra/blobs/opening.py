"""Files through obstore, which speaks to folders, S3, Google and Azure alike.

Its calls run in threads: its own coroutines abort the process at exit in three of five runs (obstore
0.12.1, exit code 134), and an instance must be able to end with 0.
"""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from app.infra.blobs.port import Blob, BlobsAway
from app.infra.scope import Scope

_NAMES = {"file": "folder", "memory": "memory", "s3": "s3", "s3a": "s3", "gs": "gcs", "az": "azure"}
_SCOPES = {"folder": Scope.HOST, "memory": Scope.PROCESS}


class ObjectBlobs:
    """Files in whatever obstore opens."""

    def __init__(self, store: ObjectStore, *, name: str) -> None:
        self._store = store
        self.name = name
        self.scope = _SCOPES.get(name, Scope.FLEET)

    async def put(self, key: str, data: bytes, *, new: bool = False) -> bool:
        """Write a file whole."""
        try:
            await asyncio.to_thread(
                obstore.put, self._store, key, data, mode="create" if new else "overwrite"
            )
        except AlreadyExistsError:
            return False
        except (BaseError, OSError) as error:
            raise BlobsAway(_reason(error)) from error
        return True

    async def get(self, key: str) -> bytes | None:
        """The file's bytes."""
        try:
            return await asyncio.to_thread(lambda: bytes(obstore.get(self._store, key).bytes()))
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise BlobsAway(_reason(error)) from error

    async def head(self, key: str) -> Blob | None:
        """Size and tag."""
        try:
            found = await asyncio.to_thread(obstore.head, self._store, key)
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise BlobsAway(_reason(error)) from error
        return Blob(key, found["size"], found["e_tag"])

    async def delete(self, key: str) -> None:
        """Delete the file."""
        try:
            await asyncio.to_thread(obstore.delete, self._store, key)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise BlobsAway(_reason(error)) from error

    async def ping(self) -> None:
        """Look for a file that is never there: the answer must be that it is not."""
        await self.head("ping")


def _reason(error: Exception) -> str:
    return type(error).__name__  # the message may repeat an address with its key


def open_blobs(url: str, folder: Path) -> ObjectBlobs:
    """Open a `BLOB_URL` (`file:///…`, `s3://bucket/prefix` …); `folder` when it is empty.

    Keys of S3 come from the environment by AWS's own names.

    Raises:
        ValueError: the address names no store that is known.
    """
    if not url:
        folder.mkdir(parents=True, exist_ok=True)
        return ObjectBlobs(LocalStore(folder), name="folder")
    scheme = urlsplit(url).scheme
    if scheme not in _NAMES:
        raise ValueError(
            f"BLOB_URL starts with {scheme or 'nothing'}://; write s3://bucket/prefix or file:///folder"
        )
    if scheme == "file":
        Path(urlsplit(url).path).mkdir(parents=True, exist_ok=True)
    return ObjectBlobs(from_url(url), name=_NAMES[scheme])
