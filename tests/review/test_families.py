"""Families of wrong claims, and right ones beside them: what each rule of the grounded path is for.

Written for rules, case by case and hard by construction, so they measure nothing; they hold what has been learnt.
`bench/grounding.py` measures.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from app.language.types import Language
from app.review.claims import check_claim

_CASES = [
    case
    for name in ("families.json", "rewordings.json")
    for case in json.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))
]


def _named(case: dict[str, str]) -> str:
    return f"{case['family']}: {case['claim']}"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_hardly_a_wrong_claim_passes_and_most_right_ones_do(language: Language):
    cases = [case for case in _CASES if case["language"] == language]
    passed = [
        case
        for case in cases
        if check_claim(case["claim"], [case["source"]], language).status == "supported"
    ]
    wrong = [_named(case) for case in passed if not case["stands"]]
    meant = sum(bool(case["stands"]) for case in cases)

    print(f"\n{language}: {len(wrong)} wrong ones of {len(cases) - meant} pass: {wrong}")  # noqa: T201  # the figure is the test's report
    assert len(wrong) / (len(cases) - meant) <= 0.15
    assert (len(passed) - len(wrong)) / meant >= 0.9


@pytest.mark.parametrize("case", _CASES, ids=_named)
def test_a_source_s_own_sentences_are_supported(case: dict[str, str]):
    assert check_claim(case["source"], [case["source"]], case["language"]).status == "supported"


def test_both_languages_and_both_answers_are_there():
    counts = Counter((case["language"], case["stands"]) for case in _CASES)

    assert min(counts.values()) >= 20


@pytest.mark.parametrize(
    ("claim", "source", "language", "status"),
    [
        ("The bridge opened in 1931.", "The bridge opened in 1928.", "en", "contradicted"),
        ("다리는 1931년에 개통되었다.", "다리는 1928년에 개통되었다.", "ko", "contradicted"),
        ("The bridge is not open to cars.", "The bridge is open to cars.", "en", "contradicted"),
        ("매출이 감소했다.", "매출이 증가했다.", "ko", "contradicted"),
        ("The bridge opened in 1931.", "The harbour sells fish on Sundays.", "en", "unsupported"),
        ("다리는 1931년에 개통되었다.", "항구에서는 생선을 판다.", "ko", "unsupported"),
        ("The bridge cost 12 million euros.", "The bridge was costly.", "en", "unsupported"),
    ],
)
def test_a_source_that_says_otherwise_contradicts_and_a_silent_one_does_not(
    claim: str, source: str, language: Language, status: str
):
    verdict = check_claim(claim, [source], language)

    assert verdict.status == status
    assert verdict.clause is not None
    assert verdict.clause.text == source
    assert (verdict.reasons[0] == f"contradicted: the source says: {source}") == (
        status == "contradicted"
    )


def test_the_clause_is_that_of_the_passage_that_speaks_of_it():
    passages = [
        "The harbour sells fish.",
        "The town is old; the bridge opened in 1928. It is red.",
    ]

    clause = check_claim("The bridge opened in 1931.", passages, "en").clause

    assert clause is not None
    assert clause.passage == 1
    assert clause.span.of(passages[1]) == clause.text == "the bridge opened in 1928."


@pytest.mark.parametrize("language", ["en", "ko"])
def test_of_the_claims_for_tuning_nearly_half_pass_and_few_wrong_ones(language: Language):
    folder = Path(__file__).parent
    cases = json.loads((folder / "claims.json").read_text(encoding="utf-8"))["cases"]
    for group in json.loads((folder / "claims_tuning.json").read_text(encoding="utf-8"))["groups"]:
        cases += [{**case, **group} for case in group["claims"]]
    mine = [case for case in cases if case["language"] == language]
    passed = [
        case["verdict"]
        for case in mine
        if check_claim(case["claim"], [case["source"]], language).status == "supported"
    ]
    meant = sum(case["verdict"] == "supported" for case in mine)

    assert passed.count("supported") / meant >= 0.45
    assert (len(passed) - passed.count("supported")) / (len(mine) - meant) <= 0.04
