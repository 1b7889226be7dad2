"""Asks this analyser and the reference one about the same English articles, check by check.

The reference (npm `yoastseo`) runs as a process of its own; it is a tool of measuring, installed into `.tools`
at the first run, and no part of the program. Written are linear κ over red, orange and green, Spearman's ρ of
the points, how many cases there are of each class, and how long either takes: `bench/results/agreement.json`.

    PYTHONPATH=. .venv/bin/python bench/agreement.py --tune      # while mending: prints the cases that differ

The held half of the variants is run by `make bench` alone.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from markdown_it import MarkdownIt

from app.seo.analysis import Analysis, analyse
from app.seo.document import Article
from app.seo.findings import Level, level_of
from app.seo.font_metrics import width_px
from bench.remembering import forget
from bench.variants import Draft, Half, drafts
from bench.working import RESULTS, ROOT, machine

RUNNER = ROOT / "bench" / "reference"
INSTALLED = ROOT / ".tools" / "reference"
HOST = "https://example.com"
ENOUGH = 10
GOAL = 0.90
REPEATS = 3

PAIRS = {
    "introductionKeyword": "kp.intro",
    "keyphraseLength": "kp.length",
    "keyphraseDensity": "kp.density",
    "keyphraseDistribution": "kp.distribution",
    "metaDescriptionKeyword": "kp.meta",
    "subheadingsKeyword": "kp.headings",
    "keyphraseInSEOTitle": "kp.title",
    "slugKeyword": "kp.slug",
    "imageKeyphrase": "kp.alt",
    "textCompetingLinks": "kp.anchor",
    "titleWidth": "title.width",
    "metaDescriptionLength": "meta.length",
    "singleH1": "h1.single",
    "subheadingsTooLong": "section.length",
    "textParagraphTooLong": "paragraph.length",
    "textLength": "text.length",
    "externalLinks": "links.external",
    "internalLinks": "links.internal",
    "textSentenceLength": "sentence.length",
    "sentenceBeginnings": "sentence.beginnings",
    "textTransitionWords": "sentence.transitions",
    "passiveVoice": "sentence.passive",
}
"""Its assessments and the check here that measures the same."""

BY_WORD_LISTS = {"sentence.transitions", "sentence.passive", "sentence.beginnings"}
"""Neither structural nor about the keyphrase: what they find depends on lists of words, which are our own."""

_HTML = MarkdownIt("commonmark").enable("table")
_CLASSES: tuple[Level, ...] = ("bad", "ok", "good")


@dataclass(frozen=True, slots=True)
class Case:
    """One article with both verdicts, points by check id."""

    name: str
    ours: Mapping[str, int]
    theirs: Mapping[str, int]


def article_of(draft: Draft) -> Article:
    """In exact mode, since the reference has no word forms."""
    return Article(
        draft.title, draft.description, draft.slug, draft.keyphrase, "en", draft.markdown,
        url=f"{HOST}/{draft.slug}", exact=True,
    )  # fmt: skip


def judged(analysis: Analysis) -> dict[str, int]:
    return {f.check_id: f.points for f in analysis.findings if f.points is not None}


def reference(every: Sequence[Draft]) -> tuple[list[dict[str, Any]], float]:
    """The reference's answers, and its mean milliseconds an article.

    Raises:
        SystemExit: it cannot be had or failed; the message says how.
    """
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        sys.exit("bench/agreement.py needs node and npm: apt install nodejs npm")
    INSTALLED.mkdir(parents=True, exist_ok=True)
    shutil.copy(RUNNER / "package.json", INSTALLED)
    subprocess.run(  # noqa: S603  # found above, with arguments of ours
        [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"],
        cwd=INSTALLED, check=True,
    )  # fmt: skip
    asked = "\n".join(
        json.dumps({
            "name": draft.name, "html": _HTML.render(draft.markdown), "keyword": draft.keyphrase,
            "title": draft.title, "titleWidth": round(width_px(draft.title)), "slug": draft.slug,
            "description": draft.description, "permalink": f"{HOST}/{draft.slug}",
        })
        for draft in every
    )  # fmt: skip
    done = subprocess.run(  # noqa: S603  # as above
        [node, str(RUNNER / "ask.js"), str(REPEATS)],
        input=asked, capture_output=True, text=True, check=False,
        env={**os.environ, "NODE_PATH": str(INSTALLED / "node_modules")},
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"the reference failed: {done.stderr[-2000:]}")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return told, sum(one["ms"] for one in told) / len(told)


def own_ms(every: Sequence[Draft], *, cold: bool) -> float:
    """Our mean milliseconds an article. Cold: what the process remembers of texts is dropped before each."""
    articles = [article_of(draft) for draft in every]
    for one in articles:
        analyse(one)
    spent = 0.0
    for _ in range(REPEATS):
        for one in articles:
            if cold:
                forget()
            start = time.perf_counter()
            analyse(one)
            spent += time.perf_counter() - start
    return spent * 1000 / len(articles) / REPEATS


def kappa(pairs: Sequence[tuple[Level, Level]]) -> float | None:
    """Cohen's κ with linear weights over red, orange, green; None where chance alone agrees in all."""
    size = len(pairs)
    place = {level: n for n, level in enumerate(_CLASSES)}
    seen = sum(abs(place[a] - place[b]) for a, b in pairs)
    ours, theirs = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    chance = sum(abs(place[a] - place[b]) * ours[a] * theirs[b] for a in _CLASSES for b in _CLASSES)
    return round(1 - seen * size / chance, 3) if chance else None


def spearman(pairs: Sequence[tuple[int, int]]) -> float | None:
    """The correlation of ranks, ties at their mean; None where one side is the same throughout."""
    one, two = _ranks([a for a, _ in pairs]), _ranks([b for _, b in pairs])
    mean = (len(pairs) + 1) / 2
    both = sum((a - mean) * (b - mean) for a, b in zip(one, two, strict=True))
    spread = (sum((a - mean) ** 2 for a in one) * sum((b - mean) ** 2 for b in two)) ** 0.5
    return round(both / spread, 3) if spread else None


def _ranks(values: Sequence[int]) -> list[float]:
    counts, below, rank = Counter(values), 0, dict[int, float]()
    for value in sorted(counts):
        rank[value] = below + (counts[value] + 1) / 2
        below += counts[value]
    return [rank[value] for value in values]


def compared(cases: Sequence[Case]) -> dict[str, Any]:
    """Per check: κ, ρ, and the cases of each class by the reference, where both judge."""
    table: dict[str, Any] = {}
    for their_id, our_id in PAIRS.items():
        both = [
            (case.ours[our_id], case.theirs[their_id])
            for case in cases
            if our_id in case.ours and their_id in case.theirs
        ]
        if not both:
            continue
        levels = [(level_of(a), level_of(b)) for a, b in both]
        classes = Counter(theirs for _, theirs in levels)
        red = classes["bad"] + classes["ok"]
        table[our_id] = {
            "reference": their_id,
            "cases": len(both),
            "classes": {level: classes[level] for level in _CLASSES},
            "same": sum(a == b for a, b in levels),
            "kappa": kappa(levels),
            "spearman": spearman(both),
            "counts": min(red, classes["good"]) >= ENOUGH and our_id not in BY_WORD_LISTS,
        }
    return table


def differing(cases: Sequence[Case], wanted: str = "") -> list[str]:
    return [
        f"{our_id} ours {case.ours.get(our_id)} theirs {case.theirs.get(their_id)}: {case.name}"
        for their_id, our_id in PAIRS.items()
        for case in cases
        if wanted in our_id and _class(case.ours.get(our_id)) != _class(case.theirs.get(their_id))
    ]


def _class(points: int | None) -> Level | None:
    return None if points is None else level_of(points)


def compare(half: Half) -> tuple[list[Case], dict[str, Any]]:
    every = list(drafts(half))
    told, theirs_ms = reference(every)
    cases = [
        Case(draft.name, judged(analyse(article_of(draft))), {**one["seo"], **one["readability"]})
        for draft, one in zip(every, told, strict=True)
    ]
    warm, cold = own_ms(every, cold=False), own_ms(every, cold=True)
    return cases, {
        "articles": len(every),
        "checks": [{"check": name, **row} for name, row in compared(cases).items()],
        "ms": {
            "reference": round(theirs_ms, 2),
            "ours": round(warm, 2),
            "ours_new_text": round(cold, 2),
            "ratio": round(theirs_ms / warm, 1),
            "ratio_new_text": round(theirs_ms / cold, 1),
        },
    }


def shown(table: Mapping[str, Any]) -> None:
    for row in table["checks"]:
        goal = "" if not row["counts"] else "reached" if (row["kappa"] or 0) >= GOAL else "MISSED"
        print(
            f"{row['check']:22} n {row['cases']:4} {row['classes']} κ {row['kappa']} ρ {row['spearman']} {goal}"
        )
    print(table["ms"])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tune", action="store_true", help="the half that may be looked at")
    options.add_argument(
        "--differing", default=None, metavar="ID", help="print the cases that differ"
    )
    asked = options.parse_args()
    if asked.tune:
        cases, table = compare("tune")
        shown(table)
        if asked.differing is not None:
            print("\n".join(differing(cases, asked.differing)))
        return
    result: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
    }
    for half in ("tune", "held"):
        _, table = compare(half)
        result[half] = table
        shown(table)
    path = RESULTS / "agreement.json"
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
