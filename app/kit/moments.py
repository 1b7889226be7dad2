"""Moments as people type and read them: local to one time zone, kept in UTC."""

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from app.kit.errors import Invalid
from app.kit.speech import say

_SHORTEST, _LONGEST = len("20261201T09"), 40
"""Characters: a day alone names no moment, and the longest way to write one has 32."""


def read_moment(text: str, zone: str) -> datetime:
    """The moment of `2026-12-01 09:00` in `zone`, or of one with its own offset (ISO 8601), in UTC.

    Where clocks change, it is as in calendars (RFC 5545, 3.3.5): a time that comes twice is the first of them,
    and one that is skipped counts from before the change, so that 02:30 is 03:30.

    Raises:
        Invalid: it is no moment.
    """
    given = " ".join(text.split())
    if _SHORTEST <= len(given) <= _LONGEST:
        with suppress(ValueError, OverflowError):
            moment = datetime.fromisoformat(given)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
            return moment.astimezone(UTC)
    raise Invalid(
        say("Write day and time as 2026-12-01 09:00; they are read in {zone}.", zone=zone)
    )


def show_moment(moment: datetime, zone: str) -> str:
    """The moment as it is typed, with the name of the zone."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {zone}"
