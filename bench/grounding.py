"""How well claims are told apart that nothing was fitted on: k folds over sources, and the weights anew.

Every pair that may be tuned on is judged. The rules have no numbers to fit; the weights of what no rule refuses
are fitted on all folds but one and asked of that one, in turn. A source with all claims about it is in one
fold, in both languages. Prints precision, recall and what wrong claims pass by language and set; `--fit` prints
weights to copy into `app/review/weighing.py`; `--wrong` the single pairs.

Run: PYTHONPATH=. .venv/bin/python bench/grounding.py [--keep] [--fit] [--wrong] [--set NAME]
"""

import argparse
import json
import math
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.language.types import Language
from app.review import grounding, weighing
from app.review.claims import check_claim
from app.review.evidence import gather, said
from bench.working import RESULTS, ROOT, machine

FOLDS = 8
PASSING = 0.03
"""Share of wrong claims that may pass where a fold's mark is set."""
_STEPS = 300
_RATE = 0.5
_RIDGE = 0.002


@dataclass(frozen=True)
class Pair:
    """A claim about a source, its label, and what it is grouped by."""

    kind: str
    group: str
    language: Language
    claim: str
    source: str
    label: str


def pairs() -> Iterator[Pair]:
    """The sets that may be tuned on; twins of a source in the other language share its group."""
    folder = ROOT / "tests/review"
    for n, case in enumerate(_read("claims.json")["cases"]):
        yield Pair(
            "claims",
            f"claims {n}",
            case["language"],
            case["claim"],
            case["source"],
            case["verdict"],
        )
    groups = _read("claims_tuning.json")["groups"]
    numbers: Counter[str] = Counter()
    for group in groups:
        numbers[group["language"]] += 1
        name = f"tuning {numbers[group['language']]}"
        for case in group["claims"]:
            yield Pair(
                "claims_tuning",
                name,
                group["language"],
                case["claim"],
                group["source"],
                case["verdict"],
            )
    for n, case in enumerate(json.loads((folder / "pairs.json").read_text("utf-8"))):
        yield Pair(
            "pairs", f"pairs {n}", case["language"], case["claim"], case["source"], case["label"]
        )
    for name in ("families", "rewordings"):
        for case in json.loads((folder / f"{name}.json").read_text("utf-8")):
            label = "supported" if case["stands"] else "wrong"
            yield Pair(name, case["source"], case["language"], case["claim"], case["source"], label)


def _read(name: str) -> Any:
    return json.loads((ROOT / "tests/review" / name).read_text("utf-8"))


@dataclass(frozen=True)
class Weighed:
    """A pair with its features; None for one that a rule refuses."""

    pair: Pair
    fold: int
    features: tuple[float, ...] | None

    @property
    def supported(self) -> bool:
        return self.pair.label == "supported"


def weigh(pair: Pair) -> Weighed:
    """Ask the rules, and the features where none refuses."""
    evidence = gather(said(pair.claim, pair.language), [pair.source], pair.language)
    refused = grounding.refused(evidence, pair.language)
    features = None if refused else weighing.features(evidence)
    return Weighed(pair, zlib.crc32(pair.group.encode()) % FOLDS, features)


def fit(weighed: Sequence[Weighed]) -> list[float]:
    """Logistic regression by gradient descent on standardised features; weights and bias for the plain ones.

    A weight against its sense (more borne out, less supported) is held at nought.
    """
    rows = [(each.features, float(each.supported)) for each in weighed if each.features is not None]
    width = len(weighing.FEATURES)
    means = [sum(row[k] for row, _ in rows) / len(rows) for k in range(width)]
    spread = [
        math.sqrt(sum((row[k] - means[k]) ** 2 for row, _ in rows) / len(rows)) or 1.0
        for k in range(width)
    ]
    signs = [1.0, 1.0, -1.0, -1.0, -1.0]
    data = [([(row[k] - means[k]) / spread[k] for k in range(width)], label) for row, label in rows]
    weights = [0.0] * (width + 1)
    for _ in range(_STEPS):
        slope = [0.0] * (width + 1)
        for row, label in data:
            total = weights[width] + sum(w * x for w, x in zip(weights, row, strict=False))
            off = 1 / (1 + math.exp(-total)) - label
            for k, value in enumerate(row):
                slope[k] += off * value
            slope[width] += off
        for k in range(width + 1):
            ridge = _RIDGE * weights[k] if k < width else 0.0
            weights[k] -= _RATE * (slope[k] / len(data) + ridge)
        for k, sign in enumerate(signs):
            weights[k] = sign * max(0.0, sign * weights[k])
    plain = [weights[k] / spread[k] for k in range(width)]
    return [*plain, weights[width] - sum(w * m for w, m in zip(plain, means, strict=True))]


def score(weights: Sequence[float], features: Sequence[float] | None) -> float:
    """The weighted sum; what a rule refuses is below everything."""
    if features is None:
        return -math.inf
    return weights[-1] + sum(w * x for w, x in zip(weights, features, strict=False))


def mark(scored: Sequence[tuple[float, bool]], share: float) -> float:
    """The sum above which `share` of the wrong ones pass."""
    wrong = sorted((value for value, supported in scored if not supported), reverse=True)
    return wrong[math.floor(share * len(wrong))] + 1e-6


def in_folds(weighed: Sequence[Weighed], language: Language) -> list[tuple[Weighed, bool]]:
    """Each pair of a language with whether it passes by weights and marks that were fitted without its fold."""
    found: list[tuple[Weighed, bool]] = []
    for fold in range(FOLDS):
        others = [each for each in weighed if each.fold != fold]
        weights = fit(others)
        scored = [
            (score(weights, each.features), each.supported)
            for each in others
            if each.pair.language == language
        ]
        least = mark(scored, PASSING)
        found += [
            (each, score(weights, each.features) >= least)
            for each in weighed
            if each.fold == fold and each.pair.language == language
        ]
    return found


def tell(name: str, judged: Sequence[tuple[Weighed, bool]]) -> dict[str, float]:
    """One line: recall of supported, precision, and the share of wrong ones that pass; and the same as data."""
    right = sum(passed for each, passed in judged if each.supported)
    meant = sum(each.supported for each, _ in judged)
    bad = sum(passed for each, passed in judged if not each.supported)
    wrong = len(judged) - meant
    print(
        f"{name:28} recall {right}/{meant} = {right / max(1, meant):.2f}"
        f"   precision {right / max(1, right + bad):.2f}"
        f"   wrong passed {bad}/{wrong} = {bad / max(1, wrong):.3f}"
    )

    return {
        "supported": meant,
        "passed": right,
        "recall": round(right / max(1, meant), 4),
        "precision": round(right / max(1, right + bad), 4),
        "wrong": wrong,
        "wrong_passed": bad,
        "wrong_passed_share": round(bad / max(1, wrong), 4),
    }


def main() -> None:
    """Judge in folds and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", action="store_true", help="print weights fitted on everything")
    parser.add_argument(
        "--wrong", action="store_true", help="print the pairs that are judged wrongly as it stands"
    )
    parser.add_argument("--keep", action="store_true", help="write bench/results/grounding.json")
    parser.add_argument("--set", help="of one set only, for --wrong")
    given = parser.parse_args()
    every = list(pairs())
    # Written for the rules, case by case: they would flatter the folds.
    weighed = [weigh(pair) for pair in every if pair.kind not in {"families", "rewordings"}]
    results: dict[str, Any] = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "folds": FOLDS,
    }
    for language in ("en", "ko"):
        judged = in_folds(weighed, language)
        results[language] = tell(f"{language} in folds", judged)
        for kind in sorted({each.pair.kind for each, _ in judged}):
            tell(f"   {kind}", [one for one in judged if one[0].pair.kind == kind])
    if given.fit:
        weights = fit(weighed)
        print("WEIGHTS", [round(each, 3) for each in weights[:-1]], "BIAS", round(weights[-1], 3))
        for language in ("en", "ko"):
            scored = [
                (score(weights, e.features), e.supported)
                for e in weighed
                if e.pair.language == language
            ]
            for share in (0.02, 0.03, PASSING, 0.05, 0.06):
                least = mark(scored, share)
                reached = sum(value >= least for value, supported in scored if supported)
                print(
                    language,
                    "mark at",
                    share,
                    round(least, 3),
                    "recall",
                    round(reached / sum(s for _, s in scored), 3),
                )
    if given.keep:
        (RESULTS / "grounding.json").write_text(json.dumps(results, indent=1) + "\n")
    stand(every, wrong=given.wrong, only=given.set)


def stand(every: Sequence[Pair], *, wrong: bool, only: str | None) -> None:
    """The verdicts as they stand now, on everything that was tuned on: a fit, no measurement."""
    for language in ("en", "ko"):
        for kind in dict.fromkeys(pair.kind for pair in every):
            table: Counter[tuple[str, str]] = Counter()
            for pair in every:
                if (pair.language, pair.kind) != (language, kind):
                    continue
                verdict = check_claim(pair.claim, [pair.source], language)
                table[pair.label, verdict.status] += 1
                passed, right = verdict.status == "supported", pair.label == "supported"
                if wrong and passed != right and only in {None, kind}:
                    print(
                        pair.label,
                        "|",
                        pair.claim,
                        "|",
                        pair.source,
                        "|",
                        verdict.status,
                        *verdict.problems,
                    )
            sums = {
                label: sum(n for (one, _), n in table.items() if one == label) for label, _ in table
            }
            denied = sum(n for (_, status), n in table.items() if status == "contradicted")
            passed_wrong = sum(
                n
                for (one, status), n in table.items()
                if one != "supported" and status == "supported"
            )
            print(
                f"{language} {kind:14} as it stands:"
                f" supported {table['supported', 'supported']}/{sums.get('supported', 0)},"
                f" wrong passed {passed_wrong}/{sum(sums.values()) - sums.get('supported', 0)},"
                f" contradicted {table['contradicted', 'contradicted']} of {sums.get('contradicted', 0)}"
                f" and {denied} called so,"
                f" partly {table['partly', 'partly']} of {sums.get('partly', 0)}"
            )


if __name__ == "__main__":
    main()
