"""How long a blog of many articles takes to answer: upkeep, links, a text's checks against all others.

Each topic's first page and the counts of `/desk/site`; an article's links; what of the site a text is measured
against (`site_checks`: a stored article, `copy_checks`: a copy of one, `korean_checks`: a Korean text); what
there is on a keyword before it is written (`existing`), and on 5,000 of a table (`table`).

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
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from app.cluster import PostgresServer
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
from app.review.existing import find_existing, find_same
from app.review.siting import Placed, site_of
from bench.working import RESULTS, machine

SEED = 20261128
TIMES = 60
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
TODAY = datetime(2026, 11, 28, tzinfo=UTC).date()
_HEADS = "br cl dr fl gr pl st tr sk sn".split()
_TAILS = "ab eck im ond ul arn eft ist orm uck alt end int old ung ape ile one ute".split()
WORDS = [head + tail for head in _HEADS for tail in _TAILS]
NOUNS = (
    "커피 원두 물 온도 시간 필터 찬물 냉장고 농도 비율 산미 향 우유 얼음 잔 저울 분쇄 "
    "추출 보관 맛 가격 기계 손잡이 종이 금속 유리 서버 요청 세션 캐시 부하 균형 확장 "
    "데이터 복제 장애 복구 시험 배포 기록 색인 질의 지연 용량 보안 암호 열쇠 화면 자전거 사슬"
).split()
_PARTICLES = "은 이 을 에 의 로 와 도".split()
_KOREAN = 10
"""Every tenth article is Korean: morphemes take four times as long to write."""
ASKED = 5_000
"""Keywords of one table: as many as a file may have."""


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


def made_up_korean(n: int, total: int, draw: random.Random) -> ArticleIn:
    """As `made_up`, of some 50 nouns with particles."""

    def prose(sentences: int) -> str:
        return " ".join(
            " ".join(draw.choice(NOUNS) + draw.choice(_PARTICLES) for _ in range(6)) + " 씁니다."
            for _ in range(sentences)
        )

    keyphrase = " ".join(draw.choice(NOUNS) for _ in range(3))
    return ArticleIn(
        language="ko",
        title=f"{keyphrase} 고르는 법과 {draw.choice(NOUNS)}",
        slug=f"article-{n}",
        meta_description=f"{keyphrase} 이야기 {n // 2}.",
        keyphrase=keyphrase,
        markdown=f"{prose(3)} [x](/ko/article-{draw.randrange(total)})\n\n## {draw.choice(NOUNS)}의 "
        f"{draw.choice(NOUNS)}\n\n{prose(4)}\n\n{prose(5)}",
    )


async def fill(database: Database, articles: int) -> None:
    """Publish so many articles; those that are there already are kept."""
    await migrate(database)
    async with database.reading() as session:
        known = int(await session.scalar(select(func.count()).select_from(PostRow)) or 0)
    draw = random.Random(SEED)  # noqa: S311  # for a repeatable blog
    for n in range(articles):
        make = made_up if n % _KOREAN else made_up_korean
        article = make(n, articles, draw)
        if n < known:
            continue
        now = BEGIN + timedelta(hours=2 * n)
        async with database.unit() as session:
            posts = Posts(session)
            post = await save_article(posts, article, now=now)
            await publish_post(posts, post.id, now=now, through=True)


async def timed(ask: Callable[[], Awaitable[Any]]) -> dict[str, float]:
    """Milliseconds: the median, the 95th percentile and the slowest of `TIMES`."""
    await ask()
    taken: list[float] = []
    for _ in range(TIMES):
        began = time.perf_counter()
        await ask()
        taken.append((time.perf_counter() - began) * 1000)
    percentiles = statistics.quantiles(taken, n=20, method="inclusive")
    return {
        "p50_ms": round(statistics.median(taken), 1),
        "p95_ms": round(percentiles[18], 1),
        "slowest_ms": round(max(taken), 1),
    }


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
        some = await Posts(session).newest(limit=2 * TIMES)
        read: list[tuple[Post, Revision]] = [
            (post, await Posts(session).revision(post.id, post.revision)) for post in some
        ]
    read = [each for each in read if each[0].language == "en"][: TIMES + 1]
    turn = cycle(read)

    async def suggested() -> None:
        await suggest_for(database, *next(turn))

    async def linkers() -> None:
        await linkers_of(database, *next(turn))

    return {
        **await measure_texts(database, read),
        "counts": await timed(counts),
        **{name: await timed(topic(name)) for name in TOPICS},
        "suggestions": await timed(suggested),
        "linkers": await timed(linkers),
    }


async def measure_texts(
    database: Database, read: list[tuple[Post, Revision]]
) -> dict[str, dict[str, float]]:
    """What is asked of all articles about one text, or about what is to be written."""
    texts = cycle([_placed(post, revision) for post, revision in read])
    copies = cycle([replace(next(texts), id="", group="") for _ in read])
    draw = random.Random(SEED + 1)  # noqa: S311  # for repeatable questions
    korean = cycle(
        [
            replace(
                _placed_in(made_up_korean(n, 1, draw)),
                title="콜드브루 고르는 법",
                keyphrase="콜드브루",
            )
            for n in range(TIMES + 1)
        ]
    )
    keywords = [" ".join(draw.choice(WORDS) for _ in range(3)) for _ in range(ASKED)]
    asked = cycle(keywords)

    async def site_checks() -> None:
        await site_of(database, next(texts))

    async def copy_checks() -> None:
        await site_of(database, next(copies))

    async def korean_checks() -> None:
        await site_of(database, next(korean))

    async def existing() -> None:
        await find_existing(database, next(asked), "en")

    async def table() -> None:
        await find_same(database, [(keyword, "en") for keyword in keywords])

    return {
        "site_checks": await timed(site_checks),
        "copy_checks": await timed(copy_checks),
        "korean_checks": await timed(korean_checks),
        "existing": await timed(existing),
        "table": await timed(table),
    }


def _placed(post: Post, revision: Revision) -> Placed:
    return Placed(
        title=revision.title,
        meta_description=revision.meta_description,
        keyphrase=revision.keyphrase,
        markdown=revision.markdown,
        language=post.language,
        id=post.id,
        group=post.translation_group,
    )


def _placed_in(article: ArticleIn) -> Placed:
    return Placed(
        title=article.title,
        meta_description=article.meta_description,
        keyphrase=article.keyphrase,
        markdown=article.markdown,
        language=article.language,
    )


async def run(url: str, articles: int) -> dict[str, Any]:
    """Fill and measure one database."""
    database = open_database(url)
    try:
        await fill(database, articles)
        return {"machine": machine(), **await measure(database)}
    finally:
        await database.close()


def main() -> None:
    """Print and keep what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--url", default="", help="a database to fill; a new SQLite file otherwise")
    parser.add_argument("--postgresql", action="store_true", help="on a server of its own")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        url = asked.url or f"sqlite:///{Path(folder) / 'upkeep.db'}"
        if asked.postgresql:
            url = stack.enter_context(PostgresServer(durable=False)).url
        name = "postgresql" if url.startswith("postgresql") else "sqlite"
        found = asyncio.run(run(url, asked.articles))
    file = RESULTS / "upkeep.json"
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    told[name] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "articles": asked.articles,
        "asked_times": TIMES,
        **found,
    }
    print(json.dumps(told[name], indent=2))
    file.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
