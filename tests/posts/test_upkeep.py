"""What of the whole blog wants mending, and links between its articles, on SQLite and on PostgreSQL."""

from datetime import date, timedelta
from typing import Any

import pytest

from app.infra.db import Database
from app.kit.errors import Conflict, Invalid
from app.posts import service
from app.posts.domain import Overtaken
from app.posts.repository import Posts
from app.posts.schemas import Post
from app.posts.upkeep.linking import (
    candidates_for,
    insert_linker,
    insert_suggested,
    linkers_of,
    suggest_for,
)
from app.posts.upkeep.repository import Upkeep
from app.posts.upkeep.schemas import BrokenLink, Due, Twins
from app.posts.upkeep.service import confirm
from tests.posts.articles import FIRST, NOW, SECOND, published, saved

LATER = NOW + timedelta(days=2)
TODAY = NOW.date()


async def _post(
    database: Database, keyphrase: str, markdown: str = "Nothing.", **more: Any
) -> Post:
    values = {
        "title": f"All about {keyphrase}",
        "slug": keyphrase.replace(" ", "-"),
        "meta_description": f"What {keyphrase} is.",
        "keyphrase": keyphrase,
        "markdown": markdown,
        "claims": (),
        **more,
    }
    return await published(database, **values)


async def _upkeep(
    database: Database, what: str, *given: Any, **options: Any
) -> tuple[list[Any], str]:
    async with database.reading() as session:
        found: tuple[list[Any], str] = await getattr(Upkeep(session, "blog.example"), what)(
            *given, **options
        )
    return found


async def _text(database: Database, post: Post) -> str:
    async with database.reading() as session:
        return (await Posts(session).revision(post.id)).markdown


async def test_an_article_is_an_orphan_until_another_published_one_links_to_it(database: Database):
    lonely = await _post(database, "cold brew")
    await _post(database, "grinders", "See [it](/en/grinders#top).")  # a link to itself is none
    draft = await saved(database, markdown="See [brew](/en/cold-brew).")

    before, _ = await _upkeep(database, "orphans")
    linking = await _post(database, "kettles", "See [brew](https://blog.example/en/cold-brew/).")
    after, _ = await _upkeep(database, "orphans")

    assert [each.slug for each in before] == ["cold-brew", "grinders"]
    assert [each.slug for each in after] == ["grinders", "kettles"]
    async with database.reading() as session:
        assert await Upkeep(session, "blog.example").linking_to(lonely) == {linking.id, draft.id}
        assert not await Upkeep(session, "blog.example").is_orphan(lonely.id)
        assert await Upkeep(session, "other.example").is_orphan(lonely.id)


async def test_a_link_to_an_earlier_address_counts_and_is_told_as_moved(database: Database):
    target = await _post(database, "cold brew")
    await _post(database, "kettles", "See [brew](/en/cold-brew) and [no](/en/no) and [x](/en/old).")
    gone = await _post(database, "old")
    async with database.unit() as session:
        posts = Posts(session)
        await service.edit_post(posts, target.id, now=LATER, slug="brewing-cold")
        await service.unpublish_post(posts, gone.id, now=LATER)

    orphans, _ = await _upkeep(database, "orphans")
    broken, more = await _upkeep(database, "broken_links")

    assert [each.slug for each in orphans] == ["kettles"]
    told: list[BrokenLink] = broken
    assert [(each.path, each.why, each.target and each.target.slug) for each in told] == [
        ("/en/cold-brew", "moved", "brewing-cold"),
        ("/en/no", "missing", None),
        ("/en/old", "gone", None),
    ]
    assert more == ""


async def test_lists_go_on_page_by_page_and_leave_nothing_out(database: Database):
    links = " ".join(f"[{n}](/en/no-{n})" for n in range(5))
    for n in range(5):
        await _post(database, f"subject {n}", links)
    for what, given, expected in (
        ("orphans", (), 5),
        ("broken_links", (), 25),
        ("twins", ("titles",), 0),
    ):
        seen: list[Any] = []
        after = ""
        for _ in range(30):
            rows, after = await _upkeep(database, what, *given, after=after, limit=2)
            seen += rows
            if not after:
                break
        assert len(seen) == len({str(each) for each in seen}) == expected


@pytest.mark.parametrize(
    "after", ["x", "x/y", "a/b/c/d", "2026-99-99/x/1", "en:", "\U0001f600", "2026-01-01/x/x"]
)
async def test_a_made_up_place_in_a_list_is_no_error(database: Database, after: str):
    await _post(database, "cold brew", "It costs $5. See [x](/en/x).")
    far = TODAY + timedelta(3650)

    for what, given in (
        ("orphans", ()), ("broken_links", ()), ("due", (far,)), ("twins", ("titles",)),
    ):  # fmt: skip
        await _upkeep(database, what, *given, after=after)


async def test_shared_titles_descriptions_and_keyphrases_are_told_once_a_group(database: Database):
    for n in range(3):
        await _post(database, "cold brew", title="Cold  Brew" if n else "cold brew", slug=f"a{n}")
    await _post(database, "cold brew", language="ko", slug="ko", title="Cold brew")
    await _post(database, "kettles")
    async with database.reading() as session:
        upkeep = Upkeep(session)
        found = {
            what: (await upkeep.twins(what))[0] for what in ("titles", "descriptions", "keyphrases")
        }
        counts = await upkeep.counts(TODAY)

    for what, groups in found.items():
        told: list[Twins] = groups
        assert [[each.slug for each in group.posts] for group in told] == [["a0", "a1", "a2"]], what
    assert counts["titles"] == counts["descriptions"] == counts["keyphrases"] == 1
    assert counts["orphans"] == 5


async def test_sentences_are_due_the_longest_overdue_first(database: Database):
    await _post(
        database, "kettles", "A kettle costs $20. It is currently sold out. It boils water."
    )
    await _post(database, "cold brew", "It opens on 5 March 2026.")
    await saved(database, markdown="A draft costs $20.")

    rows, _ = await _upkeep(database, "due", TODAY + timedelta(200))
    none, _ = await _upkeep(database, "due", TODAY)

    due: list[Due] = rows
    assert [(each.post.slug, each.kind, each.due_on) for each in due] == [
        ("cold-brew", "future", date(2026, 3, 6)),
        ("kettles", "price", date(2026, 9, 2)),
    ]
    assert none == []


async def test_a_sentence_keeps_its_day_while_others_are_changed(database: Database):
    post = await _post(database, "kettles", "A kettle costs $20. It boils.")
    async with database.unit() as session:
        await service.edit_post(
            Posts(session),
            post.id,
            now=NOW + timedelta(90),
            markdown="It boils well. A kettle costs $20.",
        )
    async with database.reading() as session:
        (kept,) = await Upkeep(session).due_in(post)
    async with database.unit() as session:
        await service.edit_post(
            Posts(session), post.id, now=NOW + timedelta(90), markdown="A kettle costs $30."
        )
    async with database.reading() as session:
        (new,) = await Upkeep(session).due_in(post)

    assert kept.due_on == TODAY + timedelta(182)
    assert new.due_on == TODAY + timedelta(90 + 182)


async def test_who_looked_puts_a_sentence_off_and_it_stays_so(database: Database):
    post = await _post(database, "kettles", "A kettle costs $20. It boils.")
    now = NOW + timedelta(200)
    async with database.unit() as session:
        await confirm(session, post, 0, sentence="A kettle costs $20.", now=now)
    async with database.unit() as session:
        await service.edit_post(
            Posts(session), post.id, now=now, markdown="A kettle costs $20. It whistles."
        )

    async with database.reading() as session:
        (found,) = await Upkeep(session).due_in(post)
    assert found.due_on == TODAY + timedelta(200 + 182)
    async with database.unit() as session:
        with pytest.raises(Conflict):
            await confirm(session, post, 0, sentence="Another sentence.", now=now)


async def test_links_are_suggested_to_published_articles_of_the_language_alone(database: Database):
    await _post(database, "cold brew coffee")
    await _post(database, "kettles")
    await saved(database, keyphrase="ratio", title="Ratio", slug="ratio")
    await _post(database, "filter", language="ko")
    await _post(database, "proof", unlisted=True)
    text = "We make cold brew coffee, with a filter.\n\nBoil kettles; mind the ratio and the proof."
    post = await saved(database, markdown=text, keyphrase="breakfast")
    async with database.reading() as session:
        revision = await Posts(session).revision(post.id)

    found = await suggest_for(database, post, revision)

    assert [(each.anchor, each.target.address) for each in found] == [
        ("cold brew coffee", "/en/cold-brew-coffee"),
        ("kettles", "/en/kettles"),
    ]
    assert {each.address for each in await candidates_for(database, text, "en")} == {
        "/en/cold-brew-coffee",
        "/en/kettles",
    }


async def test_inserting_changes_only_the_links_and_can_be_undone(database: Database):
    brew = await _post(database, "cold brew coffee")
    await _post(database, "kettles")
    text = "We make cold brew coffee.\n\nBoil kettles."
    post = await saved(database, markdown=text, keyphrase="breakfast", claims=())

    post, one = await insert_suggested(database, post.id, now=LATER, to=[brew.id], revision=1)
    after_one = await _text(database, post)
    post, rest = await insert_suggested(database, post.id, now=LATER)
    after_all = await _text(database, post)
    async with database.unit() as session:
        post = await service.restore_revision(Posts(session), post.id, 1, now=LATER)

    assert [each.anchor for each in one] == ["cold brew coffee"]
    assert after_one == "We make [cold brew coffee](/en/cold-brew-coffee).\n\nBoil kettles."
    assert [each.anchor for each in rest] == ["kettles"]
    assert after_all == after_one.replace("kettles", "[kettles](/en/kettles)")
    assert post.revision == 4
    assert await _text(database, post) == text


async def test_claims_stay_supported_when_links_are_set_in_their_sentences(database: Database):
    await _post(database, "load balancer", title="The load balancer", slug="load-balancer")
    post = await saved(database, keyphrase="servers")

    post, chosen = await insert_suggested(database, post.id, now=LATER)

    assert [each.anchor for each in chosen] == ["load balancer"]
    text = await _text(database, post)
    async with database.reading() as session:
        claims = await Posts(session).claims(post.id)
    assert [claim.verdict for claim in claims] == ["supported"] * 3
    assert [text[c.start : c.end].replace("(/en/load-balancer)", "") for c in claims] == [
        FIRST.replace("load balancer", "[load balancer]"),
        SECOND,
        FIRST,
    ]


async def test_a_link_is_not_set_in_a_text_that_somebody_changed(database: Database):
    brew = await _post(database, "cold brew coffee")
    post = await saved(database, markdown="We make cold brew coffee.", claims=())
    async with database.unit() as session:
        await service.edit_post(Posts(session), post.id, now=LATER, markdown="We make tea.")

    with pytest.raises(Overtaken):
        await insert_suggested(database, post.id, now=LATER, to=[brew.id], revision=1)
    with pytest.raises(Invalid):
        await insert_suggested(database, post.id, now=LATER, to=[brew.id], revision=2)
    same, none = await insert_suggested(database, post.id, now=LATER)
    assert (same.revision, none) == (2, [])


async def test_a_published_text_is_left_to_who_may_publish(database: Database):
    brew = await _post(database, "cold brew coffee")
    post = await _post(database, "breakfast", "We make cold brew coffee.")

    with pytest.raises(Conflict):
        await insert_suggested(database, post.id, now=LATER, to=[brew.id], live=False)


async def test_an_orphan_is_mended_from_the_articles_that_name_it(database: Database):
    target = await _post(database, "cold brew coffee")
    near = await _post(database, "summer coffee", "In summer we make cold brew coffee.")
    await _post(database, "coffee cups", "Cups for cold brew coffee: [ours](/en/cold-brew-coffee).")
    await _post(database, "coffee taxes", "Nothing of it here.")
    async with database.reading() as session:
        revision = await Posts(session).revision(target.id)

    found = await linkers_of(database, target, revision)
    with pytest.raises(Conflict):
        await insert_linker(database, near.id, target, now=LATER, live=False)
    await insert_linker(database, near.id, target, now=LATER)
    again = await linkers_of(database, target, revision)

    assert [(each.post.slug, each.suggestion.anchor) for each in found] == [
        ("summer-coffee", "cold brew coffee")
    ]
    assert (
        await _text(database, near) == "In summer we make [cold brew coffee](/en/cold-brew-coffee)."
    )
    assert again == []
    with pytest.raises(Invalid):
        await insert_linker(database, near.id, target, now=LATER)
