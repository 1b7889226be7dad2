"""Numbers in a text, brought to one form so that 3만, 30,000 and thirty thousand's digits compare."""

import re
from dataclasses import dataclass
from decimal import Decimal

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
    r"\s?(?P<u>%|퍼센트|percent|‰|밀리초|milliseconds?|ms|초|seconds?|secs?|s|분|minutes?|mins?|시간|hours?|hrs?|"
    r"일|days?|주|weeks?|개월|months?|년|years?|배|times|fold|x|원|달러|dollars?|개|명|대|번|회|"
    r"kilomet(?:er|re)s?|met(?:er|re)s?|미터|miles?|feet|foot|KiB|MiB|GiB|TiB|kB|KB|MB|GB|TB|bytes?|바이트|bits?|비트|km|cm|mm|m|kg|g|°C|GHz|MHz|Hz|W)(?![A-Za-z])"
)
_UNITS = {
    **dict.fromkeys(("퍼센트", "percent", "%"), "%"),
    **dict.fromkeys(("밀리초", "millisecond", "milliseconds", "ms"), "ms"),
    **dict.fromkeys(("m", "meter", "meters", "metre", "metres", "미터"), "m"),
    **dict.fromkeys(("km", "kilometer", "kilometers", "kilometre", "kilometres"), "km"),
    **dict.fromkeys(("mile", "miles"), "mi"),
    **dict.fromkeys(("foot", "feet"), "ft"),
    **dict.fromkeys(("초", "second", "seconds", "sec", "secs", "s"), "s"),
    **dict.fromkeys(("분", "minute", "minutes", "min", "mins"), "min"),
    **dict.fromkeys(("시간", "hour", "hours", "hr", "hrs"), "h"),
    **dict.fromkeys(("일", "day", "days"), "d"),
    **dict.fromkeys(("주", "week", "weeks"), "week"),
    **dict.fromkeys(("개월", "month", "months"), "month"),
    **dict.fromkeys(("년", "year", "years"), "year"),
    **dict.fromkeys(("배", "times", "fold", "x"), "×"),
    **dict.fromkeys(("달러", "dollar", "dollars"), "$"),
    **dict.fromkeys(("byte", "bytes", "바이트"), "B"),
    **dict.fromkeys(("bit", "bits", "비트"), "bit"),
}  # fmt: skip
_ENGLISH = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ]
    )
} | {
    "twenty": 20,
    "thirty": 30,
    "fifty": 50,
    "hundred": 100,
    "thousand": 1000,
    "half": Decimal("0.5"),
}
_ENGLISH_WORD = re.compile(
    rf"\b(?:{'|'.join(word for word in _ENGLISH if word not in {'zero', 'one'})})\b", re.IGNORECASE
)
_NATIVE = {
    "한": 1,
    "두": 2,
    "세": 3,
    "네": 4,
    "다섯": 5,
    "여섯": 6,
    "일곱": 7,
    "여덟": 8,
    "아홉": 9,
    "열": 10,
    "스무": 20,
    "하나": 1,
    "둘": 2,
    "셋": 3,
    "넷": 4,
}
_NATIVE_WORD = re.compile(
    r"(?<![가-힣])(?P<n>다섯|여섯|일곱|여덟|아홉|스무|한|두|세|네|열)\s?(?P<u>배|개|대|번|명|가지|곳|시간|단계|달|줄|종류)"
)


def find_numbers(text: str, language: Language) -> list[Number]:
    """All numbers of `text`, in order: dates, versions, times, digits with units, and number words."""
    found: list[Number] = []
    taken: list[Span] = []

    def free(span: Span) -> bool:
        return not any(span.start < other.end and other.start < span.end for other in taken)

    def add(number: Number) -> None:
        if free(number.span):
            taken.append(number.span)
            found.append(number)

    for pattern in _DATES:
        for match in pattern.finditer(text):
            add(_date(match))
    for pattern, kind in ((_VERSION, "version"), (_TIME, "time")):
        for match in pattern.finditer(text):
            plain = match.group().lower().removeprefix("v")
            add(Number(Span(*match.span()), match.group(), None, kind, f"{kind}:{plain}"))
    for match in _DIGITS.finditer(text):
        add(_digits(match, text))
    words = _NATIVE_WORD if language == "ko" else _ENGLISH_WORD
    for match in words.finditer(text):
        add(_native(match) if language == "ko" else _english(match, text))
    return sorted(found, key=lambda number: number.span)


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
    span = Span(match.start(), end)
    return Number(span, span.of(text), value, name, _normal(value, name))


def _native(match: re.Match[str]) -> Number:
    value = Decimal(_NATIVE[match["n"]])
    unit = _UNITS.get(match["u"], match["u"])
    return Number(Span(*match.span()), match.group(), value, unit, _normal(value, unit))


def _english(match: re.Match[str], text: str) -> Number:
    value = Decimal(_ENGLISH[match.group().lower()])
    unit = _UNIT.match(text, match.end())
    name = _UNITS.get(unit["u"], unit["u"]) if unit and len(unit["u"]) > 1 else ""
    span = Span(match.start(), unit.end() if unit and name else match.end())
    return Number(span, span.of(text), value, name, _normal(value, name))


def _normal(value: Decimal, unit: str) -> str:
    """The amount without trailing zeros; counters (개, 명, 대 …) are no units of measure."""
    plain = format(value.normalize(), "f")
    measured = unit if unit in set(_UNITS.values()) | {"원"} or unit.isascii() else ""
    return f"{plain}{measured}"
