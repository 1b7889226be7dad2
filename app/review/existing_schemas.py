"""How programs are told of articles that the blog has already."""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel

from app.review.existing import Existing


class ExistingOut(BaseModel):
    """An article on the same: `why` is `same` for the same keyphrase, `near` for a near topic."""

    why: Literal["same", "near"]
    post_id: str
    title: str
    keyphrase: str
    state: str
    path: str
    """Where it is, or will be once it is published."""


def existing_out(found: Iterable[Existing]) -> list[ExistingOut]:
    """As the API and `--json` tell them."""
    return [
        ExistingOut(
            why=each.why,
            post_id=each.post.id,
            title=each.post.title,
            keyphrase=each.keyphrase,
            state=each.post.state,
            path=each.post.path,
        )
        for each in found
    ]
