"""A text among the articles of a folder: what is read, what is left out and told."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from app.kit.errors import Invalid
from app.review.analysing import Text, read_text
from app.review.others.choosing import Choice, Report
from app.review.others.folder import FolderLimits, broken_in_folder, compare_with_folder

HEAD = "---\ntitle: {0}\nkeyphrase: {0}\nslug: {1}\n---\n\n{2}\n"
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def put(name: str, title: str = "Cold brew", slug: str = "", body: str = "Text.") -> Path:
        file = tmp_path / "content" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(HEAD.format(title, slug, body))
        return file

    return put


def _mine(slug: str = "", body: str = "Text.") -> Text:
    return read_text(HEAD.format("Cold brew", slug, body))


async def _compare(
    folder: Path, text: Text | None = None, own: Path | None = None, most: int = 10_000
) -> tuple[list[str], Report]:
    choice = Choice(text or _mine())
    report = await compare_with_folder(
        folder, choice, own=own, limits=FolderLimits(files=most, file_bytes=2000)
    )
    return sorted(each.address.rpartition("/")[2] for each in choice.site().others), report


async def test_articles_are_read_at_any_depth_in_both_forms(write: Write, tmp_path: Path):
    write("a.md")
    write("deep/er/b.markdown")
    (tmp_path / "content/c.html").write_text(
        "<head><title>Cold brew</title><meta name=description content=D></head><p>Words of it.</p>"
    )
    (tmp_path / "content/notes.txt").write_text("Cold brew")

    found, report = await _compare(tmp_path / "content")

    assert found == ["a.md", "b.markdown", "c.html"]
    assert (report.compared, report.skipped) == (3, ())


async def test_the_texts_own_file_is_none_of_the_others(write: Write, tmp_path: Path):
    own = write("a.md", slug="x")
    write("b.md", slug="x")

    found, report = await _compare(tmp_path / "content", _mine("x"), own)

    assert found == ["b.md"]
    assert report.others == 1


async def test_a_draft_elsewhere_is_the_newer_version_of_the_article_with_its_slug(
    write: Write, tmp_path: Path
):
    write("a.md", slug="x")
    write("b.md", slug="y")

    found, report = await _compare(tmp_path / "content", _mine("x"), tmp_path / "draft.md")

    assert found == ["b.md"]
    assert "a.md has the text's own slug" in report.skipped[0]


async def test_links_are_not_followed_out_of_the_folder(write: Write, tmp_path: Path):
    write("a.md")
    outside = tmp_path / "secret"
    outside.mkdir()
    (outside / "key.md").write_text(HEAD.format("Cold brew", "", "key"))
    (tmp_path / "content/out.md").symlink_to(outside / "key.md")
    (tmp_path / "content/folder").symlink_to(outside)
    (tmp_path / "content/again.md").symlink_to(tmp_path / "content/a.md")
    (tmp_path / "content/circle").symlink_to(tmp_path / "content")

    found, report = await _compare(tmp_path / "content")

    assert found == ["a.md"]
    assert len(report.skipped) == 1
    assert "out.md is a link that leads out" in report.skipped[0]


async def test_what_cannot_be_read_is_told_and_the_rest_compared(write: Write, tmp_path: Path):
    write("a.md")
    folder = tmp_path / "content"
    (folder / "noise.md").write_bytes(bytes(range(128, 256)) * 9)
    (folder / "big.md").write_text("x" * 3000)
    (folder / "empty.html").write_text("<p></p>")
    os.mkfifo(folder / "pipe.md")
    (folder / "korean.md").write_bytes("# 콜드브루\n\n커피는 차다.\n".encode("cp949"))

    found, report = await _compare(folder)

    assert found == ["a.md"]
    assert report.others == 1
    told = " ".join(report.skipped)
    for said in ("noise.md is in no encoding", "big.md is larger", "pipe.md is no ordinary"):
        assert said in told
    assert "empty.html holds no text" in told
    assert len(report.skipped) == 4


async def test_one_page_that_breaks_its_parser_spoils_no_other(write: Write, tmp_path: Path):
    folder = write("a.md").parent
    for name in ("b", "c"):
        (folder / f"{name}.html").write_text(f"<title>Cold brew</title><p>Words of {name}.</p>")
    (folder / "deep.html").write_text("<b>" * 600 + "Cold brew")

    found, _report = await _compare(folder)

    assert {"a.md", "b.html", "c.html"} <= set(found)


async def test_more_files_than_are_read_are_told(write: Write, tmp_path: Path):
    for n in range(5):
        write(f"{n}.md")

    found, report = await _compare(tmp_path / "content", most=3)

    assert found == ["0.md", "1.md", "2.md"]
    assert "first 3 articles" in report.skipped[0]


async def test_hidden_folders_and_those_of_programs_are_left_out(write: Write, tmp_path: Path):
    for name in ("a.md", ".git/b.md", "node_modules/c.md", ".d.md"):
        write(name)

    assert (await _compare(tmp_path / "content"))[0] == ["a.md"]


async def test_a_name_that_is_no_text_can_be_told(write: Write, tmp_path: Path):
    folder = write("a.md").parent
    try:
        (folder / os.fsdecode(b"\xff\x1b[31m.md")).write_text(HEAD.format("Cold brew", "", ""))
    except OSError:
        pytest.skip("the file system takes names in UTF-8 only")

    found, _report = await _compare(folder)

    assert len(found) == 2
    assert all(name.isprintable() for name in found)


async def test_a_folder_without_articles_says_what_is_read(tmp_path: Path):
    with pytest.raises(Invalid, match=r"\.md, \.markdown, \.html"):
        await _compare(tmp_path)
    with pytest.raises(Invalid, match="cannot be read"):
        await _compare(tmp_path / "none")


def test_links_to_files_that_are_not_there_are_broken(write: Write, tmp_path: Path):
    own = write("posts/a.md")
    write("posts/b.md")
    write("c.md")
    links = "[1](b.md) [2](../c.md#x) [3](gone.md) [4](/site.md) [5](https://x.example/y.md) [6](../../o.md)"

    found = broken_in_folder(Choice(_mine(body=links)), own, tmp_path / "content")
    nothing = broken_in_folder(Choice(_mine(body="[4](/site.md)")), own, tmp_path / "content")

    assert found is not None
    assert [(each.href, each.why) for each in found] == [("gone.md", "missing")]
    assert nothing is None
