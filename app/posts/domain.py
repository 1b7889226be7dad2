"""The states of an article and how it may move between them."""

from enum import StrEnum

from app.kit.errors import Conflict
from app.kit.speech import say


class State(StrEnum):
    """Where an article is in its life."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    """An editor has read these very words; a change of them sends it back to review."""
    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"


_MOVES: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.IN_REVIEW}),
    State.IN_REVIEW: frozenset({State.DRAFT, State.APPROVED, State.PUBLISHED}),
    State.APPROVED: frozenset({State.DRAFT, State.IN_REVIEW, State.PUBLISHED}),
    State.PUBLISHED: frozenset({State.UNPUBLISHED}),
    State.UNPUBLISHED: frozenset({State.IN_REVIEW, State.PUBLISHED}),
}


class Overtaken(Conflict):
    """Somebody else changed the text since it was read."""


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
        case State.PUBLISHED:
            return say("It is published; unpublish it first.")
        case State.UNPUBLISHED:
            return say("It was taken down; submit or publish it again.")
