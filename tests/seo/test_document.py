"""Every part of a document points back at its place in the Markdown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.seo.document import parse

_SOURCE = """# Top *one*

First **bold** sentence.[^1] A second \\*one\\* &amp; [a link](https://a.example/x "t") with `co de`
goes on.

> quoted *words*
> go on

- item one
  goes on
1. numbered

| head | b |
|------|---|
| 1 \\| 2 | **c** |

```py
x = 1
```

![a *picture*](i.png)

## Deep ##

[^1]: The footnote's own words.
"""


def test_blocks_are_told_apart_and_footnotes_are_no_part_of_the_text():
    document = parse(_SOURCE, "en")

    assert [(b.kind, b.level) for b in document.blocks if b.text] == [
        ("heading", 1), ("paragraph", 0), ("paragraph", 0), ("item", 0), ("item", 0), ("row", 0),
        ("row", 0), ("heading", 2),
    ]  # fmt: skip
    assert "footnote" not in document.text
    assert (document.lists, document.tables, len(document.code)) == (2, 1, 1)


@pytest.mark.parametrize(
    ("words", "source"),
    [
        ("bold", "bold"),
        ("*one*", r"\*one\*"),
        ("& a", "&amp; [a"),
        ("co de goes", "co de`\ngoes"),
        ("quoted words go on", "quoted *words*\n> go on"),
        ("item one goes on", "item one\n  goes on"),
        ("1 | 2", r"1 \| 2"),
        ("c", "c"),
        ("Deep", "Deep"),
        ("Top one", "Top *one"),
    ],
)
def test_words_know_where_they_stand(words: str, source: str):
    document = parse(_SOURCE, "en")

    places = [
        block.place(block.text.index(words), block.text.index(words) + len(words))
        for block in document.blocks
        if words in block.text
    ]

    assert source in [place.of(_SOURCE) for place in places]


def test_links_and_images_are_found_with_their_place():
    document = parse(_SOURCE, "en")

    (link,) = document.links
    (image,) = document.images
    assert (link.href, link.text) == ("https://a.example/x", "a link")
    assert link.span.of(_SOURCE) == '[a link](https://a.example/x "t")'
    assert (image.alt, image.span.of(_SOURCE)) == ("a picture", "![a *picture*](i.png)")


def test_a_footnote_mark_after_the_full_stop_cites_the_sentence_before_it():
    document = parse("One fact.[^1] Another fact.\n\n[^1]: Source.", "en")

    assert [(s.text, s.cited) for s in document.sentences] == [
        ("One fact.", True), ("Another fact.", False),
    ]  # fmt: skip


def test_sections_run_from_heading_to_heading():
    document = parse("Intro.\n\n## A\n\nText.\n\n### B\n\nMore.", "en")

    assert [(s.heading and s.heading.text, s.text) for s in document.sections] == [
        (None, "Intro."), ("A", "Text."), ("B", "More."),
    ]  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_kind_keep_places_right(end: str):
    source = f"# Head{end}{end}A *word* here.{end}"

    document = parse(source, "en")

    assert [b.place(0, len(b.text)).of(source) for b in document.blocks] == [
        "Head",
        "A *word* here.",
    ]


_MARKS = st.text(
    alphabet=st.sampled_from(list("ab 가나.*_`[](){}<>!|\\&;#-+>1:^~\n\r\t\x00\u2028é\"'")),
    max_size=80,
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(_MARKS, st.text(max_size=60)))
def test_no_text_breaks_the_parser_and_no_place_leaves_the_text(text: str):
    document = parse(text, "en")

    for block in document.blocks:
        start, end = block.place(0, len(block.text))
        assert 0 <= start <= end <= len(text)
        for index in range(len(block.text)):
            start, end = block.place(index, index + 1)
            assert 0 <= start <= end <= len(text)
    for thing in (*document.links, *document.images, *document.citations, *document.sentences):
        assert 0 <= thing.span.start <= thing.span.end <= len(text)
