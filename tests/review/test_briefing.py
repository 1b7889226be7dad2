"""A brief: what several sources speak of, ask, name and count, where they differ, what is written already."""

from app.language.types import Language
from app.review.brief_markdown import brief_as_markdown
from app.review.briefing import BriefSource, OwnArticle, make_brief

ONE = BriefSource(
    "one.md",
    "Database backups",
    """# Database backups

A database backup of the main server takes 20 minutes. The [National Archives Agency](https://x.org) keeps tapes
since 3 May 2021.

## How often should you test a restore?

Test the restore every month. A restore drill costs $900.
""",
)
OTHER = BriefSource(
    "https://example.org/b",
    "Restore drills",
    """# Restore drills

On the main server a database backup takes 35 minutes. There Julius Maier runs a restore drill with his team.

Is a drill worth it? A restore drill costs $900.
""",
    "https://example.org/b",
)


def own(keyphrase: str, text: str, language: Language = "en") -> OwnArticle:
    return OwnArticle(f"On {keyphrase}", keyphrase, language, f"/{language}/a", "published", text)


def test_phrases_of_several_sources_are_merged() -> None:
    found = make_brief([ONE, OTHER])

    by_text = {one.text.lower(): one for one in found.keyphrases}
    assert by_text["restore drills"].sources == [1, 2]
    assert by_text["restore drills"].own_articles is None
    assert [one.number for one in found.sources] == [1, 2]


def test_questions_and_headings_that_ask_are_told_with_their_sources() -> None:
    told = {one.text: (one.heading, one.sources) for one in make_brief([ONE, OTHER]).questions}

    assert told == {
        "How often should you test a restore?": (True, [1]),
        "Is a drill worth it?": (False, [2]),
    }


def test_names_and_amounts_stand_with_the_sources_that_have_them() -> None:
    found = make_brief([ONE, OTHER])

    names = {one.text: one.kind for one in found.names}
    assert names["National Archives Agency"] == "organisation"
    assert names["Julius Maier"] == "name"
    amounts = {one.normal: (one.kind, one.sources) for one in found.amounts}
    assert amounts["900$"] == ("amount", [1, 2])
    assert amounts["date:2021-05-03"] == ("date", [1])


def test_sources_that_say_the_same_with_another_number_are_put_side_by_side() -> None:
    (pair,) = make_brief([ONE, OTHER]).disagreements

    assert {pair.first_number, pair.second_number} == {"20 minutes", "35 minutes"}


def test_equal_or_rounded_numbers_do_not_differ() -> None:
    exact = BriefSource("a", "A", "The new bridge is 1,000 m long in all.\n")
    other_unit = BriefSource("b", "B", "The new bridge is 1 km long in all.\n")
    rounded = BriefSource("c", "C", "The new bridge is about 990 m long in all.\n")

    assert make_brief([exact, other_unit, rounded]).disagreements == []


def test_own_articles_with_the_keyphrase_and_gaps_are_told() -> None:
    written = [own("restore drills", "All about restore drills and nothing else.")]

    found = make_brief([ONE, OTHER], own=written)

    drill = next(one for one in found.keyphrases if one.text.lower() == "restore drills")
    assert [article.address for article in drill.taken_by] == ["/en/a"]
    assert drill.own_articles == 1
    assert "restore drills" not in [gap.lower() for gap in found.gaps]
    assert "database backups" in [gap.lower() for gap in found.gaps]


def test_without_own_articles_everything_is_new_and_no_gap_is_named() -> None:
    found = make_brief([ONE], own=[])

    assert found.gaps == []
    assert {one.own_articles for one in found.keyphrases} == {0}


def test_own_articles_in_another_language_are_left_out() -> None:
    found = make_brief([ONE], own=[own("restore drill", "restore drill", "ko")])

    assert found.own == []
    assert not any(one.taken_by for one in found.keyphrases)


def test_a_korean_brief_takes_keyphrases_from_korean_sources_alone() -> None:
    korean = BriefSource.of(
        "k", "복구 훈련", "복구 훈련은 백업을 지킵니다. 복구 훈련은 얼마나 걸릴까요?\n"
    )

    found = make_brief([korean, ONE], language="ko")

    assert found.keyphrases[0].text == "복구 훈련"
    assert {source for one in found.keyphrases for source in one.sources} == {1}
    assert "복구 훈련은 얼마나 걸릴까요?" in [one.text for one in found.questions]


def test_markdown_of_a_brief_cannot_be_broken_by_its_sources() -> None:
    hostile = BriefSource("x", "<b>T</b>", "Is | this <script>alert(1)</script> `a` [b](c)?\n")

    told = brief_as_markdown(make_brief([hostile]))

    assert "<script>" not in told.replace("\\<", "")
