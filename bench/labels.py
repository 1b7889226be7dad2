"""How well the program reads what people have labelled: Korean keyphrases in sentences, claims against sources.

Rules are tuned on what is for it: half of the keyphrases, `claims.json`. The other half and
`claims_frozen.json` are run for the figure that is published, and only then (`--held`); what they show case by
case is never printed. Writes `bench/results/labels.json`.

Run: PYTHONPATH=. .venv/bin/python bench/labels.py [--held] [--wrong]
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from app.language.keyphrase import Keyphrase
from app.review.claims import check_claim
from bench.working import RESULTS, ROOT, machine

Case = Mapping[str, Any]

SUPPORTED = "supported"
VERDICTS = ("supported", "partly", "unsupported", "contradicted")


def keyphrases(cases: Iterable[Case], *, tell: bool) -> dict[str, Any]:
    """Occurrences found among those labelled: precision, recall, F1; and whether all words are there."""
    found, by_kind = Counter[str](), dict[str, Counter[str]]()
    for case in cases:
        if case.get("ambiguous"):
            found["left out"] += 1
            continue
        phrase = Keyphrase(case["keyphrase"], "ko")
        number = len(phrase.find(case["sentence"]))
        words = phrase.in_sentence(case["sentence"])
        judged = Counter(
            cases=1,
            true=min(number, case["count"]),
            false=max(0, number - case["count"]),
            missed=max(0, case["count"] - number),
            words_right=words == case["all_words"],
        )
        found += judged
        by_kind.setdefault(case["kind"], Counter()).update(judged)
        if tell and (judged["false"] or judged["missed"] or not judged["words_right"]):
            print(case["kind"], case["keyphrase"], "|", case["sentence"], "| found", number,
                  "of", case["count"], "| words", words, "labelled", case["all_words"])  # fmt: skip
    return {
        **scores(found),
        "all_words_right": round(found["words_right"] / found["cases"], 4),
        "ambiguous_left_out": found["left out"],
        "by_kind": {kind: scores(each) for kind, each in sorted(by_kind.items())},
    }


def claims(cases: Iterable[Case], *, tell: bool) -> dict[str, Any]:
    """Labels against verdicts: a 4 x 4 table (rows labelled, columns judged), precision and recall of each.

    `precision` and `recall` beside the table are those of `supported`: what passes is so, what is so passes.
    """
    found: dict[str, Any] = {}
    for language in ("en", "ko"):
        table: dict[str, Counter[str]] = {}
        kinds: dict[str, Counter[str]] = {}
        distances: dict[str, Counter[str]] = {}
        for case in cases:
            if case["language"] != language:
                continue
            verdict = check_claim(case["claim"], [case["source"]], language)
            table.setdefault(case["verdict"], Counter())[verdict.status] += 1
            if case["verdict"] == SUPPORTED and "distance" in case:
                distances.setdefault(case["distance"], Counter())[verdict.status] += 1
            if case["by"]:
                kinds.setdefault(case["by"], Counter())[verdict.status] += 1
            if tell and (case["verdict"] == SUPPORTED) != (verdict.status == SUPPORTED):
                why = ", ".join(f"{each.kind} {each.detail}" for each in verdict.problems)
                print(case["verdict"], case["by"] or "", "|", case["claim"], "|", case["source"],
                      "|", verdict.status, why)  # fmt: skip
        right = table[SUPPORTED][SUPPORTED]
        passed = sum(each[SUPPORTED] for each in table.values())
        found[language] = {
            "precision": round(right / passed, 4) if passed else None,
            "recall": round(right / table[SUPPORTED].total(), 4),
            "labelled_judged": {
                label: {judged: table.get(label, Counter())[judged] for judged in VERDICTS}
                for label in VERDICTS
            },
            "by_verdict": {verdict: _one(verdict, table) for verdict in VERDICTS},
            "supported_by_distance": {kind: dict(each) for kind, each in sorted(distances.items())},
            "contradicted_by": {kind: dict(each) for kind, each in sorted(kinds.items())},
        }
    return found


def _one(verdict: str, table: Mapping[str, Counter[str]]) -> dict[str, float | None]:
    right = table.get(verdict, Counter())[verdict]
    judged = sum(each[verdict] for each in table.values())
    labelled = table.get(verdict, Counter()).total()
    return {
        "precision": round(right / judged, 4) if judged else None,
        "recall": round(right / labelled, 4) if labelled else None,
    }


def print_table(found: Mapping[str, Any]) -> None:
    """The tables of both languages, to be read."""
    for language, each in found.items():
        print(f"\n{language}: labelled \\ judged".ljust(26), *(v.rjust(13) for v in VERDICTS))
        for label, row in each["labelled_judged"].items():
            print(label.ljust(25), *(str(row[verdict]).rjust(13) for verdict in VERDICTS))
        for name in ("precision", "recall"):
            shares = [each["by_verdict"][verdict][name] for verdict in VERDICTS]
            told = ["–" if share is None else f"{share:.2f}" for share in shares]
            print(name.ljust(25), *(share.rjust(13) for share in told))


def scores(found: Mapping[str, int]) -> dict[str, Any]:
    """Precision, recall and their harmonic mean (van Rijsbergen's F1) of counted occurrences."""
    right, false, missed = found["true"], found["false"], found["missed"]
    precision = right / (right + false) if right + false else None
    recall = right / (right + missed) if right + missed else None
    f1 = 2 * right / (2 * right + false + missed) if right + false + missed else None
    rounded = {"precision": precision, "recall": recall, "f1": f1}
    counts = {"cases": found["cases"], "right": right, "false": false, "missed": missed}
    return counts | {k: None if v is None else round(v, 4) for k, v in rounded.items()}


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--held", action="store_true", help="the halves that nothing is tuned on; kept"
    )
    parser.add_argument(
        "--wrong", action="store_true", help="print what is wrong, of the other halves"
    )
    given = parser.parse_args()
    half = "held" if given.held else "tune"
    tell = given.wrong and not given.held
    cases = json.loads((ROOT / "tests/language/keyphrases_ko.json").read_text("utf-8"))["cases"]
    labelled = "claims_frozen.json" if given.held else "claims.json"
    pairs = json.loads((ROOT / "tests/review" / labelled).read_text("utf-8"))["cases"]
    results: dict[str, Any] = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "keyphrases_ko": keyphrases([c for c in cases if c["half"] == half], tell=tell),
        "claims": claims(pairs, tell=tell),
    }
    print(json.dumps(results, indent=1, ensure_ascii=False))
    print_table(results["claims"])
    if given.held:
        (RESULTS / "labels.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
