"""How well keyphrases are suggested: against 44 labelled texts, and public sets where they are at hand.

Of each text the first five suggestions are held against the labels (P@5: how many of the five are good) and
the first ten (R@10: how many of the good ones are among them); a label's variants count once. Rules are tuned
on the half that is for it; the other is run for the published figure alone (`--held`), and what it shows case
by case is never printed. Writes `bench/results/keyphrases.json`.

Public sets (`--set FOLDER`, laid out as those of LIAAD/KeywordExtractor-Datasets: docsutf8/*.txt, keys/*.key)
give F1@10 over stems of the first 300 documents. They are other people's texts: nothing of them is kept.

Run: PYTHONPATH=. .venv/bin/python bench/keyphrases.py [--held] [--wrong] [--set FOLDER …] [--compare FILE]
"""

import argparse
import json
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.language.stems import content_stems
from app.language.types import Language
from app.seo.suggesting import suggest_keyphrases
from app.sources.markdown import split_front_matter
from bench.working import RESULTS, ROOT, machine

LABELS = ROOT / "tests/seo/keyphrases/labels.json"
_AT_ONCE = 300


def read_labels(half: str) -> list[dict[str, Any]]:
    """The labelled texts of a half, with their title and Markdown."""
    cases = json.loads(LABELS.read_text("utf-8"))["texts"]
    read: list[dict[str, Any]] = []
    for case in cases:
        if case["half"] != half:
            continue
        fields, body = split_front_matter((ROOT / case["file"]).read_text("utf-8"))
        read.append({**case, "title": fields["title"], "markdown": body})
    return read


def normal(phrase: str, language: Language) -> str:
    """The form in which phrases are held against labels."""
    if language == "ko":
        return re.sub(r"\s+", "", phrase).lower()
    return " ".join(content_stems(phrase, "en"))


def judge(suggested: Sequence[str], case: Mapping[str, Any]) -> dict[str, float]:
    """P@5 and R@10 of one text."""
    language: Language = case["language"]
    forms = [normal(phrase, language) for phrase in suggested]
    good = [{normal(variant, language) for variant in label} for label in case["good"]]
    right = sum(any(form in label for label in good) for form in forms[:5])
    found = sum(any(form in label for form in forms[:10]) for label in good)
    return {"p_at_5": right / 5, "r_at_10": found / len(good)}


def mean(values: Iterable[float]) -> float:
    """The mean, to three digits."""
    each = list(values)
    return round(sum(each) / len(each), 3)


def labelled(cases: Sequence[Mapping[str, Any]], *, tell: bool) -> dict[str, Any]:
    """P@5 and R@10 per language, and the time a text takes once the language is loaded."""
    found: dict[str, Any] = {}
    for language in ("en", "ko"):
        own = [case for case in cases if case["language"] == language]
        suggest_keyphrases(own[0]["markdown"], language)  # loads what Korean needs
        judged: list[dict[str, float]] = []
        start = time.perf_counter()
        for case in own:
            suggested = suggest_keyphrases(case["markdown"], language, title=case["title"])
            judged.append(judge([one.text for one in suggested], case))
            if tell:
                print(case["file"], judged[-1])
                print("   ", " · ".join(f"{o.text} {o.count}" for o in suggested[:10]))
        found[language] = {
            "texts": len(own),
            "p_at_5": mean(each["p_at_5"] for each in judged),
            "r_at_10": mean(each["r_at_10"] for each in judged),
            "ms_a_text": round((time.perf_counter() - start) / len(own) * 1000, 1),
        }
    return found


def public(folder: Path) -> dict[str, Any]:
    """F1@10, micro-averaged over documents, of stems that are equal."""
    right = given = wanted = documents = 0
    start = time.perf_counter()
    for path in sorted((folder / "docsutf8").glob("*.txt"))[:_AT_ONCE]:
        keys = (folder / "keys" / f"{path.stem}.key").read_text("utf-8").splitlines()
        gold = {normal(key, "en") for key in keys if key.strip()}
        suggested = suggest_keyphrases(path.read_text("utf-8"), "en")[:10]
        forms = {normal(one.text, "en") for one in suggested}
        right, given, wanted = right + len(forms & gold), given + len(forms), wanted + len(gold)
        documents += 1
    return {
        "documents": documents,
        "f1_at_10": round(2 * right / (given + wanted), 3),
        "precision": round(right / given, 3),
        "recall": round(right / wanted, 3),
        "ms_a_text": round((time.perf_counter() - start) / documents * 1000, 1),
    }


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held", action="store_true", help="the half nothing is tuned on; kept")
    parser.add_argument("--wrong", action="store_true", help="print suggestions, of the other half")
    parser.add_argument("--set", action="append", type=Path, default=[], help="a public set")
    parser.add_argument(
        "--compare", type=Path, help="JSON of another program's phrases: {file: [phrase, …]}"
    )
    given = parser.parse_args()
    cases = read_labels("held" if given.held else "tune")
    results: dict[str, Any] = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "half": "held" if given.held else "tune",
        "labelled": labelled(cases, tell=given.wrong and not given.held),
        "public": {folder.name: public(folder) for folder in given.set},
    }
    if given.compare:
        others = json.loads(given.compare.read_text("utf-8"))
        for language in ("en", "ko"):
            own = [case for case in cases if case["language"] == language]
            judged = [judge(others[case["file"]], case) for case in own]
            results.setdefault("compared", {})[language] = {
                name: mean(each[name] for each in judged) for name in ("p_at_5", "r_at_10")
            }
    print(json.dumps(results, indent=1, ensure_ascii=False))
    if given.held:
        (RESULTS / "keyphrases.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
