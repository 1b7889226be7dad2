"""Printed lines, with their places and sizes, as the blocks they were printed from."""

from collections.abc import Sequence

import pytest

from app.sources.reflow import Line, reflow

FULL = "The words of this line fill the whole width of a page, or"


def _page(
    *lines: str | tuple[str, float],
    even: Sequence[str] = (),
    step: float = 14.0,
    top: float = 780.0,
) -> list[Line]:
    """Lines one below the other; a pair states its size, an empty line leaves a gap."""
    page: list[Line] = []
    y = top
    for given in lines:
        words, size = (given, 11.0) if isinstance(given, str) else given
        if words:
            indent = len(words) - len(words.lstrip())
            line = Line()
            line.add(words.lstrip(), x=50 + indent * 6.6, y=y, size=size, even=words in even)
            page.append(line)
        y -= step
    return page


def test_no_lines_are_no_text() -> None:
    assert reflow([]) == ""
    assert reflow([[], []]) == ""


def test_lines_are_joined_to_paragraphs_at_gaps() -> None:
    text = reflow([_page(FULL, FULL, "it ends.", "", FULL, "it ends.")])

    assert text == f"{FULL} {FULL} it ends.\n\n{FULL} it ends."


def test_a_short_line_that_ends_a_sentence_ends_its_paragraph() -> None:
    text = reflow([_page(FULL, "it ends here.", FULL, "it goes on to its end.")])

    assert text == f"{FULL} it ends here.\n\n{FULL} it goes on to its end."


def test_a_paragraph_goes_on_over_the_page() -> None:
    text = reflow([_page(FULL, FULL), _page("it ends here.", "", FULL, "another end.")])

    assert text == f"{FULL} {FULL} it ends here.\n\n{FULL} another end."


def test_a_word_cut_at_the_line_s_end_is_whole_again() -> None:
    text = reflow(
        [_page("The words of this line fill the width and break in the mid-", "dle of it.")]
    )

    assert text == "The words of this line fill the width and break in the middle of it."


def test_larger_lines_are_headings_by_their_size() -> None:
    text = reflow(
        [
            _page(
                ("The guide", 24.0),
                "",
                ("First part", 16.0),
                FULL,
                "it ends.",
                "",
                FULL,
                "The end.",
            )
        ]
    )

    assert text.startswith("# The guide\n\n## First part\n\nThe words")


def test_a_large_number_alone_is_no_heading() -> None:
    text = reflow([_page(("42 %", 24.0), "", FULL, FULL, "it ends.")])

    assert "#" not in text


@pytest.mark.parametrize("mark", ["•", "-", "–", "■", "○", "·"])
def test_bullets_are_items(mark: str) -> None:
    text = reflow([_page(f"{mark} first item", f"{mark} second item", f"{mark} third item")])

    assert text == "- first item\n\n- second item\n\n- third item"


@pytest.mark.parametrize("marks", [("1.", "2."), ("1)", "2)"), ("①", "②"), ("가.", "나.")])
def test_numbers_keep_their_items_apart(marks: tuple[str, str]) -> None:
    text = reflow([_page(f"{marks[0]} first item that is", f"{marks[1]} second item")])

    assert text.split("\n\n") == [f"{marks[0]} first item that is", f"{marks[1]} second item"]


def test_even_letters_are_code_with_their_indents() -> None:
    code = ("def brew(hours):", "    wait(hours)", "    return 'cold'")

    text = reflow([_page(FULL, FULL, FULL, "it ends.", "", *code, "", FULL, "The end.", even=code)])

    assert "```\ndef brew(hours):\n    wait(hours)\n    return 'cold'\n```" in text


def test_a_typescript_is_prose() -> None:
    lines = (FULL, FULL, "it ends.")

    text = reflow([_page(*lines, even=lines)])

    assert "```" not in text


def test_a_running_head_is_dropped_and_a_head_seen_once_is_not() -> None:
    pages = [
        _page(
            "ROASTERY NEWS 12" if n else "Cover line", "", f"{FULL} {word}", "it ends.", "", f"{n}"
        )
        for n, word in enumerate(("one", "two", "three", "four"))
    ]

    text = reflow(pages)

    assert "NEWS" not in text
    assert "Cover line" in text
    assert not any(line.strip().isdecimal() for line in text.split("\n"))


def test_a_table_of_contents_is_dropped() -> None:
    text = reflow(
        [_page("First part ........ 3", "Second part . . . . . . 9", "", FULL, "it ends.")]
    )

    assert "part" not in text


def test_korean_lines_that_break_inside_words_are_glued() -> None:
    lines = [
        "콜드브루는 찬물로 열두 시간 동안 ",
        "천천히 우려낸 커피이며 산미가 삼분",
        "의 일 줄어듭니다 그리고 열은 전혀 ",
        "필요하지 않습니다.",
    ]

    text = reflow([_page(*lines)])

    assert "삼분의 일" in text
    assert "동안 천천히" in text


def test_korean_lines_that_break_between_words_are_not_glued() -> None:
    lines = [
        "콜드브루는 찬물로 열두 시간 동안",
        "천천히 우려낸 커피이며 산미가 삼분의",
        "일 줄어듭니다.",
    ]

    text = reflow([_page(*lines)])

    assert text == " ".join(lines)


@pytest.mark.parametrize("size", [0.0, -11.0, 1e9])
def test_odd_sizes_do_no_harm(size: float) -> None:
    text = reflow([_page((FULL, size), ("it ends.", size))])

    assert "it ends." in text
