"""A text among the blog's other articles, on SQLite and on PostgreSQL."""

from dataclasses import replace

from app.infra.db import Database
from app.posts import service
from app.posts.repository import Posts
from app.review.analysing import read_text
from app.review.siting import Placed, site_around, site_of
from app.seo.checks.site import topic_of
from app.seo.document import parse
from tests.posts.articles import MARKDOWN, NOW, an_article, published, saved
from tests.seo.articles import prose

TEXT = Placed(
    title="Load  balancing IN practice",
    meta_description="Something else.",
    keyphrase="load balancers",
    markdown="Text.",
    language="en",
)


async def test_an_empty_blog_has_nothing_to_collide_with_or_to_link_to(database: Database):
    site = await site_of(database, TEXT)

    assert site.others == ()
    assert not site.linkable
    assert site.broken == ()


async def test_others_are_found_with_title_keyphrase_and_topic(database: Database):
    post = await published(database)

    (other,) = (await site_of(database, TEXT)).others

    assert (other.title, other.address) == (post.title, post.path)
    assert other.keyphrase == "load balancing"
    assert other.topic == topic_of(post.title, "load balancing", parse(MARKDOWN, "en"))
    assert other.meta_description == ""


async def test_the_article_itself_and_its_translations_are_no_competitors(database: Database):
    post = await published(database)

    itself = await site_of(database, replace(TEXT, id=post.id, group=post.translation_group))
    version = await site_of(database, replace(TEXT, id="other", group=post.translation_group))

    assert itself.others == ()
    assert version.others == ()


async def test_drafts_count_only_for_who_may_read_them(database: Database):
    await saved(database)

    assert len((await site_of(database, TEXT)).others) == 1
    assert (await site_of(database, TEXT, states=("published",))).others == ()


async def test_the_text_of_a_copy_is_there_to_be_compared(database: Database):
    text = prose(600) + "\n\n" + " ".join(f"word{n}" for n in range(600))
    await published(database, markdown=text, claims=(), citations=())

    copy = replace(TEXT, title="Other", keyphrase="", markdown=text)
    (other,) = (await site_of(database, copy)).others

    assert "word599" in other.text


async def test_links_to_nowhere_are_told_apart(database: Database):
    target = await published(database)
    await saved(database, title="Waiting", slug="waiting")
    async with database.unit() as session:
        await service.edit_post(Posts(session), target.id, now=NOW, slug="moved-on")
    links = (
        f"[a]({target.path}) [b](/en/never) [c](/en/waiting) [d](/en/moved-on) "
        "[e](https://blog.example/en/never-2) [f](https://else.example/en/never)"
    )

    site = await site_of(database, replace(TEXT, markdown=links), host="blog.example")

    assert site.broken is not None
    assert {(each.href, each.why, each.now) for each in site.broken} == {
        (target.path, "moved", "/en/moved-on"),
        ("/en/never", "missing", ""),
        ("/en/waiting", "unpublished", ""),
        ("https://blog.example/en/never-2", "missing", ""),
    }


async def test_a_text_that_names_its_address_is_not_its_own_twin(database: Database):
    await published(database)
    given = an_article()
    text = read_text(f"---\ntitle: {given.title}\nlang: en\n---\n{given.markdown}")

    assert len((await site_around(database, text)).others) == 1
    assert (await site_around(database, replace(text, slug=given.slug))).others == ()


async def test_hostile_text_asks_no_harm_of_the_database(database: Database):
    for words in ("", "\x00" * 9, "%_'\"; drop table posts; --", "가" * 50_000, "\ud800"):
        site = await site_of(
            database, Placed(words, words, words, f"{words} [x](/en/{words[:200]})", "en")
        )
        assert site.others == ()


async def test_a_text_may_say_a_slug_that_no_database_takes(database: Database) -> None:
    await published(database)

    site = await site_around(database, read_text("---\nslug: a\x00b\n---\n\nA text of its own."))

    assert (site.others, site.linkable) == ((), True)
