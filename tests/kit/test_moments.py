"""Moments are typed in one time zone and kept in UTC, also on the days when clocks change."""

from datetime import UTC, datetime

import pytest

from app.kit.errors import Invalid
from app.kit.moments import read_moment, show_moment


@pytest.mark.parametrize(
    ("typed", "zone", "kept"),
    [
        ("2026-12-01 09:00", "Asia/Seoul", datetime(2026, 12, 1, 0, 0)),
        (" 2026-12-01   09:00:30 ", "Asia/Seoul", datetime(2026, 12, 1, 0, 0, 30)),
        ("2026-12-01T09:00", "UTC", datetime(2026, 12, 1, 9, 0)),
        ("2026-12-01T09:00Z", "Asia/Seoul", datetime(2026, 12, 1, 9, 0)),
        ("2026-12-01 09:00+05:30", "Asia/Seoul", datetime(2026, 12, 1, 3, 30)),
        ("2026-07-01 09:00", "Europe/Berlin", datetime(2026, 7, 1, 7, 0)),
        ("2026-12-01 09:00", "Europe/Berlin", datetime(2026, 12, 1, 8, 0)),
        ("2026-03-29 02:30", "Europe/Berlin", datetime(2026, 3, 29, 1, 30)),  # is skipped
        ("2026-10-25 02:30", "Europe/Berlin", datetime(2026, 10, 25, 0, 30)),  # comes twice
        ("2026-10-25 02:30+01:00", "Europe/Berlin", datetime(2026, 10, 25, 1, 30)),
    ],
)
def test_what_is_typed_is_that_moment(typed: str, zone: str, kept: datetime) -> None:
    assert read_moment(typed, zone) == kept.replace(tzinfo=UTC)


def test_a_time_that_is_skipped_is_shown_as_the_one_it_becomes() -> None:
    moment = read_moment("2026-03-29 02:30", "Europe/Berlin")

    assert show_moment(moment, "Europe/Berlin") == "2026-03-29 03:30 Europe/Berlin"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "tomorrow",
        "2026-12-01",
        "2026-13-01 09:00",
        "09:00",
        "0001-01-01 00:00+23:59",
        "9" * 999,
    ],
)
def test_what_names_no_moment_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(Invalid, match="2026-12-01 09:00; they are read in Asia/Seoul"):
        read_moment(typed, "Asia/Seoul")
