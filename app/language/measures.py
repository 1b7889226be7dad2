"""Amounts that are equal though their units are not: two weeks and 14 days, 75 % and three in four."""

import re
from decimal import Decimal

from app.language.numbers import Number
from app.language.types import Language

_MEASURES: dict[str, tuple[str, Decimal]] = {
    unit: (base, Decimal(factor))
    for base, units in {
        "s": {
            "ms": "0.001", "s": "1", "min": "60", "h": "3600", "d": "86400", "week": "604800",
        },
        "month": {"month": "1", "year": "12"},
        "m": {"mm": "0.001", "cm": "0.01", "m": "1", "km": "1000"},
        "g": {"g": "1", "kg": "1000"},
        "l": {"ml": "0.001", "l": "1"},
        "share": {"%": "0.01", "share": "1"},
        "W": {"W": "1", "kW": "1000"},
    }.items()
    for unit, factor in units.items()
}  # fmt: skip
"""Units of one dimension by the base they are a multiple of. Months are no fixed number of days, and
miles and feet stay themselves: what is converted is rounded, and then equal no more."""

_YEAR = re.compile(r"(?:date:)?(\d{4})(?:-|$)")
_AMBIGUOUS_CLOCK = re.compile(r"clock:(\d{1,2}):(\d\d)")
_CENTURY = 100
_NOON = 12
_PERCENT = Decimal("0.01")


def measure(number: Number) -> tuple[str, Decimal] | None:
    """The base unit and how many of it; counted things have the base ``""``. None for dates and the like."""
    if number.value is None or (number.unit in {"year", "century"} and number.normal.isdigit()):
        return None
    base, factor = _MEASURES.get(number.unit, (number.unit, Decimal(1)))
    if base and not number.normal.endswith(number.unit) and base != "share":
        base = ""  # a counter
    return base, number.value * factor


def readings(number: Number) -> frozenset[str]:
    """The normal form, and others that say the same: in base units, an hour of both halves of the day."""
    forms = {number.normal}
    if (amount := measure(number)) is not None and amount[0]:
        base, value = amount
        if base == "share":  # to whole percents: 67 % is two thirds
            forms.add(f"share:{format(value.quantize(_PERCENT).normalize(), 'f')}")
        else:
            forms.add(f"{format(value.normalize(), 'f')}{base}")
    if (clock := _AMBIGUOUS_CLOCK.fullmatch(number.normal)) is not None:
        hour, minute = int(clock[1]), clock[2]
        said = (len(clock[1]) > 1 and hour > _NOON) or clock[1].startswith("0")
        hours = {hour} if said else {hour % _NOON, hour % _NOON + _NOON}
        forms |= {f"clock:{each:02}:{minute}" for each in hours}
    return frozenset(forms)


def century(form: str) -> str | None:
    """The century in which a year's or a date's normal form lies."""
    found = _YEAR.match(form)
    return f"century:{(int(found[1]) - 1) // _CENTURY + 1}" if found else None


_AROUND: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?P<about>about|around|roughly|approximately|some|nearly|almost|close to|just under)\s(?:an?\s)?$"
        r"|\b(?P<over>(?:a little |just |slightly )(?:over|more than|above))\s$",
        re.IGNORECASE,
    ),
    "ko": re.compile(r"(?P<about>약|대략|거의|얼추)\s?$|(?P<over>조금\s넘는)\s?$"),
}
_AROUND_AFTER = re.compile(
    r"\s?(?:개|명|곳|대|번|회|원|m|km|미터)?\s?(?P<about>쯤|정도|가량|남짓|안팎)"
)
_LARGEST_SHARE_OFF = Decimal("0.05")


def is_marked(text: str, number: Number, language: Language) -> bool:
    """Whether the text says that the number is rounded: about, roughly, a little over; 약, 쯤."""
    before, after = text[: number.span.start], text[number.span.end :]
    return bool(
        _AROUND[language].search(before) or (language == "ko" and _AROUND_AFTER.match(after))
    )


def is_rounded(text: str, mine: Number, theirs: Number, language: Language) -> bool:
    """Whether a number marked as rounded is the other one, rounded to the digits it has.

    At most a twentieth off; "a little over 42" is 42 and less than one of its last digit more.
    """
    one, two = measure(mine), measure(theirs)
    if one is None or two is None or one[0] != two[0] or not is_marked(text, mine, language):
        return False
    if mine.value is None or theirs.value is None or not one[1]:
        return False
    factor = one[1] / mine.value if mine.value else Decimal(1)
    exponent = mine.value.normalize().as_tuple().exponent
    last = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0) * factor
    off = two[1] - one[1]
    before = _AROUND[language].search(text[: mine.span.start])
    if before is not None and before["over"]:
        return 0 < off < last
    return abs(off) <= min(last / 2, abs(one[1]) * _LARGEST_SHARE_OFF)
