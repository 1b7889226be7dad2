"""Whether a number stands in a source: by amount and unit, and by what is known of a date."""

import re
from collections.abc import Iterable
from dataclasses import replace

from app.language.measures import century, readings
from app.language.numbers import Number, find_numbers
from app.language.types import Language

_RANGE = re.compile(r"\s?(?:[-–—~∼～,/]|to|and|or|에서|부터|또는|이나|와|과)\s?")
_MONTH = re.compile(r"(date:(?:\d{4}|\*)-\d{2})-\d{2}")
_YEAR = re.compile(r"\d{4}")
_ANY = "*"


def amounts(text: str, language: Language) -> list[tuple[Number, frozenset[str]]]:
    """Every number with the normal forms it may be read as.

    In "12 to 18 hours" the 12 are hours too, so it has two readings.
    """
    found = find_numbers(text, language)
    read: list[tuple[Number, frozenset[str]]] = []
    for index, number in enumerate(found):
        forms = set(readings(number))
        following = found[index + 1] if index + 1 < len(found) else None
        if (
            following is not None
            and not number.unit
            and following.unit
            and following.value is not None
        ):
            between = text[number.span.end : following.span.start]
            if _RANGE.fullmatch(between):
                forms |= readings(
                    replace(number, unit=following.unit, normal=number.normal + _unit(following))
                )
        previous = found[index - 1] if index else None
        if (
            previous is not None
            and number.unit == "d"
            and number.value is not None
            and (month := _MONTH.fullmatch(previous.normal))
            and _RANGE.fullmatch(text[previous.span.end : number.span.start])
        ):
            forms.add(f"{month[1]}-{int(number.value):02}")  # 9월 1일부터 30일까지
        read.append((number, frozenset(forms)))
    return read


def _unit(number: Number) -> str:
    plain = format(number.value.normalize(), "f") if number.value is not None else ""
    return number.normal.removeprefix(plain)


class Known:
    """The numbers of some texts, to be asked for others."""

    def __init__(self, texts: Iterable[str], language: Language) -> None:
        self._forms: set[str] = set()
        self._dates: list[tuple[str, str, str]] = []
        for text in texts:
            for _, forms in amounts(text, language):
                self._forms |= forms
                self._forms |= {when for form in forms if (when := century(form)) is not None}
                self._dates.extend(date for form in forms if (date := _date(form)) is not None)

    def holds(self, forms: Iterable[str]) -> bool:
        """Whether one reading of a number stands there, or a date that says at least as much."""
        return any(form in self._forms or self._dated(form) for form in forms)

    def _dated(self, form: str) -> bool:
        asked = _date(form)
        if asked is None and _YEAR.fullmatch(form):
            asked = (form, _ANY, _ANY)
        return asked is not None and any(
            all(part in {_ANY, known} for part, known in zip(asked, date, strict=True))
            for date in self._dates
        )


def _date(form: str) -> tuple[str, str, str] | None:
    """Year, month and day of a date's normal form, each possibly `*`."""
    kind, _, rest = form.partition(":")
    parts = rest.split("-")
    return (parts[0], parts[1], parts[2]) if kind == "date" and len(parts) == 3 else None  # noqa: PLR2004  # a date's parts
