"""What a claim is held against, and what speaks for and against it, at the edges."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.language.types import Language
from app.review.bounds import bounds
from app.review.claims import check_claim
from app.review.evidence import gather, said
from app.review.polarity import turned_round
from app.review.rivals import rivals
from app.review.subjects import other_subject
from app.review.thesaurus import thesaurus
from app.review.weighing import WEIGHTS, borne_out
from app.review.words import akin, words_of

_GROUPS = json.loads(Path(__file__).with_name("claims_tuning.json").read_text(encoding="utf-8"))[
    "groups"
]


def test_the_claims_for_tuning_are_whole():
    for group in _GROUPS:
        assert list(group) == ["language", "source", "claims"]
        for case in group["claims"]:
            assert list(case) == ["claim", "verdict", "by"]
            assert (case["by"] is not None) == (case["verdict"] == "contradicted"), case
    counts = Counter(
        (group["language"], case["verdict"]) for group in _GROUPS for case in group["claims"]
    )
    assert min(counts.values()) >= 30
    assert all(
        sum(n for (one, _), n in counts.items() if one == each) >= 240 for each in ("en", "ko")
    )


@pytest.mark.parametrize("language", ["en", "ko"])
def test_no_word_stands_on_both_sides_of_a_sense(language: Language):
    both = [
        word
        for word, senses in thesaurus(language).senses.items()
        if any(sense ^ 1 in senses for sense in senses)
    ]

    assert both == []


@pytest.mark.parametrize(
    ("text", "language", "sides"),
    [
        ("It takes at least 12 days.", "en", [">"]),
        ("Photos must not be older than 6 months.", "en", ["<"]),
        ("It costs 70 euros or more.", "en", [">"]),
        ("Up to 30 may come, or more than 50.", "en", ["<", ">"]),
        ("It takes 12 days.", "en", []),
        ("사진은 6개월이 넘으면 안 된다.", "ko", ["<"]),
        ("12자 이상이어야 한다.", "ko", [">"]),
        ("최대 30명까지 탄다.", "ko", ["<"]),
    ],
)
def test_a_bound_is_read_however_it_is_said(text: str, language: Language, sides: list[str]):
    assert list(bounds(text, language).sides.values()) == sides


@pytest.mark.parametrize(
    ("claim", "source", "language", "turned"),
    [
        ("The plant stays open.", "The plant will not be closed.", "en", False),
        ("The plant stays open.", "The plant will be closed.", "en", True),
        ("Women must avoid the drug.", "Women must not use the drug.", "en", False),
        ("The library needs no server.", "The library does not need a server.", "en", False),
        ("The bank rejected the findings.", "The bank accepted the findings.", "en", True),
        ("공장은 문을 닫지 않는다.", "공장은 문을 닫는다.", "ko", True),
        ("매출이 늘었다.", "매출이 감소했다.", "ko", True),
        ("매출이 늘었다.", "매출이 증가했다.", "ko", False),
    ],
)
def test_what_is_turned_twice_is_not_turned(
    claim: str, source: str, language: Language, *, turned: bool
):
    evidence = gather(said(claim, language), [source], language)

    assert bool(turned_round(evidence, language)) == turned


def test_a_number_that_the_source_has_at_something_else_is_named_with_what_it_has_there():
    claim = said("A berth costs 29 euros.", "en")
    evidence = gather(claim, ["A berth costs 69 euros, a seat from 29."], "en")

    assert rivals(claim, evidence.every, "en") == [("29 euros", "69 euros")]


def test_what_is_said_of_another_is_seen():
    claim = said("Worker bees lay the eggs.", "en")
    source = "Worker bees live six weeks. The queen lays the eggs."

    assert other_subject(claim, gather(claim, [source], "en").every, "en")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("install", "installation", True),
        ("pregnant", "pregnanci", True),
        ("passeng", "passport", False),
        ("contract", "contrast", False),
        ("호밀", "호밀빵", True),
        ("잉어", "농어", False),
    ],
)
def test_words_of_one_family_are_told_by_their_endings(one: str, other: str, *, same: bool):
    assert akin(one, other) == same


def test_a_phrase_is_one_word_though_its_particle_stands_apart():
    forms = [word.form for word in words_of("The council turned the whole proposal down.", "en")]

    assert "turn_down" in forms


def test_weights_have_the_signs_that_they_must_have():
    assert all(weight >= 0 for weight in WEIGHTS[:2])
    assert all(weight <= 0 for weight in WEIGHTS[2:])


@pytest.mark.parametrize("group", _GROUPS[::6], ids=lambda group: group["source"][:20])
def test_a_source_with_more_of_the_claim_never_bears_less_of_it_out(group: dict[str, str]):
    language: Language = "ko" if group["language"] == "ko" else "en"
    for case in group["claims"]:
        claim = said(case["claim"], language)  # type: ignore[index]  # the set's shape has its own test
        alone = borne_out(gather(claim, [group["source"]], language), language)
        more = borne_out(gather(claim, [group["source"], case["claim"]], language), language)  # type: ignore[index]  # as above
        assert more >= alone


@given(st.text(max_size=200), st.lists(st.text(max_size=300), min_size=1, max_size=3))
@pytest.mark.parametrize("language", ["en", "ko"])
def test_any_text_is_judged(language: Language, sentence: str, passages: list[str]):
    verdict = check_claim(sentence, passages, language)

    assert 0 <= verdict.coverage <= 1
    assert verdict.clause is None or verdict.clause.span.end <= len(
        passages[verdict.clause.passage]
    )


def test_a_claim_against_a_huge_source_takes_no_time_worth_telling():
    source = " ".join(group["source"] for group in _GROUPS if group["language"] == "en") * 20
    claim = "Construction of the canal cycle path starts in April."

    verdict = check_claim(claim, [source], "en")

    assert verdict.clause is not None
    assert "cycle path" in verdict.clause.text or "April" in verdict.clause.text
