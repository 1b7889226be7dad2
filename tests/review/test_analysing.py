"""A text of anybody's, analysed: what is read of it, what it is held against, how it is reported."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin

from app.kit.errors import Invalid
from app.language.types import Language
from app.review.analysing import Sources, Text, analyse_text, read_markup, read_text
from app.review.reporting import describe, to_sarif
from app.seo.thresholds import SiteLimits
from app.sources.article_page import read_article
from app.sources.errors import Unreadable
from tests.seo.articles import KOREAN, prose

TODAY = date(2026, 11, 28)
HTML = MarkdownIt("commonmark").enable("table").use(footnote_plugin)
HTML.validateLink = lambda _address: True  # links that browsers refuse stand in pages too


def analysed(text: Text, *sources: str, others: tuple[str, ...] = ()):
    return analyse_text(text, Sources(sources, others), SiteLimits(), today=TODAY)


def test_front_matter_is_read_and_places_are_those_of_the_whole_file():
    given = (
        "---\r\ntitle: Scaling\r\ndescription: What it is.\r\nkeyphrase: scaling\r\nauthor: Ada\r\n"
        "date: 2026-01-02\r\n---\r\n\r\nText with [here](/a)."
    )

    found = describe(analysed(read_text(given, name="a.md")), "en")

    generic = next(f for f in found.findings if f.id == "links.generic")
    (place,) = generic.places
    assert (found.title, found.keyphrase) == ("Scaling", "scaling")
    assert found.text[place.start : place.end] == "[here](/a)"
    assert (place.line, place.column) == (9, 11)
    assert {f.id for f in found.findings} >= {"geo.freshness", "geo.disclosure"}


def test_a_file_s_first_heading_is_its_title():
    assert read_text("# Scaling #\n\nText.").title == "Scaling"
    assert read_text("Text.\n\n# Scaling").title == ""


def test_sentences_are_held_against_the_sources():
    text = read_text(
        "The pool holds 10 connections. PostgreSQL accepts 300 connections by default."
    )
    source = "A pool holds 10 connections.\n\nPostgreSQL accepts 100 connections by default."

    found = describe(analysed(text, source), "en")

    by_id = {finding.id: finding for finding in found.findings}
    (wrong,) = by_id["geo.support"].places
    assert found.text[wrong.start : wrong.end].startswith("PostgreSQL accepts 300")
    assert found.gate == ["geo.numbers"]
    assert not found.publishable
    assert (found.scores.grounding or 100) <= 50
    right, denied = found.claims
    assert (right.verdict, denied.verdict) == ("supported", "contradicted")
    assert denied.place == wrong
    assert denied.source == 0
    assert denied.quote == denied.passage == "PostgreSQL accepts 100 connections by default."


def test_sarif_says_what_the_source_says_of_a_claim():
    text = read_text("---\ntitle: Pools\n---\nPostgreSQL accepts 300 connections by default.")
    source = "PostgreSQL accepts 100 connections by default."

    log = to_sarif(analysed(text, source), "en")

    results = log["runs"][0]["results"]
    (claim,) = [result for result in results if result["ruleId"] == "geo.support"]
    assert claim["properties"]["verdict"] == "contradicted"
    assert claim["properties"]["quote"] == source
    assert f"The source says: “{source}”" in claim["message"]["text"]


def test_a_claim_names_the_source_and_the_passage_it_was_held_against():
    text = read_text("PostgreSQL accepts 300 connections by default.")
    sources = (
        "Bread needs 4 hours.",
        "Ducks swim.\n\nPostgreSQL accepts 100 connections by default.",
    )
    limits = SiteLimits()

    (claim,) = analyse_text(text, Sources(sources), limits, today=date(2026, 3, 4)).claims

    assert claim.source == 1
    assert claim.passage == "PostgreSQL accepts 100 connections by default."


def test_a_source_in_another_language_bears_nothing_out():
    found = analysed(
        read_text("The pool holds 10 connections."), "연결 풀에는 연결이 10개 있습니다."
    )

    assert "geo.support" not in {finding.check_id for finding in found.analysis.findings}


def test_sarif_says_where_and_how_bad():
    text = read_text(
        "Horizontal scaling [here](/a)\nand [there](/b).\n\n![](a b.png)", name="a b.md"
    )

    log = json.loads(json.dumps(to_sarif(analysed(text), "ko")))

    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert log["version"] == "2.1.0"
    assert run["columnKind"] == "unicodeCodePoints"
    tags = [rule["properties"]["tags"] for rule in run["tool"]["driver"]["rules"]]
    assert all(len(each) == len(set(each)) for each in tags)
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert (result["kind"] == "fail") is (result["level"] != "none")
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b.md"
    (vague,) = [result for result in run["results"] if result["ruleId"] == "links.generic"]
    assert vague["level"] == "error"
    assert vague["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 1, "startColumn": 20, "endLine": 1, "endColumn": 30, "charOffset": 19, "charLength": 10,
    }  # fmt: skip
    assert "링크" in vague["message"]["text"]


def test_a_region_of_several_lines_ends_where_its_last_line_does():
    text = read_text(f"{prose(160)[:-1]}\nend of it.", name="a.md")

    log = to_sarif(analysed(text), "en")

    results = [r for r in log["runs"][0]["results"] if r["ruleId"] == "paragraph.length"]
    region = results[0]["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["endLine"], region["endColumn"]) == (1, 2, 11)


async def test_a_page_is_read_by_the_child_with_what_its_head_says():
    page = (
        "<html><head><title>T | Site</title><meta name=description content='What it is.'>"
        "<meta name=author content=Ada><meta property='article:published_time' content='2026-01-02T00:00Z'>"
        "</head><body><nav><a href=/>Home</a></nav><article><h1>T</h1><p hidden>No</p><p>A "
        "<a href='javascript:go()'>guide</a>.</p></article><footer>F</footer></body></html>"
    )

    text = await read_markup(page.encode(), name="page")

    assert (text.title, text.meta_description, text.author) == ("T | Site", "What it is.", "Ada")
    assert text.published_on == date(2026, 1, 2)
    assert text.body == "# T\n\nA [guide](<javascript:go()>).\n"
    with pytest.raises(Invalid):
        await read_markup(b"<p> </p>", name="page")


_words = st.lists(
    st.sampled_from(
        [
            "scaling",
            "horizontal",
            "servers",
            "12",
            "a*b",
            "x_y",
            "1.",
            "#",
            "[z]",
            "&amp;",
            "<",
            "가",
            "서버는",
            "확장된다.",
            "그러나",
            "However,",
        ]
    ),
    min_size=1,
    max_size=12,
).map(" ".join)
_sentences = st.lists(_words.map(lambda words: f"W{words} end."), min_size=1, max_size=4).map(
    " ".join
)


def _escaped(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>&#" else sign for sign in text)


_prose = _sentences.map(_escaped)
_linked = st.builds(
    "{} [{}]({}) more.".format, _prose, st.sampled_from(["here", "the guide", "horizontal scaling"]),
    st.sampled_from(["/a", "https://example.org/x", "#", "javascript:x"]),
)  # fmt: skip
_blocks = st.one_of(
    _prose,
    _linked,
    st.builds("{} {}".format, st.sampled_from(["##", "###", "#"]), _words.map(_escaped)),
    st.lists(_prose, min_size=1, max_size=3).map(lambda items: "\n".join(f"- {i}" for i in items)),
    _prose.map(lambda text: f"> {text}"),
    st.sampled_from(["![A rack](a.png)", "![](b.png)", "Cited.[^1]", 'A <a href="https://example.com/n" rel="nofollow">note</a>.', "| a | b |\n| --- | --- |\n| 1 | c |", "```\ncode 12\n```"]),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(_blocks, min_size=1, max_size=8), st.sampled_from(["en", "ko"]))
def test_markdown_and_html_of_the_same_text_agree(blocks: list[str], language: Language):
    note = "\n\n[^1]: A study, <https://example.net/s>."
    markdown = "\n\n<!-- -->\n\n".join(blocks) + (note if "Cited.[^1]" in blocks else "")
    html = HTML.render(markdown)
    known = {"keyphrase": "horizontal scaling", "language": language, "title": "T", "slug": "t"}

    one = analysed(Text(whole=markdown, body=markdown, **known)).analysis
    converted = read_article(html, name="html").text
    other = analysed(Text(whole=converted, body=converted, **known)).analysis

    def measured(analysis):
        return {f.check_id: (f.points, f.measured, f.values) for f in analysis.findings}

    assert measured(one) == measured(other)


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=200) | st.text(alphabet="<>/ahpulibr =\"'1#&;", max_size=120))
def test_any_html_is_read_or_refused(html: str):
    try:
        text = read_article(html, name="html").text
    except Unreadable:
        return
    found = analysed(Text(whole=text, body=text, language="en")).analysis
    for finding in found.findings:
        assert all(0 <= span.start <= span.end <= len(text) for span in finding.spans)


def test_korean_markdown_and_html_agree():
    html = HTML.render(KOREAN)
    converted = read_article(html, name="html").text

    one = analysed(Text(whole=KOREAN, body=KOREAN, keyphrase="수평 확장")).analysis
    other = analysed(Text(whole=converted, body=converted, keyphrase="수평 확장")).analysis

    assert one.scores == other.scores
    assert [(f.check_id, f.measured) for f in one.findings] == [
        (f.check_id, f.measured) for f in other.findings
    ]
