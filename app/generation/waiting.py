"""How long a job waits for its model: longer and longer, as long as the provider asks, not for ever."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.generation.schemas import Frozen

_EVENTS_A_PART = 1000
"""Waits of one part that have events of their own: more than a day has of the shortest usual pauses."""


class Reason(Frozen):
    """Why a step could not go on."""

    message: str
    retry_after_s: float | None = None
    may_be_billed: bool = False
    """Whether the provider may have worked for the try that failed: it took too long, or was cut off."""


class Asked(Frozen):
    """A step that could not go on, as the workflow tells it."""

    step: str
    part: int
    model: str
    attempt: int
    """The try that failed, from 1."""
    since: float | None
    """When the step's first wait began, seconds since the epoch; None for the first."""
    billed: int = 0
    """Tries before this one that may have been billed."""
    reason: Reason
    needed: bool = True
    """Whether the job ends where it is not there in time."""

    @property
    def billed_now(self) -> int:
        """The same with this one."""
        return self.billed + self.reason.may_be_billed

    @property
    def event(self) -> int:
        """The number that tells the events of this step's waits apart."""
        return self.part * _EVENTS_A_PART + self.attempt

    def told(self, until: datetime) -> dict[str, Any]:
        """What the event says."""
        at = until.isoformat(timespec="milliseconds")
        shown = until.isoformat(timespec="seconds")
        return {
            "note": f"waiting for {self.model}, next try at {shown}",
            "message": self.reason.message,
            "model": self.model,
            "part": self.part,
            "attempt": self.attempt + 1,
            "until": at,
        }


@dataclass(frozen=True, slots=True)
class Patience:
    """The pauses, seconds: the first, the longest, and how long in all."""

    first_s: float
    most_s: float
    all_s: float
    most_billed: int = 10
    """Tries that may cost something each: a model that is only too slow would be paid for in vain all day."""

    def pause_of(self, asked: Asked, *, now: datetime, spread: float) -> float | None:
        """The next pause; None when the job has waited long enough. `spread` is about 1.

        The last one ends with the time there is, so that it is tried once more at the very end.
        """
        since = now.timestamp() if asked.since is None else asked.since
        left = since + self.all_s - now.timestamp()
        if left <= 0 or asked.billed_now >= self.most_billed:
            return None
        pause = min(self.first_s * 2 ** min(asked.attempt - 1, 30), self.most_s) * spread
        return min(max(pause, min(asked.reason.retry_after_s or 0.0, self.most_s)), left)

    def given_up(self, asked: Asked) -> str:
        """Why the job ends."""
        if not self.all_s:
            return asked.reason.message
        if asked.billed_now >= self.most_billed:
            return (
                f"{asked.reason.message} That was so {asked.billed_now} times, and each may have cost "
                "something (APP_MODELS__WAIT_TIMEOUTS)."
            )
        return (
            f"{asked.reason.message} It was waited for during {self.all_s / 3600:.3g} h and tried "
            f"{asked.attempt} times (APP_MODELS__WAIT_S)."
        )
