"""What must not change on the way from a source to an article: amounts, dates, names, quotations, negations."""

import pytest

from app.language.names import find_names, find_quotations, negations
from app.language.numbers import find_numbers


def amounts(text: str) -> list[str]:
    language = "ko" if any("가" <= letter <= "힣" for letter in text) else "en"
    return [number.normal for number in find_numbers(text, language)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("it took 5 seconds", "5초가 걸렸다"),
        ("a limit of 10%", "한도는 10퍼센트"),
        ("1,000 requests", "요청 1000"),
        ("on 5 March 2024", "2024년 3월 5일에"),
        ("March 5, 2024", "2024-03-05"),
        ("a depth of 10 metres", "a depth of 10 m"),
        ("2 million requests", "요청 200만"),
        ("version v1.2.3", "v1.2.3 버전"),
    ],
)
def test_an_amount_is_the_same_however_it_is_written(one: str, other: str) -> None:
    assert amounts(one) == amounts(other) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("10 seconds", "10 minutes"),
        ("10 metres", "10 feet"),
        ("5%", "5"),
        ("2024-03-05", "2024-03-06"),
        ("300초", "30초"),
        ("v1.2.3", "v1.2.4"),
        ("3.5배", "35배"),
    ],
)
def test_another_amount_is_another(one: str, other: str) -> None:
    assert amounts(one) != amounts(other)


@pytest.mark.parametrize(
    ("sentence", "language", "names"),
    [
        ("MySQL and PostgreSQL differ.", "en", {"MySQL", "PostgreSQL"}),
        ("The law by Neil Gunther adds a cost.", "en", {"Neil Gunther"}),
        ("Set `least_conn` in nginx.conf first.", "en", {"least_conn", "nginx.conf"}),
        ("Servers fail.", "en", set()),
        ("그 값은 Redis나 Valkey에 둔다.", "ko", {"Redis", "Valkey"}),
        ("PgBouncer를 두면 `max_connections`를 아낀다.", "ko", {"PgBouncer", "max_connections"}),
    ],
)
def test_names_are_found(sentence: str, language: str, names: set[str]) -> None:
    assert set(find_names(sentence, language)) == names


def test_quotations_are_found_without_their_marks() -> None:
    text = 'He said “never again” and "twice". 그는 「다시」라고 했다.'

    assert [text[start:end] for start, end in find_quotations(text)] == [
        "never again",
        "twice",
        "다시",
    ]


@pytest.mark.parametrize(
    ("sentence", "language", "count"),
    [
        ("It does not start without a key.", "en", 2),
        ("It starts.", "en", 0),
        ("It can't be unsafe.", "en", 2),
        ("세션을 저장하지 않는다.", "ko", 1),
        ("저장할 수 없고 지우지도 못한다.", "ko", 2),
        ("세션을 저장한다.", "ko", 0),
    ],
)
def test_negations_are_counted(sentence: str, language: str, count: int) -> None:
    assert negations(sentence, language) == count
