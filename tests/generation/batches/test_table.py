"""Tables are read as spreadsheets write them, and every wrong cell is named by its row and column."""

from datetime import UTC, datetime

import pytest

from app.generation.batches.rows import count_rows, plan_rows
from app.generation.batches.schemas import PlannedRow
from app.generation.batches.table import MAX_BYTES, MAX_ROWS, read_table, write_table
from app.kit.errors import Invalid

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
KOREAN = "키워드,출처,언어,마감일,우선순위\n수평 확장,https://a.example/1,한국어,2026-12-01,높음\n"


def planned(text: str | bytes, *, may_publish: bool = True) -> list[PlannedRow]:
    data = text.encode() if isinstance(text, str) else text
    table = read_table(data)
    return plan_rows(table, timezone="Asia/Seoul", now=NOW, may_publish=may_publish)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp949"]
)
def test_a_korean_table_reads_alike_in_every_encoding(encoding: str) -> None:
    [row] = planned(KOREAN.encode(encoding))

    assert (row.keyword, row.language, row.priority, row.problems) == ("수평 확장", "ko", 50, ())
    assert row.deadline_at == datetime(
        2026, 12, 1, 14, 59, 59, tzinfo=UTC
    )  # the day's end in Seoul


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_commas_semicolons_and_tabs_separate(separator: str, end: str) -> None:
    lines = [("Keyword", "Sources", "Note"), ("a, b; c", "https://a.example", "mine")]
    text = end.join(separator.join(f'"{cell}"' for cell in line) for line in lines)

    table = read_table(text.encode())

    assert table.unused == ("Note",)
    assert [cells for _, cells in table.rows] == [
        {"keyword": "a, b; c", "sources": "https://a.example"}
    ]


def test_what_excel_adds_is_no_row() -> None:
    text = "sep=;\r\nkeyword;sources\r\n;\r\none;https://a.example\r\n;;\r\n"

    table = read_table(text.encode())

    assert [n for n, _ in table.rows] == [4]


def test_sources_are_separated_by_bars_and_lines_and_taken_once() -> None:
    [row] = planned(
        'keyword,sources\none,"https://a.example|https://b.example\nhttps://a.example | "\n'
    )

    assert row.sources == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(
    ("cells", "column", "said"),
    [
        (",https://a.example,,,,", "Keyword", "1 to 120"),
        (f"{'x' * 121},https://a.example,,,,", "Keyword", "1 to 120"),
        ("one,,,,,", "Sources", "made from sources"),
        ("one,ftp://a.example,,,,", "Sources", "no address"),
        ("one,https://,,,,", "Sources", "no address"),
        ("one,/etc/passwd,,,,", "Sources", "no address"),
        (f"one,{'|'.join(f'https://a.example/{n}' for n in range(21))},,,,", "Sources", "At most"),
        ("one,https://a.example,fr,,,", "Language", "ko or en"),
        ("one,https://a.example,,12/01/2026,,", "Due date", "2026-12-31"),
        ("one,https://a.example,,2026-02-30,,", "Due date", "2026-12-31"),
        ("one,https://a.example,,2026-11-24,,", "Due date", "over"),
        ("one,https://a.example,,,urgent,", "Priority", "high, normal"),
        ("one,https://a.example,,,,maybe", "Publish", "yes or no"),
        (f"one,{'h' * 8001},,,,", "Sources", "longer than"),
    ],
)
def test_every_wrong_cell_is_named(cells: str, column: str, said: str) -> None:
    text = f"Keyword,Sources,Language,Due date,Priority,Publish\nfine,https://a.example\n{cells}\n"

    right, wrong = planned(text)

    assert right.problems == ()
    assert wrong.n == 3
    assert [problem.column for problem in wrong.problems] == [column] * len(wrong.problems)
    assert said in " ".join(problem.message for problem in wrong.problems)


def test_who_may_not_publish_is_told_in_the_row() -> None:
    text = "keyword,sources,publish\none,https://a.example,예\n"

    assert planned(text)[0].publish
    assert planned(text, may_publish=False)[0].problems[0].column == "publish"


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("2026-12-01", "2026-12-01T23:59:59+09:00"),
        ("2026.12.1", "2026-12-01T23:59:59+09:00"),
        ("2026. 12. 1.", "2026-12-01T23:59:59+09:00"),
        ("2026/12/01 18:30", "2026-12-01T18:30:00+09:00"),
        ("2026년 12월 1일", "2026-12-01T23:59:59+09:00"),
    ],
)
def test_due_dates_are_read_as_they_are_written(written: str, hour: str) -> None:
    [row] = planned(f"keyword,sources,due date\none,https://a.example,{written}\n")

    assert row.problems == ()
    assert row.deadline_at == datetime.fromisoformat(hour)


def test_a_row_that_repeats_another_names_it() -> None:
    rows = planned(
        "keyword,sources,language\n"
        "Load balancing,https://a.example,en\n"
        "load  balancing,https://b.example,en\n"
        "load balancing,https://b.example,ko\n"
    )

    assert [row.duplicate_of for row in rows] == ["", "row 2 of this file", ""]
    assert count_rows(rows) == {"rows": 3, "ready": 2, "wrong": 0, "repeated": 1}


def test_a_row_that_is_wrong_is_not_what_another_repeats() -> None:
    rows = planned(
        "keyword,sources,priority\n"
        "Load balancing,https://a.example,first\n"
        "load balancing,https://a.example,high\n"
    )

    assert [row.duplicate_of for row in rows] == ["", ""]
    assert count_rows(rows) == {"rows": 2, "ready": 1, "wrong": 1, "repeated": 0}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"keyword,sources\n", "no rows"),
        (b"keyword\none\n", "missing: sources"),
        (b"name,sources\none,x\n", "missing: keyword"),
        (b"keyword,keyword,sources\none,two,x\n", "twice"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "UTF-8"),
        (b"keyword,sources\n\xff\xff\xff\n", "UTF-8"),
        ("keyword,sources\no\x00ne,x\n".encode("utf-16"), "UTF-8"),
        (b'keyword,sources\n"one,https://a.example\n', "no table"),
        (b'keyword,sources\n"' + b"x" * 200_000 + b'",y\n', "no table"),
        (b"x" * (MAX_BYTES + 1), "MiB"),
        (b"keyword,sources\n" + b"a,b\n" * (MAX_ROWS + 1), "5000 are possible"),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(data: bytes, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        read_table(data)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_that_is_written_is_taken_for_a_formula_and_it_reads_back_as_it_was(
    start: str,
) -> None:
    keyword = f"{start}cmd|' /C calc'!A0"

    text = write_table([["keyword", "sources"], [keyword, "https://a.example"]])

    assert text.startswith("\ufeff")
    assert f"'{start}cmd" in text
    assert read_table(text.encode()).rows[0][1]["keyword"] == keyword
