"""The desk's page about the whole blog, and an article's links: shown, set, put off, and guarded."""

import re
from typing import Any

import pytest

from app.infra.db import Database
from app.posts.repository import Posts
from app.posts.schemas import Post
from tests.desk.conftest import Desk
from tests.posts.articles import published, saved


async def _post(database: Database, keyphrase: str, markdown: str, **more: Any) -> Post:
    slug = keyphrase.replace(" ", "-")
    title = more.pop("title", f"All about {keyphrase}")
    return await published(
        database, title=title, slug=slug, keyphrase=keyphrase, meta_description=f"Of {keyphrase}.",
        markdown=markdown, claims=(), **more,
    )  # fmt: skip


async def _text(desk: Desk, post: Post) -> str:
    async with desk.ports.database.reading() as session:
        return (await Posts(session).revision(post.id)).markdown


async def test_a_suggested_link_is_inserted_and_the_old_text_comes_back(desk: Desk) -> None:
    brew = await _post(desk.ports.database, "cold brew coffee", "It steeps.")
    draft = await saved(
        desk.ports.database, markdown="We like cold brew coffee <b>a lot</b>.", claims=()
    )
    one = f"/desk/articles/{draft.id}"

    async with desk.as_("writer") as client:
        page = (await client.get(f"{one}/links")).text
        answer = await client.post(f"{one}/links", data={"revision": "1", "to": brew.id})
        told = (await client.get(answer.headers["location"])).text
        linked = await _text(desk, draft)
        shown = (await client.get(one)).text
        version = re.search(r'name="version" value="(\d+)"', shown)
        assert version
        await client.post(f"{one}/revisions/1", data={"version": version[1]})

    assert "<mark>cold brew coffee</mark> &lt;b&gt;a lot" in page
    assert "Its keyphrase “cold brew coffee” stands in the text." in page
    assert answer.headers["location"] == f"{one}/links?said=linked"
    assert "The link is set, as a new revision." in told
    assert linked == "We like [cold brew coffee](/en/cold-brew-coffee) <b>a lot</b>."
    assert await _text(desk, draft) == "We like cold brew coffee <b>a lot</b>."


async def test_all_links_are_inserted_at_once(desk: Desk) -> None:
    await _post(desk.ports.database, "cold brew coffee", "It steeps.")
    await _post(desk.ports.database, "kettles", "They boil.")
    draft = await saved(
        desk.ports.database, markdown="Take cold brew coffee.\n\nBoil kettles.", claims=()
    )

    async with desk.as_("writer") as client:
        page = (await client.get(f"/desk/articles/{draft.id}/links")).text
        await client.post(f"/desk/articles/{draft.id}/links", data={"revision": "1"})

    assert "Insert all" in page
    assert await _text(desk, draft) == (
        "Take [cold brew coffee](/en/cold-brew-coffee).\n\nBoil [kettles](/en/kettles)."
    )


async def test_a_text_that_somebody_changed_meanwhile_is_left_alone(desk: Desk) -> None:
    brew = await _post(desk.ports.database, "cold brew coffee", "It steeps.")
    draft = await saved(desk.ports.database, markdown="Take cold brew coffee.", claims=())

    async with desk.as_("writer") as client:
        for data, status in (
            ({"revision": "7", "to": brew.id}, 409),
            ({"to": brew.id}, 409),
            ({"revision": "1", "to": "nobody"}, 422),
        ):
            answer = await client.post(f"/desk/articles/{draft.id}/links", data=data)
            assert answer.status_code == status, data

    assert await _text(desk, draft) == "Take cold brew coffee."


async def test_what_readers_see_is_changed_by_who_may_publish_alone(desk: Desk) -> None:
    brew = await _post(desk.ports.database, "cold brew coffee", "It steeps.")
    other = await _post(desk.ports.database, "summer coffee", "Take cold brew coffee.")
    data = {"source": other.id}

    async with desk.as_("writer") as client:
        own = await client.post(f"/desk/articles/{other.id}/links", data={"revision": "1"})
        page = (await client.get(f"/desk/articles/{other.id}/links")).text
        refused = await client.post(f"/desk/articles/{brew.id}/links/from", data=data)
    assert (own.status_code, refused.status_code) == (409, 409)
    assert "<mark>cold brew coffee</mark>" in page
    assert ">Insert<" not in page
    assert await _text(desk, other) == "Take cold brew coffee."

    async with desk.as_("editor") as client:
        page = (await client.get(f"/desk/articles/{brew.id}/links")).text
        done = await client.post(f"/desk/articles/{brew.id}/links/from", data=data)
    assert "No other published article links to this one" in page
    assert "around “cold brew coffee”" in page
    assert done.status_code == 303
    assert await _text(desk, other) == "Take [cold brew coffee](/en/cold-brew-coffee)."


async def test_the_site_page_lists_each_topic_with_what_to_do(desk: Desk) -> None:
    for _ in range(2):
        await _post(
            desk.ports.database,
            "cold brew",
            "It opened on 5 March 2020, and costs $5 <i>now</i>. It opens on 6 May 2026. [x](/en/no)",
            title="Cold brew",
        )

    async with desk.as_("viewer") as client:
        pages = {
            topic: (await client.get(f"/desk/site?topic={topic}")).text
            for topic in ("ageing", "links", "orphans", "keyphrases", "titles", "descriptions", "x")
        }
        odd = await client.get("/desk/site?topic=ageing&after=2026-05-07%2F%00%2Fx")

    assert "It opens on 6 May 2026." in pages["ageing"]
    assert "It still holds" not in pages["ageing"]  # a viewer changes nothing
    assert "there never was an article there" in pages["links"]
    assert "<code>/en/no</code>" in pages["links"]
    assert pages["orphans"].count("Who could link to it") == 2
    assert "compete for the same searches" in pages["keyphrases"]
    assert pages["titles"].count("/desk/articles/") == 2
    assert "Same description" in pages["descriptions"]
    assert pages["x"] == pages["ageing"]  # what is no topic shows the first that has something
    assert odd.status_code == 200


async def test_a_sentence_that_still_holds_is_put_off(desk: Desk) -> None:
    post = await _post(desk.ports.database, "cold brew", "It opens on 6 May 2026.")
    data = {"position": "0", "sentence": "It opens on 6 May 2026.", "back": "site"}

    async with desk.as_("writer") as client:
        before = (await client.get("/desk/site?topic=ageing")).text
        wrong = await client.post(
            f"/desk/articles/{post.id}/confirm", data={**data, "sentence": "Another."}
        )
        done = await client.post(f"/desk/articles/{post.id}/confirm", data=data)
        after = (await client.get(done.headers["location"])).text

    assert "It opens on 6 May 2026." in before
    assert wrong.status_code == 409
    assert "Noted: it still holds." in after
    assert "It opens on 6 May 2026." not in after


@pytest.mark.parametrize("path", ["/desk/site", "/desk/articles/{id}/links"])
async def test_the_pages_speak_korean(desk: Desk, path: str) -> None:
    post = await _post(desk.ports.database, "cold brew", "It opens on 6 May 2026.")

    async with desk.as_("editor", **{"accept-language": "ko"}) as client:
        page = (await client.get(path.format(id=post.id))).text

    assert "앞으로 올 날을 말합니다." in page
    assert "Sentences" not in page


async def test_an_article_that_is_not_there_is_said_so(desk: Desk) -> None:
    async with desk.as_("editor") as client:
        for path in ("/desk/articles/none/links", "/desk/articles/%00/links"):
            assert (await client.get(path)).status_code == 404


async def test_links_are_suggested_for_the_text_in_the_editor_and_nothing_is_kept(
    desk: Desk,
) -> None:
    brew = await _post(
        desk.ports.database, "cold brew (coffee)", "It steeps.", title="A <b>brew</b>"
    )
    draft = await saved(desk.ports.database, markdown="Nothing yet.", claims=())
    before = await _text(desk, draft)
    edited = "🙂 We like cold brew (coffee) a lot."

    async def told(markdown: str, **headers: str) -> str:
        async with desk.as_("writer", **headers) as client:
            answer = await client.post(
                f"/desk/articles/{draft.id}/links/suggested",
                data={"title": "T", "keyphrase": "", "markdown": markdown},
            )
        assert answer.status_code == 200, answer.text
        return answer.text

    found = await told(edited)
    place = re.search(
        r'data-link-start="(\d+)" data-link-end="(\d+)" data-link-to="([^"]+)"', found
    )
    assert place
    assert edited[int(place[1]) : int(place[2])].startswith("cold brew")
    assert place[3].startswith(f"{brew.path}"[:8])
    assert "A &lt;b&gt;brew&lt;/b&gt;" in found
    assert "<html" not in found
    assert "data-link-start" not in await told(before)
    assert "data-link-start" not in await told("cold brew (coffee) " * 6000)
    assert "발행된 글" in await told("", **{"accept-language": "ko"})
    assert await _text(desk, draft) == before
