"""`keyphrases` and `brief` as a person runs them."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.infra.http.hostile import Answer, Hostile, hostile_server

TEXT = "---\ntitle: Cold brew coffee\n---\n\nCold brew coffee takes time. Make cold brew coffee.\n"


@pytest.fixture
def pages():
    with hostile_server() as server:
        yield server


def test_a_file_is_told_as_a_table_and_as_json(command: Command, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(TEXT)

    table = command("keyphrases", "a.md", "--say", "en")
    told = command("keyphrases", "a.md", "--format", "json", "--most", "1", "--say", "ko")

    assert table.returncode == 0, table.stderr
    assert "old brew coffee" in table.stdout
    assert "nobody" in table.stdout
    (best,) = json.loads(told.stdout)["keyphrases"]
    assert [place["line"] for place in best["places"]] == [5, 5]
    assert "제목" in best["why"]


def test_input_may_be_korean_html(command: Command) -> None:
    told = command("keyphrases", "-", "-f", "json", stdin="<p>로드 밸런서는 요청을 나눕니다.</p>")

    assert json.loads(told.stdout)["keyphrases"][0]["text"] == "로드 밸런서"


def test_a_text_without_nouns_is_said_so(command: Command) -> None:
    told = command("keyphrases", "-", "--say", "en", stdin="and of the\n")

    assert told.returncode == 0
    assert told.stdout.startswith("No keyphrase was found")


def test_a_brief_over_a_file_and_a_page_makes_no_database(
    command: Command, tmp_path: Path, pages: Hostile
) -> None:
    body = (
        b"<html><title>At home</title><article><h1>At home</h1><p>Cold brew coffee keeps for a week in"
        b" the fridge. Does cold brew coffee have more caffeine?</p>"
        b"<p>Grind the beans coarsely, pour cold water over them and wait until the next morning.</p>"
        b"</article></html>"
    )

    def answer(to: Answer) -> None:
        to.send(body, Content_Type="text/html")

    pages.pages["/a"] = answer
    (tmp_path / "a.md").write_text(TEXT)

    told = command("brief", "a.md", pages.url("/a"), "-f", "json", FETCH_ALLOW=pages.place)

    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    assert found["unread"] == []
    assert found["keyphrases"][0]["sources"] == [1, 2]
    assert found["keyphrases"][0]["own_articles"] is None
    assert [one["text"] for one in found["questions"]] == [
        "Does cold brew coffee have more caffeine?"
    ]
    assert not list(tmp_path.glob("**/*.db"))


def test_a_source_that_cannot_be_read_does_not_spoil_the_others(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / "a.md").write_text(TEXT)

    some = command("brief", "a.md", "none.md", "--format", "markdown", "--say", "en")
    none = command("brief", "none.md")

    assert some.returncode == 0
    assert "none.md cannot be read" in some.stderr
    assert "## Not read" in some.stdout
    assert none.returncode == 2


def test_synonyms_are_given_by_option_or_front_matter(command: Command, tmp_path: Path) -> None:
    text = "Chilled coffee needs time.\n"
    (tmp_path / "a.md").write_text(text)
    (tmp_path / "b.md").write_text('---\nsynonyms: ["chilled coffee"]\n---\n' + text)

    def points(*arguments: str) -> dict[str, int]:
        told = command("analyze", *arguments, "-k", "cold brew", "-f", "json")
        return {one["id"]: one["points"] for one in json.loads(told.stdout)["findings"]}

    assert points("a.md")["kp.intro"] == 3
    assert points("a.md", "--synonym", "chilled coffee")["kp.intro"] == 9
    assert points("b.md")["kp.intro"] == 9
    many = command("analyze", "a.md", *["--synonym=x"] * 11)
    assert many.returncode == 2
