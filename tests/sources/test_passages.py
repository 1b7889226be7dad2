"""How a snapshot falls into passages."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from app.sources.domain import Passage, Rights, Snapshot
from app.sources.markdown import normalise_markdown
from app.sources.passages import split_passages

PAGE = """\
# Guide

Opening words
on two lines.

## Setup

- one
  - inner one
- two
  wrapped by hand

1. first

```sh
ls

# no heading
```

### Table

| name | value |
| --- | --- |
| a | 1 |
|  | 2 |

> said by somebody

## Closing

Last words.
"""


def _snapshot(text: str) -> Snapshot:
    return Snapshot(
        id=Snapshot.id_of("page.md", text),
        origin="page.md",
        url=None,
        title="Guide",
        text=text,
        language="en",
        rights=Rights.OWN,
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_each_block_is_a_passage_with_its_kind() -> None:
    passages = split_passages(_snapshot(PAGE))

    assert [(passage.kind, passage.text) for passage in passages] == [
        ("paragraph", "Opening words\non two lines."),
        ("item", "one"),
        ("item", "inner one"),
        ("item", "two"),
        ("paragraph", "wrapped by hand"),
        ("item", "first"),
        ("code", "ls\n\n# no heading"),
        ("row", "name | value"),
        ("row", "a | 1"),
        ("row", " | 2"),
        ("quotation", "said by somebody"),
        ("paragraph", "Last words."),
    ]


def test_passages_carry_the_headings_above_them() -> None:
    passages = split_passages(_snapshot(PAGE))

    assert passages[0].headings == ("Guide",)
    assert passages[1].headings == ("Guide", "Setup")
    assert passages[8].headings == ("Guide", "Setup", "Table")
    assert passages[-1].headings == ("Guide", "Closing")


def test_ids_are_of_the_place_and_stay() -> None:
    snapshot = _snapshot(PAGE)

    first, second = split_passages(snapshot), split_passages(snapshot)

    assert first == second
    assert first[0].id == Passage.id_of(snapshot.id, PAGE.index("Opening"))
    assert len({passage.id for passage in first}) == len(first)


def test_a_fence_left_open_runs_to_the_end() -> None:
    passages = split_passages(_snapshot("Text\n\n```\na\nb"))

    assert [passage.text for passage in passages] == ["Text", "a\nb"]


def test_an_empty_text_has_no_passages() -> None:
    assert split_passages(_snapshot("")) == []
    assert split_passages(_snapshot("# Only a heading\n\n```\n```\n\n|  |\n| --- |\n")) == []


PIECES = st.sampled_from(
    [
        "# ",
        "## ",
        "- ",
        "  - ",
        "1. ",
        "> ",
        "| a | b |\n| --- | --- |\n",
        "```\n",
        "\n",
        "\n\n",
        "words ",
        "한글 문장입니다. ",
        "`code`",
        "**bold**",
        "label: value",
        "✅ ",
        "    ",
        "---",
        "<b>",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_every_passage_is_an_exact_span(text: str) -> None:
    snapshot = _snapshot(normalise_markdown(text))

    passages = split_passages(snapshot)

    for passage in passages:
        assert snapshot.text[passage.start : passage.end] == passage.text
        assert passage.text.strip()
    assert [passage.start for passage in passages] == sorted(passage.start for passage in passages)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_no_word_of_a_normalised_text_is_lost(text: str) -> None:
    normal = normalise_markdown(text)

    passages = split_passages(_snapshot(normal))

    kept = " ".join([*(p.text for p in passages), *(" ".join(p.headings) for p in passages)])
    prose = [p for p in passages if p.kind != "code"]
    assert sum("한글" in p.text for p in prose) <= normal.count("한글")
    if passages and "words" in normal.split("#")[0]:
        assert "words" in kept
