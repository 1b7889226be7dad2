"""The child process that parses documents of strangers: its answers, its limits and its end."""

from pathlib import Path

import anyio
import pytest

from app.sources.errors import Unreadable
from app.sources.extraction import ExtractionLimits, Kind, extract, extract_articles
from tests.sources.pages import FACTS, page
from tests.sources.pdfs import bomb, pdf

LONG = page(inside="<p>word" * 60_000).encode()
"""Takes several seconds to read, and some hundred mebibytes."""

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc"
)


def _children() -> int:
    """How many children of this process there are that parse, or have ended and wait to be buried."""
    ours = str(Path("/proc/self").resolve().name)
    count = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            command = stat.with_name("cmdline").read_bytes()
        except OSError:
            continue  # ended between the two
        if parent == ours and (state == "Z" or b"extraction_child" in command):
            count += 1
    return count


async def _refusal(
    body: bytes, kind: Kind = "html", limits: ExtractionLimits | None = None
) -> Unreadable:
    with pytest.raises(Unreadable) as refused:
        await extract(
            body,
            kind=kind,
            charset=None,
            url=None,
            name="x.html",
            limits=limits or ExtractionLimits(),
        )
    return refused.value


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("html", page().encode()),
        ("pdf", pdf([FACTS])),
        ("markdown", "\n\n".join(FACTS).encode()),
        ("text", "\n\n".join(FACTS).encode()),
    ],
)
async def test_each_kind_of_document_is_read(kind: Kind, body: bytes) -> None:
    document = await extract(body, kind=kind, charset=None, url=None, name="x")

    assert all(fact in " ".join(document.text.split()) for fact in FACTS)


async def test_characters_of_all_planes_come_through_the_pipe() -> None:
    words = "커피 ☕ 𝒜𠮷 “quoted” — naïve"

    document = await extract(words.encode(), kind="text", charset=None, url=None, name="x")

    assert document.text == words + "\n"


async def test_a_refusal_in_the_child_comes_out_as_it_was_said() -> None:
    refusal = await _refusal(b"<p>Too little.</p>")

    assert refusal.reason_code == "no_text"
    assert refusal.message == (
        "x.html holds no text to speak of (12 characters); give the page that has the article."
    )


@needs_proc
async def test_a_document_that_takes_too_long_is_given_up() -> None:
    refusal = await _refusal(LONG, limits=ExtractionLimits(seconds=0.8))

    assert refusal.reason_code == "too_complex"
    assert "takes too long to read" in refusal.message
    assert "copy its text into a file and give that" in refusal.message
    assert _children() == 0


@needs_proc
@pytest.mark.slow  # a limit on processor time counts whole seconds
async def test_a_document_that_takes_too_much_work_is_given_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    refusal = await _refusal(LONG, limits=ExtractionLimits(cpu_s=1))

    assert refusal.reason_code == "too_complex"
    assert "copy its text into a file and give that" in refusal.message
    assert _children() == 0
    assert caplog.text == ""


@needs_proc
@pytest.mark.parametrize("mebibytes", [8, 48, 96, 160])
async def test_a_document_that_takes_too_much_memory_is_given_up(mebibytes: int) -> None:
    refusal = await _refusal(
        page(inside="<br>" * 1_000_000).encode(),
        limits=ExtractionLimits(memory=mebibytes * 1024 * 1024),
    )

    assert refusal.reason_code == "too_complex"
    assert "copy its text into a file and give that" in refusal.message
    assert _children() == 0


@needs_proc
async def test_a_page_that_brings_the_child_down_takes_no_other_with_it() -> None:
    bodies = [
        ("a", b"<title>A</title><p>Cold brew.</p>"),
        ("b", b"<p></p>"),
        ("c", page(inside="<br>" * 1_000_000).encode()),
        ("d", "<title>차</title><p>우린다.</p>".encode()),
    ]

    found = await extract_articles(bodies, limits=ExtractionLimits(memory=96 * 1024 * 1024))
    together = await extract_articles([bodies[0], bodies[1], bodies[3]])

    told = [each.reason_code if isinstance(each, Unreadable) else each.title for each in found]
    assert told == ["A", "empty", "too_complex", "차"]
    assert [str(each) for each in together] == [
        str(each) for each in (found[0], found[1], found[3])
    ]
    assert await extract_articles([]) == []
    assert _children() == 0


@needs_proc
async def test_a_reader_that_is_called_off_leaves_nothing_behind() -> None:
    with anyio.move_on_after(0.4) as called_off:
        await extract(LONG, kind="html", charset=None, url=None, name="x")

    assert called_off.cancelled_caught
    assert _children() == 0


@needs_proc
async def test_several_documents_are_read_side_by_side() -> None:
    titles: list[str] = []

    async def read(n: int) -> None:
        body = (
            page().replace("<title>Cold brew", f"<title>Page {n}").replace("<h1>Cold brew</h1>", "")
        )
        document = await extract(body.encode(), kind="html", charset=None, url=None, name="x")
        titles.append(document.title)

    async with anyio.create_task_group() as tasks:
        for n in range(3):
            tasks.start_soon(read, n)

    assert sorted(titles) == ["Page 0", "Page 1", "Page 2"]
    assert _children() == 0


async def test_more_text_than_is_read_of_one_source_is_refused() -> None:
    refusal = await _refusal(b"All work and no play. " * 20_000, "text")

    assert refusal.reason_code == "too_long"
    assert "give the part that matters" in refusal.message


async def test_a_title_of_a_whole_book_is_cut() -> None:
    body = page().replace("<title>", "<title>" + "long " * 100_000).replace("h1>", "p>")

    document = await extract(body.encode(), kind="html", charset=None, url=None, name="x")

    assert len(document.title) <= 300
    assert document.title.startswith("long long")


async def test_the_environment_of_the_program_is_not_the_parser_s(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A start-up hook that the environment names would run in the child, were it handed on."""
    (tmp_path / "sitecustomize.py").write_text("raise SystemExit(9)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "sitecustomize.py"))

    document = await extract(page().encode(), kind="html", charset=None, url=None, name="x")

    assert FACTS[0] in document.text


async def test_a_module_in_the_current_folder_is_not_taken_for_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "lxml.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)

    document = await extract(page().encode(), kind="html", charset=None, url=None, name="x")

    assert FACTS[0] in document.text


@pytest.mark.slow  # unpacks until the limit of the PDF reader, 75 MB
async def test_a_bomb_in_a_pdf_is_refused() -> None:
    refusal = await _refusal(bomb(mebibytes=300), "pdf")

    assert refusal.reason_code == "damaged"
    assert "save it anew and give that" in refusal.message
