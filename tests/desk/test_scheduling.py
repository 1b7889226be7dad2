"""An editor says on the desk when an article goes out, and sees when it does, or why it did not."""

import re
from datetime import UTC, datetime, timedelta

from app.posts.repository import Posts
from app.posts.scheduling import publish_due
from tests.desk.conftest import Desk
from tests.posts.articles import saved

TYPED = "2030-12-01T09:00"
AT = datetime(2030, 12, 1, 0, 0, tzinfo=UTC)


async def in_review(desk: Desk) -> str:
    post = await saved(desk.ports.database)
    async with desk.as_("owner") as owner:
        await owner.post(f"/desk/articles/{post.id}/submit")
    return post.id


async def test_an_article_is_scheduled_in_the_blogs_time_zone_changed_and_cancelled(
    desk: Desk,
) -> None:
    desk.zone("Asia/Seoul")
    post_id = await in_review(desk)
    page = f"/desk/articles/{post_id}"
    async with desk.as_("editor") as editor:
        went = await editor.post(f"{page}/schedule", data={"at": TYPED})
        shown = (await editor.get(went.headers["location"])).text
        listed = (await editor.get("/desk/")).text
        async with desk.ports.database.reading() as session:
            kept = await Posts(session).read(post_id)
        await editor.post(f"{page}/schedule", data={"at": "2030-12-02T09:00"})
        async with desk.ports.database.reading() as session:
            changed = await Posts(session).read(post_id)
        cancelled = await editor.post(f"{page}/unschedule", data={"version": changed.version})
        after = (await editor.get(cancelled.headers["location"])).text

    assert went.status_code == cancelled.status_code == 303
    assert "Scheduled. It is published by itself then." in shown
    assert f'value="{TYPED}"' in shown
    assert re.search(r"goes out <time[^>]*>1 Dec 2030, 09:00</time>", shown)
    assert "(Asia/Seoul)" in shown
    assert "<h2>Scheduled</h2>" in listed
    assert (kept.state, kept.publish_at) == ("scheduled", AT)
    assert changed.publish_at == AT + timedelta(days=1)
    assert "The schedule is cancelled." in after
    assert '<span class="state approved">' in after


async def test_what_cannot_be_scheduled_is_refused_and_says_why(quick_desk: Desk) -> None:
    post_id = await in_review(quick_desk)
    page = f"/desk/articles/{post_id}"
    async with quick_desk.as_("editor") as editor:
        odd = [
            await editor.post(f"{page}/schedule", data={"at": at})
            for at in ("", "soon", "2030-12-01", "x" * 500_000, "2001-01-01T00:00")
        ]
        old = await editor.post(f"{page}/schedule", data={"at": TYPED, "version": "1"})
        nothing = await editor.post(f"{page}/unschedule")

    assert [answer.status_code for answer in odd] == [422] * 5
    assert "Write day and time as 2026-12-01 09:00; they are read in UTC." in odd[0].text
    assert "That moment has passed" in odd[4].text
    assert old.status_code == nothing.status_code == 409
    async with quick_desk.ports.database.reading() as session:
        assert (await Posts(session).read(post_id)).state == "in_review"


async def test_one_that_was_held_says_why_on_its_page(quick_desk: Desk) -> None:
    post_id = await in_review(quick_desk)
    database = quick_desk.ports.database
    async with quick_desk.as_("editor") as editor:
        await editor.post(f"/desk/articles/{post_id}/schedule", data={"at": TYPED})
        async with database.unit() as session:
            posts = Posts(session)
            held = (await posts.revision(post_id)).model_copy(
                update={"n": 2, "gate": ("A claim has no <source>.",)}
            )
            await posts.add_revision(held, ())
            await posts.change(await posts.read(post_id), revision=2)
        outcome = await publish_due(database, now=AT + timedelta(days=9))
        page = (await editor.get(f"/desk/articles/{post_id}")).text

    assert outcome.held == 1
    assert "but was held back:" in page
    assert "A claim has no &lt;source&gt;." in page
    assert '<span class="state draft">' in page
