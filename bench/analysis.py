"""Times the whole analysis of an article: known text, new text, one paragraph changed, and by length.

Texts are those of `tests/seo`, put together to 600 English words and 2,000 Korean characters. Also how long the
analyser takes to import, the first Korean text of a process takes, and what memory either holds. Writes
`bench/results/analysis.json`.
"""

import gc
import json
import math
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import cycle
from typing import Any

from app.language.types import Language
from app.seo.analysis import analyse
from app.seo.document import Article, count_words
from bench.remembering import forget
from bench.working import RESULTS, ROOT, machine

RUNS = 200
LENGTHS = (500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
FRESH_PROCESSES = 5
KEYPHRASES: dict[Language, str] = {"en": "cold brew coffee", "ko": "콜드브루 커피"}

_IMPORT = (
    "import time; t = time.perf_counter(); import app.seo.analysis; print(time.perf_counter() - t)"
)
_FIRST = """
import json, os, time
from app.seo.analysis import analyse
from app.seo.document import Article

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

def of(language, text):
    return Article("", "", "", "", language, text)

before = resident()
start = time.perf_counter()
analyse(of("en", "The first text."))
english = time.perf_counter() - start
with_english = resident()
start = time.perf_counter()
analyse(of("ko", "첫 글입니다."))
print(json.dumps({"first_english_s": english, "first_korean_s": time.perf_counter() - start,
    "mib": {"imported": before, "english": with_english, "korean": resident()}}))
"""


def blocks_of(language: Language) -> list[str]:
    """The blocks of all test articles of a language, in order."""
    paths = sorted((ROOT / "tests" / "seo" / "parallel").glob(f"*.{language}.md"))
    if language == "en":
        paths += sorted(
            p for p in (ROOT / "tests" / "seo" / "english").glob("*.md") if p.stem != "README"
        )
    bodies = (path.read_text(encoding="utf-8").split("---\n", 2)[2] for path in paths)
    return [block for body in bodies for block in re.split(r"\n\s*\n", body.strip())]


def text_of(language: Language, size: int, measure: Callable[[str], int]) -> str:
    """Blocks up to `size` by `measure`; they come again in long texts, each time with a number of its own."""
    kept: list[str] = []
    total = 0
    for number, block in enumerate(cycle(blocks_of(language))):
        if total >= size:
            break
        part = f"{block} ({number})" if block[0].isalpha() else block
        kept.append(part)
        total += measure(part)
    return "\n\n".join(kept)


def article(language: Language, markdown: str) -> Article:
    keyphrase = KEYPHRASES[language]
    return Article(
        keyphrase, f"{keyphrase}. " * 3, keyphrase.replace(" ", "-"), keyphrase, language, markdown
    )


def spent(given: Article) -> float:
    """Milliseconds of one analysis."""
    start = time.perf_counter()
    analyse(given)
    return (time.perf_counter() - start) * 1000


def figures(times: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=100)
    return {"runs": len(times), "p50_ms": round(cuts[49], 2), "p99_ms": round(cuts[98], 2)}


def timed(given: Article) -> dict[str, Any]:
    spent(given)
    known = [spent(given) for _ in range(RUNS)]
    changed: list[float] = []
    parts = given.markdown.split("\n\n")
    for number in range(RUNS):
        other = [*parts[:-1], f"{parts[-1]} {number}. {parts[0]} {number}."]
        changed.append(spent(replace(given, markdown="\n\n".join(other))))
    new: list[float] = []
    for _ in range(RUNS):
        forget()
        new.append(spent(given))
    return {
        "words": count_words(given.markdown),
        "characters": len(given.markdown),
        "known": figures(known),
        "one_paragraph_changed": figures(changed),
        "new": figures(new),
    }


def by_length(language: Language) -> dict[str, Any]:
    """Milliseconds of new texts by their words, and the exponent of the power fitted to them (1 is linear)."""
    points: list[tuple[int, float]] = []
    for words in LENGTHS:
        given = article(language, text_of(language, words, count_words))
        times: list[float] = []
        for _ in range(3):
            forget()
            times.append(spent(given))
        points.append((count_words(given.markdown), min(times)))
    logs = [(math.log(words), math.log(ms)) for words, ms in points]
    slope = statistics.linear_regression([x for x, _ in logs], [y for _, y in logs]).slope
    return {
        "points": [{"words": words, "ms": round(ms, 1)} for words, ms in points],
        "exponent": round(slope, 3),
    }


def fresh(code: str) -> str:
    """What a new process prints that runs `code`."""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603  # ours
    return done.stdout


def main() -> None:
    gc.freeze()  # as `serve` does: what is imported is not looked at for garbage, which takes 0.1 s
    imports = [float(fresh(_IMPORT)) for _ in range(FRESH_PROCESSES)]
    first = json.loads(fresh(_FIRST))
    english = article("en", text_of("en", 600, count_words))
    korean = article("ko", text_of("ko", 2000, len))
    result = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "import_s": round(statistics.median(imports), 3),
        "first_english_s": round(first["first_english_s"], 3),
        "first_korean_s": round(first["first_korean_s"], 3),
        "resident_mib": {name: round(mib, 1) for name, mib in first["mib"].items()},
        "en": timed(english),
        "ko": timed(korean),
        "length": {"en": by_length("en"), "ko": by_length("ko")},
    }
    path = RESULTS / "analysis.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
