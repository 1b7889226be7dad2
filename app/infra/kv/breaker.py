"""Stops asking a server that does not answer: calls fail at once for a while, then one looks again."""

import time
from collections.abc import Callable

REST_S = 0.5
"""How long nothing is asked after a failure, seconds. With the time limits of a call (1 s for an answer) a
server that is back is found within 1.5 s of the first call that could have found it."""


class Breaker:
    """Closed while all is well; open after a failure; then one call at a time goes through as a probe.

    Safe within one event loop. Every call that `admits` let through reports `succeeded` or `failed`, or
    `gave_up` when it found out nothing (it was cancelled).
    """

    def __init__(
        self, *, rest_s: float = REST_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rest_s = rest_s
        self._clock = clock
        self._open_until: float | None = None
        self._probing = False

    @property
    def open(self) -> bool:
        """Whether the last that was heard is a failure."""
        return self._open_until is not None

    def admits(self) -> bool:
        """Whether a call may be made now; the one that may while the breaker is open is the probe."""
        if self._open_until is None:
            return True
        if self._probing or self._clock() < self._open_until:
            return False
        self._probing = True
        return True

    def succeeded(self) -> None:
        """The server answered."""
        self._open_until = None
        self._probing = False

    def failed(self) -> None:
        """The server did not answer."""
        self._open_until = self._clock() + self._rest_s
        self._probing = False

    def gave_up(self) -> None:
        """The call ended without an answer and without a failure."""
        self._probing = False
