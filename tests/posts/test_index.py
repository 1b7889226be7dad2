"""What articles are about is kept with them and found again, on SQLite and on PostgreSQL."""

from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from app.infra.db import Database
from app.kit.errors import Conflict
from app.posts import service
from app.posts.index.models import LinkRow, ProfileRow, SampleRow, TermRow
from app.posts.index.profile import (
    Address,
    article_address,
    keyphrase_key,
    read_profile,
    text_key,
)
from app.posts.index.repository import OwnIndex
from app.posts.index.schemas import Neighbour
from app.posts.indexing import fill_index
from app.posts.repository import Posts
from tests.posts.articles import NOW, published, saved

_TABLES = (ProfileRow, TermRow, SampleRow, LinkRow)


async def rows(database: Database) -> list[int]:
    async with database.reading() as session:
        return [
            await session.scalar(select(func.count()).select_from(table)) or 0 for table in _TABLES
        ]


async def nearest(database: Database, *terms: str, **asked: Any) -> list[Neighbour]:
    async with database.reading() as session:
        return await OwnIndex(session).nearest("en", terms, **asked)


async def coffee(database: Database, what: str, **changes: Any) -> str:
    words = " ".join(f"{what}{n}" for n in range(200))
    post = await published(
        database,
        title=f"{what} coffee",
        keyphrase=f"{what} coffee",
        claims=(),
        markdown=f"About {what}. {words}\n\n## More of {what}\n\nSee [brewing](/en/brewing).",
        **changes,
    )
    return post.id


async def test_an_article_is_in_the_index_as_soon_as_it_is_saved(database: Database) -> None:
    cold = await coffee(database, "cold")
    await coffee(database, "filter")

    found = await nearest(database, "cold", "coffe")

    assert found[0].post.id == cold
    assert found[0].keyphrase == "cold coffee"
    assert found[0].terms["title"] == {"cold": 1, "coffe": 1}
    assert found[0].terms["heading"] == {"cold": 1}
    assert found[0].score > found[1].score > 0


async def test_what_is_edited_is_read_anew_and_what_is_deleted_is_gone(database: Database) -> None:
    post = await saved(database)
    before = await rows(database)
    async with database.unit() as session:
        await service.edit_post(
            Posts(session), post.id, now=NOW, title="Tea", markdown="Tea.", keyphrase="green tea"
        )
    edited = await nearest(database, "tea")
    old = await nearest(database, "balanc")
    async with database.unit() as session:
        await service.delete_post(Posts(session), post.id, now=NOW)

    assert before[0] == 1
    assert [each.keyphrase for each in edited] == ["green tea"]
    assert edited[0].terms["title"] == {"tea": 1}
    assert old == []
    assert await rows(database) == [0, 0, 0, 0]


async def test_an_edit_that_fails_leaves_the_index_as_it_was(database: Database) -> None:
    post = await saved(database)
    before = await rows(database)

    async def edit_and_fail() -> None:
        async with database.unit() as session:
            await service.edit_post(Posts(session), post.id, now=NOW, title="Tea")
            raise Conflict("later in the unit")

    with pytest.raises(Conflict):
        await edit_and_fail()

    assert await rows(database) == before
    assert await nearest(database, "tea") == []


async def test_unlisted_ones_and_those_taken_down_are_not_near(database: Database) -> None:
    await coffee(database, "cold", unlisted=True)
    down = await coffee(database, "iced")
    async with database.unit() as session:
        await service.unpublish_post(Posts(session), down, now=NOW)

    assert await nearest(database, "cold", "iced", "coffe") == []


async def test_an_article_is_not_near_itself(database: Database) -> None:
    itself = await coffee(database, "cold")

    assert await nearest(database, "cold", without=itself) == []


async def test_nothing_is_near_no_words(database: Database) -> None:
    await coffee(database, "cold")

    assert await nearest(database) == []
    assert await nearest(database, "'; drop table posts; --", "%") == []


async def test_texts_that_were_copied_share_samples(database: Database) -> None:
    first = await coffee(database, "cold")
    await coffee(database, "filter")
    copy = await coffee(database, "cold")

    async with database.reading() as session:
        index = OwnIndex(session)
        samples = await index.samples_of(copy)
        found = await index.sharing_text(samples, without=copy)

    assert len(samples) >= 5
    assert [(each.post.id, n) for each, n in found] == [(first, len(samples))]


async def test_the_same_title_is_found_whatever_its_case(database: Database) -> None:
    post = await saved(database)

    async with database.reading() as session:
        index = OwnIndex(session)
        found = await index.same("title_key", "en", text_key("LOAD  balancing in Practice"))
        own = await index.same(
            "title_key", "en", text_key("Load balancing in practice"), without=post.id
        )
        korean = await index.same("title_key", "ko", text_key("Load balancing in practice"))
        none = await index.same("title_key", "en", text_key("   "))

    assert [each.post.id for each in found] == [post.id]
    assert (own, korean, none) == ([], [], [])


async def test_addresses_lead_to_articles_redirects_and_nothing(database: Database) -> None:
    moved = await published(database)
    draft = await saved(database, slug="draft")
    gone = await published(database, slug="gone")
    async with database.unit() as session:
        posts = Posts(session)
        await service.edit_post(posts, moved.id, now=NOW, slug="new-address")
        await service.unpublish_post(posts, gone.id, now=NOW)

    async with database.reading() as session:
        found = await OwnIndex(session).targets(
            {("en", slug) for slug in (moved.slug, "new-address", "draft", "gone", "nowhere")}
        )

    said = {slug: (state, post and post.id) for (_, slug), (state, post) in found.items()}
    assert said == {
        moved.slug: ("redirect", moved.id),
        "new-address": ("current", moved.id),
        "draft": ("unpublished", draft.id),
        "gone": ("gone", gone.id),
    }


async def test_addresses_that_cannot_be_shown_lead_nowhere(database: Database) -> None:
    post = await published(database)

    async with database.reading() as session:
        found = await OwnIndex(session).targets(
            {("en", "a\x00b"), ("en", "\udc80"), ("en", post.slug)}
        )

    assert list(found) == [("en", post.slug)]


async def test_articles_of_before_the_index_are_read_a_few_at_a_time(database: Database) -> None:
    for n in range(3):
        await coffee(database, f"kind{n}")
    whole = await rows(database)
    async with database.unit() as session:
        for table in (ProfileRow, TermRow, SampleRow, LinkRow):
            await session.execute(delete(table))

    done = [await fill_index(database, most=2) for _ in range(3)]

    assert done == [2, 1, 0]
    assert await rows(database) == whole


async def test_what_an_older_release_wrote_is_read_later(database: Database) -> None:
    post = await coffee(database, "cold")
    async with database.unit() as session:
        await session.execute(
            update(ProfileRow).where(ProfileRow.post_id == post).values(revision=0)
        )

    assert await fill_index(database) == 1
    assert await fill_index(database) == 0


@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("/en/a-slug", Address("", "en", "a-slug")),
        ("/ko/%EC%BB%A4%ED%94%BC/?x=1#y", Address("", "ko", "커피")),
        ("https://Blog.example:8443/en/a.md", Address("blog.example:8443", "en", "a")),
        ("//blog.example/en/a", Address("blog.example", "en", "a")),
        ("/en/", None),
        ("/de/a", None),
        ("/en/a/b", None),
        ("en/a", None),
        ("#a", None),
        ("mailto:en/a@b", None),
        ("http://[broken/en/a", None),
        ("http://host:99999/en/a", None),
        ("/en/a%00b", Address("", "en", "ab")),
    ],
)
def test_links_to_articles_are_told_by_their_form(href: str, address: Address | None) -> None:
    assert article_address(href) == address


def test_korean_keyphrases_are_one_whatever_their_blanks_but_not_their_letters() -> None:
    assert keyphrase_key("콜드브루 커피", "ko") == keyphrase_key("콜드브루커피", "ko")
    assert keyphrase_key("기분", "ko") != keyphrase_key("분기", "ko")
    assert keyphrase_key("Cold brews", "en") == keyphrase_key("cold brew", "en")
    assert keyphrase_key("dog house", "en") != keyphrase_key("house dog", "en")


def test_any_text_can_be_read() -> None:
    hostile = "\x00\udc80 <b>" + "[a](/en/" + "x" * 5000 + ") " + "# " * 3000 + "가" * 5000

    profile = read_profile(
        title=hostile, meta_description=hostile, keyphrase=hostile, markdown=hostile, language="en"
    )

    assert all(len(term) <= 64 for terms in profile.terms.values() for term in terms)
    assert all(len(link.slug) <= 120 for link in profile.links)
