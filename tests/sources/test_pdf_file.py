"""What is read of a PDF file, and of one that is locked, cut, empty or built to do harm."""

import gc
import textwrap
import zlib
from collections.abc import Iterator
from io import BytesIO

import pytest
from pypdf import PdfReader, PdfWriter

from app.sources.documents import Document
from app.sources.errors import Unreadable
from app.sources.pdf_file import MAX_PAGES, read_pdf
from tests.sources.pages import FACTS, KOREAN_FACTS
from tests.sources.pdfs import bomb, endless_pages, locked, one_page, pdf

PRINTED = textwrap.wrap(" ".join(FACTS), 60)
GOOD = pdf([PRINTED])


def _read(data: bytes) -> Document:
    return read_pdf(data, name="guide.pdf")


def _refusal(data: bytes) -> Unreadable:
    with pytest.raises(Unreadable) as refused:
        _read(data)
    return refused.value


def test_printed_lines_become_a_paragraph_again() -> None:
    document = _read(GOOD)

    assert document.text == " ".join(FACTS) + "\n"


def test_korean_lines_become_a_paragraph_again() -> None:
    printed = textwrap.wrap(" ".join(KOREAN_FACTS), 34)

    document = _read(pdf([printed], unicode=True))

    assert document.text == " ".join(KOREAN_FACTS) + "\n"


def test_a_file_states_its_title_author_and_day() -> None:
    information = {
        "Title": "콜드브루\n안내",
        "Author": "Ada \u202eBean",
        "CreationDate": "D:20260304101112+09'00'",
    }

    document = _read(pdf([PRINTED], information=information))

    assert document.title == "콜드브루 안내"
    assert document.author == "Ada Bean"
    assert document.published_on == "2026-03-04"


@pytest.mark.parametrize(
    "title", ["", "Untitled", "Microsoft Word - report.docx", "제목 없음", "Document1", "draft.hwp"]
)
def test_a_title_that_a_program_made_up_is_none(title: str) -> None:
    document = _read(pdf([PRINTED], information={"Title": title}))

    assert document.title == ""


@pytest.mark.parametrize("created", ["D:20261345", "D:2026", "yesterday", "D:00000101"])
def test_a_day_that_does_not_exist_is_none(created: str) -> None:
    document = _read(pdf([PRINTED], information={"CreationDate": created}))

    assert document.published_on is None


def test_marks_in_print_are_words() -> None:
    line = "A * b, snake_case_name, `code`, <b>, [x](y), &amp; and ~~no~~ marks at all."

    document = _read(pdf([["# no heading", "", line, "", *PRINTED]]))

    assert line in document.text
    assert "\nno heading\n" in f"\n{document.text}"


def test_heads_feet_and_page_numbers_are_not_read() -> None:
    pages = [
        ["ROASTERY NEWS 2026", "", f"{fact} It is the {n}. fact.", "", f"- {n} -"]
        for n, fact in enumerate(FACTS, 1)
    ]

    document = _read(pdf(pages))

    assert "NEWS" not in document.text
    assert "- 1 -" not in document.text
    assert all(fact in document.text for fact in FACTS)


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_a_file_locked_with_a_password_says_what_to_do(algorithm: str) -> None:
    refusal = _refusal(locked(GOOD, "secret", algorithm=algorithm))

    assert refusal.reason_code == "encrypted"
    assert refusal.message == (
        "guide.pdf is locked with a password; save an open copy and give that."
    )


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_a_file_that_anybody_may_open_is_read(algorithm: str) -> None:
    document = _read(locked(GOOD, "", algorithm=algorithm))

    assert document.text == " ".join(FACTS) + "\n"


@pytest.mark.parametrize("pages", [1, 2])
def test_a_file_of_pictures_says_to_run_ocr(pages: int) -> None:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=595, height=842)
    out = BytesIO()
    writer.write(out)

    refusal = _refusal(out.getvalue())

    assert refusal.reason_code == "scanned"
    assert "run it through OCR and give that" in refusal.message


@pytest.mark.parametrize("kept", [9, 60, 200, 500, 700])
def test_a_file_that_broke_off_says_to_save_it_anew(kept: int) -> None:
    refusal = _refusal(GOOD[:kept])

    assert refusal.reason_code == "damaged"
    assert refusal.message == (
        "guide.pdf cannot be read as PDF; open it, save it anew and give that."
    )


@pytest.mark.parametrize(
    "data",
    [
        b"<html><body>Not found</body></html>",
        b"%PDF-1.7\n" + bytes(range(256)) * 8,
        GOOD.replace(b"/FlateDecode", b"/MadeUpCode"),
        GOOD.replace(b"/Kids [5 0 R]", b"/Kids [2 0 R]"),
        GOOD.replace(b"/Type /Catalog /Pages 2 0 R", b"/Type /Catalog /Pages 9 0 R"),
    ],
)
def test_what_is_no_sound_file_says_to_save_it_anew(data: bytes) -> None:
    refusal = _refusal(data)

    assert refusal.reason_code in {"damaged", "scanned"}
    assert refusal.message.endswith("and give that.")


@pytest.mark.parametrize(
    "data",
    [
        b"a mail's head\n" * 5 + GOOD,
        GOOD + b"\n\n\n",
        GOOD.replace(b"startxref\n", b"startxref\n9"),
        GOOD.replace(b"/Root 1 0 R", b"/Root 99 0 R"),
        GOOD.replace(b"trailer << ", b"trailer << /Prev %d " % GOOD.rindex(b"xref\n0")),
    ],
)
def test_small_damage_does_not_hinder(data: bytes) -> None:
    document = _read(data)

    assert document.text == " ".join(FACTS) + "\n"


def test_a_file_of_too_many_pages_is_refused_before_they_are_read() -> None:
    refusal = _refusal(endless_pages(MAX_PAGES + 1))

    assert refusal.reason_code == "too_many_pages"
    assert "has 301 pages, more than the 300 that are read" in refusal.message


@pytest.fixture
def no_collection() -> Iterator[None]:
    """What other tests left is cleared before, not at the depth where a parser's recursion ends."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collection")
@pytest.mark.parametrize(
    "content",
    [
        b"q " * 50_000,
        b"BT " + b"/a <<" * 5_000,
        b"(" * 50_000,
        b"<" * 50_000,
        b"BT /F1 11 Tf " + b"-" * 10_000 + b" Td (x) Tj ET",
    ],
)
def test_content_without_end_is_no_text(content: bytes) -> None:
    refusal = _refusal(one_page(zlib.compress(content)))

    assert refusal.reason_code in {"damaged", "scanned"}


def test_a_bomb_is_refused() -> None:
    refusal = _refusal(bomb(mebibytes=100))

    assert refusal.reason_code == "damaged"


def test_the_files_of_these_tests_are_sound() -> None:
    reader = PdfReader(BytesIO(GOOD), strict=True)

    assert len(reader.pages) == 1
