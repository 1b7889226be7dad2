"""The states of an article and how it may move between them."""

from enum import StrEnum

from app.kit.errors import Conflict


class State(StrEnum):
    """Where an article is in its life."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"


_MOVES: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.IN_REVIEW}),
    State.IN_REVIEW: frozenset({State.DRAFT, State.PUBLISHED}),
    State.PUBLISHED: frozenset({State.UNPUBLISHED}),
    State.UNPUBLISHED: frozenset({State.IN_REVIEW, State.PUBLISHED}),
}

_FIRST: dict[State, str] = {
    State.DRAFT: "submit it first",
    State.IN_REVIEW: "publish it first",
    State.PUBLISHED: "unpublish it first",
    State.UNPUBLISHED: "submit or publish it again",
}


def move(now: State, to: State) -> State:
    """The next state.

    Raises:
        Conflict: there is no such move; says what to do first.
    """
    if to not in _MOVES[now]:
        raise Conflict(f"An article that is {now.value} cannot become {to.value}; {_FIRST[now]}.")
    return to
