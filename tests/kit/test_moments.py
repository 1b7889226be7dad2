"""Moments are typed in one time zone and kept in UTC, also on the days when clocks change."""

from datetime import UTC

import pytest

from app.kit.errors import Invalid
from app.kit.moments import read_moment, show_moment


@pytest.mark.parametrize(
    ("typed", "zone", "kept"),
    [
        ("2026-12-01 09:00", "Asia/Seoul", "2026-12-01T00:00:00"),
        (" 2026-12-01   09:00:30 ", "Asia/Seoul", "2026-12-01T00:00:30"),
        ("2026-12-01T09:00", "UTC", "2026-12-01T09:00:00"),
        ("2026-12-01T09:00Z", "Asia/Seoul", "2026-12-01T09:00:00"),
        ("2026-12-01 09:00+05:30", "Asia/Seoul", "2026-12-01T03:30:00"),
        ("2026-07-01 09:00", "Europe/Berlin", "2026-07-01T07:00:00"),
        ("2026-12-01 09:00", "Europe/Berlin", "2026-12-01T08:00:00"),
        ("2026-03-29 02:30", "Europe/Berlin", "2026-03-29T01:30:00"),  # is skipped
        ("2026-10-25 02:30", "Europe/Berlin", "2026-10-25T00:30:00"),  # comes twice
        ("2026-10-25 02:30+01:00", "Europe/Berlin", "2026-10-25T01:30:00"),
    ],
)
def test_what_is_typed_is_that_moment(typed: str, zone: str, kept: str) -> None:
    moment = read_moment(typed, zone)

    assert moment.tzinfo is UTC
    assert moment.isoformat() == kept + "+00:00"


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
