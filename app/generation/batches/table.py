"""Reads a table as spreadsheets write it: any of their encodings, separators and languages of headings."""

import csv
import unicodedata
from dataclasses import dataclass
from io import StringIO

from app.kit.errors import Invalid
from app.kit.speech import say

MAX_BYTES = 5 * 1024 * 1024
"""Longest file: 5,000 rows of a thousand bytes."""

MAX_ROWS = 5_000

MAX_CELL = 8_000
"""Longest cell, characters: twenty addresses of some length."""

_HEADINGS = {
    "keyword": ("keyword", "keywords", "키워드"),
    "sources": ("sources", "source", "urls", "url", "출처"),
    "language": ("language", "lang", "언어"),
    "due date": ("duedate", "due", "deadline", "마감일", "마감"),
    "priority": ("priority", "우선순위"),
    "publish": ("publish", "발행", "게시"),
}
"""Columns, by what their headings may be once blanks, hyphens and case are taken away."""

_NAMES = {name: column for column, names in _HEADINGS.items() for name in names}

_NEEDED = ("keyword", "sources")

_SEPARATORS = ",;\t"

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows below the headings. Numbers are those a spreadsheet shows: the headings are row 1."""

    encoding: str
    separator: str
    headings: dict[str, str]
    """By column, the heading as it is written in the file."""
    unused: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]
    """The number of each row that is not empty, and its cells by column."""


def read_table(data: bytes) -> Table:
    """Read a file.

    Raises:
        Invalid: it is too large, no table, or lacks a column; says what to change.
    """
    text, encoding = decode_table(data)
    separator = _separator(text)
    records = _records(text, separator)
    first = next(((n, record) for n, record in enumerate(records, 1) if any(record)), None)
    if first is None:
        raise Invalid(say("The file is empty."))
    start, heading_row = first
    columns, unused = _columns(heading_row)
    rows = [
        (n, {column: _cell(record, at) for column, at in columns.items()})
        for n, record in enumerate(records[start:], start + 1)
        if any(cell.strip() for cell in record)
    ]
    if len(rows) > MAX_ROWS:
        raise Invalid(
            say("The file has {rows} rows; {most} are possible.", rows=len(rows), most=MAX_ROWS)
        )
    if not rows:
        raise Invalid(say("The file has headings and no rows."))
    headings = {column: heading_row[at].strip() for column, at in columns.items()}
    return Table(encoding, separator, headings, unused, tuple(rows))


def decode_table(data: bytes) -> tuple[str, str]:
    """A file's text and its encoding.

    Raises:
        Invalid: it is too large, or no text.
    """
    if len(data) > MAX_BYTES:
        raise Invalid(say("The file may have {most} MiB.", most=MAX_BYTES // 1024**2))
    return _decode(data)


def _decode(data: bytes) -> tuple[str, str]:
    """The text and its encoding. Without a mark: UTF-16 has zero bytes, CP949 is no valid UTF-8."""
    marked = next((name for mark, name in _BOMS if data.startswith(mark)), None)
    if marked is not None:
        tried = [marked]
    elif b"\x00" in data[:200]:
        # A separator's or a digit's empty byte comes second, or first.
        second, first = data[1::2].count(0), data[::2].count(0)
        tried = ["utf-16-le" if second > first else "utf-16-be"]
    else:
        tried = ["utf-8", "cp949"]
    for encoding in tried:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text, {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    raise Invalid(
        say("The file is no text in UTF-8, UTF-16 or CP949. Save it as “CSV UTF-8” and try again.")
    )


def _separator(text: str) -> str:
    """The one by which the most headings are known, or the one that Excel names in a line of its own."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    if line[:4] == "sep=" and line[4:5] in _SEPARATORS:
        return line[4:5]
    return max(
        _SEPARATORS,
        key=lambda separator: len(
            {_NAMES.get(_plain(cell)) for cell in line.split(separator)} - {None}
        ),
    )


def _records(text: str, separator: str) -> list[list[str]]:
    try:
        records = list(csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise Invalid(
            say("The file is no table that can be read: {reason}.", reason=error)
        ) from error
    named = text.lstrip().startswith("sep=")
    return [[], *records[1:]] if named else records


def _columns(headings: list[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    columns: dict[str, int] = {}
    unused: list[str] = []
    for at, heading in enumerate(headings):
        column = _NAMES.get(_plain(heading))
        if column is None:
            unused += [heading.strip()[:80]] if heading.strip() else []
        elif column in columns:
            raise Invalid(say("The column “{column}” is there twice.", column=heading.strip()))
        else:
            columns[column] = at
    missing = [column for column in _NEEDED if column not in columns]
    if missing:
        raise Invalid(
            say(
                "The first row must name the columns; missing: {missing}.",
                missing=", ".join(missing),
            )
        )
    return columns, tuple(unused)


def _plain(heading: str) -> str:
    folded = unicodedata.normalize("NFKC", heading).casefold().strip().strip('"')
    return "".join(character for character in folded if character not in " _-\ufeff")


def _cell(record: list[str], at: int) -> str:
    """The cell, without the apostrophe that keeps a spreadsheet from taking it for a formula."""
    cell = record[at].strip() if at < len(record) else ""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULA and len(cell) > 1 else cell


_FORMULA = frozenset("=+-@\t\r")
"""What a spreadsheet takes for the start of a formula (OWASP, CSV Injection)."""


def write_table(rows: list[list[str]]) -> str:
    """Rows as CSV that a spreadsheet opens as text, never as a formula; with the mark Excel needs."""
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerows([[_safe(cell) for cell in row] for row in rows])
    return "\ufeff" + out.getvalue()


def _safe(cell: str) -> str:
    return "'" + cell if cell[:1] in _FORMULA and cell else cell
