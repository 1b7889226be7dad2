"""Numbers in words, shares, dozens and Korean steps, and units that measure the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.language.measures import is_rounded, readings
from app.language.number_words import may_hold_number_word, written_numbers
from app.language.numbers import find_numbers
from app.language.types import Language


def _forms(text: str, language: Language) -> frozenset[str]:
    return frozenset[str]().union(*(readings(each) for each in find_numbers(text, language)))


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("forty minutes", "40 min", "en"),
        ("twenty-five days", "25 days", "en"),
        ("two hundred and five people", "205 people", "en"),
        ("a dozen stops", "12 stops", "en"),
        ("three in four members", "75 percent of the members", "en"),
        ("a fifth of them", "20 % of them", "en"),
        ("two thirds of them", "67 % of them", "en"),
        ("every quarter of an hour", "every 15 minutes", "en"),
        ("an hour and a half", "90 minutes", "en"),
        ("within fourteen days", "within two weeks", "en"),
        ("five millilitres", "5 ml", "en"),
        ("2.5 kilograms", "2,500 g", "en"),
        ("fifteen dollars", "$15", "en"),
        ("7 p.m.", "19:00", "en"),
        ("백이십 개", "120개", "ko"),
        ("십이만 원", "120,000원", "ko"),
        ("2억 5천만 원", "250,000,000원", "ko"),
        ("천만 명", "1,000만 명", "ko"),
        ("서른다섯 개", "35개", "ko"),
        ("3분의 2", "67%", "ko"),
        ("다섯 명 중 네 명", "80%", "ko"),
        ("저녁 7시", "19시", "ko"),
        ("두 주", "14일", "ko"),
        ("두 시간", "120분", "ko"),
        ("사흘", "3일", "ko"),
        ("두 해", "24개월", "ko"),
    ],
)
def test_one_amount_has_one_reading_in_common(one: str, other: str, language: Language):
    assert _forms(one, language) & _forms(other, language)


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("forty minutes", "40 hours", "en"),
        ("a third of them", "30 % of them", "en"),
        ("two litres", "2 ml", "en"),
        ("7 a.m.", "19:00", "en"),
        ("a month", "30 days", "en"),
        ("십이만 원", "12,000원", "ko"),
        ("두 해", "두 번", "ko"),
        ("오전 7시", "19시", "ko"),
        ("서른다섯 개", "25개", "ko"),
    ],
)
def test_other_amounts_have_none(one: str, other: str, language: Language):
    assert not _forms(one, language) & _forms(other, language)


@pytest.mark.parametrize(
    "text",
    [
        "한도를 정한다.",
        "이 도로는 새 길이다.",
        "한편 세상은 넓다.",
        "백화점에 간다.",
        "이 주 안에 온다.",
    ],
)
def test_a_word_that_only_looks_like_a_number_is_none(text: str):
    assert find_numbers(text, "ko") == []


@pytest.mark.parametrize(
    ("claim", "source", "language", "rounded"),
    [
        ("a little over 42 km", "42.195 km", "en", True),
        ("about 13 m", "12.9 m", "en", True),
        ("13 m", "12.9 m", "en", False),
        ("about 13 m", "14 m", "en", False),
        ("a little over 42 km", "41.9 km", "en", False),
        ("약 13미터", "12.9m", "ko", True),
        ("참가자는 5,000명쯤", "4,980명", "ko", True),
        ("약 13미터", "17m", "ko", False),
    ],
)
def test_a_number_is_rounded_only_where_the_claim_says_so(
    claim: str, source: str, language: Language, rounded: bool
):
    mine, theirs = find_numbers(claim, language)[0], find_numbers(source, language)[0]

    assert is_rounded(claim, mine, theirs, language) is rounded


_PIECES = (
    *(
        "one",
        "SIX",
        "\u017fix",
        "s\u0131x",
        "S\u0130X",
        "twenty-first",
        "third",
        "thirds",
        "dozens",
        "doubled",
    ),
    *(
        "tripl\u0131ng",
        "half",
        "an hour and a half",
        "a year",
        "million",
        "century",
        "of",
        "in",
        "a",
        "the",
    ),
    *(" ", " ", " ", "-", ".", ",", "é", "_", "7", "’", "out of"),
)


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))
def test_no_text_with_a_number_in_words_is_passed_over(text: str):
    if written_numbers(text, "en"):
        assert may_hold_number_word(text) or any(map(str.isdigit, text))


@pytest.mark.parametrize(
    "text",
    [
        "ſix thousand people",
        "SEVEN MILLION",
        "an hour and a half",
        "two thirds",
        "triplıng",
        "3 Aprıl 2021",
        "sıx o'clock",
        "the fıfth century",
    ],
)
def test_a_number_in_words_is_found_however_it_is_written(text: str):
    assert find_numbers(text, "en")


def test_a_text_without_digits_and_number_words_holds_no_number():
    assert not may_hold_number_word("The balancer asks every machine whether it is well.")


@pytest.mark.parametrize(
    "text", ["열 대신 시간", "열이 시간을 대신한다", "열에 약하다", "천 조각으로 거른다"]
)
def test_heat_and_cloth_are_no_numbers(text: str) -> None:
    assert find_numbers(text, "ko") == []


@pytest.mark.parametrize("text", ["열 대로 늘렸다", "열 명이 왔다", "열두 시간", "삼천 조각"])
def test_ten_and_a_thousand_are(text: str) -> None:
    assert len(find_numbers(text, "ko")) == 1
