"""Files through obstore, which speaks to folders, S3, Google and Azure alike.

Its calls run in threads: its own coroutines abort the process at exit in three of five runs (obstore
0.12.1, exit code 134), and an instance must be able to end with 0. The threads are of its own, so that a
store that hangs holds up nothing else.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    UnauthenticatedError,
)
from obstore.store import ObjectStore

from app.infra.blobs.port import Blob, BlobsAway, check_key
from app.infra.kv.breaker import Breaker
from app.infra.scope import Scope

T = TypeVar("T")

_SCOPES = {"folder": Scope.HOST, "memory": Scope.PROCESS}
_THREADS = 8
_WAIT_S = 5.0
"""Longest time that a call waits for one of the threads, seconds."""


class ObjectBlobs:
    """Files in whatever obstore opens. While the store is away calls fail at once (`Breaker`)."""

    def __init__(self, store: ObjectStore, *, name: str, breaker: Breaker | None = None) -> None:
        self._store = store
        self.name = name
        self.scope = _SCOPES.get(name, Scope.FLEET)
        self._breaker = breaker or Breaker()
        self._slots = asyncio.Semaphore(_THREADS)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="blobs")

    async def put(self, key: str, data: bytes, *, new: bool = False) -> bool:
        """Write a file whole."""
        check_key(key)
        mode = "create" if new else "overwrite"

        def write() -> bool:
            try:
                # In one request: parts would not be one file until the last, nor conditional on S3.
                obstore.put(self._store, key, data, mode=mode, use_multipart=False)
            except AlreadyExistsError:
                return False
            return True

        return await self._ask(write)

    async def get(self, key: str) -> bytes | None:
        """The file's bytes."""
        check_key(key)

        def read() -> bytes | None:
            try:
                return bytes(obstore.get(self._store, key).bytes())
            except FileNotFoundError:
                return None

        return await self._ask(read)

    async def head(self, key: str) -> Blob | None:
        """Size and tag."""
        check_key(key)

        def look() -> Blob | None:
            try:
                found = obstore.head(self._store, key)
            except FileNotFoundError:
                return None
            return Blob(key, found["size"], found["e_tag"])

        return await self._ask(look)

    async def delete(self, key: str) -> None:
        """Delete the file."""
        check_key(key)

        def remove() -> None:
            try:
                obstore.delete(self._store, key)
            except FileNotFoundError:
                return

        await self._ask(remove)

    async def ping(self) -> None:
        """Look for a file that is never there: the answer must be that it is not."""
        await self.head("ping")

    async def close(self) -> None:
        """Let the threads go; a call that hangs ends by its time limit."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _ask(self, call: Callable[[], T]) -> T:
        try:
            async with asyncio.timeout(_WAIT_S):
                await self._slots.acquire()
        except TimeoutError:
            raise BlobsAway(f"The {self.name} store of files is busy.") from None
        try:
            return await self._try(call)
        finally:
            self._slots.release()

    async def _try(self, call: Callable[[], T]) -> T:
        if not self._breaker.admits():
            raise BlobsAway(f"The {self.name} store of files did not answer a moment ago.")
        loop = asyncio.get_running_loop()
        try:
            answer = await loop.run_in_executor(self._threads, call)
        except (PermissionDeniedError, UnauthenticatedError) as error:
            self._breaker.succeeded()  # it is there; it does not want to
            raise BlobsAway(f"The {self.name} store of files refuses our key.") from error
        except (BaseError, OSError) as error:
            self._breaker.failed()
            # Only the kind: the message may repeat an address with its key.
            reason = type(error).__name__
            raise BlobsAway(f"The {self.name} store of files does not answer ({reason}).") from None
        except BaseException:
            self._breaker.gave_up()
            raise
        self._breaker.succeeded()
        return answer
