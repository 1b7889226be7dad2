"""The scripted model over real HTTP, asked by the pipeline's own writer."""

import asyncio
import time
from datetime import UTC, datetime

import httpx2
import pytest

from app.generation.facts import facts_of_snapshot
from app.generation.schemas import Brief, SectionPlan
from app.generation.verifying import verify_sections
from app.generation.writers.composer import Composer
from app.generation.writers.model import ModelWriter
from app.infra.llm import Limits
from app.infra.llm.providers import HostedModel, build_compatible
from app.sources.domain import Rights
from app.sources.readers import SourceRef, read_source
from chaos.articles import Names, keyword_of, source_of
from chaos.model_server import ModelServer

BODY = {
    "model": "scripted",
    "messages": [
        {"role": "system", "content": "You join facts into plain prose in English."},
        {"role": "user", "content": "Topic: Bako pool — How\n<facts>\n- A is 1.\n</facts>\nProse:"},
    ],
}


async def article_by(server: ModelServer):
    name = Names(7).next()
    snapshot = await read_source(
        SourceRef("text", source_of(name), Rights.OWN), now=datetime.now(UTC)
    )
    facts = {fact.id: fact for fact in facts_of_snapshot(snapshot, first=0)}
    brief = Brief(keyword=keyword_of(name), language="en", model="compatible:scripted")
    model = HostedModel(
        "compatible:scripted",
        build_compatible("scripted", "i1.1", server.url),
        limits=Limits(seconds=10.0),
        base_url=server.url,
    )
    writer = ModelWriter(model, Composer())
    try:
        outline, _ = await writer.outline(brief, list(facts.values()))
        plans = [SectionPlan(heading="", fact_ids=outline.introduction), *outline.sections]
        sections = [await writer.section(brief, plan, facts) for plan in plans]
        snippet = await writer.snippet(brief, sections)
    finally:
        await model.aclose()
    return brief, facts, sections, snippet


async def test_its_answers_stand_in_the_article_and_nothing_is_asked_twice() -> None:
    with ModelServer(latency_s=0.0) as server:
        brief, facts, sections, snippet = await article_by(server)

    calls = server.log.all()
    assert [section.writer for section in sections] == ["compatible:scripted"] * len(sections)
    assert snippet.writer == "compatible:scripted"
    verified = verify_sections(sections, facts, "en")
    assert (verified.removed, verified.flagged) == ((), ())
    assert len({call.key for call in calls}) == len(calls) == len(sections) + 2
    assert {call.stage for call in calls} == {"headings", "section", "snippet"}
    assert {call.keyword for call in calls} == {brief.keyword}
    headings = [call.heading for call in calls if call.stage == "section"]
    assert headings == [section.heading for section in sections]
    assert {(call.caller, call.outcome) for call in calls} == {("i1.1", "answered")}


async def test_a_caller_that_goes_away_is_logged_as_cut_at_once() -> None:
    with ModelServer(latency_s=30.0) as server:
        async with httpx2.AsyncClient() as client:
            with pytest.raises(httpx2.TimeoutException):
                await client.post(f"{server.url}/chat/completions", json=BODY, timeout=0.5)
        for _ in range(100):
            if server.log.all()[0].outcome != "open":
                break
            await asyncio.sleep(0.05)
        call = server.log.all()[0]

    assert call.outcome == "cut"
    assert call.ended_at is not None
    assert 0.3 < call.ended_at - call.arrived_at < 5.0


async def test_an_idempotency_key_that_was_answered_costs_nothing_again() -> None:
    with ModelServer(latency_s=0.3) as server:
        async with httpx2.AsyncClient() as client:
            headers = {"idempotency-key": "job-draft-1"}
            first, second = [
                await client.post(f"{server.url}/chat/completions", json=BODY, headers=headers)
                for _ in range(2)
            ]
            began = time.monotonic()
            third = await client.post(f"{server.url}/chat/completions", json=BODY)
            took = time.monotonic() - began

    assert first.json()["choices"] == second.json()["choices"]
    assert third.status_code == 200
    assert took >= 0.3
    assert [call.outcome for call in server.log.all()] == ["answered", "replayed", "answered"]
    assert [call.paid for call in server.log.all()] == [True, False, True]
