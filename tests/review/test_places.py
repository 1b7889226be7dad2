"""Where a source's clauses begin and end, and which subject each of them has."""

import pytest

from app.language.types import Language
from app.review.places import find_places, subject_of


@pytest.mark.parametrize(
    ("source", "language", "places"),
    [
        (
            "The poet, born in 1842, died in 1922.",
            "en",
            [("", "The poet"), ("The poet", "born in 1842"), ("The poet", "died in 1922.")],
        ),
        (
            "Registration opens at 8:00 and closes at 9:00.",
            "en",
            [("", "Registration opens at 8:00"), ("Registration", "and closes at 9:00.")],
        ),
        (
            "The lighthouse was built in 1858. It is 31 metres tall.",
            "en",
            [
                ("", "The lighthouse was built in 1858."),
                ("The lighthouse", "It is 31 metres tall."),
            ],
        ),
        (
            "성당은 1892년에 공사를 시작해 1898년에 완공되었다.",
            "ko",
            [("", "성당은 1892년에 공사를 시작해"), ("성당은", "1898년에 완공되었다.")],
        ),
        (
            "회의록은 서기가 쓰고 총무는 회비를 관리한다.",
            "ko",
            [("", "회의록은 서기가 쓰고"), ("", "총무는 회비를 관리한다.")],
        ),
        (
            "강남에서 3.1%, 강북에서 1.2% 올랐다.",
            "ko",
            [("올랐다.", "강남에서 3.1%,"), ("", "강북에서 1.2% 올랐다.")],
        ),
    ],
)
def test_a_clause_takes_over_the_subject_that_it_does_not_name(
    source: str, language: Language, places: list[tuple[str, str]]
):
    assert [(place.subject, place.text) for place in find_places(source, language)] == places


@pytest.mark.parametrize(
    ("source", "language"),
    [
        ("The bridge was opened by Maria Keller on May 27, 1937.", "en"),
        ("The shop sells flour, water and salt.", "en"),
        ("It takes 5 and 10 seconds.", "en"),
        ("The pass is closed between 4:45 and 23:30.", "en"),
        ("시장 안에는 점포가 모여 있다.", "ko"),
        ("새 우표는 2025. 4. 21.에 나온다.", "ko"),
    ],
)
def test_lists_ranges_and_dates_are_one_place(source: str, language: Language):
    assert len(find_places(source, language)) == 1


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("In 2018 the headquarters moved to Cardiff.", "the headquarters"),
        ("The export of wine exceeds the import.", "The export of wine"),
        ("Every Monday there is a workshop.", ""),
        ("It came into force.", ""),
    ],
)
def test_a_subject_is_what_stands_before_the_verb_or_nothing(text: str, subject: str):
    assert subject_of(text) == subject
