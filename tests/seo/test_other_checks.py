"""Checks 12-23 at their thresholds."""

import pytest

from app.seo.page import Other, Site
from tests.seo.articles import article, ask, points, prose


def test_a_title_wider_than_600_px_is_cut():
    assert points("title.width", article("Text.", title="m" * 36)) == 9
    assert points("title.width", article("Text.", title="m" * 37)) == 3
    assert points("title.width", article("Text.", title="확" * 32)) == 9
    assert points("title.width", article("Text.", title="확" * 33)) == 3
    assert points("title.width", article("Text.", title="")) == 1


def test_uniqueness_is_judged_only_where_the_site_is_known():
    given = article("Text.", title="A title", meta="A description.")

    assert ask("title.unique", given) is None
    assert ask("meta.unique", given) is None
    site = Site((Other("a  TITLE", "/en/a-title", "Another."),))
    assert points("title.unique", given, site=site) == 3
    assert points("meta.unique", given, site=site) == 9


@pytest.mark.parametrize(
    ("language", "count", "expected"),
    [("en", 120, 6), ("en", 121, 9), ("en", 156, 9), ("en", 157, 6), ("en", 0, 1),
     ("ko", 59, 6), ("ko", 60, 9), ("ko", 85, 9), ("ko", 86, 6)],
)  # fmt: skip
def test_the_description_has_its_length(language, count: int, expected: int):
    assert points("meta.length", article("글.", meta="가" * count, language=language)) == expected


def test_one_top_heading_is_enough():
    assert points("h1.single", article("# A\n\nText.")) == 8
    assert points("h1.single", article("# A\n\nText.\n\n# B")) == 1


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [("## A\n\n### B\n\n## C", 9), ("# A\n\n## B", 9), ("## A\n\n#### B", 3), ("### A", 3)],
)
def test_headings_skip_no_level(markdown: str, expected: int):
    assert points("headings.order", article(markdown)) == expected


@pytest.mark.parametrize(("words", "expected"), [(300, 9), (301, 6), (350, 6), (351, 3)])
def test_a_section_has_its_length(words: int, expected: int):
    assert points("section.length", article(f"## A\n\n{prose(words)}")) == expected


def test_only_a_short_text_may_lack_headings():
    assert points("section.length", article(prose(300))) == 9
    assert points("section.length", article(prose(301))) == 2


@pytest.mark.parametrize(("words", "expected"), [(150, 9), (151, 6), (200, 6), (201, 3)])
def test_a_paragraph_has_its_length(words: int, expected: int):
    assert points("paragraph.length", article(f"Short.\n\n{prose(words)}")) == expected


@pytest.mark.parametrize(
    ("words", "expected"), [(300, 9), (299, 6), (250, 6), (249, 3), (199, -10), (99, -20)]
)
def test_a_text_has_its_length(words: int, expected: int):
    assert points("text.length", article(prose(words))) == expected


def test_korean_text_is_long_enough_by_eojeol_or_by_characters():
    assert points("text.length", article("글을 " * 225, language="ko")) == 9
    assert points("text.length", article("글을 " * 224, language="ko")) == 6
    assert points("text.length", article("가나다라마" * 185, language="ko")) == 9


def test_lists_and_tables_are_told():
    finding = ask("lists.info", article("- a\n- b\n\n|a|b|\n|-|-|\n|1|2|"))

    assert finding is not None
    assert (finding.level, finding.measured) == ("info", 2)


@pytest.mark.parametrize(("long", "expected"), [(2, 9), (3, 6), (4, 3)])
def test_at_most_a_quarter_of_the_sentences_is_long(long: int, expected: int):
    sentences = [prose(21, sentence=21)] * long + [prose(20, sentence=20)] * (10 - long)

    assert points("sentence.length", article(" ".join(sentences))) == expected


def test_three_sentences_in_a_row_do_not_begin_alike():
    twice = "Caches help. Caches fail. Servers wait. Caches go."
    thrice = "Caches help. Caches fail. Caches wait."
    listed = "- Caches help.\n- Caches fail.\n- Caches wait."

    assert points("sentence.beginnings", article(twice)) == 9
    assert points("sentence.beginnings", article(thrice)) == 3
    assert points("sentence.beginnings", article(listed)) == 9


def test_findings_point_at_the_words_they_mean():
    markdown = f"## A\n\n{prose(10)}\n\n## B\n\n{prose(400)}\n"

    finding = ask("section.length", article(markdown))

    assert finding is not None
    assert [span.of(markdown) for span in finding.spans] == ["## B"]
