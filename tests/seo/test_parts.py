"""A text is parsed in parts that are remembered, and comes out as if it had been parsed in one, whatever was before."""

import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.language.types import Language
from app.seo.analysis import analyse
from app.seo.blocks import plain_part, read_part
from app.seo.document import Article, Document, parse, put_together
from app.seo.parts import parts_of
from bench.remembering import forget

SNIPPETS = (
    "Plain words. Two sentences of them.",
    "## A heading [one] `c` ##",
    "Setext *h* [^1]\n---",
    "See [one] and [the other][two], [One][] and [foo bar].",
    "[one]: https://one.example/x",
    "[one]: https://another.example\n[two]: <https://two.example/a b> 'T'",
    "[foo\nbar]: /multi\n'title\nmore'",
    "[^1]: A [note](https://n.example).\n\n    More of [it](https://m.example).\n\n    - li\n\n    ```\n    x\n    ```",
    "[^2]: two [^1] [x](https://y.example)\n[^z]: zed",
    "[^1]: [^2]: within\n\n    after [one]",
    "A[^1] b[^2] c[^1] [^z] [^가].",
    "![alt [^2] [one]][two] ![i](/i.png)",
    "- [^9]: in a list [u](https://u.example)\n\nUse[^9].",
    "```\ncode\n\nstill [one]\n\n# no heading",
    "```\n\nend",
    "~~~~ py\na\n\nb\n~~~~",
    "> ```\n> in a quotation\n\n```\nafter",
    "- ```\n  in an item\n\nout\n\n```\n\nin",
    "<!-- a\n\n# b\n\n-->",
    "<script>\n\nvar x\n\n</script>",
    "<div>\n\ntext *x*\n\n</div>",
    "<pre>\nnever ended",
    "a < b and <https://auto.example/%20x>",
    "- a\n\n- b\n\n  para in b\n\n      code in b",
    "1. x\n\n2) y\n\n3. z",
    "+ plus\n\n\n+ plus\n\n-\n\n  foo",
    "    indented\n\n    more",
    "\tcode",
    "> q\n\n> r\nlazy",
    "* * *",
    "***bold** item*",
    "| x | [one] |\n|--|--|\n| b\\|c `d\\|e` | [l](https://q.example)[^1] |",
    "| x |\n|--|\n\n| y |",
    "nul \0 here\x0c\n\x0b\n\u2028x\n\u00a0\ny\u0085z",
    "&amp; &nope; \\* \\[ `two\nlines` end\\\nhard  \nbreak",
    "한국어 문장입니다. [one] 링크[^1]도 있습니다.",
)  # fmt: skip
ENDS = ("\n\n", "\n\n\n", "\n", "\n \t\n", "\r\n\r\n", "\r\r", "\r\n \r")


def texts() -> st.SearchStrategy[list[str]]:
    pieces = st.sampled_from(SNIPPETS) | st.text("ab[]()<>`~-*#>:^|\\ \n\t\r1.", max_size=20)
    return st.lists(pieces, min_size=1, max_size=8)


def seen(document: Document) -> list[Any]:
    """Everything a check can see of a document."""
    return [
        *(
            (
                block.kind, block.text, block.level, block.quoted, block.cited, block.span,
                [block.place(at, at + 1) for at in range(-1, len(block.text) + 1)],
                block.words.links, block.words.images, block.words.citations, block.words.code,
            )
            for block in document.blocks
        ),
        document.lists, document.tables, document.code, document.notes, document.sentences,
    ]  # fmt: skip


def in_one(text: str) -> list[Any]:
    """The same of a text that is parsed in one piece, without memory."""
    whole = [(0, read_part(text, references={}, labels=()))]
    return seen(put_together(text, "en", whole))


@settings(max_examples=300, deadline=None)
@given(texts(), st.sampled_from(ENDS))
@example(["```\ncode\n\n", "Words.", "[one]", "```", "[one]: /x"], "\n\n")
@example(["[^1]: [^2]: within\n\n    after", "a[^1] b[^2]"], "\n\n")
def test_parts_are_what_the_whole_is(pieces: list[str], end: str):
    text = end.join(pieces)
    parse.cache_clear()

    assert seen(parse(text, "en")) == in_one(text)


@settings(max_examples=150, deadline=None)
@given(texts(), texts(), st.randoms(use_true_random=False), st.sampled_from(ENDS))
def test_no_edit_gets_a_wrong_answer_from_memory(
    pieces: list[str], others: list[str], chance: random.Random, end: str
):
    """Paragraphs are put in, taken out, moved and changed; each state is read by a memory of all before."""
    forget()
    for _ in range(6):
        text = end.join(pieces)
        parse.cache_clear()

        assert seen(parse(text, "en")) == in_one(text)

        at = chance.randrange(len(pieces) + 1)
        match chance.randrange(4):
            case 0:
                pieces.insert(at, chance.choice(others))
            case 1 if len(pieces) > 1:
                pieces.pop(at - 1)
            case 2:
                pieces.insert(at, pieces.pop(chance.randrange(len(pieces))))
            case _:
                pieces[at - 1] += chance.choice([" more.", " [one]", "[^1]", "\n```", "<!--"])


def test_a_changed_definition_changes_the_links_of_paragraphs_that_are_remembered():
    paragraph = "Read [the guide][guide] and the note[^n]."
    texts = [
        f"{paragraph}\n\n[guide]: https://{host}.example\n\n[^n]: By [{host}](https://{host}.example)."
        for host in ("one", "two", "one")
    ]

    found = [parse(text, "en") for text in texts]

    assert [document.links[0].href for document in found] == [
        "https://one.example", "https://two.example", "https://one.example",
    ]  # fmt: skip
    assert [document.notes[0].text for document in found] == ["one", "two", "one"]
    assert parse(paragraph, "en").links == ()
    assert parse(paragraph, "en").citations == ()


def article(text: str, language: Language = "en") -> Article:
    return Article("A title", "A description.", "words", "plain words", language, text)


@settings(max_examples=60, deadline=None)
@given(texts(), st.sampled_from(["en", "ko"]), st.booleans())
def test_findings_after_many_edits_are_those_of_a_new_process(
    pieces: list[str], language: Language, backwards: bool
):
    states = ["\n\n".join(pieces[:count]) for count in range(1, len(pieces) + 1)]
    forget()
    cold: list[object] = []
    for text in states:
        forget()
        cold.append(analyse(article(text, language)))
    forget()

    order = reversed(range(len(states))) if backwards else range(len(states))

    for at in order:
        assert analyse(article(states[at], language)) == cold[at]


def test_threads_that_edit_one_text_get_right_answers():
    chance = random.Random(5)
    every = ["\n\n".join(chance.sample(SNIPPETS, 6)) for _ in range(60)]
    wanted = [in_one(text) for text in every]
    forget()

    def read(text: str) -> list[Any]:
        return seen(parse(text, "en"))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, every * 3)) == wanted * 3


def seconds(text: str) -> float:
    times: list[float] = []
    for _ in range(3):
        forget()
        start = time.process_time()
        parse(text, "en")
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.parametrize(
    "piece",
    [
        "```\n\na\n\n",
        "<!-- {}\n\n",
        "\n",
        "\n ",
        "[a{}]: /x\n\n[a{}]\n\n",
        "[^a{}]: x\n\n[^a{}]\n\n",
        "- a\n\n",
    ],
)
def test_cutting_takes_time_that_grows_with_the_text_and_not_with_its_square(piece: str):
    def text(count: int) -> str:
        return "<pre>\n\n" * (piece[0] == "\n") + "".join(
            piece.replace("{}", str(n)) for n in range(count)
        )

    small, large = seconds(text(400)), seconds(text(3200))

    assert large < 8 * 4 * small + 0.05  # eight times the text; squared it would be 64 times


def test_an_unchanged_paragraph_is_not_parsed_again():
    forget()
    before: Sequence[Any] = [part for _, part in parts_of("First.\n\nSecond.\n\nThird.")]
    after: Sequence[Any] = [part for _, part in parts_of("Changed.\n\nSecond.\n\nThird.")]

    assert [a is b for a, b in zip(before, after, strict=True)] == [False, True, True]


LINES = st.text(
    "ab Z가é19.,;:!?()\"'“’–#*_[]<&\\`=|~+->$%@^{}/\t\n\r\0\x0b\u2028\u00a0", max_size=30
)


@settings(max_examples=1500, deadline=None)
@given(
    st.sampled_from(["", "# ", "##   ", "#", "####### ", "a", "“", "(", "1. "]),
    LINES,
    st.sampled_from(ENDS),
)
@example("## ", "Words \u00a0", "\n\n")
@example("", "a\u2028b\x0b \t", "\r\n\r\n")
def test_a_plain_line_is_read_as_the_parser_reads_it(start: str, line: str, end: str):
    text = start + line + end
    plain = plain_part(text)

    if plain is not None:
        parsed = read_part(text, references={}, labels=())
        assert seen(put_together(text, "en", [(0, plain)])) == seen(
            put_together(text, "en", [(0, parsed)])
        )
        assert (plain.notes, plain.labels, plain.cited, plain.references) == ({}, (), (), {})


@pytest.mark.parametrize(
    "text", ["Plain words, (two) of them: 3.\n\n", "## A heading, plain\n\n", "“Said.” 그렇다."]
)
def test_plain_lines_are_known_as_such(text: str):
    assert plain_part(text) is not None


@pytest.mark.parametrize(
    "text", ["- a\n", "1. a\n", "a *b*\n", "a\n===\n", "| a |", "[a]: /b", "    a", "a\nb", "# a #"]
)
def test_what_the_parser_has_to_see_is_left_to_it(text: str):
    assert plain_part(text) is None
