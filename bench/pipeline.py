"""Times everything but a language model: one article from local sources, in a warm process, and `--help`.

Each article goes the whole way: accepted, queued, run by the durable worker, saved and published, on
SQLite. The load of the Korean analyser is reported apart, since a process pays for it once.
Writes `bench/results/pipeline.json`; run it with `make bench`.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any

from app.language.korean import morphemes
from bench.working import KEYWORDS, RESULTS, ROOT, Desk, examples, machine, working

ARTICLES = 9
STARTS = 9


def summary(seconds: list[float]) -> dict[str, Any]:
    """Median, least and most of what was measured, and all of it, in seconds."""
    return {
        "median_s": round(statistics.median(seconds), 3),
        "min_s": round(min(seconds), 3),
        "max_s": round(max(seconds), 3),
        "all_s": [round(each, 3) for each in seconds],
    }


async def one_article(desk: Desk, language: str) -> float:
    """Seconds from asking for an article to its publication."""
    started = time.perf_counter()
    await desk.write(KEYWORDS[language], examples(language), language)
    return time.perf_counter() - started


async def articles() -> dict[str, Any]:
    """Times of whole articles in both languages."""
    results: dict[str, Any] = {}
    async with working() as desk:
        started = time.perf_counter()
        morphemes("한국어 분석기를 불러온다.")
        results["korean_analyser_load_s"] = round(time.perf_counter() - started, 3)
        for language in KEYWORDS:
            await one_article(desk, language)  # warms caches
            taken = [await one_article(desk, language) for _ in range(ARTICLES)]
            results[f"article_{language}"] = summary(taken)
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
    (RESULTS / "pipeline.json").write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
