"""Checks 1-11 at their thresholds."""

from dataclasses import replace

import pytest

from tests.seo.articles import article, ask, points, prose

_PHRASE = "Horizontal scaling"


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("Horizontal scaling adds machines.", 9),
        ("Scaling is hard. It is horizontal here.", 6),
        ("Machines are cheap.", 3),
    ],
)
def test_the_introduction_names_the_keyphrase_in_one_sentence(first: str, expected: int):
    assert points("kp.intro", article(f"{first}\n\nHorizontal scaling again.")) == expected


@pytest.mark.parametrize(
    ("keyphrase", "expected"),
    [("scaling", 9), ("cheap fast local search", 9), ("cheap fast local search engine", 6),
     ("cheap fast local search engine ranking signals today", 6),
     ("cheap fast local search engine ranking signals today near harbours", 3)],
)  # fmt: skip
def test_a_keyphrase_has_few_content_words(keyphrase: str, expected: int):
    assert points("kp.length", article("Text.", keyphrase=keyphrase)) == expected


def test_without_a_keyphrase_only_its_absence_is_scored():
    given = article("Text.", keyphrase=" ")

    assert points("kp.length", given) == 0
    assert ask("kp.density", given) is None
    assert ask("kp.title", given) is None


@pytest.mark.parametrize(
    ("times", "words", "expected"),
    [
        (1, 400, 4),  # one is never enough
        (2, 400, 9),  # 0.68 %
        (2, 900, 4),  # 0.30 %
        (10, 400, 9),  # 3.42 %, forms count
        (11, 400, -10),  # 3.76 %
        (20, 400, -50),
        (1, 40, 9),
        (2, 40, -10),
        (2, 80, 9),
        (4, 80, -50),
        (0, 80, 4),
    ],
)
def test_density_follows_the_formula(times: int, words: int, expected: int):
    text = " ".join([f"{_PHRASE} helps."] * times) + " " + prose(words - 3 * times)

    assert points("kp.density", article(text)) == expected


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ("Horizontal scaling in short.", 9),
        ("Horizontal scaling works. Learn horizontal scaling.", 9),
        ("What machines do.", 3),
        ("Horizontal scaling. Horizontal scaling. Horizontal scaling.", 3),
    ],
)
def test_the_description_holds_the_keyphrase_once_or_twice(meta: str, expected: int):
    assert points("kp.meta", article("Text.", meta=meta)) == expected


def test_a_description_or_title_that_is_missing_does_not_hold_the_keyphrase():
    bare = article("Text.", meta="", title="")

    assert points("kp.meta", bare) == 3
    assert points("kp.title", bare) == 2


def test_half_of_a_long_keyphrase_is_the_topic_and_less_of_a_short_one_is_not():
    def spread(keyphrase: str) -> int | None:
        sentences = [
            "Horizontal scaling helps." if n % 4 == 0 else "Nobody waits." for n in range(20)
        ]
        return points("kp.distribution", article(" ".join(sentences), keyphrase=keyphrase))

    assert spread("horizontal scaling databases servers") == 9
    assert spread("horizontal scaling databases") == 1


def test_headings_count_as_sentences_where_the_topic_is_looked_for():
    text = "\n\n".join(["## Horizontal scaling", "Nobody waits. " * 4] * 4)

    assert points("kp.distribution", article(text)) == 9


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Horizontal scaling helps.", 1),
        ("The scaling is horizontal, and horizontal scaling helps.", 2),
        ("Horizontal-scaling helps.", 1),
        ("Horizontally scaled.", 0),
        ("Horizontal. Scaling.", 0),
        ("Scalings that are horizontal.", 0),
    ],
)
def test_exact_mode_counts_words_as_they_are_written_in_any_order_of_a_sentence(text, count):
    given = replace(article(text), exact=True)

    found = ask("kp.density", given)

    assert found is not None
    assert found.measured == count
    assert all("scaling" in span.of(text).lower() for span in found.spans)


def test_exact_mode_in_korean_sees_no_particles():
    given = replace(
        article("커피 원두는 커피를 만든다.", keyphrase="커피", language="ko"), exact=True
    )

    found = ask("kp.density", given)

    assert found is not None
    assert found.measured == 1


def test_exact_mode_has_the_ceiling_of_the_reference_without_word_forms():
    text = prose(970) + " Horizontal scaling." * 24

    assert points("kp.density", article(text)) == 9
    assert points("kp.density", replace(article(text), exact=True)) == -10


@pytest.mark.parametrize(
    ("topical", "others", "expected"),
    [(1, 0, 9), (0, 1, 3), (1, 1, 9), (3, 1, 9), (4, 1, 3), (1, 3, 3)],
)
def test_some_headings_show_the_topic(topical: int, others: int, expected: int):
    headings = ["## Scaling horizontally"] * topical + ["## Where sessions live"] * others

    assert points("kp.headings", article("\n\nText.\n\n".join(["", *headings, ""]))) == expected


def test_only_a_long_text_needs_headings():
    assert points("kp.headings", article(prose(300))) == 9
    assert points("kp.headings", article(prose(301))) == 2


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Horizontal scaling explained", 9),
        ("The Horizontal Scaling guide", 9),
        ("A guide to horizontal scaling", 6),
        ("Scaling your service: horizontal or not", 6),
        ("Why machines are cheap", 2),
    ],
)
def test_the_title_begins_with_the_keyphrase(title: str, expected: int):
    assert points("kp.title", article("Text.", title=title)) == expected


@pytest.mark.parametrize(
    ("slug", "expected"), [("horizontal-scaling", 9), ("scaling", 6), ("machines", 6), ("", 3)]
)
def test_the_address_holds_the_keyphrase(slug: str, expected: int):
    assert points("kp.slug", article("Text.", slug=slug)) == expected


@pytest.mark.parametrize(
    ("slug", "expected"),
    [("수평-확장", 9), ("supyeong-hwakjang", 9), ("horizontal-scaling", None), ("세션-공유", 6)],
)
def test_a_korean_address_may_be_hangul_or_romanised_and_a_translation_is_not_judged(
    slug: str, expected: int | None
):
    given = article("글.", slug=slug, keyphrase="수평 확장", language="ko", title="수평 확장")

    assert points("kp.slug", given) == expected


def test_images_are_described_with_the_keyphrase():
    assert points("kp.alt", article("Text.")) == 3
    assert points("kp.alt", article("![Two machines](a.png)")) == 6
    assert points("kp.alt", article("![Scaling to two machines](a.png)")) == 9
    many = "![Scaling](a.png) " * 4
    assert points("kp.alt", article(many + "![Box](b.png)")) == 6
    assert points("kp.alt", article(many + "![Box](b.png) ![Rack](c.png)")) == 9


def test_a_link_that_says_just_the_keyphrase_competes():
    rival = article("See [horizontal scaling](https://other.example/).")
    friend = article("See [horizontal scaling in banks](https://other.example/).")

    assert points("kp.anchor", rival) == 2
    assert points("kp.anchor", friend) == 8


@pytest.mark.parametrize(
    ("topical", "expected"), [((0, 4, 8, 12, 16), 9), ((0, 9, 19), 6), ((0,), 1)]
)
def test_the_topic_is_spread_over_the_text(topical: tuple[int, ...], expected: int):
    sentences = [
        "Horizontal scaling helps." if n in topical else "Machines wait." for n in range(20)
    ]

    assert points("kp.distribution", article(" ".join(sentences))) == expected


def test_a_short_text_is_not_judged_for_distribution():
    assert ask("kp.distribution", article("Machines wait. " * 14)) is None


def test_a_keyphrase_of_function_words_is_told_and_not_scored():
    finding = ask("kp.functionwords", article("Text.", keyphrase="of the"))

    assert finding is not None
    assert finding.level == "info"


SYNONYMS = """Chilled coffee needs time and patience. Chilled coffee keeps for days in the fridge.

## Ratio of chilled coffee

The ratio decides. A chilled coffee of one to ten is mild. ![A jar of chilled coffee](/a.jpg)
"""


def test_a_synonym_stands_for_the_keyphrase_in_the_text_but_not_in_title_and_address() -> None:
    plain = article(SYNONYMS, title="Chilled coffee", slug="chilled-coffee", keyphrase="cold brew")
    meant = replace(plain, synonyms=("chilled coffee", "of the"))

    for check, without, with_ in (
        ("kp.intro", 3, 9),
        ("kp.density", 4, -50),
        ("kp.headings", 3, 9),
        ("kp.alt", 6, 9),
        ("kp.title", 2, 2),
        ("kp.slug", 6, 6),
    ):
        assert (points(check, plain), points(check, meant)) == (without, with_), check


def test_a_synonym_that_holds_the_keyphrase_is_counted_once() -> None:
    text = "Cold brew coffee takes time, and many people have a good deal of patience for it."
    given = replace(article(text, keyphrase="cold brew"), synonyms=("cold brew coffee",))

    finding = ask("kp.density", given)

    assert finding is not None
    assert finding.measured == 1
