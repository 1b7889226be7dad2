"""Noun runs: what may be a keyphrase, and what no phrase begins or ends with."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.language.noun_runs import candidates, noun_runs
from app.language.questions import is_question
from app.language.types import Language


def phrases(text: str, language: Language) -> set[str]:
    (runs,) = noun_runs([text], language)
    return {one.text for run in runs for one in candidates(text, run, language)}


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        (
            "수평 확장은 서버를 늘립니다.",
            {"수평 확장", "서버"},
            {"확장은", "서버를", "수평 확장은"},
        ),
        ("콜드브루커피를 마십니다.", {"콜드브루커피"}, {"브루커피", "콜드브루커피를"}),
        ("별 보기에는 어둠이 필요합니다.", {"별 보기", "별", "어둠"}, {"보기", "필요", "보기에"}),
        ("20분 동안 100g을 안전하게 넣습니다.", set(), {"20분", "100g", "안전", "동안"}),
        ("2단계 인증을 켭니다.", {"2단계 인증", "인증"}, {"2단계", "2"}),
        ("3-2-1 백업 규칙", {"3-2-1 백업 규칙", "백업 규칙"}, {"3-2-1"}),
        ("PostgreSQL 인덱스가", {"PostgreSQL 인덱스", "인덱스", "PostgreSQL"}, set()),
    ],
)
def test_korean_runs_end_at_particles_and_endings(
    text: str, wanted: set[str], unwanted: set[str]
) -> None:
    found = phrases(text, "ko")

    assert wanted <= found
    assert not unwanted & found


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        (
            "The encrypted tunnel hides your traffic.",
            {"encrypted tunnel", "tunnel", "traffic"},
            {"encrypted", "tunnel hides", "hides"},
        ),
        ("You should keep the external disk.", {"external disk", "disk"}, {"keep", "external"}),
        ("It slowly grows in the garden.", {"garden"}, {"slowly", "grows"}),
        ("A first aid kit", {"first aid kit", "aid kit"}, {"first", "first aid kit a"}),
        ("365 days, 3 kg and two buckets", {"buckets"}, {"365 days", "3", "two buckets"}),
        ("The user's password", {"user", "password"}, {"user's"}),
    ],
)
def test_english_runs_are_told_by_the_words_around(
    text: str, wanted: set[str], unwanted: set[str]
) -> None:
    found = phrases(text, "en")

    assert wanted <= found
    assert not unwanted & found


def test_a_word_is_what_the_text_mostly_uses_it_as() -> None:
    filters = "Use the filter for water. A filter of paper. The filter is clean."
    found = noun_runs([filters, "Filter the coffee."], "en")

    stems = [unit.stem for run in found[1] for unit in run]

    assert "filter" in stems


def test_inflected_english_and_spaced_korean_have_one_key() -> None:
    english = {one.key for text in ("load balancers", "Load balancer") for one in _all(text, "en")}
    korean = {one.key for text in ("로드 밸런서를", "로드밸런서가") for one in _all(text, "ko")}

    assert sorted(english) == ["balancer", "load", "load balancer"]
    assert "로드밸런서" in korean


def _all(text: str, language: Language):
    (runs,) = noun_runs([text], language)
    return [one for run in runs for one in candidates(text, run, language)]


@settings(deadline=None)  # the first Korean text loads the analyser
@given(st.text(max_size=200), st.sampled_from(["ko", "en"]))
def test_every_place_is_in_the_text(text: str, language: Language) -> None:
    for one in _all(text, language):
        assert 0 <= one.span.start < one.span.end <= len(text)
        assert one.text == " ".join(one.span.of(text).split())


@pytest.mark.parametrize(
    ("text", "language", "heading", "asks"),
    [
        ("얼마나 두고 마실 수 있나", "ko", True, True),
        ("카페인이 더 많을까", "ko", False, True),
        ("무엇을 막는지", "ko", True, True),
        ("무엇을 막는지", "ko", False, False),
        ("이용하시겠습니까", "ko", False, True),
        ("하나", "ko", True, False),
        ("설명할까 합니다.", "ko", False, False),
        ("How long it keeps", "en", True, True),
        ("How long it keeps is a matter of taste.", "en", False, False),
        ("Does it have more caffeine?", "en", False, True),
        ("Howitzers of the past", "en", True, False),
        ("", "en", True, False),
    ],
)
def test_questions_are_told_by_sign_ending_or_opening(
    text: str, language: Language, heading: bool, asks: bool
) -> None:
    assert is_question(text, language, heading=heading) is asks
