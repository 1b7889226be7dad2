"""An article that is scheduled is published once, at its time, as if by hand, or held with the reason."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from app.infra.db import Database, open_database
from app.infra.tags import noted_bumps
from app.kit.errors import Conflict, Invalid
from app.posts import service
from app.posts.domain import Pace, TooSoon
from app.posts.repository import Posts
from app.posts.scheduling import Outcome, publish_due, schedule_post, unschedule_post
from app.posts.schemas import Post
from tests.posts.articles import NOW, published, saved

HOUR = timedelta(hours=1)
AT = NOW + HOUR


async def scheduled(database: Database, *, at: Any = AT, **changes: Any) -> Post:
    post = await saved(database, **changes)
    async with database.unit() as session:
        return await schedule_post(Posts(session), post.id, at=at, now=NOW, through=True)


async def reread(database: Database, post: Post) -> Post:
    async with database.reading() as session:
        return await Posts(session).read(post.id)


async def test_it_goes_out_when_its_time_has_come_and_not_before(database: Database) -> None:
    post = await scheduled(database)

    early = await publish_due(database, now=AT - timedelta(seconds=1))
    before = await reread(database, post)
    due = await publish_due(database, now=AT)
    after = await reread(database, post)
    again = await publish_due(database, now=AT + HOUR)

    assert (early, due, again) == (Outcome(), Outcome(published=1), Outcome())
    assert (before.state, before.publish_at, before.published_at) == ("scheduled", AT, None)
    assert (after.state, after.publish_at, after.published_at) == ("published", None, AT)


async def test_readers_find_it_as_after_a_publication_by_hand(database: Database) -> None:
    by_hand = await saved(database)
    bumped: list[set[str]] = []
    database.committed.append(
        lambda session: bumped.extend({*bump.tags} for bump in noted_bumps(session))
    )
    post = await scheduled(database)
    await publish_due(database, now=AT)
    async with database.unit() as session:
        await service.publish_post(Posts(session), by_hand.id, now=AT, through=True)

    timed, hand = bumped
    assert {tag.replace(post.id, "ID") for tag in timed} - {"languages"} == {
        tag.replace(by_hand.id, "ID") for tag in hand
    }
    async with database.reading() as session:
        posts = Posts(session)
        assert {each.id for each, _ in await posts.published(limit=9)} == {post.id, by_hand.id}
        assert await posts.address("en", post.slug) == (post.id, "current")


async def test_the_gate_holds_when_scheduling(database: Database) -> None:
    post = await saved(database, gate=("A claim has no source.",))

    with pytest.raises(Conflict, match="A claim has no source"):
        async with database.unit() as session:
            await schedule_post(Posts(session), post.id, at=AT, now=NOW, through=True)

    assert (await reread(database, post)).state == "draft"


async def test_the_gate_holds_again_at_the_time_and_the_reason_stays_to_be_seen(
    database: Database,
) -> None:
    post = await saved(database, gate=("A claim has no source.",))
    async with database.unit() as session:
        posts = Posts(session)
        clean = (await posts.revision(post.id)).model_copy(update={"n": 2, "gate": ()})
        await posts.add_revision(clean, ())
        await posts.change(post, revision=2)
        await schedule_post(posts, post.id, at=AT, now=NOW, through=True)
        await service.restore_revision(posts, post.id, 1, now=NOW)

    outcome = await publish_due(database, now=AT)
    held = await reread(database, post)
    async with database.unit() as session:
        resubmitted = await service.submit_post(Posts(session), post.id, now=AT)

    assert outcome == Outcome(held=1)
    assert (held.state, held.held, held.publish_at) == ("draft", "A claim has no source.", AT)
    assert (resubmitted.held, resubmitted.publish_at) == ("", None)


async def test_a_schedule_can_be_moved_cancelled_and_overtaken_by_hand(database: Database) -> None:
    moved, cancelled, by_hand = [await scheduled(database) for _ in range(3)]
    async with database.unit() as session:
        posts = Posts(session)
        await schedule_post(posts, moved.id, at=AT + HOUR, now=NOW)
        await unschedule_post(posts, cancelled.id, now=NOW)
        await service.publish_post(posts, by_hand.id, now=NOW)

    assert await publish_due(database, now=AT) == Outcome()
    assert (await reread(database, cancelled)).state == "approved"
    assert (await reread(database, by_hand)).publish_at is None
    assert await publish_due(database, now=AT + HOUR) == Outcome(published=1)
    with pytest.raises(Conflict, match="not scheduled"):
        async with database.unit() as session:
            await unschedule_post(Posts(session), cancelled.id, now=NOW)


async def test_what_is_edited_until_then_goes_out_by_who_may_publish_alone(
    database: Database,
) -> None:
    post = await scheduled(database)
    async with database.unit() as session:
        await service.edit_post(Posts(session), post.id, title="A better title", now=NOW)
    with pytest.raises(Conflict, match="who may publish"):
        async with database.unit() as session:
            await service.edit_post(Posts(session), post.id, title="Mine", now=NOW, live=False)
    await publish_due(database, now=AT)

    after = await reread(database, post)
    assert (after.state, after.title) == ("published", "A better title")


@pytest.mark.parametrize("away", [-HOUR, timedelta(0), timedelta(days=4000)])
async def test_a_moment_that_makes_no_sense_is_refused(database: Database, away: timedelta) -> None:
    with pytest.raises(Invalid, match="moment"):
        await scheduled(database, at=NOW + away)


async def test_many_at_once_publish_each_article_once(database: Database) -> None:
    posts = [await scheduled(database) for _ in range(6)]
    others = [open_database(database.url) for _ in range(3)]
    bumps: list[str] = []
    for each in others:
        each.committed.append(
            lambda session: bumps.extend(
                tag for bump in noted_bumps(session) for tag in bump.tags if tag.startswith("post:")
            )
        )

    outcomes = await asyncio.gather(*(publish_due(each, now=AT) for each in others))
    for each in others:
        await each.close()

    assert sum(outcome.published for outcome in outcomes) == 6
    assert sorted(bumps) == sorted(f"post:{post.id}" for post in posts)
    assert [(await reread(database, post)).version for post in posts] == [3] * 6


async def test_over_the_pace_the_next_waits_for_a_free_slot(database: Database) -> None:
    pace = Pace(per_hour=2, per_day=3, zone="Asia/Seoul")
    posts = [await scheduled(database, at=AT + timedelta(seconds=n)) for n in range(4)]
    start = AT + timedelta(minutes=1)

    first = await publish_due(database, now=start, pace=pace)
    same = await publish_due(database, now=start + HOUR - timedelta(seconds=1), pace=pace)
    later = await publish_due(database, now=start + HOUR, pace=pace)
    next_day = await publish_due(database, now=start + timedelta(days=1), pace=pace)

    assert first == Outcome(2, waiting_until=start + HOUR)
    assert same == Outcome(waiting_until=start + HOUR)
    assert later == Outcome(1, waiting_until=start + timedelta(days=1))
    assert next_day == Outcome(1)
    assert [(await reread(database, post)).state for post in posts] == ["published"] * 4


async def test_publishing_by_hand_over_the_pace_says_when_the_next_may_go_out(
    database: Database,
) -> None:
    pace = Pace(per_day=1, zone="Asia/Seoul")
    again = await published(database)  # at NOW, 05:06 UTC
    post = await saved(database)
    async with database.unit() as session:
        posts = Posts(session)
        await service.unpublish_post(posts, again.id, now=NOW)
        await service.publish_post(posts, again.id, now=AT, pace=pace)  # was out before

    with pytest.raises(TooSoon, match="at 2026-03-05 14:06 Asia/Seoul") as refused:
        async with database.unit() as session:
            await service.publish_post(Posts(session), post.id, now=AT, through=True, pace=pace)

    assert refused.value.at == NOW + timedelta(days=1)


async def test_the_pace_holds_when_several_publish_at_once(database: Database) -> None:
    pace = Pace(per_hour=2)
    for _ in range(5):
        await scheduled(database)
    others = [open_database(database.url) for _ in range(3)]

    outcomes = await asyncio.gather(*(publish_due(each, now=AT, pace=pace) for each in others))
    for each in others:
        await each.close()

    assert sum(outcome.published for outcome in outcomes) == 2
