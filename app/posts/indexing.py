"""Reads articles for the index that are not in it as they are: old ones, and those of an older release."""

from contextlib import suppress

from app.infra.db import Database
from app.kit.errors import NotFound
from app.posts.index.reading import profile_post
from app.posts.index.repository import OwnIndex
from app.posts.repository import Posts

AT_ONCE = 500
"""Articles that one run reads; the next run comes within seconds. Some 15 s of Korean."""

_CHUNK = 50


async def fill_index(database: Database, *, most: int = AT_ONCE) -> int:
    """Read up to `most` articles that are due; answers how many were. It may be stopped anywhere.

    An article that is changed meanwhile is left to the next run, or was read by who changed it.
    """
    done = 0
    while done < most:
        async with database.reading() as session:
            due = await OwnIndex(session).unread(min(_CHUNK, most - done))
            posts = Posts(session)
            found = [post for post_id in due if (post := await posts.find(post_id)) is not None]
            texts = [await posts.revision(post.id, post.revision) for post in found]
        for post, revision in zip(found, texts, strict=True):
            profile = await profile_post(revision, post.language)
            async with database.unit() as session:
                with suppress(NotFound):  # deleted meanwhile
                    if (await Posts(session).locked(post.id)).revision == revision.n:
                        await OwnIndex(session).keep(post.id, revision.n, profile)
        done += len(due)
        if len(due) < _CHUNK:
            break
    return done
