"""Runs coroutines for callers that may or may not have an event loop: in a thread and loop of its own."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

Answer = TypeVar("Answer")


class Background:
    """A loop in a daemon thread, made when it is first needed; a program ends without waiting for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, work: Coroutine[Any, Any, Answer], *, limit_s: float) -> Answer:
        """What `work` answers, for a caller that waits.

        Raises:
            TimeoutError: it takes longer than `limit_s`.
        """
        future = asyncio.run_coroutine_threadsafe(work, self._running())
        try:
            return future.result(limit_s)
        except TimeoutError:
            future.cancel()
            raise

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(
                    target=self._loop.run_forever, name="horizontal-scaling", daemon=True
                ).start()
            return self._loop
