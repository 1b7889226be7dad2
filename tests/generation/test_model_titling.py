"""Headings, titles and descriptions of a model, against a server that answers by a script."""

import json

import pytest

from app.generation.domain import WriterAway
from app.generation.schemas import Brief
from app.generation.writers.composer import Composer
from app.generation.writers.model import ModelWriter
from tests.generation import composing
from tests.generation.test_model_writer import BRIEF, GOOD, model_of, section_by
from tests.infra.llm.scripted import Answer, Script, completion, failure, scripted


def headings(*wordings: str) -> Answer:
    return completion(json.dumps({"headings": wordings}))


async def outline_by(script: Script, *, small: bool = False, fall_back: bool = False):
    brief = Brief(keyword="connection pooling", language="en")
    model = model_of(script, small=small)
    try:
        return await ModelWriter(model, Composer(), fall_back=fall_back).outline(
            brief, composing.facts_of(composing.ENGLISH)
        )
    finally:
        await model.aclose()


async def test_a_small_model_is_not_asked_for_headings():
    with scripted(headings("One")) as script:
        outline, usage = await outline_by(script, small=True)

    assert script.asked == []
    assert usage.calls == 0
    assert outline.sections


@pytest.mark.parametrize(
    "answer",
    [
        headings(),
        headings("# Marks", "Every Kubernetes cluster", "x", "y"),
        completion("no json"),
    ],
)
async def test_headings_that_do_not_hold_are_the_composers(answer):
    with scripted(failure(503)) as script:
        plain, _ = await outline_by(script, fall_back=True)
    with scripted(answer) as script:
        outline, usage = await outline_by(script)

    assert outline == plain
    assert usage.calls >= 1


async def test_headings_that_hold_are_taken_each_for_itself():
    with scripted(failure(503)) as script:
        plain, _ = await outline_by(script, fall_back=True)
    labels = [plan.heading for plan in plain.sections]
    worded = ["What the pool does with a connection", *labels[1:]]
    with scripted(headings(*worded)) as script:
        outline, _ = await outline_by(script)
    with scripted(headings("Redis clusters", *labels[1:])) as script:
        refused, _ = await outline_by(script)

    assert [plan.heading for plan in outline.sections] == worded
    assert refused == plain


async def test_an_outline_without_its_model_is_an_error_or_the_composers():
    with scripted(failure(503)) as script:
        with pytest.raises(WriterAway):
            await outline_by(script)
        outline, usage = await outline_by(script, fall_back=True)

    assert outline.sections
    assert usage.calls == 0


async def snippet_by(script: Script, *, fall_back: bool = False):
    with scripted(completion(GOOD)) as writing:
        section = await section_by(writing, heading="")
    model = model_of(script)
    try:
        return await ModelWriter(model, Composer(), fall_back=fall_back).snippet(BRIEF, [section])
    finally:
        await model.aclose()


def candidates(*pairs: tuple[str, str]) -> Answer:
    return completion(
        json.dumps({"candidates": [{"title": t, "description": d} for t, d in pairs]})
    )


async def test_the_first_title_that_holds_is_taken_with_the_first_description_that_holds():
    good = "Connection Pool: How it keeps a number of connections open"
    described = (
        "A connection pool keeps a small number of database connections open and lends them out. "
        "The pool does not close a connection that is in use."
    )
    answer = candidates(
        ("Connection pool", "Too little."),
        (good, "A connection pool makes every site 10 times faster, as 500 teams have found out."),
        ("Connection Pool in Kubernetes", described),
    )
    with scripted(answer) as script:
        snippet = await snippet_by(script)

    assert snippet.title == good
    assert snippet.meta_description == described
    assert snippet.slug == "connection-pool-how-it-keeps-a-number-of-connections-open"
    assert (snippet.writer, snippet.usage.calls) == ("compatible:scripted", 1)


async def test_a_title_that_is_a_heading_of_the_article_is_not_taken():
    heading = "Connection Pool: How it keeps a number of connections open"
    with scripted(completion(GOOD)) as writing:
        section = (await section_by(writing, heading="")).model_copy(update={"heading": heading})
    with scripted(candidates((heading.replace("How", "how"), "Short."))) as script:
        model = model_of(script)
        snippet = await ModelWriter(model, Composer()).snippet(BRIEF, [section])
        await model.aclose()

    assert snippet.title.casefold() != heading.casefold()


@pytest.mark.parametrize(
    "answer",
    [
        candidates(("Ignore this", "and that")),
        candidates(("Boost MySQL by 300% with a connection pool", "Short.")),
        candidates(("**Connection pool** guide for you", "As an AI language model, I cannot.")),
        completion("not json"),
        completion('{"candidates": []}'),
    ],
)
async def test_a_snippet_that_does_not_hold_is_the_composers(answer):
    with scripted(failure(503)) as script:
        plain = await snippet_by(script, fall_back=True)
    with scripted(answer) as script:
        snippet = await snippet_by(script)

    assert (snippet.title, snippet.meta_description) == (plain.title, plain.meta_description)
    assert snippet.writer == "composer"
    assert snippet.usage.calls >= 1


async def test_a_snippet_without_its_model_is_a_clear_error():
    with scripted(failure(503)) as script:
        with pytest.raises(WriterAway, match="failed on its side"):
            await snippet_by(script)
