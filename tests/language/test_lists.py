"""Our own word lists: each finds what it is for, and leaves alone what only looks like it."""

import pytest

from app.language.anchors import is_generic
from app.language.inclusive import WORDS, find_exclusive
from app.language.korean_style import PATTERNS, translationese
from app.language.passive import has_passive, korean_passives
from app.language.syllables import reading_ease, syllables
from app.language.transitions import has_transition


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("However, it works.", True), ("It fails because it is old.", True), ("In other words, no.", True),
        ("It waits so that others can pass.", True), ("It works.", False), ("The butter melts.", False),
        ("The house stands.", False),
    ],
)  # fmt: skip
def test_english_transitions(sentence: str, expected: bool):
    assert has_transition(sentence, "en") is expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("그러나 서버는 하나입니다.", True), ("예를 들어 캐시가 있습니다.", True), ("비용이 들지만 안전합니다.", True),
        ("요청이 몰리면 서버를 늘립니다.", True), ("메모리가 부족하므로 늘립니다.", True),
        ("서버는 요청을 받습니다.", False), ("캐시를 비우고 서버를 켭니다.", False), ("그는 서버를 쓰지 않습니다.", False),
    ],
)  # fmt: skip
def test_korean_transitions_are_adverbs_and_endings(sentence: str, expected: bool):
    assert has_transition(sentence, "ko") is expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The session is kept by the server.", True), ("The key was not yet found.", True),
        ("It is being rebuilt.", True), ("The file isn't shared.", True), ("It got deleted.", True),
        ("They are tired.", False), ("We need speed.", False), ("The server keeps the session.", False),
        ("There is indeed a way.", False), ("The car is red.", False),
    ],
)  # fmt: skip
def test_english_passives(sentence: str, expected: bool):
    assert has_passive(sentence) is expected


def test_korean_passives_are_told_apart_from_double_ones():
    once = korean_passives("파일은 서버에 저장됩니다.")
    twice = korean_passives("파일은 서버에 저장되어집니다.")
    active = korean_passives("서버는 파일을 저장합니다.")

    assert (len(once.passive), len(once.double)) == (1, 0)
    assert (len(twice.passive), len(twice.double)) == (0, 1)
    assert active == ((), ())


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("cat", 1), ("table", 2), ("boxes", 2), ("walked", 1), ("wanted", 2), ("video", 3), ("doing", 2),
        ("application", 4), ("because", 2), ("client", 2), ("science", 2), ("people", 2), ("idea", 3),
        ("language", 2), ("create", 2), ("friend", 1), ("API", 3), ("use", 1), ("horizontal", 4),
    ],
)  # fmt: skip
def test_syllables_are_counted_by_rule(word: str, expected: int):
    assert syllables(word) == expected


def test_reading_ease_is_flesch_s_formula():
    assert reading_ease(["The cat sat on the mat."]) == pytest.approx(206.835 - 1.015 * 6 - 84.6)
    assert reading_ease(["…"]) is None


@pytest.mark.parametrize(
    "words", ["here", "Read more »", "HERE.", "여기를 클릭", "자세히 보기", "더보기"]
)
def test_vague_link_words_are_known(words: str):
    assert is_generic(words)


@pytest.mark.parametrize(
    "words", ["Horizontal scaling guide", "수평 확장 안내", "Here be dragons", ""]
)
def test_link_words_that_name_something_are_not_vague(words: str):
    assert not is_generic(words)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("이 문제에 대하여 설명한다.", ["~에 대하여"]), ("캐시를 통해 빨라진다.", ["~를 통해"]),
        ("그것은 좋은 일인 것이다.", ["~것이다"]), ("이것이 그중 하나이다.", ["~중 하나"]),
        ("통해시는 도시다.", []), ("대화를 나눈다.", []),
    ],
)  # fmt: skip
def test_translated_korean_is_found(text: str, expected: list[str]):
    assert [name for name, _ in translationese(text)] == expected
    assert set(expected) <= set(PATTERNS)


def test_words_that_exclude_come_with_a_better_one_and_its_source():
    english = find_exclusive("Add it to the whitelist; it took 3 man-hours.", "en")
    korean = find_exclusive("유모차를 파는 사장님과 상태가 정상인 서버", "ko")

    assert [word.better for word, _ in english] == ["allowlist", "person-hours"]
    assert [word.better for word, _ in korean] == ["유아차"]
    assert all(word.source for words in WORDS.values() for word in words)
