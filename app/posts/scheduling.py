"""Publishing at a set time: who may publish says when, and the fleet does it once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.config import Settings
from app.infra.db import Database
from app.kit.errors import Conflict, Invalid
from app.kit.speech import say
from app.posts.domain import Pace, State, TooSoon, move
from app.posts.repository import Posts
from app.posts.schemas import Post
from app.posts.service import ANY_PACE, check_gate, publish_post, reviewed

_MOST_YEARS = 10
"""A year mistyped is not to be noticed only when nothing happens."""

_MOST_AT_ONCE = 200
"""Articles that one run publishes; the next run comes within seconds."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did with what was due."""

    published: int = 0
    held: int = 0
    """Sent back to their writers, since something holds them back by now."""
    waiting_until: datetime | None = None
    """When the pace lets the next one out; None when nothing waits for it."""

    def __str__(self) -> str:
        said = f"{self.published} published"
        if self.held:
            said += f", {self.held} held"
        if self.waiting_until:
            said += f", more wait for a slot at {self.waiting_until:%Y-%m-%d %H:%M:%SZ}"
        return said


def pace_of(settings: Settings) -> Pace:
    """How many articles may go out in a time, as the settings say."""
    publishing = settings.publishing
    return Pace(publishing.per_hour, publishing.per_day, settings.timezone)


async def schedule_post(
    posts: Posts,
    post_id: str,
    *,
    at: datetime,
    now: datetime,
    through: bool = False,
    version: int | None = None,
) -> Post:
    """Have an article published at a moment to come; one that is scheduled gets the new moment.

    It must be ready to be published now: in review, approved or taken down (with `through`, a draft passes
    review on the way), and nothing holds it back.

    Raises:
        Invalid: the moment is past, or more than ten years away.
        Conflict: it is in another state, somebody changed it since `version`, or something holds it back.
    """
    if at <= now:
        raise Invalid(say("That moment has passed; publish it at once, or choose a later one."))
    if at > now + timedelta(days=_MOST_YEARS * 366):
        raise Invalid(say("That moment is more than {years} years away.", years=_MOST_YEARS))
    post = await posts.locked(post_id, version=version)
    state = move(reviewed(post, through=through), State.SCHEDULED)
    check_gate(await posts.revision(post_id, post.revision))
    return await posts.change(post, state=state, publish_at=at, held="", updated_at=now)


async def unschedule_post(
    posts: Posts, post_id: str, *, now: datetime, version: int | None = None
) -> Post:
    """Cancel a schedule; the article is approved again, since who scheduled it had read it.

    Raises:
        Conflict: it is not scheduled, or somebody changed it since `version`.
    """
    post = await posts.locked(post_id, version=version)
    if post.state != State.SCHEDULED:
        raise Conflict(say("It is not scheduled."))
    return await posts.change(post, state=State.APPROVED, publish_at=None, updated_at=now)


async def publish_due(database: Database, *, now: datetime, pace: Pace = ANY_PACE) -> Outcome:
    """Publish every scheduled article whose moment has come, each in its own transaction.

    One that something holds back by now becomes a draft again, with the reasons. Several processes may do
    this at once: an article is locked before it is looked at, so that each is published by one.
    """
    published = held = 0
    while published + held < _MOST_AT_ONCE:
        try:
            async with database.unit() as session:
                posts = Posts(session)
                post = await posts.due(now)
                if post is None:
                    break
                reasons = (await posts.revision(post.id, post.revision)).gate
                if reasons:
                    await posts.change(
                        post, state=State.DRAFT, held=" ".join(reasons), updated_at=now
                    )
                    held += 1
                else:
                    await publish_post(posts, post.id, now=now, pace=pace)
                    published += 1
        except TooSoon as wait:
            return Outcome(published, held, waiting_until=wait.at)
    return Outcome(published, held)
