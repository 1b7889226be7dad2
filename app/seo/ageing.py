"""Sentences that will not stay true by themselves, and the day on which each is to be looked at again.

Other than `geo.freshness`, which asks whether the dates a page shows of itself can be true, this reads what
the text says. How long a kind lasts is convention, our own, with its reason beside it.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from app.language.names import find_quotations
from app.language.numbers import Number, find_numbers
from app.language.types import Language, Span
from app.seo.document import Document

Kind = Literal["day", "month", "year", "now", "lately", "price", "version", "as-of", "future"]


@dataclass(frozen=True, slots=True)
class Lasting:
    """How many days what is said stays true: from the day of writing, for `as-of` from the date named.

    `year` lasts until New Year, `future` until its day comes. `reason` is a message id.
    """

    days: int
    reason: str


LASTS: Mapping[Kind, Lasting] = {
    "day": Lasting(
        7, "It names a day or a week by the day of writing; a week later that is another one."
    ),
    "month": Lasting(
        31, "It names a month by the day of writing; a month later that is another one."
    ),
    "year": Lasting(0, "It names a year by the day of writing; with New Year that is another one."),
    "now": Lasting(365, "It says how things are now; after a year they may be otherwise."),
    "lately": Lasting(
        182, "It calls something recent or the latest; after half a year it may not be."
    ),
    "price": Lasting(182, "It states a price; prices are changed about twice a year."),
    "version": Lasting(182, "It names a version; much software has a new one every half year."),
    "as-of": Lasting(
        365, "It gives a figure as of a date; a year later there is likely a newer one."
    ),
    "future": Lasting(0, "It speaks of a day to come; once that is here, it has happened or not."),
}


@dataclass(frozen=True, slots=True)
class Ageing:
    """A sentence that ages: by which words, and from when on it may no longer be true.

    `span` is the sentence's in the Markdown; None for the title.
    """

    kind: Kind
    words: str
    sentence: str
    span: Span | None
    due_on: date


_WORDS: Mapping[Language, Mapping[Kind, re.Pattern[str]]] = {
    "en": {
        "day": re.compile(
            r"\b(?:yesterday|tomorrow|tonight|(?:this|next|last) week(?:end)?)\b", re.IGNORECASE
        ),
        "month": re.compile(r"\b(?:this|next|last) (?:month|quarter)\b", re.IGNORECASE),
        "year": re.compile(r"\b(?:this|next|last) year\b", re.IGNORECASE),
        "now": re.compile(
            r"\b(?:currently|at present|at the moment|nowadays|these days|right now|as of (?:now|today)"
            r"|to date|today(?!['’]s))\b",
            re.IGNORECASE,
        ),
        "lately": re.compile(
            r"\b(?:recently|lately|just (?:released|announced|launched)"
            r"|(?:latest|newest)(?= (?:model|version|release|edition|update|generation|figures?|data|numbers?"
            r"|stud(?:y|ies)|research|news|report)))\b",
            re.IGNORECASE,
        ),
    },
    "ko": {
        "day": re.compile(r"(?<![가-힣])(?:어제|내일|모레|이번\s?주|다음\s?주|지난\s?주)(?![간])"),
        "month": re.compile(r"(?<![가-힣])(?:이번\s?달|다음\s?달|지난\s?달|이달)"),
        "year": re.compile(r"(?<![가-힣])(?:올해|올\s(?:봄|여름|가을|겨울)|내년|작년|지난해|금년)"),
        "now": re.compile(
            r"(?<![가-힣])(?:현재(?!\s?(?:디렉터리|디렉토리|위치|값|시각|시간|행|줄|페이지|사용자|진행|완료))"
            r"|지금(?!부터|\s?(?:바로|당장))|요즘|요새|오늘날)"
        ),
        "lately": re.compile(r"(?<![가-힣])(?:최근(?!접)|최신|얼마\s?전|갓\s?나온|새로\s?나온)"),
    },
}
_AS_OF: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\bas of (?:(?P<m>[A-Z][a-z]+) )?(?:\d{1,2}, )?(?P<y>(?:19|20)\d\d)\b", re.IGNORECASE
    ),
    "ko": re.compile(
        r"(?P<y>(?:19|20)\d\d)년(?:\s?(?P<m>\d{1,2})월)?(?:\s?(?:\d{1,2})일|\s?말)?\s?(?:기준|현재)"
    ),
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_VERSION = re.compile(
    r"\b[A-Z][A-Za-z]*(?:\.?[A-Za-z+#]+)*\s\d+\.\d+(?:\.\d+)*(?!\d|%)"
    r"|\bversion\s\d+(?:\.\d+)*|버전\s?\d+(?:\.\d+)*|\d+(?:\.\d+)+\s?버전",
    re.IGNORECASE,
)
_NAMED_VERSION = re.compile(r"[A-Z][A-Za-z.+#]*\s\d|version|버전")
_HISTORY = re.compile(
    r"\b(?:since|introduced|added|appeared|first|until|before|removed|deprecated)\b"
    r"|부터|도입|추가(?:됐|되었|된)|처음|까지는|이전",
    re.IGNORECASE,
)
"""Words by which a version is history, which stays."""
_MONEY = frozenset({"$", "€", "원"})
_OTHER_MONEY = re.compile(r"[£¥₩₤]\s?\d")
_YEAR = re.compile(r"(?<![\d.,])((?:19|20)\d\d)(?![\d.,]\d|\d)")


def find_ageing(document: Document, written_on: date, title: str = "") -> tuple[Ageing, ...]:
    """The sentences of an article's own words that age, in order, each by what is due first; then the title."""
    found: list[Ageing] = []
    for sentence in document.sentences:
        if document.blocks[sentence.block].quoted:
            continue
        made = _first(sentence.text, sentence.span, document.language, written_on)
        if made is not None:
            found.append(made)
    if title:
        made = _first(title, None, document.language, written_on) or _year_of(title, written_on)
        if made is not None:
            found.append(made)
    return tuple(found)


def _first(text: str, span: Span | None, language: Language, written_on: date) -> Ageing | None:
    own = text
    for quoted in reversed(find_quotations(text)):
        own = own[: quoted.start] + " " * (quoted.end - quoted.start) + own[quoted.end :]
    found = [
        Ageing(kind, words, text, span, due_on)
        for read in _READERS
        for kind, words, due_on in read(own, language, written_on)
    ]
    return min(found, key=lambda each: each.due_on, default=None)


def _year_of(title: str, written_on: date) -> Ageing | None:
    """A title that bears this year or a later one: next year it looks old."""
    years = [int(each) for each in _YEAR.findall(title) if int(each) >= written_on.year]
    if not years:
        return None
    year = max(years)
    return Ageing("year", str(year), title, None, _day(year + 1))


_Read = Iterator[tuple[Kind, str, date]]


def _by_words(text: str, language: Language, written_on: date) -> _Read:
    as_of = _AS_OF[language].search(text)
    for kind, pattern in _WORDS[language].items():
        found = pattern.search(text)
        if found is None or (as_of and as_of.start() <= found.start() < as_of.end()):
            continue
        if kind == "year":
            yield kind, found[0], _day(written_on.year + 1)
        else:
            yield kind, found[0], written_on + timedelta(LASTS[kind].days)


def _by_date(text: str, language: Language, written_on: date) -> _Read:
    found = _AS_OF[language].search(text)
    if found is not None:
        year, month = int(found["y"]), _month(found["m"])
        last = date(year, month or 12, monthrange(year, month or 12)[1])
        yield "as-of", found[0], last + timedelta(LASTS["as-of"].days)
        return
    for number in find_numbers(text, language):
        day = _starts(number, text)
        if day is not None and day > written_on:
            yield "future", number.text, day


def _month(said: str | None) -> int:
    """The number of a month, 0 where none is named."""
    if not said:
        return 0
    if said.isdigit():
        return int(said) if 1 <= int(said) <= len(_MONTHS) else 0
    return _MONTHS.index(said[:3].lower()) + 1 if said[:3].lower() in _MONTHS else 0


_BEFORE_YEAR = re.compile(
    r"\b(?:in|by|until|till|before|after|from|for|of|during|through|early|late|mid|end of|spring|summer|autumn"
    r"|fall|winter)[\s-]$",
    re.IGNORECASE,
)
"""Words after which four digits are a year and no amount."""


def _starts(number: Number, text: str) -> date | None:
    """The first day of what a number names as a date: of a year, a month, or the day after a day."""
    if number.unit == "date":
        year, month, day = (
            int(part) if part.isdigit() else 0
            for part in number.normal.removeprefix("date:").split("-")
        )
        try:
            return date(year, month or 1, day or 1) + timedelta(1 if day else 0)
        except (ValueError, OverflowError):
            return None  # a day that no calendar has, or one without its year
    plain = number.text.removesuffix("년")
    if number.unit == "" and not _BEFORE_YEAR.search(text[: number.span.start]):
        return None
    if number.unit in {"year", ""} and _YEAR.fullmatch(plain):
        return _day(int(plain))
    return None


def _by_price(text: str, language: Language, written_on: date) -> _Read:
    if any(int(each) < written_on.year for each in _YEAR.findall(text)):
        return  # what something cost in a year stays true
    for number in find_numbers(text, language):
        if number.unit in _MONEY:
            yield "price", number.text, written_on + timedelta(LASTS["price"].days)
            return
    other = _OTHER_MONEY.search(text)
    if other is not None:
        yield "price", other[0], written_on + timedelta(LASTS["price"].days)


def _by_version(text: str, _language: Language, written_on: date) -> _Read:
    if _HISTORY.search(text):
        return
    for found in _VERSION.finditer(text):
        if _NAMED_VERSION.search(found[0]):
            yield "version", found[0], written_on + timedelta(LASTS["version"].days)
            return


_READERS: tuple[Callable[[str, Language, date], _Read], ...] = (
    _by_words,
    _by_date,
    _by_price,
    _by_version,
)


def _day(year: int) -> date:
    """New Year's Day."""
    return date(min(year, date.max.year), 1, 1)


_LATER = 182
"""Days until what names a date of its own is looked at again, once somebody has."""


def next_due(kind: str, looked_on: date) -> date:
    """When a sentence is due again that somebody found still true."""
    if kind == "year":
        return _day(looked_on.year + 1)
    lasting = next((each for name, each in LASTS.items() if name == kind), None)
    days = lasting.days if lasting is not None and lasting.days else _LATER
    return looked_on + timedelta(days)
