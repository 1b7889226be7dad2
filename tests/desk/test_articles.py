"""Articles at the desk: found, edited, moved, brought back; and what others or the hostile send."""

import re
from urllib.parse import unquote

import pytest

from tests.desk.conftest import Desk
from tests.posts.articles import FIRST, MARKDOWN, saved

NEW = MARKDOWN.replace("each 10 seconds", "each 20 seconds")


def fields(**changes: str) -> dict[str, str]:
    return {
        "title": "Load balancing in practice",
        "slug": "load-balancing-in-practice",
        "meta_description": "What a load balancer does.",
        "markdown": NEW,
        "revision": "1",
        "then": "view",
        **changes,
    }


def version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]


async def test_an_article_goes_through_its_life(desk: Desk) -> None:
    post = await saved(desk.ports.database)
    one = f"/desk/articles/{post.id}"
    told: list[str] = []

    async with desk.as_("editor") as client:
        edited = await client.post(f"{one}/edit", data=fields(then="submit", note="times"))
        for move in ("approve", "publish", "unpublish", "submit", "return"):
            page = (await client.get(one)).text
            answer = await client.post(f"{one}/{move}", data={"version": version(page)})
            told.append((await client.get(answer.headers["location"])).text)
        asked = await client.get(f"{one}/delete")
        deleted = await client.post(f"{one}/delete", data={"version": version(asked.text)})
        gone = await client.get(one)

    assert edited.headers["location"] == f"{one}?said=submitted"
    assert [
        "Approved. It can be published now." in told[0],
        "Published. Readers see it." in told[1],
        "Taken down." in told[2],
        "Submitted for review." in told[3],
        "Given back to the writer." in told[4],
    ] == [True] * 5
    assert "This cannot be undone" in asked.text
    assert "for ever" in asked.text
    assert deleted.headers["location"] == "/desk/articles?said=deleted"
    assert gone.status_code == 404


async def test_who_saved_second_sees_both_texts_and_loses_nothing(desk: Desk) -> None:
    post = await saved(desk.ports.database)
    one = f"/desk/articles/{post.id}"
    mine = MARKDOWN + "\nA line of mine.\n"

    async with desk.as_("writer") as client:
        await client.post(f"{one}/edit", data=fields())
        overtaken = await client.post(f"{one}/edit", data=fields(markdown=mine))
        revision = re.search(r'name="revision" value="(\d+)"', overtaken.text)
        again = await client.post(f"{one}/edit", data=fields(markdown=mine, revision="2"))
        page = (await client.get(one)).text
        theirs = (await client.get(f"{one}/revisions/2")).text

    assert overtaken.status_code == 409
    assert "Somebody else saved this article meanwhile." in overtaken.text
    assert "A line of mine." in overtaken.text
    assert "<ins>A load balancer spreads requests over servers. It checks every server each 20" in (
        overtaken.text
    )
    assert revision
    assert revision[1] == "2"
    assert again.status_code == 303
    assert "A line of mine." in page
    assert "each 20 seconds" in theirs


async def test_the_same_text_saved_twice_is_one_revision(quick_desk: Desk) -> None:
    post = await saved(quick_desk.ports.database)
    one = f"/desk/articles/{post.id}"

    async with quick_desk.as_("writer") as client:
        answers = [await client.post(f"{one}/edit", data=fields()) for _ in range(2)]
        page = (await client.get(one)).text

    assert [answer.status_code for answer in answers] == [303, 303]
    assert page.count("/revisions/") == 1


async def test_what_was_looked_at_is_what_is_approved(quick_desk: Desk) -> None:
    post = await saved(quick_desk.ports.database)
    one = f"/desk/articles/{post.id}"

    async with quick_desk.as_("editor") as client:
        await client.post(f"{one}/submit")
        seen = version((await client.get(one)).text)
        await client.post(f"{one}/edit", data=fields())
        late = await client.post(f"{one}/approve", data={"version": seen})
        await client.post(f"{one}/approve")
        await client.post(f"{one}/edit", data=fields(revision="2", markdown=MARKDOWN))
        page = (await client.get(one)).text

    assert late.status_code == 409
    assert "was changed by somebody else meanwhile" in late.text
    assert '<span class="state in_review">' in page


async def test_an_earlier_text_comes_back_and_can_go_again(quick_desk: Desk) -> None:
    post = await saved(quick_desk.ports.database)
    one = f"/desk/articles/{post.id}"

    async with quick_desk.as_("writer") as client:
        await client.post(f"{one}/edit", data=fields())
        old = await client.get(f"{one}/revisions/1")
        back = await client.post(f"{one}/revisions/1", data={"version": version(old.text)})
        page = (await client.get(one)).text
        nothing = await client.get(f"{one}/revisions/999999999999999999999")

    assert "each 20 seconds" in old.text
    assert back.headers["location"] == f"{one}?said=restored"
    assert page.count("/revisions/") == 2
    assert nothing.status_code == 404


async def test_a_text_of_somebody_who_was_not_quick_enough_is_kept_when_the_article_is_gone(
    quick_desk: Desk,
) -> None:
    async with quick_desk.as_("writer") as client:
        answer = await client.post("/desk/articles/none/edit", data=fields(markdown="My words."))

    assert answer.status_code == 404
    assert "My words." in answer.text


async def test_articles_are_found_by_state_language_and_words(desk: Desk) -> None:
    database = desk.ports.database
    await saved(database, slug="one", title="Scaling 100% out")
    await saved(database, slug="two", title="수평 확장", language="ko")
    for n in range(31):
        await saved(database, slug=f"more-{n}", title=f"More of it {n}")

    async with desk.as_("viewer") as client:
        percent = (await client.get("/desk/articles", params={"q": "100%"})).text
        korean = (await client.get("/desk/articles", params={"language": "ko"})).text
        none = (await client.get("/desk/articles", params={"state": "published"})).text
        first = (await client.get("/desk/articles", params={"q": "more of"})).text
        older = re.search(r'rel="next" href="([^"]+)"', first)
        assert older
        second = (await client.get(older[1].replace("&amp;", "&"))).text
        odd = await client.get("/desk/articles?q=%00%ff&state=x&language=zz&before=%00")

    assert percent.count('class="name"') == korean.count('class="name"') == 1
    assert "수평 확장" in korean
    assert "Nothing is like that." in none
    assert (first.count('class="name"'), second.count('class="name"')) == (30, 1)
    assert "q=more of" in unquote(older[1]).replace("+", " ")
    assert odd.status_code == 200


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": " "}, "needs a title and a text"),
        ({"markdown": "\n \n"}, "needs a title and a text"),
        ({"title": "x" * 301}, "may have 300 characters"),
        ({"markdown": "nul \x00 here"}, "cannot be kept"),
        ({"title": "nul \x00 here"}, "cannot be kept"),
        ({"markdown": "x" * 1_000_001}, "1,000,000"),
    ],
)
async def test_what_cannot_be_kept_is_said_and_not_lost(
    quick_desk: Desk, change: dict[str, str], said: str
) -> None:
    post = await saved(quick_desk.ports.database)

    async with quick_desk.as_("writer") as client:
        answer = await client.post(f"/desk/articles/{post.id}/edit", data=fields(**change))
        page = await client.get(f"/desk/articles/{post.id}")

    assert answer.status_code == 422
    assert said in answer.text
    assert 'id="markdown"' in answer.text
    assert FIRST in page.text


async def test_hostile_words_are_shown_as_words(desk: Desk) -> None:
    post = await saved(desk.ports.database)
    one = f"/desk/articles/{post.id}"
    script = "<script>alert(1)</script>"
    text = (
        f"{script}\n\n</textarea>{script}\n\n[x](javascript:alert(1)) <img src=x onerror=alert(1)>"
    )
    sent = fields(title=f'"{script}', markdown=text, meta_description=script, note=script)

    async with desk.as_("editor") as client:
        await client.post(f"{one}/edit", data=sent)
        pages = [
            (await client.get(path)).text
            for path in (
                one,
                f"{one}/edit",
                f"{one}/revisions/1",
                "/desk/articles",
                f"{one}/delete",
            )
        ]
        searched = (await client.get("/desk/articles", params={"q": f'"{script}'})).text

    for page in [*pages, searched]:
        assert "<script>alert" not in page
        assert "<img" not in page
        assert 'href="javascript' not in page
        assert page.count("<script") == 1


async def test_a_long_text_is_taken_and_shown(quick_desk: Desk) -> None:
    post = await saved(quick_desk.ports.database)
    one = f"/desk/articles/{post.id}"
    long = "\r\n".join(["가나다라마바사아자차 " * 20] * 4500)[:990_000]

    async with quick_desk.as_("writer") as client:
        sent = {name: (None, value) for name, value in fields(markdown=long).items()}
        answer = await client.post(f"{one}/edit", files=sent)
        editor = await client.get(f"{one}/edit")
        revision = await client.get(f"{one}/revisions/1")

    assert answer.status_code == 303
    assert long.replace("\r\n", "\n")[:1000] in editor.text
    assert "too long to be compared" in revision.text


async def test_the_desk_speaks_korean_and_remembers_it(quick_desk: Desk) -> None:
    async with quick_desk.as_("editor", **{"accept-language": "ko-KR,ko;q=0.9,en;q=0.8"}) as client:
        page = (await client.get("/desk/articles")).text
        refused = (await client.post("/desk/jobs/none/cancel")).text
        chosen = await client.post(
            "/desk/language", data={"language": "en", "back": "/desk/articles"}
        )
        english = (await client.get("/desk/articles")).text
        elsewhere = await client.post(
            "/desk/language", data={"language": "ko", "back": "https://evil.example/desk"}
        )

    assert 'lang="ko"' in page
    assert "아직 글이 없습니다" in page
    assert "페이지를 찾을 수 없습니다" in refused
    assert chosen.headers["location"] == "/desk/articles"
    assert "There is no article yet" in english
    assert elsewhere.headers["location"] == "/desk/"
