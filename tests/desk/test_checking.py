"""The editor's findings: of what is in its fields, against the article's own sources, kept nowhere."""

import re
from datetime import UTC, datetime

import pytest

from app.posts.repository import Posts
from app.review.thresholds.repository import Thresholds
from app.review.thresholds.service import change_thresholds
from app.sources.domain import Rights, Snapshot
from app.sources.repository import Snapshots
from tests.desk.conftest import Desk
from tests.posts.articles import FIRST, MARKDOWN, SECOND, saved

SOURCE = f"{FIRST} {SECOND} A server that does not answer gets no requests."
NOW = datetime(2026, 3, 4, tzinfo=UTC)


async def an_article(desk: Desk, rights: Rights = Rights.THIRD_PARTY) -> str:
    post = await saved(desk.ports.database)
    source = Snapshot("s1", "balancing.md", None, "Load balancing", SOURCE, "en", rights, NOW)
    async with desk.ports.database.unit() as session:
        await Snapshots(session).keep(source)
    return f"/desk/articles/{post.id}"


def fields(**more: str) -> dict[str, str]:
    return {"title": "Load balancing in practice", "keyphrase": "load balancing"} | {
        "markdown": MARKDOWN,
        "revision": "1",
        **more,
    }


async def test_findings_come_alone_for_the_script_and_in_the_editor_without(
    quick_desk: Desk,
) -> None:
    article = await an_article(quick_desk)
    async with quick_desk.as_("writer") as client:
        part = await client.post(f"{article}/check?part=findings", data=fields())
        whole = await client.post(f"{article}/check", data=fields(title="As I wrote it"))
        after = (await client.get(article)).text

    assert (part.status_code, whole.status_code) == (200, 200)
    assert "<html" not in part.text
    assert "The text now" in part.text
    assert 'value="As I wrote it"' in whole.text
    assert "The text now" in whole.text
    assert "As I wrote it" not in after  # nothing is kept


async def test_edited_sentences_are_judged_anew_and_their_old_claims_are_stale(
    quick_desk: Desk,
) -> None:
    article = await an_article(quick_desk)
    wrong = MARKDOWN.replace("each 10 seconds", "each 90 seconds")
    async with quick_desk.as_("writer") as client:
        as_it_is = (await client.post(f"{article}/check?part=findings", data=fields())).text
        edited = (
            await client.post(f"{article}/check?part=findings", data=fields(markdown=wrong))
        ).text

    assert "Not supported" not in as_it_is
    assert "sentence was edited" not in as_it_is
    assert "Not supported · edited" in edited
    assert "sentence was edited or is gone: 1" in edited
    assert "Holds publishing." in edited  # 90 stands in no source
    start, end = map(
        int,
        re.findall(
            r'data-start="(\d+)" data-end="(\d+)"[^>]*>[^<]*<span lang="en">It checks', edited
        )[0],
    )
    assert wrong[start:end].startswith("It checks every server each 90 seconds.")


async def test_what_holds_publishing_stands_first_and_what_is_good_last(quick_desk: Desk) -> None:
    article = await an_article(quick_desk)
    text = MARKDOWN.replace("each 10 seconds", "each 90 seconds")
    async with quick_desk.as_("writer") as client:
        found = (
            await client.post(f"{article}/check?part=findings", data=fields(markdown=text))
        ).text

    levels = re.findall(
        r'<li><span class="state (bad|ok|info|good)"><span>', found.split("Claims that")[0]
    )
    assert levels == sorted(levels, key=["bad", "ok", "info", "good"].index)
    assert "Holds publishing." in found.partition("</li>")[0]


async def test_the_site_s_own_thresholds_hold_in_the_editor(quick_desk: Desk) -> None:
    article = await an_article(quick_desk)
    async with quick_desk.as_("writer") as client:
        before = (await client.post(f"{article}/check?part=findings", data=fields())).text
        async with quick_desk.ports.database.unit() as session:
            await change_thresholds(
                Thresholds(session), {"en": {"sentence_words": 4}}, by="x", now=NOW
            )
        after = (await client.post(f"{article}/check?part=findings", data=fields())).text

    assert "more than 4 words" not in before
    assert "more than 4 words" in after


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"markdown": ""}, "The text now"),
        ({"markdown": "x" * 100_001}, "too long to be checked"),
        ({"markdown": "a\x00b"}, "cannot be kept"),
        (
            {"markdown": "<script>alert(1)</script>\n\n[^1]: <x" * 20, "title": "<b>"},
            "The text now",
        ),
        ({"keyphrase": "k" * 121}, "120 characters"),
        ({"keyphrase": "🙂 <i>", "markdown": "🙂" * 300}, "The text now"),
    ],
)
async def test_any_text_is_answered(quick_desk: Desk, more: dict[str, str], said: str) -> None:
    article = await an_article(quick_desk)
    async with quick_desk.as_("writer") as client:
        answer = await client.post(f"{article}/check?part=findings", data=fields(**more))

    assert answer.status_code == 200
    assert said in answer.text
    assert "<script>alert" not in answer.text


async def test_findings_are_told_in_korean(quick_desk: Desk) -> None:
    article = await an_article(quick_desk)
    async with quick_desk.as_("writer", **{"accept-language": "ko"}) as client:
        found = (await client.post(f"{article}/check?part=findings", data=fields())).text

    assert "지금 글의 상태" in found
    assert "출처가 뒷받침하는 주장" in found


async def test_a_keyword_that_was_changed_is_kept(quick_desk: Desk) -> None:
    article = await an_article(quick_desk)
    async with quick_desk.as_("writer") as client:
        await client.post(f"{article}/edit", data=fields(keyphrase="balancers", then="view"))
    async with quick_desk.ports.database.reading() as session:
        revision = await Posts(session).revision(article.rpartition("/")[2])

    assert (revision.n, revision.keyphrase) == (2, "balancers")


async def test_an_article_that_is_gone_is_said_to_be(quick_desk: Desk) -> None:
    async with quick_desk.as_("writer") as client:
        answer = await client.post("/desk/articles/none/check?part=findings", data=fields())

    assert answer.status_code == 404
