"""What is remembered of texts is bounded in characters and changes no answer."""

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from app.language.remembered import Remembered


def counted(characters: int) -> tuple[Remembered[int], list[str]]:
    worked: list[str] = []

    def work(text: str) -> int:
        worked.append(text)
        return len(text)

    return Remembered(work, characters=characters), worked


def test_what_is_remembered_is_not_worked_out_again():
    length, worked = counted(10)

    assert [length("abc"), length("abc")] == [3, 3]
    assert worked == ["abc"]


def test_the_oldest_goes_where_the_characters_are_too_many_and_use_keeps_a_text():
    length, worked = counted(6)
    for text in ("aaa", "bbb", "aaa", "ccc", "aaa", "bbb"):
        length(text)

    assert worked == ["aaa", "bbb", "ccc", "bbb"]


def test_a_text_longer_than_all_is_answered_and_drives_nothing_out():
    length, worked = counted(6)
    for text in ("aaa", "x" * 7, "aaa"):
        length(text)

    assert worked == ["aaa", "x" * 7]


def test_forgetting_is_whole():
    length, worked = counted(6)
    length("aaa")
    length.cache_clear()
    length("aaa")

    assert worked == ["aaa", "aaa"]


@given(st.lists(st.text(max_size=8), max_size=60), st.integers(0, 20))
def test_answers_are_those_of_the_work(texts: list[str], characters: int):
    length, _worked = counted(characters)

    assert [length(text) for text in texts] == [len(text) for text in texts]


def test_threads_get_right_answers():
    length, _worked = counted(50)
    texts = ["x" * (n % 17) for n in range(2000)]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(length, texts)) == [len(text) for text in texts]
