"""What may be done with articles, on SQLite and on PostgreSQL."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.infra.db import Database
from app.kit.errors import Conflict, Invalid, NotFound
from app.posts import service
from app.posts.models import ClaimRow
from app.posts.repository import Posts
from app.posts.schemas import Assessed, Post
from tests.posts.articles import FIRST, MARKDOWN, NOW, SECOND, an_article, published, saved

LATER = NOW + timedelta(days=2)


async def reread(database: Database, post: Post) -> Post:
    async with database.reading() as session:
        return await Posts(session).read(post.id)


async def edit(database: Database, post: Post, **changes: Any) -> Post:
    async with database.unit() as session:
        return await service.edit_post(Posts(session), post.id, now=LATER, **changes)


async def test_a_saved_article_is_a_draft_and_keeps_everything(database: Database) -> None:
    post = await saved(database)

    async with database.reading() as session:
        posts = Posts(session)
        revision = await posts.revision(post.id)
        claims = await posts.claims(post.id)
    assert (post.state, post.revision, post.published_at) == ("draft", 1, None)
    assert revision.markdown == MARKDOWN
    assert revision.citations[0].url == "https://example.org/balancing"
    assert [claim.sentence for claim in claims] == [FIRST, SECOND, FIRST]
    assert all(MARKDOWN[c.start : c.end] == c.sentence for c in claims)


@pytest.mark.parametrize("problems", [("contradicted: the source says: A.", "number: 2"), ()])
async def test_a_contradicted_claim_is_kept_so_that_an_older_release_can_read_it(
    database: Database, problems: tuple[str, ...]
) -> None:
    claims = an_article().claims
    denied = claims[0].model_copy(update={"verdict": "contradicted", "problems": problems})
    post = await saved(database, claims=(denied, *claims[1:]))

    async with database.reading() as session:
        kept = await session.scalars(
            select(ClaimRow.verdict).where(ClaimRow.post_id == post.id).order_by(ClaimRow.position)
        )
        read = await Posts(session).claims(post.id)
        assert list(kept) == ["unsupported", "supported", "supported"]
    assert [claim.verdict for claim in read] == ["contradicted", "supported", "supported"]
    assert read[0].problems[: len(problems)] == problems


async def test_a_job_keeps_its_article_once(database: Database) -> None:
    first = await saved(database, job_id="job-1")
    again = await saved(database, job_id="job-1", title="Something else")

    assert again == first


async def test_the_same_title_gets_the_next_number(database: Database) -> None:
    slugs = [(await saved(database)).slug for _ in range(3)]

    base = "load-balancing-in-practice"
    assert slugs == [base, f"{base}-2", f"{base}-3"]


async def test_the_same_title_at_once_gets_the_next_number_too(database: Database) -> None:
    posts = await asyncio.gather(*(published(database) for _ in range(4)))

    base = "load-balancing-in-practice"
    assert {post.slug for post in posts} == {base, *(f"{base}-{n}" for n in (2, 3, 4))}


async def test_the_same_slug_may_stand_in_both_languages(database: Database) -> None:
    english = await saved(database, slug="redis")
    korean = await saved(database, slug="redis", language="ko")

    assert (english.slug, korean.slug) == ("redis", "redis")


async def test_publishing_needs_review_first(database: Database) -> None:
    post = await saved(database)

    with pytest.raises(Conflict, match="submit it first"):
        async with database.unit() as session:
            await service.publish_post(Posts(session), post.id, now=NOW)

    async with database.unit() as session:
        await service.submit_post(Posts(session), post.id, now=NOW)
    async with database.unit() as session:
        after = await service.publish_post(Posts(session), post.id, now=LATER)
    assert (after.state, after.published_at) == ("published", LATER)


async def test_publishing_twice_changes_nothing(database: Database) -> None:
    post = await published(database)

    async with database.unit() as session:
        again = await service.publish_post(Posts(session), post.id, now=LATER)

    assert again == post


async def test_what_is_held_back_stays_a_draft_and_says_why(database: Database) -> None:
    post = await saved(database, gate=("41 % are from one source.",))

    with pytest.raises(Conflict, match="41 % are from one source"):
        async with database.unit() as session:
            await service.publish_post(Posts(session), post.id, now=NOW, through=True)

    assert (await reread(database, post)).state == "draft"


async def test_an_edit_is_a_new_revision_and_the_old_one_can_come_back(database: Database) -> None:
    post = await saved(database)
    await edit(database, post, markdown="All new.", title=" New   title ")

    async with database.unit() as session:
        restored = await service.restore_revision(Posts(session), post.id, 1, now=LATER)
    async with database.reading() as session:
        texts = [r.markdown for r in await Posts(session).revisions(post.id)]
        titles = [r.title for r in await Posts(session).revisions(post.id)]
        claims = await Posts(session).claims(post.id)
    assert texts == [MARKDOWN, "All new.", MARKDOWN]
    assert titles[1] == "New title"
    assert restored.revision == 3
    assert {claim.verdict for claim in claims} == {"supported"}


async def test_what_readers_see_does_not_become_what_may_not_be_published(
    database: Database,
) -> None:
    post = await published(database)
    held = Assessed(
        based_on=post.revision, score={}, gate=("Numbers that stand in no source: 30.",)
    )

    with pytest.raises(Conflict, match="Numbers that stand in no source: 30"):
        await edit(database, post, markdown="It takes 30 hours.", assessed=held)
    assert (await reread(database, post)).revision == post.revision

    async with database.unit() as session:
        await service.unpublish_post(Posts(session), post.id, now=NOW)
    changed = await edit(database, post, markdown="It takes 30 hours.", assessed=held)
    assert changed.revision == post.revision + 1


async def test_claims_follow_their_sentences_and_those_without_one_are_stale(
    database: Database,
) -> None:
    post = await saved(database)
    text = "An opening.\n\n" + MARKDOWN.replace("10 seconds", "20 seconds")

    await edit(database, post, markdown=text)

    async with database.reading() as session:
        claims = await Posts(session).claims(post.id)
    assert [claim.verdict for claim in claims] == ["supported", "stale", "supported"]
    kept = [claim for claim in claims if claim.verdict == "supported"]
    assert [text[c.start : c.end] for c in kept] == [FIRST, FIRST]
    assert kept[0].start < kept[1].start


@pytest.mark.parametrize("changes", [{"markdown": "  \n"}, {"title": "   "}])
async def test_an_article_cannot_be_emptied(database: Database, changes: dict[str, str]) -> None:
    post = await saved(database)

    with pytest.raises(Invalid, match="needs a title and a text"):
        await edit(database, post, **changes)

    assert (await reread(database, post)).revision == 1


async def test_an_edit_of_what_somebody_else_changed_is_a_conflict(database: Database) -> None:
    post = await saved(database)
    await edit(database, post, title="One", version=post.version)

    with pytest.raises(Conflict, match="changed by somebody else"):
        await edit(database, post, title="Two", version=post.version)

    assert (await reread(database, post)).title == "One"


async def test_two_editors_at_once_lose_nothing(database: Database) -> None:
    post = await saved(database)

    done = await asyncio.gather(
        *(edit(database, post, title=f"T{n}", version=post.version) for n in range(4)),
        return_exceptions=True,
    )

    assert sum(isinstance(each, Post) for each in done) == 1
    assert sum(isinstance(each, Conflict) for each in done) == 3
    assert (await reread(database, post)).revision == 2


async def test_a_new_slug_leaves_a_redirect_behind(database: Database) -> None:
    post = await published(database)
    old = post.slug

    post = await edit(database, post, slug="New Address!")

    async with database.reading() as session:
        posts = Posts(session)
        assert await posts.address("en", old) == (post.id, "redirect")
        assert await posts.address("en", "new-address") == (post.id, "current")


async def test_an_address_that_was_published_is_never_given_to_another(database: Database) -> None:
    post = await published(database)
    await edit(database, post, slug="moved")

    other = await saved(database, slug=post.slug)

    assert other.slug == f"{post.slug}-2"


async def test_going_back_to_an_old_address_works(database: Database) -> None:
    post = await published(database)
    old = post.slug
    await edit(database, post, slug="moved")

    back = await edit(database, post, slug=old)

    async with database.reading() as session:
        posts = Posts(session)
        assert await posts.address("en", "moved") == (post.id, "redirect")
        assert await posts.address("en", old) == (back.id, "current")


async def test_what_is_unpublished_is_gone_and_can_come_back(database: Database) -> None:
    post = await published(database)

    async with database.unit() as session:
        away = await service.unpublish_post(Posts(session), post.id, now=LATER)
    async with database.reading() as session:
        gone = await Posts(session).address("en", post.slug)
    async with database.unit() as session:
        back = await service.publish_post(Posts(session), post.id, now=LATER)

    assert (away.state, gone) == ("unpublished", (post.id, "gone"))
    assert (back.state, back.published_at) == ("published", post.published_at)


async def test_a_published_article_is_not_deleted(database: Database) -> None:
    post = await published(database)

    with pytest.raises(Conflict, match="unpublish it first"):
        async with database.unit() as session:
            await service.delete_post(Posts(session), post.id, now=LATER)


async def test_a_deleted_article_leaves_its_address_gone(database: Database) -> None:
    post = await published(database)
    async with database.unit() as session:
        await service.unpublish_post(Posts(session), post.id, now=LATER)
    async with database.unit() as session:
        await service.delete_post(Posts(session), post.id, now=LATER)

    async with database.reading() as session:
        posts = Posts(session)
        assert await posts.find(post.id) is None
        assert await posts.address("en", post.slug) == (post.id, "gone")
        with pytest.raises(NotFound, match="posts list"):
            await posts.read(post.slug)


async def test_a_name_that_two_articles_share_is_asked_about(database: Database) -> None:
    first = await saved(database)
    await saved(database)

    with pytest.raises(Invalid, match="Several articles"):
        async with database.reading() as session:
            await Posts(session).read(first.id[:4])


@pytest.mark.parametrize("name", ["", "%", "_", "' or 1=1 --", "없는-글"])
async def test_a_name_of_nothing_finds_nothing(database: Database, name: str) -> None:
    await saved(database)

    with pytest.raises(NotFound):
        async with database.reading() as session:
            await Posts(session).read(name)


async def test_an_export_has_its_data_in_front(database: Database) -> None:
    post = await saved(database, title='Quotes: "yes" # and more', language="ko")

    async with database.reading() as session:
        text = await service.export_post(Posts(session), post.id)

    assert text.startswith("---\ntitle: 'Quotes: \"yes\" # and more'\n")
    assert text.endswith(f"---\n\n{MARKDOWN}")


async def test_the_list_of_readers_is_the_newest_first_without_drafts(database: Database) -> None:
    old = await published(database, slug="old")
    await saved(database, slug="draft")
    await published(database, slug="hidden", unlisted=True)
    new = await published(database, slug="new", language="ko")

    async with database.reading() as session:
        posts = Posts(session)
        everything = await posts.published(limit=10)
        korean = await posts.published(language="ko", limit=10)
        second = await posts.published(offset=1, limit=10)

    assert [post.id for post, _ in everything] == [new.id, old.id]
    assert [post.id for post, _ in korean] == [new.id]
    assert [post.id for post, _ in second] == [old.id]
    assert everything[0][1].markdown == MARKDOWN
