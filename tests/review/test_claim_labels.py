"""The labelled claims are whole: shapes, halves, verdicts. What the rules make of them is measured elsewhere."""

import json
import re
from collections import Counter
from pathlib import Path

_CASES = json.loads(Path(__file__).with_name("claims.json").read_text(encoding="utf-8"))["cases"]
_VERDICTS = {"supported": 50, "partly": 15, "unsupported": 20, "contradicted": 40}
_BY = {"number", "date", "name", "negation", "direction"}


def test_every_case_has_its_shape():
    for case in _CASES:
        assert list(case) == ["language", "claim", "source", "verdict", "by", "half"], case
        assert case["verdict"] in _VERDICTS, case
        assert case["half"] in {"tune", "frozen"}, case
        assert (case["by"] in _BY) == (case["verdict"] == "contradicted"), case
        assert case["by"] is None or case["by"] in _BY, case


def test_claims_are_one_sentence_and_sources_one_to_four():
    for case in _CASES:
        assert case["claim"].endswith("."), case
        assert not re.search(r"[.?!] ", case["claim"].replace("Dr ", "")), case
        assert 1 <= len(re.findall(r"[.?!](?: |$)", case["source"])) <= 6, case
        assert 20 <= len(case["source"]) <= 300, case


def test_the_language_is_the_one_named():
    for case in _CASES:
        for text in (case["claim"], case["source"]):
            assert bool(re.search("[가-힣]", text)) == (case["language"] == "ko"), case


def test_no_claim_and_no_source_stands_twice():
    claims = Counter(case["claim"] for case in _CASES)
    sources = Counter(case["source"] for case in _CASES)

    assert max(claims.values()) == max(sources.values()) == 1


def test_every_verdict_has_enough_cases_and_equal_halves_in_both_languages():
    verdicts = Counter((case["language"], case["verdict"]) for case in _CASES)
    parts = Counter(
        (case["language"], case["verdict"], case["by"], case["half"]) for case in _CASES
    )

    assert len(_CASES) >= 260
    for language in ("en", "ko"):
        for verdict, least in _VERDICTS.items():
            assert verdicts[language, verdict] >= least
            for by in _BY if verdict == "contradicted" else {None}:
                halves = [parts[language, verdict, by, half] for half in ("tune", "frozen")]
                assert min(halves) >= 4
                assert abs(halves[0] - halves[1]) <= 1
