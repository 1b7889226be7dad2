"""The labelled keyphrases are whole: shapes, halves, kinds. What a matcher makes of them is measured elsewhere."""

import json
from collections import Counter
from pathlib import Path

_SET = json.loads(Path(__file__).with_name("keyphrases_ko.json").read_text(encoding="utf-8"))
_CASES = _SET["cases"]
_KINDS = {
    "particle": 30,
    "ending": 30,
    "compound": 30,
    "spacing": 25,
    "order": 25,
    "mixed_script": 25,
    "number": 20,
    "false_friend": 60,
    "homograph": 15,
    "synonym": 12,
}
_REQUIRED = {"keyphrase", "sentence", "count", "all_words", "kind", "half"}


def test_every_case_has_its_shape():
    for case in _CASES:
        assert set(case) >= _REQUIRED, case
        assert set(case) <= _REQUIRED | {"ambiguous", "note"}, case
        assert case["half"] in {"tune", "held"}, case
        assert case.get("ambiguous", True) is True, case
        assert case["count"] in {0, 1, 2}, case
        assert isinstance(case["all_words"], bool), case
        assert case["all_words"] or case["count"] == 0, case
        assert case["keyphrase"] == case["keyphrase"].strip() != "", case
        assert case["sentence"] == case["sentence"].strip() != "", case


def test_no_case_stands_twice():
    seen = Counter((case["keyphrase"], case["sentence"]) for case in _CASES)

    assert max(seen.values()) == 1


def test_one_word_is_there_wholly_or_not_at_all():
    for case in _CASES:
        if " " not in case["keyphrase"] and not case.get("ambiguous"):
            assert case["all_words"] == (case["count"] > 0), case


def test_every_kind_has_enough_cases_and_equal_halves():
    kinds = Counter(case["kind"] for case in _CASES)
    halves = Counter((case["kind"], case["half"]) for case in _CASES)

    assert set(kinds) == set(_KINDS)
    for kind, least in _KINDS.items():
        assert kinds[kind] >= least, kind
        assert abs(halves[kind, "tune"] - halves[kind, "held"]) <= 1, kind


def test_both_halves_have_hits_and_misses_enough_to_score():
    clear = [case for case in _CASES if not case.get("ambiguous")]
    parts = Counter((case["half"], case["count"] > 0) for case in clear)

    assert len(clear) >= 260
    assert min(parts.values()) >= 55


def test_the_rules_and_the_seed_stand_at_the_head():
    assert list(_SET) == ["seed", "rules", "cases"]
    assert isinstance(_SET["seed"], int)
    assert len(_SET["rules"]) >= 8
