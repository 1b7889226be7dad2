"""What may be done about what wants mending, and the list of it."""

from datetime import date, datetime
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.errors import Conflict
from app.kit.speech import say
from app.posts.schemas import Post
from app.posts.upkeep.repository import Upkeep
from app.posts.upkeep.schemas import Page, Topic
from app.seo.ageing import next_due


def host_of(public_url: str) -> str:
    """The host, with its port, by which the blog's own links are known; empty where it is not set."""
    try:
        return urlsplit(public_url).netloc.lower()
    except ValueError:
        return ""


async def list_topic(
    upkeep: Upkeep, topic: Topic, *, today: date, after: str = "", limit: int = 20
) -> Page:
    """Some of what wants mending of one topic."""
    match topic:
        case "titles" | "descriptions" | "keyphrases":
            return Page(*await upkeep.twins(topic, after=after, limit=limit))
        case "orphans":
            return Page(*await upkeep.orphans(after=after, limit=limit))
        case "links":
            return Page(*await upkeep.broken_links(after=after, limit=limit))
        case "ageing":
            return Page(*await upkeep.due(today, after=after, limit=limit))


async def confirm(
    session: AsyncSession, post: Post, position: int, *, sentence: str, now: datetime
) -> date:
    """Say that somebody looked and a sentence that ages still holds; answers when it is due again.

    Raises:
        Conflict: the article has no such sentence any more.
    """
    upkeep = Upkeep(session)
    found = [each for each in await upkeep.due_in(post) if each.position == position]
    if found:
        due_on = next_due(found[0].kind, now.date())
        if await upkeep.put_off(post.id, position, sentence=sentence, due_on=due_on):
            return due_on
    raise Conflict(say("The article does not say this any more; load the page again."))
