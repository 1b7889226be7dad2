"""Families of wrong claims, and right ones beside them: what each rule of the grounded path is for.

Written while the rules were, so they measure nothing; they hold what has been learnt. The labelled set
of `claims.json` measures.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from app.review.claims import check_claim

_CASES = json.loads(Path(__file__).with_name("families.json").read_text(encoding="utf-8"))
_WRONG = [case for case in _CASES if not case["stands"]]
_RIGHT = [case for case in _CASES if case["stands"]]


def _named(case: dict[str, str]) -> str:
    return f"{case['family']}: {case['claim']}"


@pytest.mark.parametrize("case", _WRONG, ids=_named)
def test_a_wrong_claim_does_not_pass(case: dict[str, str]):
    assert check_claim(case["claim"], [case["source"]], case["language"]).status != "supported"


@pytest.mark.parametrize("case", _RIGHT, ids=_named)
def test_a_right_claim_passes(case: dict[str, str]):
    verdict = check_claim(case["claim"], [case["source"]], case["language"])

    assert (verdict.status, verdict.problems) == ("supported", ())


@pytest.mark.parametrize("case", _CASES, ids=_named)
def test_a_source_s_own_sentences_are_supported(case: dict[str, str]):
    assert check_claim(case["source"], [case["source"]], case["language"]).status == "supported"


def test_both_languages_and_both_answers_are_there():
    counts = Counter((case["language"], case["stands"]) for case in _CASES)

    assert min(counts.values()) >= 20


def test_of_the_labelled_half_for_tuning_hardly_a_wrong_claim_passes():
    pairs = json.loads(Path(__file__).with_name("claims.json").read_text(encoding="utf-8"))
    for language, least in (("en", 0.36), ("ko", 0.32)):
        cases = [
            case
            for case in pairs["cases"]
            if case["half"] == "tune" and case["language"] == language
        ]
        passed = [
            case["verdict"]
            for case in cases
            if check_claim(case["claim"], [case["source"]], language).status == "supported"
        ]
        meant = sum(case["verdict"] == "supported" for case in cases)

        assert passed.count("supported") / len(passed) >= 0.95
        assert passed.count("supported") / meant >= least
