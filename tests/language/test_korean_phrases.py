"""Korean keyphrases in sentences: forms, compounds, blanks and words that only look like them."""

import json
from pathlib import Path

import pytest

from app.language.keyphrase import Keyphrase

LABELLED = json.loads((Path(__file__).parent / "keyphrases_ko.json").read_text("utf-8"))["cases"]


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("커피", "커피숍에서 커피를 마셨다.", ["커피", "커피"]),
        ("위기", "분위기가 좋다.", []),
        ("물", "물병에 물건을 담았다.", ["물"]),
        ("콜드브루 커피", "수제콜드브루커피는 차갑다.", ["콜드브루커피"]),
        ("데이터베이스 백업", "데이터베이스를 백업하지 않았다.", ["데이터베이스를 백업"]),
        ("데이터베이스 백업", "데이터베이스와 서버를 백업했다.", []),
        ("K-팝", "K팝 공연", ["K팝"]),
        ("가지", "학교까지 가지 않았다.", []),
        ("담그다", "김치를 담갔다.", ["담갔"]),
        ("3만 원", "13만 원이다.", []),
        ("!!!", "느낌표!!!", []),
    ],
)
def test_a_phrase_is_found_where_a_reader_would_see_it(
    phrase: str, text: str, found: list[str]
) -> None:
    assert [span.of(text) for span in Keyphrase(phrase, "ko").find(text)] == found


def test_of_a_compound_all_words_are_there() -> None:
    assert Keyphrase("커피 맛", "ko").in_sentence("커피숍마다 맛이 다르다.")
    assert not Keyphrase("위기 관리", "ko").in_sentence("분위기를 관리한다.")


def test_more_than_nine_of_ten_labelled_occurrences_are_found_and_few_others() -> None:
    """On the half that rules are tuned on; `bench/labels.py` gives the figures, also of the other half."""
    cases = [c for c in LABELLED if c["half"] == "tune" and not c.get("ambiguous")]
    right = false = missed = 0
    for case in cases:
        number = len(Keyphrase(case["keyphrase"], "ko").find(case["sentence"]))
        right += min(number, case["count"])
        false += max(0, number - case["count"])
        missed += max(0, case["count"] - number)

    assert right / (right + missed) > 0.95
    assert right / (right + false) > 0.95
