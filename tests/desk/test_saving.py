"""A saved text is measured as it is: it is held for what no source says, and let go once that is mended."""

import pytest

from app.posts.repository import Posts
from app.posts.schemas import Revision
from app.sources.domain import Rights
from tests.desk.conftest import Desk
from tests.desk.test_checking import MARKDOWN, an_article, fields

WRONG = MARKDOWN.replace("each 10 seconds", "each 90 seconds")


async def save(desk: Desk, article: str, **more: str) -> Revision:
    async with desk.as_("writer") as client:
        answer = await client.post(f"{article}/edit", data=fields(**more))
    assert answer.status_code == 303, answer.text
    async with desk.ports.database.reading() as session:
        return await Posts(session).revision(article.rpartition("/")[2])


async def test_a_number_that_no_source_has_holds_the_article_until_it_is_mended(desk: Desk) -> None:
    article = await an_article(desk, Rights.OWN)

    wrong = await save(desk, article, markdown=WRONG)
    mended = await save(desk, article, markdown=MARKDOWN + "\nMore.\n", revision="2")

    assert any("90" in reason for reason in wrong.gate)
    assert wrong.score["held"] == list(wrong.gate)
    assert wrong.score["scores"]["grounding"] < mended.score["scores"]["grounding"]
    assert not mended.gate


async def test_a_held_article_cannot_be_published(quick_desk: Desk) -> None:
    article = await an_article(quick_desk, Rights.OWN)
    await save(quick_desk, article, markdown=WRONG, then="submit")
    async with quick_desk.as_("editor") as client:
        refused = await client.post(f"{article}/publish", data={})
        shown = (await client.get(article)).text

    assert refused.status_code == 409
    assert "90" in shown


async def test_a_number_of_one_s_own_holds_nothing_and_is_kept(quick_desk: Desk) -> None:
    article = await an_article(quick_desk, Rights.OWN)
    text = MARKDOWN + "\nWe measured 41,000 requests and 77 seconds ourselves.\n"

    strange = await save(quick_desk, article, markdown=text)
    own = await save(
        quick_desk,
        article,
        markdown=text,
        revision="2",
        own_numbers="41,000 ; 77 seconds;77 seconds",
    )
    still = await save(
        quick_desk,
        article,
        markdown=text + "\nOn.\n",
        revision="3",
        own_numbers="41,000; 77 seconds",
    )

    assert any("41,000" in reason for reason in strange.gate)
    assert (own.gate, own.own_numbers) == ((), ("41,000", "77 seconds"))
    assert (still.gate, still.own_numbers) == ((), ("41,000", "77 seconds"))
    async with quick_desk.as_("writer") as client:
        editor = (await client.get(f"{article}/edit")).text
    assert 'value="41,000; 77 seconds"' in editor


async def test_a_claim_that_was_doubted_goes_on_holding_while_its_sentence_stands(
    quick_desk: Desk,
) -> None:
    article = await an_article(quick_desk, Rights.OWN)
    held = await save(quick_desk, article, markdown=WRONG)

    again = await save(quick_desk, article, markdown=WRONG + "\nMore.\n", revision="2")

    assert [reason for reason in again.gate if "90" in reason] == [
        reason for reason in held.gate if "90" in reason
    ]


@pytest.mark.parametrize("words", ["A " + "word " * 40_000])
async def test_a_text_that_is_too_long_to_be_measured_is_kept_with_the_score_before(
    quick_desk: Desk, words: str
) -> None:
    article = await an_article(quick_desk, Rights.OWN)

    kept = await save(quick_desk, article, markdown=words)

    assert kept.markdown.startswith("A word word")
    assert not kept.gate
