"""What the blog has on a keyword before another article is written, on SQLite and on PostgreSQL."""

import pytest

from app.infra.db import Database
from app.posts.repository import Posts
from app.posts.service import unpublish_post
from app.review.existing import find_existing, find_same
from tests.posts.articles import NOW, published, saved


async def _found(database: Database, keyword: str, language: str = "en") -> list[tuple[str, str]]:
    found = await find_existing(database, keyword, "ko" if language == "ko" else "en")
    return [(each.why, each.post.title) for each in found]


async def test_an_empty_blog_has_nothing(database: Database):
    assert await _found(database, "load balancing") == []
    assert await find_same(database, []) == {}


@pytest.mark.parametrize("keyword", ["load balancing", "Load  Balancing", "load balanced"])
async def test_the_same_keyphrase_is_found_in_any_form(database: Database, keyword: str):
    await published(database, title="A", keyphrase="load balancing")

    assert await _found(database, keyword) == [("same", "A")]


async def test_korean_is_the_same_without_its_blank_and_other_languages_are_apart(
    database: Database,
):
    await saved(database, title="가", language="ko", slug="가", keyphrase="콜드브루 커피")

    assert await _found(database, "콜드브루커피", "ko") == [("same", "가")]
    assert await _found(database, "콜드브루 커피", "en") == []


async def test_a_near_topic_is_told_after_the_same_and_one_word_alone_is_none(database: Database):
    await saved(database, title="Cold brew for beginners", slug="a", keyphrase="cold brew guide")
    await published(database, title="Cold brew coffee", slug="b", keyphrase="cold brew coffee")
    await saved(database, title="Coffee beans", slug="c", keyphrase="coffee beans")

    assert await _found(database, "cold brew coffee") == [
        ("same", "Cold brew coffee"),
        ("near", "Cold brew for beginners"),
    ]
    assert await _found(database, "coffee") == []
    assert await _found(database, "tax return for shops") == []


async def test_of_many_with_the_same_keyphrase_none_is_told_as_near(database: Database):
    for n in range(8):
        await saved(database, title=f"Copy {n}", slug=f"c-{n}", keyphrase="cold brew coffee")

    found = await _found(database, "cold brew coffee")

    assert [why for why, _ in found] == ["same"] * 3


async def test_drafts_count_and_what_was_taken_down_does_not(database: Database):
    await saved(database, title="Draft", slug="a", keyphrase="load balancing")
    gone = await published(database, title="Gone", slug="b", keyphrase="load balancing")
    async with database.unit() as session:
        await unpublish_post(Posts(session), gone.id, now=NOW)

    assert await _found(database, "load balancing") == [("same", "Draft")]


async def test_many_keywords_are_looked_up_at_once(database: Database):
    await published(database, title="A", keyphrase="load balancing")
    asked = [(f"keyword {n}", "en") for n in range(1200)]

    found = await find_same(
        database, [*asked, ("load balanced", "en"), ("load balanced", "ko"), ("", "en")]
    )

    told = {pair: [each.post.title for each in same.articles] for pair, same in found.items()}
    assert told.pop(("load balanced", "en")) == ["A"]
    assert not any(told.values())
    assert (
        found["load balanced", "en"].key
        == (await find_same(database, [("load balancing", "en")]))["load balancing", "en"].key
    )


async def test_hostile_keywords_do_no_harm(database: Database):
    await published(database)

    for words in ("", "\x00", "%' or 1=1 --", "가" * 5000, "\ud800"):
        assert await _found(database, words) == []
