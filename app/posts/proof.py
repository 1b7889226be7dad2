"""The article of a proof: a real publication at an unlisted address that search engines are told to leave."""

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from app.infra.ports import Ports
from app.kit.errors import NotFound
from app.kit.ids import uuid7
from app.ops.proof.repository import ProofItems
from app.posts import service
from app.posts.repository import Posts
from app.posts.schemas import ArticleIn
from app.web.fields import Line
from app.web.principals import Permission, Principals, require

KIND = "article"

_TEXT = (
    "This page was published by one instance to be read from another. "
    "It proves that they share their articles, and is taken away at once.\n"
)


class ProofArticleOut(BaseModel):
    """Where the article is."""

    id: str
    path: str


def create_proof_article_router(ports: Ports, principals: Principals) -> APIRouter:
    """Routes that publish an article for a proof and take it away."""
    router = APIRouter(
        prefix="/scaling/proof/articles",
        tags=["scaling"],
        dependencies=[Depends(require(principals, Permission.OPERATE))],
    )

    @router.post("", status_code=201)
    async def publish_proof(listed: bool = False) -> ProofArticleOut:  # noqa: FBT001, FBT002  # a query parameter
        """Publish an article; `listed` puts it on the index, the feed and the sitemap as well."""
        now = ports.now()
        article = ArticleIn(
            language="en",
            title="Proof of shared state",
            slug=f"proof-{uuid7().hex[-12:]}",
            meta_description=_TEXT.strip(),
            keyphrase="proof of shared state",
            markdown=_TEXT,
            unlisted=not listed,
        )
        async with ports.database.unit() as session:
            posts = Posts(session)
            post = await service.save_article(posts, article, now=now)
            await ProofItems(session).add(KIND, post.id, now=now)
            post = await service.publish_post(posts, post.id, now=now, through=True)
        return ProofArticleOut(id=post.id, path=post.path)

    @router.delete("/{post_id}", status_code=204)
    async def take_back(post_id: Line) -> None:
        """Take the article of a proof away, address and all."""
        async with ports.database.reading() as session:
            if not await ProofItems(session).has(KIND, post_id):
                raise NotFound(f"There is no article {post_id} of a proof.")
        await remove_proof_article(ports, post_id)

    return router


async def remove_proof_article(ports: Ports, post_id: str) -> None:
    """Unpublish and delete it, and forget its address: nobody was ever given it."""
    async with ports.database.unit() as session:
        posts = Posts(session)
        post = await posts.find(post_id)
        if post is not None:
            if post.state == "published":
                await service.unpublish_post(posts, post_id, now=ports.now())
            await service.delete_post(posts, post_id, now=ports.now())
            await posts.forget_addresses(post_id)
        await ProofItems(session).remove(KIND, post_id)
