"""The article as Markdown: every sentence found again at its place, and nothing injected."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin

from app.generation.markdown import escape, render_article, unescape
from app.generation.schemas import Block, Fact, Section, Sentence
from app.sources.domain import Rights, Snapshot
from tests.generation.composing import ENGLISH, KOREAN, SECOND, compose

PARSER = MarkdownIt("commonmark").enable("table").use(footnote_plugin)


def fact(n: int, text: str, source: str = "s1") -> Fact:
    return Fact(
        id=f"f{n}",
        snapshot_id=source,
        passage_id=f"f{n}",
        start=0,
        end=len(text),
        text=text,
        kind="sentence",
    )


def source(name: str, *, title: str = "A title", url: str | None = None) -> Snapshot:
    return Snapshot(
        id=name, origin=f"/home/me/{name}.md", url=url, title=title, text="", language="en",
        rights=Rights.OWN, fetched_at=datetime(2026, 11, 23, tzinfo=UTC), site="Site", published_on="2025-01-02",
    )  # fmt: skip


def article(*blocks: Block, heading: str = "Heading"):
    texts = [sentence for block in blocks for sentence in block.sentences]
    facts = {i: fact(0, s.text, i.split("-")[0]) for s in texts for i in s.fact_ids}
    snapshots = {each.snapshot_id: source(each.snapshot_id) for each in facts.values()}
    return render_article([Section(heading=heading, blocks=blocks)], [], facts, snapshots, "en")


def said(text: str, *ids: str) -> Sentence:
    return Sentence(text=text, fact_ids=ids or ("s1-0",))


@pytest.mark.parametrize(
    ("keyword", "sources"),
    [("connection pooling", (ENGLISH, SECOND)), ("커넥션 풀", (KOREAN,))],
    ids=["en", "ko"],
)
async def test_every_sentence_stands_where_it_is_placed(keyword, sources) -> None:
    rendered = (await compose(keyword, *sources)).rendered

    for each in rendered.placed:
        assert rendered.markdown[each.start : each.end] == each.sentence.text
    starts = [each.start for each in rendered.placed]
    assert starts == sorted(starts)


def test_a_mark_stands_at_the_end_of_each_sources_run() -> None:
    rendered = article(
        Block(sentences=(said("One.", "s1-1"), said("Two.", "s1-2"), said("Three.", "s2-1")))
    )

    assert "One. Two.[^1] Three.[^2]\n" in rendered.markdown
    assert rendered.cited == ("s1", "s2")


def test_a_sentence_of_two_sources_has_both_marks() -> None:
    rendered = article(Block(sentences=(said("Both say so.", "s1-1", "s2-1"),)))

    assert "Both say so.[^1][^2]\n" in rendered.markdown


def test_a_footnote_says_title_site_date_address_and_access() -> None:
    facts = {"f0": fact(0, "One.")}
    snapshots = {"s1": source("s1", title="On [pools]", url="https://example.com/a_b?c=1")}
    section = Section(blocks=(Block(sentences=(said("One.", "f0"),)),))

    english = render_article([section], [], facts, snapshots, "en").markdown
    korean = render_article([section], [], facts, {"s1": source("s1")}, "ko").markdown

    assert english.endswith(
        "[^1]: On \\[pools\\], Site, 2025-01-02, <https://example.com/a_b?c=1>, accessed 2026-11-23.\n"
    )
    assert korean.endswith("[^1]: A title, Site, 2025-01-02, s1.md, 2026-11-23 확인.\n")


def test_the_title_is_not_in_the_article() -> None:
    assert not article(Block(sentences=(said("One."),))).markdown.startswith("# ")


def test_a_list_is_nested_and_numbered_as_it_was() -> None:
    marks = ("1.", "  -", "  -", "4.", "5.")
    texts = [said(f"Item {n}.") for n in range(5)]

    rendered = article(Block(kind="list", sentences=tuple(texts), marks=marks))

    assert (
        "1. Item 0.\n   - Item 1.\n   - Item 2.\n2. Item 3.\n3. Item 4.[^1]\n" in rendered.markdown
    )


def test_code_that_nothing_cited_precedes_names_its_source() -> None:
    code = Block(kind="code", sentences=(said("x = 1"),), language="python")
    before = Block(sentences=(said("Set it:"),))

    assert "```\n\nSource: [^1]\n" in article(code).markdown
    assert "Source:" not in article(before, code).markdown
    assert "Source:" not in article(code, before).markdown


HOSTILE = [
    "# Not a heading",
    "## Not a heading either",
    "> not a quotation",
    "- not an item",
    "+ not an item",
    "* not an item",
    "12. not an item",
    "1) not an item",
    "--- not a rule",
    "=== not a heading",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a <b>bold</b> move",
    "[click](javascript:alert(1))",
    "![image](http://example.com/x.png)",
    "<javascript:alert(1)>",
    "<http://example.com>",
    "[^1] and [^9]: forged",
    "[ref]: http://example.com",
    "*emphasis* and **strong** and _more_ and __most__",
    "`code` and a lone ` tick <b>",
    "``` fence",
    "~~~ fence",
    "&lt;b&gt; &amp; &#60;",
    "back\\slash \\* \\[x](y)",
    "\\",
    "one\n# two\n\n<b>three</b>",
    "a | b | c",
    "snake_case and 2 * 3 * 4 < 5",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("kind", ["paragraph", "list"])
def test_prose_opens_no_block_no_tag_no_link(text: str, kind) -> None:
    rendered = article(Block(kind=kind, sentences=(said(text), said("The end."))))

    body = rendered.markdown.split("\n[^1]:")[0]
    tokens = PARSER.parse(rendered.markdown)
    children = [child for token in tokens for child in token.children or []]
    opened = [token.type for token in tokens if token.nesting >= 0]
    assert opened.count("heading_open") == 1
    assert {
        "html_block",
        "fence",
        "blockquote_open",
        "hr",
        "ordered_list_open",
        "code_block",
    }.isdisjoint(opened)
    assert opened.count("bullet_list_open") == (kind == "list")
    assert opened.count("list_item_open") == (2 if kind == "list" else 0)
    assert {"html_inline", "link_open", "image", "em_open", "strong_open"}.isdisjoint(
        child.type for child in children
    )
    assert sum(child.type == "footnote_ref" for child in children) == 1
    assert "[^1]" in body


@pytest.mark.parametrize("text", HOSTILE)
def test_a_heading_and_a_cell_stay_what_they_are(text: str) -> None:
    rendered = article(
        Block(kind="table", sentences=(said("A | B"), said(f"{text.replace(' | ', ' ')} | x"))),
        heading=text,
    )

    tokens = PARSER.parse(rendered.markdown)
    types = [token.type for token in tokens]
    assert types.count("heading_open") == 1
    assert types.count("tr_open") == 2
    assert types.count("td_open") == 2
    inline = [child.type for token in tokens for child in token.children or []]
    assert {"html_inline", "link_open", "image"}.isdisjoint(inline)
    assert "html_block" not in types


@pytest.mark.parametrize("code", ["```\n# out\n```", "````", "plain", "~~~\n<b>"])
def test_code_does_not_leave_its_fence(code: str) -> None:
    rendered = article(
        Block(kind="code", sentences=(said(code),), language='html" onload="x'), heading=""
    )

    fences = [token for token in PARSER.parse(rendered.markdown) if token.type == "fence"]
    assert [token.content for token in fences] == [code + "\n"]
    assert fences[0].info == "htmlonloadx"
    placed = rendered.placed[0]
    assert rendered.markdown[placed.start : placed.end] == code


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1)
)
def test_unescape_gives_the_sentence_back(text: str) -> None:
    assert unescape(escape(text)) == text
    assert unescape(escape(text, line_start=True)) == text


def test_steps_that_code_parts_go_on_counting():
    steps = [
        Block(kind="list", sentences=(Sentence(text=f"Step {name}."),), marks=("1.",))
        for name in ("one", "two", "three")
    ]
    code = Block(kind="code", sentences=(Sentence(text="ls"),))
    apart = Block(sentences=(Sentence(text="Then:"),))
    section = Section(heading="Steps", blocks=(steps[0], code, steps[1], apart, steps[2]))

    rendered = render_article([section], [], {}, {}, "en")

    lines = [line for line in rendered.markdown.splitlines() if "Step " in line]
    assert lines == ["1. Step one.", "2. Step two.", "1. Step three."]
