"""The frozen claims are whole: form, counts, and what their README says of them. No rule is run on them here."""

import json
import re
from collections import Counter
from pathlib import Path

_HERE = Path(__file__).parent
_CASES = json.loads((_HERE / "claims_frozen.json").read_text(encoding="utf-8"))["cases"]
_LEAST = {"supported": 64, "partly": 24, "unsupported": 24, "contradicted": 48}
_BY = {"number": 8, "date": 8, "name": 8, "negation": 8, "direction": 8, "limit": 4, "scope": 4}
_WORDS = {"en": range(8, 31), "ko": range(5, 31)}
_TITLE = re.compile(r"\b(?:Dr|St)\b ")


def test_every_case_has_its_shape():
    for case in _CASES:
        assert list(case) == ["language", "claim", "source", "verdict", "by", "distance"], case
        assert case["language"] in _WORDS, case
        assert case["verdict"] in _LEAST, case
        assert (case["by"] in _BY) == (case["verdict"] == "contradicted"), case
        assert case["by"] is None or case["by"] in _BY, case


def test_only_a_supported_claim_is_a_free_paraphrase():
    for case in _CASES:
        far = {"far"} if case["verdict"] == "supported" else set()
        assert case["distance"] in {"near", "reworded"} | far, case


def test_claims_are_one_sentence_of_an_article():
    for case in _CASES:
        assert case["claim"].endswith("."), case
        assert not re.search(r"[.?!] ", _TITLE.sub("", case["claim"])), case
        assert len(case["claim"].split()) in _WORDS[case["language"]], case


def test_sources_are_passages_of_two_to_six_sentences():
    for case in _CASES:
        source = _TITLE.sub("", case["source"])
        assert 2 <= len(re.findall(r"[.?!](?: |$)", source)) <= 6, case
        assert 60 <= len(source) <= 450, case


def test_the_language_is_the_one_named():
    for case in _CASES:
        for text in (case["claim"], case["source"]):
            assert bool(re.search("[가-힣]", text)) == (case["language"] == "ko"), case


def test_no_claim_and_no_source_stands_twice_or_in_the_older_set():
    older = json.loads((_HERE / "claims.json").read_text(encoding="utf-8"))["cases"]
    for field in ("claim", "source"):
        texts = Counter(case[field] for case in [*_CASES, *older])
        assert max(texts.values()) == 1, field


def test_no_claim_stands_letter_for_letter_in_its_source():
    for case in _CASES:
        assert case["claim"].rstrip(".") not in case["source"], case


def test_no_two_claims_begin_alike():
    openings = Counter(tuple(case["claim"].split()[:3]) for case in _CASES)

    assert max(openings.values()) == 1


def test_every_verdict_has_enough_cases_in_both_languages():
    verdicts = Counter((case["language"], case["verdict"]) for case in _CASES)
    kinds = Counter((case["language"], case["by"]) for case in _CASES)

    for language in _WORDS:
        assert sum(verdicts[language, verdict] for verdict in _LEAST) >= 160
        for verdict, least in _LEAST.items():
            assert least <= verdicts[language, verdict] <= least + 4
        for by, least in _BY.items():
            assert kinds[language, by] >= least


def test_every_distance_has_its_share_of_the_supported_and_of_the_wrong():
    distances = Counter(
        (case["language"], case["verdict"] == "supported", case["distance"]) for case in _CASES
    )
    for language in _WORDS:
        for distance in ("near", "reworded", "far"):
            assert distances[language, True, distance] >= 20
        for distance in ("near", "reworded"):
            assert distances[language, False, distance] >= 40


def test_the_readme_tells_the_counts():
    readme = (_HERE / "README.md").read_text(encoding="utf-8")
    for verdict in _LEAST:
        for distance in ("near", "reworded", "far"):
            found = Counter(
                case["language"]
                for case in _CASES
                if (case["verdict"], case["distance"]) == (verdict, distance)
            )
            if found:
                assert f"| {verdict} | {distance} | {found['en']} | {found['ko']} |" in readme
    for by in _BY:
        found = Counter(case["language"] for case in _CASES if case["by"] == by)
        assert f"| contradicted by {by} | | {found['en']} | {found['ko']} |" in readme
