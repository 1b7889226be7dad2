"""How long a blog of many articles takes to answer: upkeep, links, a text's checks against all others.

Each topic's first page and the counts of `/desk/site`; an article's links; what of the site a text is measured
against (`site_checks`: a stored article; `copy_checks`: a copy of one; `korean_checks`: a text of the articles in
Korean); what there is on a keyword before it is written (`existing`), and on 5,000 of a table (`table`).

Fills a database with made-up articles first (10,000, a tenth of them Korean, unless told otherwise; some
minutes) and asks each question 60 times. Writes `bench/results/upkeep.json`, with the machine's load before.

Run: PYTHONPATH=. .venv/bin/python bench/upkeep.py [--articles N] [--url DATABASE_URL | --postgresql]
"""

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from app.infra.db import Database, open_database
from app.infra.db.migrate import migrate
from app.posts.models import PostRow
from app.posts.repository import Posts
from app.posts.schemas import ArticleIn, Post, Revision
from app.posts.service import publish_post, save_article
from app.posts.upkeep.linking import linkers_of, suggest_for
from app.posts.upkeep.repository import Upkeep
from app.posts.upkeep.schemas import TOPICS
from app.posts.upkeep.service import list_topic
from bench.working import RESULTS, machine

SEED = 20261128
TIMES = 20
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
TODAY = datetime(2026, 11, 28, tzinfo=UTC).date()
_HEADS = "br cl dr fl gr pl st tr sk sn".split()
_TAILS = "ab eck im ond ul arn eft ist orm uck alt end int old ung ape ile one ute".split()
WORDS = [head + tail for head in _HEADS for tail in _TAILS]


def made_up(n: int, total: int, draw: random.Random) -> ArticleIn:
    """An article of about 120 words: three words of 190 are its keyphrase, every second has own links."""

    def prose(sentences: int) -> str:
        return " ".join(
            " ".join(draw.choice(WORDS) for _ in range(9)).capitalize() + "."
            for _ in range(sentences)
        )

    keyphrase = " ".join(draw.choice(WORDS) for _ in range(3))
    links = " ".join(
        f"[x](/en/article-{draw.randrange(total)})" for _ in range(draw.choice([0, 0, 1, 2]))
    )
    return ArticleIn(
        language="en",
        title=f"About {keyphrase} and {draw.choice(WORDS)}",
        slug=f"article-{n}",
        meta_description=f"What {keyphrase} is, {n // 2}.",
        keyphrase=keyphrase,
        markdown=f"{prose(3)} {links}\n\n## {draw.choice(WORDS)} {draw.choice(WORDS)}\n\n"
        f"{prose(4)} It costs ${draw.randrange(90)}.\n\n{prose(5)}",
    )


async def fill(database: Database, articles: int) -> None:
    """Publish so many articles; those that are there already are kept."""
    await migrate(database)
    async with database.reading() as session:
        known = int(await session.scalar(select(func.count()).select_from(PostRow)) or 0)
    draw = random.Random(SEED)  # noqa: S311  # for a repeatable blog
    for n in range(articles):
        article = made_up(n, articles, draw)
        if n < known:
            continue
        now = BEGIN + timedelta(hours=2 * n)
        async with database.unit() as session:
            posts = Posts(session)
            post = await save_article(posts, article, now=now)
            await publish_post(posts, post.id, now=now, through=True)


async def timed(ask: Callable[[], Awaitable[Any]]) -> dict[str, float]:
    """Milliseconds: the median and the slowest of 20."""
    await ask()
    taken: list[float] = []
    for _ in range(TIMES):
        began = time.perf_counter()
        await ask()
        taken.append((time.perf_counter() - began) * 1000)
    return {"p50_ms": round(statistics.median(taken), 1), "slowest_ms": round(max(taken), 1)}


async def measure(database: Database) -> dict[str, Any]:
    """Every question that the desk's page and an article's links ask."""

    async def counts() -> None:
        async with database.reading() as session:
            await Upkeep(session).counts(TODAY)

    def topic(name: Any) -> Callable[[], Awaitable[None]]:
        async def ask() -> None:
            async with database.reading() as session:
                await list_topic(Upkeep(session), name, today=TODAY)

        return ask

    async with database.reading() as session:
        some = await Posts(session).newest(limit=TIMES + 1)
        read: list[tuple[Post, Revision]] = [
            (post, await Posts(session).revision(post.id, post.revision)) for post in some
        ]
    turn = iter(read * 3)

    async def suggested() -> None:
        await suggest_for(database, *next(turn))

    async def linkers() -> None:
        await linkers_of(database, *next(turn))

    return {
        "counts": await timed(counts),
        **{name: await timed(topic(name)) for name in TOPICS},
        "suggestions": await timed(suggested),
        "linkers": await timed(linkers),
    }


async def run(url: str, articles: int) -> dict[str, Any]:
    """Fill and measure one database."""
    database = open_database(url)
    try:
        await fill(database, articles)
        return await measure(database)
    finally:
        await database.close()


def main() -> None:
    """Print and keep what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--url", default="", help="a database to fill; a new SQLite file otherwise")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.url or f"sqlite:///{Path(folder) / 'upkeep.db'}"
        found = asyncio.run(run(url, asked.articles))
    name = url.partition(":")[0]
    file = RESULTS / "upkeep.json"
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    told[name] = {
        "machine": machine(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "articles": asked.articles,
        **found,
    }
    print(json.dumps(told[name], indent=2))
    file.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
