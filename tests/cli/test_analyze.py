"""`analyze` as a person runs it: files, input, pages, sources, formats and exit codes."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.infra.http.hostile import ARTICLE as HOSTILE_ARTICLE
from tests.infra.http.hostile import Answer, Hostile, hostile_server

TEXT = "---\ntitle: Horizontal scaling\n---\n\nHorizontal scaling uses 3 servers. See [here](/a).\n"


@pytest.fixture
def pages():
    with hostile_server() as server:
        yield server


def test_a_file_becomes_json_with_places(command: Command, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(TEXT)

    told = command("analyze", "a.md", "-k", "horizontal scaling", "--format", "json", "--say", "ko")

    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    generic = next(f for f in found["findings"] if f["id"] == "links.generic")
    assert found["title"] == "Horizontal scaling"
    assert found["language"] == "en"
    assert (generic["level"], generic["places"][0]["line"]) == ("bad", 5)
    assert "링크" in generic["message"]


def test_input_may_be_markdown_or_html(command: Command) -> None:
    markdown = command("analyze", "-", "--format", "json", stdin="Servers [share](/a) work.\n")
    html = command("analyze", "-", "-f", "json", stdin="<p>Servers <a href=/a>share</a> work.</p>")

    one, other = json.loads(markdown.stdout), json.loads(html.stdout)
    assert one["scores"] == other["scores"]
    assert other["text"] == "Servers [share](</a>) work.\n"


def test_sources_hold_a_text_and_the_gate_is_an_exit_code(command: Command, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(TEXT)
    (tmp_path / "right.md").write_text("# Guide\n\nHorizontal scaling uses 3 servers.\n")
    (tmp_path / "wrong.md").write_text("# Guide\n\nHorizontal scaling uses 4 servers.\n")

    right = command("analyze", "a.md", "--sources", "right.md")
    wrong = command("analyze", "a.md", "--sources", "wrong.md")
    assert "The source says: “" in wrong.stdout
    assert "The source says: “" not in right.stdout

    assert right.returncode == 0, right.stderr
    assert wrong.returncode == 1
    assert "geo.numbers" in wrong.stdout.splitlines()[-1]


def test_the_table_lists_by_gravity_and_counts_what_passed(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / "a.md").write_text(TEXT)
    (tmp_path / "wrong.md").write_text("# Guide\n\nHorizontal scaling uses 4 servers.\n")
    asked = ("analyze", "a.md", "-k", "horizontal scaling", "-s", "wrong.md", "--say", "en")

    short, whole = command(*asked), command(*asked, "--all")

    signs = [line[0] for line in whole.stdout.splitlines() if line[:2] in {"✗ ", "! ", "· ", "✓ "}]
    listed = [line.split()[1] for line in short.stdout.splitlines() if line[:2] == "✗ "]
    passed = [line for line in short.stdout.splitlines() if line.startswith("✓")]
    assert signs == sorted(signs, key="✗!·✓".index)
    assert listed[0] == "geo.numbers"
    assert passed == [f"✓ {signs.count('✓')} checks passed; --all lists them."]


def test_the_table_says_so_in_korean_too(command: Command, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("서버는 요청을 나눈다.\n")

    told = command("analyze", "a.md", "--say", "ko")

    assert "개 검사를 통과했습니다" in told.stdout
    assert "어절" in told.stdout
    assert "단어" not in told.stdout


def test_a_korean_text_is_counted_in_eojeol_in_english_too(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / "a.md").write_text("서버는 요청을 나눈다.\n")

    told = command("analyze", "a.md", "--say", "en", "--all")

    assert "3 eojeol" in told.stdout
    assert not re.search(r"\d+ words", told.stdout)


def test_exact_mode_sees_no_other_form(command: Command, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("A server scaled.\n")

    def intro(*options: str) -> str:
        told = command("analyze", "a.md", "-k", "scale servers", "-f", "json", *options)
        found = json.loads(told.stdout)["findings"]
        return next(f["level"] for f in found if f["id"] == "kp.intro")

    assert intro() == "good"
    assert intro("--exact") == "bad"


def test_a_score_under_the_one_asked_for_is_exit_code_one(command: Command, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(TEXT)

    assert command("analyze", "a.md", "--fail-under", "0").returncode == 0
    assert command("analyze", "a.md", "--fail-under", "100").returncode == 1


def test_a_site_s_thresholds_hold(command: Command, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(TEXT)
    ours = '{"en": {"text_words": [5, 4, 3, 2]}}'

    told = command("analyze", "a.md", "-f", "json", APP_SEO__THRESHOLDS=ours)
    wrong = command("analyze", "a.md", APP_SEO__THRESHOLDS='{"en": {"text_word": 1}}')

    length = next(f for f in json.loads(told.stdout)["findings"] if f["id"] == "text.length")
    assert length["points"] == 9
    assert wrong.returncode == 3
    assert wrong.stderr.strip().endswith("did you mean text_words?")


def test_a_page_is_fetched_with_the_guard_on(command: Command, pages: Hostile) -> None:
    body = (
        b"<html><title>T</title><article><h1>T</h1><p>Servers share work here.</p></article></html>"
    )

    def answer(to: Answer) -> None:
        to.send(body, Content_Type="text/html")

    pages.pages["/en/t"] = answer

    allowed = command("analyze", pages.url("/en/t"), "-f", "sarif", FETCH_ALLOW=pages.place)
    refused = command("analyze", pages.url("/en/t"))

    log = json.loads(allowed.stdout)
    where = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert where["uri"] == pages.url("/en/t")
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.startswith("error: ")
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("nothing.md",), "There is no file nothing.md"), (("a.md", "-k", "a\nb"), "one line")],
)
def test_what_cannot_be_analysed_is_one_sentence(
    command: Command, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "a.md").write_text(TEXT)

    told = command("analyze", *arguments)

    assert told.returncode == 2
    assert said in told.stderr
    assert told.stdout == ""


def test_the_table_ends_with_how_search_results_would_show_it(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / "a.md").write_text("---\ntitle: " + "수평 확장 " * 12 + "\nslug: a\n---\n\nText.\n")

    told = command("analyze", "a.md", "--say", "ko")
    found = json.loads(command("analyze", "a.md", "--format", "json").stdout)

    assert "Google, 컴퓨터 · 600px 중 " in told.stdout
    assert "…" in told.stdout
    assert [each["engine"] for each in found["previews"]] == ["google", "google_mobile", "naver"]
    assert found["previews"][0]["title"]["cut"]


def test_comparing_with_a_blog_that_is_not_there_says_what_to_set(command: Command) -> None:
    told = command("analyze", "-", "--against", "own", stdin="Servers share work.\n")

    assert told.returncode != 0
    assert "DATABASE_URL" in told.stderr


ARTICLE = "---\ntitle: {}\nkeyphrase: cold brew coffee\n---\n\nCold brew takes its time.\n"


def test_a_folder_is_compared_with_in_every_form_of_the_answer(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / "draft.md").write_text(ARTICLE.format("Cold brew at home"))
    (tmp_path / "content").mkdir()
    (tmp_path / "content/a.md").write_text(ARTICLE.format("Cold brew at home"))
    (tmp_path / "content/noise.md").write_bytes(bytes(range(128, 256)) * 9)
    asked = ("analyze", "draft.md", "--against", "content", "--say", "en")

    table = command(*asked)
    found = json.loads(command(*asked, "-f", "json").stdout)
    sarif = json.loads(command(*asked, "-f", "sarif").stdout)

    messages = {each["id"]: each["message"] for each in found["findings"]}
    results = {each["ruleId"]: each["message"]["text"] for each in sarif["runs"][0]["results"]}
    for check in ("title.unique", "site.cannibalisation"):
        assert "content/a.md" in messages[check]
        assert "content/a.md" in results[check]
    assert "content/a.md" in table.stdout
    assert table.stderr.startswith("not compared: content/noise.md is in no encoding")


def test_a_site_is_compared_with_by_its_sitemap(
    command: Command, pages: Hostile, tmp_path: Path
) -> None:
    (tmp_path / "draft.md").write_text(ARTICLE.format("Coffee"))
    sitemap = (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        f"<url><loc>{pages.url('/en/coffee-of-others')}</loc></url></urlset>"
    )
    pages.pages["/sitemap.xml"] = lambda asked: asked.send(sitemap.encode())
    pages.pages["/en/coffee-of-others"] = lambda asked: asked.send(HOSTILE_ARTICLE)
    asked = ("analyze", "draft.md", "--against", pages.url("/"), "-f", "json", "--say", "en")

    told = command(*asked, FETCH_ALLOW=pages.place)
    refused = command(*asked)

    messages = {each["id"]: each["message"] for each in json.loads(told.stdout)["findings"]}
    assert pages.url("/en/coffee-of-others") in messages["title.unique"]
    assert refused.returncode != 0
    assert "FETCH_ALLOW" in refused.stderr
    assert refused.stdout == ""


@pytest.mark.parametrize(
    ("against", "said"),
    [
        ("nothing", "There is no folder nothing. --against takes own, a folder"),
        ("draft.md", "give the folder that it is in: --against ."),
        ("x" * 5000, "There is no folder xxx"),
        ("empty", ".md, .markdown, .html and .htm files are read"),
    ],
)
def test_what_cannot_be_compared_with_says_what_to_give(
    command: Command, tmp_path: Path, against: str, said: str
) -> None:
    (tmp_path / "draft.md").write_text(TEXT)
    (tmp_path / "empty").mkdir()

    told = command("analyze", "draft.md", "--against", against, "--say", "en")

    assert told.returncode == 2
    assert said in told.stderr
    assert told.stdout == ""


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf \r\n\t\n"])
def test_an_empty_file_is_told_so(content: bytes, command: Command, tmp_path: Path) -> None:
    (tmp_path / "nothing.md").write_bytes(content)

    told = command("analyze", "nothing.md")

    assert told.returncode == 2
    assert "nothing.md is empty; give a text to analyse." in told.stderr
    assert told.stdout == ""
