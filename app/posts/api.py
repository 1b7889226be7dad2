"""The API's door to articles. What is published is for everybody; the rest is for who may read drafts."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from app.config import Settings
from app.infra.ports import Ports
from app.kit.errors import NotFound
from app.kit.moments import read_moment
from app.posts.repository import Posts
from app.posts.scheduling import pace_of, schedule_post, unschedule_post
from app.posts.schemas import Post, Revision
from app.posts.service import publish_post
from app.web.fields import Line
from app.web.principals import Permission, Principals, may, require


class PostOut(BaseModel):
    """An article in a list."""

    id: str
    language: str
    slug: str
    path: str
    title: str
    state: str
    published_at: datetime | None
    modified_at: datetime | None
    publish_at: datetime | None
    held: str
    """Why it was not published when its time came."""


class PublicationIn(BaseModel):
    """When to publish an article: at once, unless a moment is given."""

    model_config = ConfigDict(extra="forbid")

    at: str | None = Field(
        default=None,
        max_length=40,
        description="Such as 2026-12-01 09:00, in TIMEZONE, or with an offset of its own.",
    )
    version: int | None = Field(default=None, ge=1, le=999_999_999)


class ArticleOut(PostOut):
    """An article with its text."""

    meta_description: str
    keyphrase: str
    markdown: str
    writer: str
    citations: list[dict[str, Any]]
    scores: dict[str, Any]


class PostsOut(BaseModel):
    """A page of a list; `after` asks for the next one, None when there is none."""

    items: list[PostOut]
    after: str | None


def create_posts_router(ports: Ports, settings: Settings, principals: Principals) -> APIRouter:
    """The routes of articles."""
    database = ports.database
    may_publish = Depends(require(principals, Permission.PUBLISH))
    may_see_drafts = may(principals, Permission.READ)
    router = APIRouter(tags=["posts"])

    @router.get("/posts")
    async def list_posts(
        language: Literal["ko", "en"] | None = None,
        after: Line | None = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> PostsOut:
        """Published articles, newest first."""
        async with database.reading() as session:
            found = await Posts(session).newest(
                state="published", language=language, listed=True, before=after, limit=limit + 1
            )
        page = found[:limit]
        more = len(found) > limit
        return PostsOut(items=[_out(post) for post in page], after=page[-1].id if more else None)

    @router.get("/posts/{name}")
    async def read_post(name: Line, drafts: Annotated[bool, Depends(may_see_drafts)]) -> ArticleOut:
        """An article by its id or slug."""
        async with database.reading() as session:
            posts = Posts(session)
            post = await posts.read(name)
            if post.state != "published" and not drafts:
                raise NotFound(f"There is no article {name}.")
            return _article(post, await posts.revision(post.id, post.revision))

    @router.post("/posts/{name}/publish", dependencies=[may_publish])
    async def publish(name: Line, body: PublicationIn | None = None) -> PostOut:
        """Publish an article that its checks let through, or have it published `at` a moment to come.

        A draft goes through review at once. It is a conflict that something holds it back, or that as many
        articles as may be were published lately; that says when the next can be.
        """
        asked, now = body or PublicationIn(), ports.now()
        at = read_moment(asked.at, settings.timezone) if asked.at is not None else None
        async with database.unit() as session:
            posts = Posts(session)
            post_id = (await posts.read(name)).id
            common: dict[str, Any] = {"now": now, "through": True, "version": asked.version}
            if at is not None:
                return _out(await schedule_post(posts, post_id, at=at, **common))
            return _out(await publish_post(posts, post_id, pace=pace_of(settings), **common))

    @router.post("/posts/{name}/unschedule", dependencies=[may_publish])
    async def unschedule(name: Line) -> PostOut:
        """Cancel a schedule; the article is approved again."""
        async with database.unit() as session:
            posts = Posts(session)
            post_id = (await posts.read(name)).id
            return _out(await unschedule_post(posts, post_id, now=ports.now()))

    return router


def _out(post: Post) -> PostOut:
    return PostOut(**_fields(post))


def _fields(post: Post) -> dict[str, Any]:
    return {
        "id": post.id,
        "language": post.language,
        "slug": post.slug,
        "path": post.path,
        "title": post.title,
        "state": post.state,
        "published_at": post.published_at,
        "modified_at": post.modified_at,
        "publish_at": post.publish_at,
        "held": post.held,
    }


def _article(post: Post, revision: Revision) -> ArticleOut:
    return ArticleOut(
        **_fields(post),
        meta_description=revision.meta_description,
        keyphrase=revision.keyphrase,
        markdown=revision.markdown,
        writer=revision.writer,
        citations=[citation.model_dump(mode="json") for citation in revision.citations],
        scores=revision.score.get("scores", {}),
    )
