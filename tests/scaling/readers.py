"""Readers who never stop asking."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle

import httpx2

from tests.clients import connect


class Readers:
    """What came of it: how many were served, and everything else."""

    def __init__(
        self, url: str, paths: Sequence[str], rest_s: float = 0.0, *, holds: str = ""
    ) -> None:
        self._url = url
        self._holds = holds
        self._rest_s = rest_s
        self._paths = paths
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self.served = 0
        self.failed: list[str] = []

    def more(self, number: int) -> None:
        """Wait until so many more are served, or it has gone wrong."""
        goal = self.served + number
        deadline = time.monotonic() + 120
        while self.served < goal and not self.failed and time.monotonic() < deadline:
            time.sleep(0.02)

    def stop(self) -> None:
        self._stop.set()

    def read(self) -> None:
        """One reader, on a connection that is kept."""
        paths = cycle(self._paths)
        with connect(self._url) as client:
            while not self._stop.is_set():
                path = next(paths)
                try:
                    answer = client.get(path)
                    wrong = "" if answer.status_code == 200 else f"{path}: {answer.status_code}"
                    if not wrong and self._holds not in answer.text:
                        wrong = f"{path}: 200 without {self._holds!r}: {answer.text[:80]!r}"
                except httpx2.TransportError as error:
                    wrong = f"{path}: {error!r}"
                with self._lock:
                    if wrong:
                        self.failed.append(wrong)
                    else:
                        self.served += 1
                if self._rest_s:
                    time.sleep(self._rest_s)


@contextmanager
def reading(
    url: str, *paths: str, readers: int = 4, rest_s: float = 0.0, holds: str = ""
) -> Iterator[Readers]:
    """Readers who ask at once again, or after a rest: what they take, the instances do not get.

    An answer without `holds` has failed, whatever its status.
    """
    found = Readers(url, paths, rest_s, holds=holds)
    threads = [threading.Thread(target=found.read, daemon=True) for _ in range(readers)]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        found.stop()
        for thread in threads:
            thread.join(90)
