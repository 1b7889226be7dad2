"""Articles for tests: small, whole, with one source and two claims."""

from datetime import UTC, datetime
from typing import Any

from app.infra.db import Database
from app.posts.repository import Posts
from app.posts.schemas import ArticleIn, CitationIn, ClaimIn, Post
from app.posts.service import publish_post, save_article

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)

FIRST = "A load balancer spreads requests over servers."
SECOND = "It checks every server each 10 seconds."
MARKDOWN = f"""{FIRST} {SECOND}[^1]

## How it checks

{FIRST}[^1]

[^1]: Load balancing, <https://example.org/balancing>, accessed 2026-03-04.
"""


def claim(sentence: str, start: int) -> ClaimIn:
    return ClaimIn(
        start=start,
        end=start + len(sentence),
        sentence=sentence,
        snapshot_id="s1",
        passage_id="p1",
        quote=sentence,
        quote_start=0,
        quote_end=len(sentence),
        verdict="supported",
    )


def an_article(**changes: Any) -> ArticleIn:
    values: dict[str, Any] = {
        "language": "en",
        "title": "Load balancing in practice",
        "slug": "load-balancing-in-practice",
        "meta_description": "What a load balancer does and how it checks servers.",
        "keyphrase": "load balancing",
        "markdown": MARKDOWN,
        "citations": (
            CitationIn(
                number=1,
                snapshot_id="s1",
                title="Load balancing",
                url="https://example.org/balancing",
                accessed_at=NOW,
            ),
        ),
        "claims": (
            claim(FIRST, 0),
            claim(SECOND, MARKDOWN.index(SECOND)),
            claim(FIRST, MARKDOWN.rindex(FIRST)),
        ),
        "score": {"scores": {"overall": 80}},
    }
    return ArticleIn.model_validate({**values, **changes})


async def saved(database: Database, **changes: Any) -> Post:
    async with database.unit() as session:
        return await save_article(Posts(session), an_article(**changes), now=NOW)


async def published(database: Database, **changes: Any) -> Post:
    post = await saved(database, **changes)
    async with database.unit() as session:
        return await publish_post(Posts(session), post.id, now=NOW, through=True)
