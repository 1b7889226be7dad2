"""The states of an article, how it may move between them, and how many may be published in a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.kit.errors import Conflict
from app.kit.moments import show_moment
from app.kit.speech import say


class State(StrEnum):
    """Where an article is in its life."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    """An editor has read these very words; a change of them sends it back to review."""
    SCHEDULED = "scheduled"
    """Who may publish has said when; the fleet does it then."""
    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"


_MOVES: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.IN_REVIEW}),
    State.IN_REVIEW: frozenset({State.DRAFT, State.APPROVED, State.SCHEDULED, State.PUBLISHED}),
    State.APPROVED: frozenset({State.DRAFT, State.IN_REVIEW, State.SCHEDULED, State.PUBLISHED}),
    State.SCHEDULED: frozenset({State.DRAFT, State.APPROVED, State.SCHEDULED, State.PUBLISHED}),
    State.PUBLISHED: frozenset({State.UNPUBLISHED}),
    State.UNPUBLISHED: frozenset({State.IN_REVIEW, State.SCHEDULED, State.PUBLISHED}),
}


class Overtaken(Conflict):
    """Somebody else changed the text since it was read."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How many articles may be published for the first time in any hour and any day; None: any number.

    Both are spans of 3,600 and 86,400 seconds, so that a day on which clocks change has no other length.
    """

    per_hour: int | None = None
    per_day: int | None = None
    zone: str = "UTC"
    """In which the next free slot is told."""

    @property
    def most(self) -> int:
        """How many of the newest publications decide; 0 when there is no limit."""
        return max(self.per_hour or 0, self.per_day or 0)

    def next_slot(self, published: Sequence[datetime], now: datetime) -> datetime:
        """When the next article may go out: `now`, or later. `published` are publications, the newest first."""
        slot = now
        for most, span in ((self.per_hour, _HOUR), (self.per_day, _DAY)):
            if most is not None and len(published) >= most:
                slot = max(slot, published[most - 1] + span)
        return slot


_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


class TooSoon(Conflict):
    """So many articles were published lately that the next has to wait."""

    def __init__(self, at: datetime, zone: str) -> None:
        """Until `at`, told in `zone`."""
        super().__init__(
            say(
                "As many articles as are allowed were published lately; the next can be at {at}. "
                "Schedule it for then.",
                at=show_moment(at, zone),
            )
        )
        self.at = at


def move(now: State, to: State) -> State:
    """The next state.

    Raises:
        Conflict: there is no such move; says what to do first.
    """
    if to not in _MOVES[now]:
        raise Conflict(_refusal(now))
    return to


def _refusal(now: State) -> str:
    match now:
        case State.DRAFT:
            return say("It is a draft; submit it first.")
        case State.IN_REVIEW:
            return say("It is in review; approve or publish it first.")
        case State.APPROVED:
            return say("It is approved already; publish it first.")
        case State.SCHEDULED:
            return say("It is scheduled; cancel the schedule first.")
        case State.PUBLISHED:
            return say("It is published; unpublish it first.")
        case State.UNPUBLISHED:
            return say("It was taken down; submit or publish it again.")
