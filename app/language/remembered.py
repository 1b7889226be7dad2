"""What was worked out of a text, remembered by the process within a number of characters.

An editor's text comes back with every stroke, and a step's sentences with every check. A bound in texts would
be none: a text may have a sentence or a hundred thousand characters.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """A function of a text whose last answers are kept. Safe in threads; the answers must not be changed."""

    def __init__(self, work: Callable[[str], T], *, characters: int) -> None:
        self._work = work
        self._most = characters
        self._held = 0
        self._answers: OrderedDict[str, T] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, text: str) -> T:
        """The answer for `text`, worked out if it is not kept; one longer than the bound is not kept."""
        with self._lock:
            if text in self._answers:
                self._answers.move_to_end(text)
                return self._answers[text]
        answer = self._work(text)  # outside the lock: two may work the same out, neither waits
        with self._lock:
            if text not in self._answers and len(text) <= self._most:
                self._answers[text] = answer
                self._held += len(text)
                while self._held > self._most:
                    oldest, _ = self._answers.popitem(last=False)
                    self._held -= len(oldest)
        return answer

    def cache_clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._answers.clear()
            self._held = 0
