"""One process at a time runs workflows on a SQLite file: an exclusive lock beside it."""

import fcntl
import os
from pathlib import Path
from typing import IO


class RunLock:
    """The lock of the process that runs workflows. The kernel lets go of it however the process ends."""

    def __init__(self, database_file: Path) -> None:
        self.path = database_file.with_name(database_file.name + ".run.lock")
        self._handle: IO[str] | None = None

    def take(self) -> bool:
        """Try to take the lock; False when another process runs workflows on this file."""
        handle = self.path.open("a+")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.close()
            return False
        handle.seek(0)
        handle.truncate()
        handle.write(str(os.getpid()))
        handle.flush()
        self._handle = handle
        return True

    def holder(self) -> int | None:
        """The process id last written by a holder, for messages; None when nobody ever held it."""
        try:
            text = self.path.read_text()
        except FileNotFoundError:
            return None
        return int(text) if text.isdigit() else None

    def release(self) -> None:
        """Let go."""
        if self._handle is not None:
            self._handle.close()
            self._handle = None
