"""How well links between articles are found: the targets an editor would link to, and the words around which.

Texts and links are those of `tests/seo/links`. Rules are tuned on one half; the other is run for the figure
that is published (`--held`), and what it shows case by case is never printed. Writes
`bench/results/links.json`; without `--held` nothing is written.

Run: PYTHONPATH=. .venv/bin/python bench/links.py [--held] [--wrong]
"""

import argparse
import json
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import yaml

from app.language.stems import content_stems
from app.language.types import LANGUAGES, Language, Span
from app.seo.document import parse
from app.seo.linking import MOST, Candidate, Linker, Own
from bench.working import RESULTS, ROOT, machine

SETS = ROOT / "tests" / "seo" / "links"
_MARKED = re.compile(r"\[\[([^|\]]+)\|([^\]]+)\]\]")
_HEADING_WEIGHT = 0.5


def read_set(language: Language) -> tuple[list[Candidate], list[Mapping[str, Any]]]:
    """The articles that can be linked to, and the texts."""
    found = yaml.safe_load((SETS / f"{language}.yaml").read_text(encoding="utf-8"))
    candidates = [
        Candidate(
            each["key"],
            each["title"],
            f"/{language}/{each['key']}",
            each["keyphrase"],
            {
                stem: _HEADING_WEIGHT
                for heading in each["headings"]
                for stem in content_stems(heading, language)
            },
        )
        for each in found["articles"]
    ]
    return candidates, found["texts"]


def read_marks(text: str) -> tuple[str, list[tuple[Span, str]]]:
    """The text without its marks, and where each stood."""
    plain, marks, at = "", [], 0
    for match in _MARKED.finditer(text):
        plain += text[at : match.start()]
        marks.append((Span(len(plain), len(plain) + len(match[1])), match[2]))
        plain += match[1]
        at = match.end()
    return plain + text[at:], marks


def judge(language: Language, half: str, *, tell: bool) -> dict[str, Any]:
    """Recall of the ranking at 5 and 10, of its anchors, and how many stand where an editor set them.

    Suggestions are one a paragraph, at most five: `paragraphs_with_a_link` is the share of what that allows.
    """
    candidates, texts = read_set(language)
    count = Counter[str]()
    seconds = 0.0
    for text in texts:
        if text["half"] != half:
            continue
        plain, marks = read_marks(text["text"])
        targets = {key for _span, key in marks}
        began = time.perf_counter()
        document = parse(plain, language)
        linker = Linker(document, candidates, Own(keyphrase=text["keyphrase"]))
        suggested = linker.suggest()
        seconds += time.perf_counter() - began
        ranked = [each.target.id for each in linker.ranked[:10]]
        placed = [made for each in linker.ranked[:10] if (made := linker.place(each)) is not None]
        marked = {
            number
            for number, block in enumerate(document.blocks)
            if any(_meet(span, block.span) for span, _key in marks)
        }
        count["paragraphs"] += min(len(marked), MOST)
        count["texts"] += 1
        count["targets"] += len(targets)
        count["ranked_at_10"] += len(targets & set(ranked))
        count["ranked_at_5"] += len(targets & set(ranked[:5]))
        count["suggested"] += len(suggested)
        hit = {each.target.id for each in suggested} & targets
        count["suggested_right"] += len(hit)
        count["placed"] += len(placed)
        count["placed_targets"] += len({each.target.id for each in placed} & targets)
        for each in placed:
            same = [span for span, key in marks if key == each.target.id and _meet(span, each.span)]
            count["anchors_right"] += bool(same)
            count["anchors_exact"] += each.span in same
            if tell and each.span not in same:
                print(
                    f"{text['title']}: “{each.anchor}” → {each.target.id} ({each.why}, {each.score})"
                )
        if tell:
            for missed in sorted(targets - {each.target.id for each in placed}):
                print(f"{text['title']}: missed {missed}; ranked {missed in ranked}")
    return {
        **count,
        "ranking_recall_at_5": _share(count["ranked_at_5"], count["targets"]),
        "ranking_recall_at_10": _share(count["ranked_at_10"], count["targets"]),
        "anchor_recall": _share(count["placed_targets"], count["targets"]),
        "anchor_precision": _share(count["anchors_right"], count["placed"]),
        "anchors_to_the_letter": _share(count["anchors_exact"], count["placed"]),
        "suggestion_precision": _share(count["suggested_right"], count["suggested"]),
        "paragraphs_with_a_link": _share(count["suggested_right"], count["paragraphs"]),
        "ms_per_text": round(seconds / max(count["texts"], 1) * 1000, 1),
    }


def _meet(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def halves(*, held: bool) -> Iterator[str]:
    yield "tune"
    if held:
        yield "held"


def main() -> None:
    """Print what was found; keep it where the held half was run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held", action="store_true", help="run the held half and keep the result")
    parser.add_argument(
        "--wrong", action="store_true", help="print what is wrong in the tuning half"
    )
    asked = parser.parse_args()
    content_stems("먼저 읽어 둡니다", "ko")  # loading is no part of the time a text takes
    found = {
        half: {
            language: judge(language, half, tell=asked.wrong and half == "tune")
            for language in LANGUAGES
        }
        for half in halves(held=asked.held)
    }
    told = {"machine": machine(), "at": datetime.now(UTC).isoformat(timespec="seconds"), **found}
    print(json.dumps(told, ensure_ascii=False, indent=2))
    if asked.held:
        text = json.dumps(told, ensure_ascii=False, indent=2) + "\n"
        (RESULTS / "links.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
