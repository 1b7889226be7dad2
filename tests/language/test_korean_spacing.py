"""Missing blanks are found where a rule leaves no choice, and nothing is said of what may be written in one."""

import re
from pathlib import Path

import pytest

from app.language.korean_spacing import missing_blanks

_ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("서버를늘리면 부하가 나뉩니다.", [3]),
        ("부하가나뉩니다.", [3]),
        ("누구나 할수 있습니다.", [5]),
        ("누구나 할 수 있습니다.", []),
        ("그것은 본적이 없는것입니다.", [5, 10]),
        ("한번 볼만한 집안일입니다.", []),
        ("국립민속박물관에서는 비밀번호를 바꿉니다.", []),
        ("서버에서만은 그렇습니다.", []),
        ("탈수 두 번과 선풍기", []),
        ("", []),
        ("\ud800 할수있다", [3]),
    ],
)
def test_blanks_are_missing_where_the_rules_want_them(text: str, places: list[int]):
    assert missing_blanks(text) == places


def test_careful_writers_are_not_corrected():
    """The parallel articles and this project's guides: 13,000 eojeol, read by eye."""
    files = [*_ROOT.glob("tests/seo/parallel*/*.ko.md"), *_ROOT.glob("docs/guide/*.ko.md")]
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    prose = [line for line in lines if re.match(r"[가-힣]", line)]

    found = [line[at - 5 : at + 5] for line in prose for at in missing_blanks(line)]

    assert len(prose) > 250
    assert found == []


def test_most_blanks_before_bound_nouns_are_missed_when_they_are_taken_out():
    files = sorted(_ROOT.glob("tests/seo/parallel*/*.ko.md"))
    whole = " ".join(file.read_text(encoding="utf-8") for file in files)
    phrases = re.findall(r"[가-힣]+[ㄹ가-힣] (?:수 있|수 없|것입니다|것은|것을)[가-힣]*", whole)

    caught = [phrase for phrase in phrases if missing_blanks(phrase.replace(" ", "", 1))]

    assert len(phrases) > 30
    assert len(caught) / len(phrases) > 0.8
