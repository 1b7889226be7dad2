"""Readers who never stop asking."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle

import httpx2


class Readers:
    """What came of it: how many were served, and everything else."""

    def __init__(self, url: str, paths: Sequence[str]) -> None:
        self._url = url
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
        with httpx2.Client(base_url=self._url, timeout=60) as client:
            while not self._stop.is_set():
                path = next(paths)
                try:
                    answer = client.get(path)
                    wrong = "" if answer.status_code == 200 else f"{path}: {answer.status_code}"
                except httpx2.TransportError as error:
                    wrong = f"{path}: {error!r}"
                with self._lock:
                    if wrong:
                        self.failed.append(wrong)
                    else:
                        self.served += 1


@contextmanager
def reading(url: str, *paths: str, readers: int = 4) -> Iterator[Readers]:
    found = Readers(url, paths)
    threads = [threading.Thread(target=found.read, daemon=True) for _ in range(readers)]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        found.stop()
        for thread in threads:
            thread.join(90)
