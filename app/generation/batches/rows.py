"""What each row of a table asks for, or what is wrong with it. Pure: knows no database and no clock."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from app.generation.batches.schemas import PlannedRow, Problem
from app.generation.batches.table import MAX_CELL, Table
from app.generation.jobs import NORMAL, PRIORITIES
from app.kit.speech import say
from app.language.detect import detect_language

_MOST_SOURCES = 20
_LONGEST_KEYWORD = 120
_LONGEST_ADDRESS = 2048

_LANGUAGES = {
    **dict.fromkeys(("ko", "korean", "한국어", "한글", "국문"), "ko"),
    **dict.fromkeys(("en", "english", "영어", "영문"), "en"),
}
_PRIORITY_WORDS = {
    **PRIORITIES,
    "높음": PRIORITIES["high"],
    "보통": NORMAL,
    "낮음": PRIORITIES["low"],
}
_YES = frozenset(("yes", "y", "true", "1", "o", "예", "네"))
_NO = frozenset(("", "no", "n", "false", "0", "x", "아니오", "아니요"))

_DAY_ENDS = time(23, 59, 59)

_DATE = re.compile(
    r"(\d{4})\s*[-./년]\s*(\d{1,2})\s*[-./월]\s*(\d{1,2})\s*[.일]?"
    r"(?:[ T]+(\d{1,2}):(\d{2})(?::\d{2})?)?",
    re.ASCII,
)
"""Year, month, day, as spreadsheets write them; 12/01/2026 may be read in two ways and is refused."""


def plan_rows(table: Table, *, timezone: str, now: datetime, may_publish: bool) -> list[PlannedRow]:
    """Each row with what it asks for and all its problems; a repeated article names the row it repeats.

    A due date without an hour is the end of that day in `timezone`.
    """
    zone = ZoneInfo(timezone)
    seen: dict[tuple[str, str], int] = {}
    planned: list[PlannedRow] = []
    for n, cells in table.rows:
        reader = _Row(table, cells)
        row = reader.read(n, zone, now, may_publish=may_publish)
        # A row that is not written has nothing that could be repeated.
        first = seen.get(row.same_as, n) if row.problems else seen.setdefault(row.same_as, n)
        repeats = say("row {n} of this file", n=first) if first != n and row.keyword else ""
        planned.append(row.model_copy(update={"duplicate_of": repeats}))
    return planned


class _Row:
    """Reads one row and collects what is wrong."""

    def __init__(self, table: Table, cells: dict[str, str]) -> None:
        self._headings = table.headings
        self._cells = cells
        self._problems: list[Problem] = []

    def read(self, n: int, zone: ZoneInfo, now: datetime, *, may_publish: bool) -> PlannedRow:
        for column, cell in self._cells.items():
            if len(cell) > MAX_CELL:
                self._wrong(
                    column, say("The cell is longer than {most} characters.", most=MAX_CELL)
                )
            elif any(_unkept(character) for character in cell):
                self._wrong(column, say("The cell holds a character that cannot be kept."))
        keyword = self._keyword()
        return PlannedRow(
            n=n,
            keyword=keyword,
            language=self._language(keyword),
            sources=self._sources(),
            priority=self._priority(),
            deadline_at=self._due(zone, now),
            publish=self._publish(may_publish=may_publish),
            problems=tuple(self._problems),
        )

    def _cell(self, column: str) -> str:
        return self._cells.get(column, "")

    def _wrong(self, column: str, message: str) -> None:
        heading = self._headings.get(column, column)
        self._problems.append(Problem(column=heading, message=message))

    def _keyword(self) -> str:
        keyword = unicodedata.normalize("NFC", " ".join(self._cell("keyword").split()))
        if not keyword or len(keyword) > _LONGEST_KEYWORD or not keyword.isprintable():
            self._wrong(
                "keyword",
                say("The keyword has 1 to {most} readable characters.", most=_LONGEST_KEYWORD),
            )
        return keyword[:_LONGEST_KEYWORD]

    def _sources(self) -> tuple[str, ...]:
        given = re.split(r"[|\r\n]+", self._cell("sources"))
        sources = tuple(dict.fromkeys(source.strip() for source in given if source.strip()))
        if not sources:
            self._wrong("sources", say("An article is made from sources: give an address."))
        if len(sources) > _MOST_SOURCES:
            self._wrong("sources", say("At most {most} sources can be used.", most=_MOST_SOURCES))
        for source in sources[:_MOST_SOURCES]:
            if not _is_address(source):
                self._wrong(
                    "sources",
                    say("“{source}” is no address; write https://…", source=source[:80]),
                )
        return sources[:_MOST_SOURCES]

    def _language(self, keyword: str) -> str:
        given = self._cell("language").casefold()
        if not given:
            return "ko" if detect_language(keyword) == "ko" else "en"
        if given not in _LANGUAGES:
            self._wrong("language", say("Write ko or en."))
        return _LANGUAGES.get(given, "en")

    def _priority(self) -> int:
        given = self._cell("priority").casefold()
        if given and given not in _PRIORITY_WORDS:
            self._wrong("priority", say("Write high, normal or low."))
        return _PRIORITY_WORDS.get(given, NORMAL)

    def _publish(self, *, may_publish: bool) -> bool:
        given = self._cell("publish").casefold()
        if given not in _YES | _NO:
            self._wrong("publish", say("Write yes or no."))
        if given in _YES and not may_publish:
            self._wrong("publish", say("You may not publish."))
        return given in _YES

    def _due(self, zone: ZoneInfo, now: datetime) -> datetime | None:
        given = self._cell("due date")
        if not given:
            return None
        due = _moment(given, zone)
        if due is None:
            self._wrong("due date", say("Write the date as 2026-12-31."))
        elif due <= now:
            self._wrong("due date", say("This date is over."))
        return due


def _moment(given: str, zone: ZoneInfo) -> datetime | None:
    read = _DATE.fullmatch(given)
    if read is None:
        return None
    year, month, day = (int(part) for part in read.groups()[:3])
    try:
        at = _DAY_ENDS if read[4] is None else time(int(read[4]), int(read[5]))
        return datetime.combine(datetime(year, month, day), at, tzinfo=zone)  # noqa: DTZ001  # its zone is given here
    except ValueError:
        return None


def _is_address(source: str) -> bool:
    scheme, separator, rest = source.partition("://")
    return (
        scheme.lower() in {"http", "https"}
        and bool(separator)
        and bool(rest.strip("/"))
        and len(source) <= _LONGEST_ADDRESS
        and not any(character.isspace() or not character.isprintable() for character in source)
    )


def _unkept(character: str) -> bool:
    return character == "\x00" or "\ud800" <= character <= "\udfff"


def count_rows(rows: Sequence[PlannedRow]) -> dict[str, int]:
    """How many rows are ready, wrong, and repeated."""
    return {
        "rows": len(rows),
        "ready": sum(not row.problems and not row.duplicate_of for row in rows),
        "wrong": sum(bool(row.problems) for row in rows),
        "repeated": sum(bool(row.duplicate_of) and not row.problems for row in rows),
    }
