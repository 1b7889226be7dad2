"""The operator's token: made once, readable by its owner alone, compared whole."""

import stat
import threading
from pathlib import Path

import pytest

from app.web.token import bears, operator_token


def test_the_token_is_made_once_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    first = operator_token(tmp_path / "data")
    again = operator_token(tmp_path / "data")

    assert first == again
    assert len(first) >= 43
    mode = (tmp_path / "data" / "token").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_eight_first_starters_agree_on_one_token(tmp_path: Path) -> None:
    found: list[str] = []
    starters = [
        threading.Thread(target=lambda: found.append(operator_token(tmp_path))) for _ in range(8)
    ]

    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()

    assert len(set(found)) == 1
    assert len(found) == 8
    assert [file.name for file in tmp_path.iterdir()] == ["token"]


@pytest.mark.parametrize(
    ("header", "let_in"),
    [
        ("Bearer abc", True),
        ("bearer abc", True),
        ("Bearer abcd", False),
        ("Bearer ab", False),
        ("Bearer ", False),
        ("Basic abc", False),
        ("abc", False),
        ("", False),
        (None, False),
        ("Bearer 키", False),
    ],
)
def test_only_the_whole_token_lets_in(header: str | None, let_in: bool) -> None:
    assert bears(header, "abc") is let_in
