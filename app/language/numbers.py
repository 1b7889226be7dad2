"""Numbers in a text, brought to one form so that 3만, 30,000 and thirty thousand's digits compare."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from app.language.english import plain_letters, small_letters
from app.language.number_words import Written, may_hold_number_word, written_numbers
from app.language.types import Language, Span


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its unit. `normal` is equal for equal amounts: `30000`, `5%`, `date:2026-11-23`."""

    span: Span
    text: str
    value: Decimal | None
    unit: str
    normal: str


_MONTHS = {
    name: month
    for month, names in enumerate(
        (
            *("january jan", "february feb", "march mar", "april apr", "may", "june jun"),
            *("july jul", "august aug", "september sep sept", "october oct"),
            *("november nov", "december dec"),
        ),
        1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))

_DATES = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?P<y>\d{4})\.\s?(?P<m>\d{1,2})\.\s?(?P<d>\d{1,2})\b"),
    re.compile(r"(?P<y>\d{4})년\s?(?:(?P<m>\d{1,2})월(?:\s?(?P<d>\d{1,2})일)?)?"),
    re.compile(r"(?P<m>\d{1,2})월(?:\s?(?P<d>\d{1,2})일)?"),
    re.compile(
        rf"\b(?P<mn>{_MONTH})\.?\s(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<y>\d{{4}})\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s(?P<mn>{_MONTH})\.?\s(?P<y>\d{{4}})\b", re.IGNORECASE
    ),
    re.compile(rf"\b(?P<mn>{_MONTH})\.?\s(?P<y>\d{{4}})\b", re.IGNORECASE),
)
_VERSION = re.compile(r"\bv?\d+(?:\.\d+){2,}\b|\bv\d+(?:\.\d+)?\b", re.IGNORECASE)
_TIME = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?\b")
_DIGITS = re.compile(
    r"(?<![\w.])(?P<sign>[-−+])?(?P<n>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?P<big>\s?(?:조|억|만|천(?=\s?(?:개|명|원|대|건|번|회))|thousand|million|billion|trillion))?"
)
_BIG = {
    "조": 10**12,
    "억": 10**8,
    "만": 10**4,
    "천": 10**3,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}
_UNIT = re.compile(
    r"[\s-]?(?P<u>%|퍼센트|percent|per cent|‰|밀리초|milliseconds?|ms|초|"
    r"seconds?|secs?|s|분|minutes?|mins?|시간|hours?|hrs?|"
    r"일|days?|주일|주|weeks?|개월|달(?!러)|months?|년|해(?![가-힣])|years?|배|times|fold|x|원|달러|dollars?|유로|euros?|개|명|대|번|회|"
    r"kilomet(?:er|re)s?|킬로미터|centimet(?:er|re)s?|센티미터|millimet(?:er|re)s?|밀리미터|met(?:er|re)s?|미터|miles?|feet|foot|"
    r"kilograms?|kilos?|킬로그램|grams?|그램|millilit(?:er|re)s?|밀리리터|lit(?:er|re)s?|리터|"
    r"KiB|MiB|GiB|TiB|kB|KB|MB|GB|TB|bytes?|바이트|bits?|비트|km|cm|mm|ml|m|kg|g|l|L|°C|GHz|MHz|kW|Hz|W)(?![A-Za-z])"
)
_UNITS = {
    **dict.fromkeys(("퍼센트", "percent", "per cent", "%"), "%"),
    **dict.fromkeys(("밀리초", "millisecond", "milliseconds", "ms"), "ms"),
    **dict.fromkeys(("m", "meter", "meters", "metre", "metres", "미터"), "m"),
    **dict.fromkeys(("km", "kilometer", "kilometers", "kilometre", "kilometres", "킬로미터"), "km"),
    **dict.fromkeys(("cm", "centimeter", "centimeters", "centimetre", "centimetres", "센티미터"), "cm"),
    **dict.fromkeys(("mm", "millimeter", "millimeters", "millimetre", "millimetres", "밀리미터"), "mm"),
    **dict.fromkeys(("kg", "kilogram", "kilograms", "kilo", "kilos", "킬로그램"), "kg"),
    **dict.fromkeys(("g", "gram", "grams", "그램"), "g"),
    **dict.fromkeys(("ml", "milliliter", "milliliters", "millilitre", "millilitres", "밀리리터"), "ml"),
    **dict.fromkeys(("l", "L", "liter", "liters", "litre", "litres", "리터"), "l"),
    **dict.fromkeys(("mile", "miles"), "mi"),
    **dict.fromkeys(("foot", "feet"), "ft"),
    **dict.fromkeys(("초", "second", "seconds", "sec", "secs", "s"), "s"),
    **dict.fromkeys(("분", "minute", "minutes", "min", "mins"), "min"),
    **dict.fromkeys(("시간", "hour", "hours", "hr", "hrs"), "h"),
    **dict.fromkeys(("일", "day", "days"), "d"),
    **dict.fromkeys(("주", "주일", "week", "weeks"), "week"),
    **dict.fromkeys(("개월", "달", "month", "months"), "month"),
    **dict.fromkeys(("년", "해", "year", "years"), "year"),
    **dict.fromkeys(("배", "times", "fold", "x"), "×"),
    **dict.fromkeys(("달러", "dollar", "dollars", "$"), "$"),
    **dict.fromkeys(("유로", "euro", "euros", "€"), "€"),
    **dict.fromkeys(("byte", "bytes", "바이트"), "B"),
    **dict.fromkeys(("bit", "bits", "비트"), "bit"),
}  # fmt: skip
_COUNTED = frozenset("개 명 대 번 회".split())
"""Counters, which are no units of measure."""
_PART_OF_DAY = r"새벽|오전|아침|낮|오후|저녁|밤"
_CLOCK = (
    re.compile(
        rf"(?:(?P<part>{_PART_OF_DAY})\s?)?(?<![\d.])(?P<h>\d{{1,2}}|(?<![가-힣])(?:열한|열두|열|한|두|세|네|다섯|여섯|일곱|여덟|아홉))"
        r"\s?시(?!간|[가-힣]*대)(?:\s?(?:(?P<half>반)|(?P<m>\d{1,2})분))?"
    ),
    re.compile(r"\b(?P<h>\d{1,2})(?:[:.](?P<m>\d{2}))?\s?(?P<part>[ap]\.?m\b\.?)", re.IGNORECASE),
    re.compile(r"\b(?P<h>\d{1,2}):(?P<m>\d{2})\b(?!:)"),
    re.compile(
        r"\b(?P<h>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
        r"\s(?:o['’]clock(?:\sin\sthe\s(?P<part>morning|afternoon|evening))?|in\sthe\s(?P<day>morning|afternoon|evening))\b",
        re.IGNORECASE,
    ),
)
"""Times of day. Without a part of the day one up to twelve may be meant twice."""
_CLOCK_IN_WORDS = (_CLOCK[0], _CLOCK[3])
_HOLDS_CLOCK = re.compile("시|clock|morning|afternoon|evening")
"""One of them stands in every time of day that is written without digits."""
_HOURS = {
    name: hour
    for names in (
        "one two three four five six seven eight nine ten eleven twelve",
        "한 두 세 네 다섯 여섯 일곱 여덟 아홉 열 열한 열두",
    )
    for hour, name in enumerate(names.split(), 1)
}
_DIGIT = re.compile(r"\d")
_BEFORE_NOON = ("a", "morning", "새벽", "오전", "아침")
_NOON = 12


def find_numbers(text: str, language: Language) -> list[Number]:
    """All numbers of `text`, in order: dates, versions, times, digits with units, and number words."""
    return list(_found(text, language))


@lru_cache(maxsize=4096)  # several checks ask the same sentence, and an editor asks again and again
def _found(  # noqa: C901  # one loop a kind, in the order in which they take their place
    text: str, language: Language
) -> tuple[Number, ...]:
    text = plain_letters(text)
    digits = _DIGIT.search(text) is not None
    if language == "en" and not (digits or "시" in text or may_hold_number_word(text)):
        return ()  # most sentences: every pattern below needs a digit, such a word or 시
    found: list[Number] = []
    taken: list[Span] = []

    def free(span: Span) -> bool:
        return not any(span.start < other.end and other.start < span.end for other in taken)

    def add(number: Number) -> None:
        if free(number.span):
            taken.append(number.span)
            found.append(number)

    for pattern in _DATES if digits else ():
        for match in pattern.finditer(text):
            add(_date(match))
    for match in _VERSION.finditer(text) if digits else ():
        plain = match.group().lower().removeprefix("v")
        add(Number(Span(*match.span()), match.group(), None, "version", f"version:{plain}"))
    clocks = (
        _CLOCK if digits else _CLOCK_IN_WORDS if _HOLDS_CLOCK.search(small_letters(text)) else ()
    )
    for pattern in clocks:
        for match in pattern.finditer(text):
            add(_clock(match))
    for match in _TIME.finditer(text) if digits else ():
        add(Number(Span(*match.span()), match.group(), None, "time", f"time:{match.group()}"))
    for written in written_numbers(text, language):
        number = _written(written, text, language)
        if number is not None:
            add(number)
    for match in _DIGITS.finditer(text) if digits else ():
        add(_digits(match, text))
    return tuple(sorted(found, key=lambda number: number.span))


def _date(match: re.Match[str]) -> Number:
    parts = match.groupdict()
    month = parts.get("m") or ""
    if parts.get("mn"):
        month = str(_MONTHS[parts["mn"].lower()])
    year, day = parts.get("y") or "", parts.get("d") or ""
    normal = "-".join([year or "*", month.zfill(2) if month else "*", day.zfill(2) if day else "*"])
    if year and not month:
        return Number(Span(*match.span()), match.group(), Decimal(year), "year", year)
    return Number(Span(*match.span()), match.group(), None, "date", f"date:{normal}")


def _digits(match: re.Match[str], text: str) -> Number:
    value = Decimal(match["n"].replace(",", ""))
    if match["big"]:
        value *= _BIG[match["big"].strip().lower()]
    if match["sign"] in {"-", "−"}:
        value = -value
    unit = _UNIT.match(text, match.end())
    end = unit.end() if unit else match.end()
    name = _UNITS.get(unit["u"], unit["u"]) if unit else ""
    before = text[match.start() - 1 : match.start()]
    if not name and before in _UNITS:
        name = _UNITS[before]  # $50
    span = Span(match.start(), end)
    return Number(span, span.of(text), value, name, _normal(value, name))


def _written(written: Written, text: str, language: Language) -> Number | None:
    """A number in words with the unit behind it; None for one that is none without a unit: "one"."""
    start, end = written.span.start, written.span.start + len(written.span.of(text).rstrip())
    if written.kind != "plain":
        measured = _OF_A_UNIT.match(text, end) if written.kind == "share" else None
        if measured and (name := _UNITS.get(measured["u"])):
            span = Span(start, measured.end())
            return Number(span, span.of(text), written.value, name, _normal(written.value, name))
        span = Span(start, end)
        if written.kind in _UNITS.values():
            unit_name = str(written.kind)
            return Number(
                span, span.of(text), written.value, unit_name, _normal(written.value, unit_name)
            )
        kind = {"share": "share", "century": "century", "ratio": "×"}[written.kind]
        normal = _normal(written.value, "×") if kind == "×" else f"{kind}:{_rounded(written.value)}"
        return Number(span, span.of(text), written.value, kind, normal)
    unit = _UNIT.match(text, end)
    if unit and language == "en" and len(unit["u"]) == 1:
        unit = None  # "two s": a letter is a unit after digits only
    if written.value <= 1 and language == "en" and unit is None:
        return None
    name = _UNITS.get(unit["u"], unit["u"]) if unit else ""
    span = Span(start, unit.end() if unit else end)
    return Number(span, span.of(text), written.value, name, _normal(written.value, name))


_OF_A_UNIT = re.compile(
    r"(?:\s(?:of\s)?an?\s|[\s-](?=hour))"
    r"(?P<u>hour|minute|day|week|year|mile|kilomet(?:er|re)|lit(?:er|re)|second|month|kilogram|kilo)\b",
    re.IGNORECASE,
)
_SHARE_DIGITS = Decimal("0.0001")


def _rounded(value: Decimal) -> str:
    """As far as two writings of one share agree: 0.6667."""
    return format(value.quantize(_SHARE_DIGITS).normalize(), "f")


def _clock(match: re.Match[str]) -> Number:
    """A time of day. `normal` is `clock:19:00`, or `clock:7:00` where the half of the day is not said."""
    parts = match.groupdict()
    said = parts["h"].lower()
    hour = _HOURS.get(said) or int(said)
    minute = 30 if parts.get("half") else int(parts.get("m") or 0)
    part = (parts.get("part") or parts.get("day") or "").lower()
    if part and hour <= _NOON:
        hour = hour % _NOON if part.startswith(_BEFORE_NOON) else _afternoon(hour, part)
        normal = f"clock:{hour:02}:{minute:02}"
    else:
        normal = f"clock:{hour}:{minute:02}" if hour <= _NOON else f"clock:{hour:02}:{minute:02}"
    return Number(Span(*match.span()), match.group(), None, "clock", normal)


def _afternoon(hour: int, part: str) -> int:
    """밤 열두 시 is midnight; twelve noon stays."""
    if hour == _NOON:
        return 0 if part == "밤" else _NOON
    return hour + _NOON


def _normal(value: Decimal, unit: str) -> str:
    """The amount without trailing zeros; counters (개, 명, 대 …) are no units of measure."""
    plain = format(value.normalize(), "f")
    measured = "" if unit in _COUNTED else unit
    return f"{plain}{measured}"
