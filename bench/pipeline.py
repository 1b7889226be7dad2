"""Times everything but a language model: one article from local sources, in a warm process, and `--help`.

Each article goes the whole way: accepted, queued, run by the durable worker, saved and published, on
SQLite. The load of the Korean analyser is reported apart, since a process pays for it once.
Writes `bench/results/pipeline.json`; run it with `make bench`.
"""

import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.config import Settings
from app.generation.intake import accept_request
from app.generation.repository import Jobs
from app.generation.steps import open_steps
from app.generation.worker import Worker
from app.infra.db import Database, open_database
from app.infra.db.migrate import migrate
from app.infra.durable import Enqueuer, migrate_engine
from app.language.korean import morphemes

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results" / "pipeline.json"
ARTICLES = 9
STARTS = 9
KEYWORDS = {"en": "horizontal scaling", "ko": "수평 확장"}


def machine() -> dict[str, Any]:
    """The size of the machine that measured."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory / 2**30, 1),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def summary(seconds: list[float]) -> dict[str, Any]:
    """Median, least and most of what was measured, and all of it, in seconds."""
    return {
        "median_s": round(statistics.median(seconds), 3),
        "min_s": round(min(seconds), 3),
        "max_s": round(max(seconds), 3),
        "all_s": [round(each, 3) for each in seconds],
    }


async def one_article(
    database: Database, enqueuer: Enqueuer, settings: Settings, language: str
) -> float:
    """Seconds from asking for an article to its publication."""
    started = time.perf_counter()
    job = await accept_request(
        database,
        enqueuer,
        settings,
        keyword=KEYWORDS[language],
        arguments=[(str(file), None) for file in sorted((ROOT / "examples" / language).glob("*"))],
        language=language,
        publish=True,
        now=datetime.now(UTC),
    )
    while True:
        async with database.reading() as session:
            found = await Jobs(session).read(job.id)
        if found.state.ended:
            break
        await asyncio.sleep(0.005)
    taken = time.perf_counter() - started
    if found.state != "succeeded" or found.result["state"] != "published":
        raise SystemExit(f"the article was not published: {found.error or found.result['held']}")
    return taken


async def articles() -> dict[str, Any]:
    """Times of whole articles in both languages."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        database = open_database(settings.effective_database_url)
        await migrate(database)
        await migrate_engine(database.url)
        enqueuer = Enqueuer(database.url)
        results: dict[str, Any] = {}
        async with open_steps(database, settings) as steps:
            worker = Worker(database, settings, steps)
            await worker.start()
            started = time.perf_counter()
            morphemes("한국어 분석기를 불러온다.")
            results["korean_analyser_load_s"] = round(time.perf_counter() - started, 3)
            for language in KEYWORDS:
                await one_article(database, enqueuer, settings, language)  # warms caches
                taken = [
                    await one_article(database, enqueuer, settings, language)
                    for _ in range(ARTICLES)
                ]
                results[f"article_{language}"] = summary(taken)
            await worker.stop()
        enqueuer.close()
        await database.close()
    return results


def help_start() -> dict[str, Any]:
    """Seconds that `ai-seo-blogger --help` takes, process start included."""
    taken: list[float] = []
    for _ in range(STARTS):
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "app", "--help"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
        )
        taken.append(time.perf_counter() - started)
    return summary(taken)


def main() -> None:
    """Measure, print and keep the results."""
    results = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "help": help_start(),
        **asyncio.run(articles()),
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
