"""The API's door to articles. What is published is for everybody; the rest is for who may read drafts."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from app.infra.db import Database
from app.kit.errors import NotFound
from app.posts.repository import Posts
from app.posts.schemas import Post, Revision
from app.web.fields import Line
from app.web.principals import Permission, Principals, may


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


def create_posts_router(database: Database, principals: Principals) -> APIRouter:
    """The routes of articles."""
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
