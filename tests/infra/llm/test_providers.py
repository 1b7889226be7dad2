"""Hosted models over HTTP: what is asked, what comes back, and what it took."""

import asyncio
import time

import pytest

from app.infra.llm import Limits, ModelInvalid, ModelRefused, Question
from app.infra.llm.prices import Price
from app.infra.llm.providers import (
    HostedModel,
    build_anthropic,
    build_compatible,
    build_google,
    build_openai,
)
from tests.infra.llm.asking import SECRET, Colour, ask, hosted
from tests.infra.llm.scripted import as_json, completion, failure, scripted


async def test_prose_comes_back_with_what_it_took():
    with scripted(completion("Red is warm.")) as script:
        answer = await ask(hosted(script), temperature=0.3, seed=5)

    assert answer.value == "Red is warm."
    assert (answer.model, answer.finish_reason) == ("compatible:scripted", "stop")
    assert (answer.spent.calls, answer.spent.input_tokens, answer.spent.output_tokens) == (
        1,
        1000,
        500,
    )
    assert answer.spent.seconds > 0
    sent = script.asked[0]
    assert (sent["temperature"], sent["seed"], sent["model"]) == (0.3, 5, "scripted")
    assert "Be brief." in sent["messages"][0]["content"]
    assert script.heads[0]["authorization"] == f"Bearer {SECRET}"


async def test_structured_output_is_asked_for_by_schema_and_validated():
    with scripted(completion('{"name": "red", "warm": true}')) as script:
        answer = await ask(hosted(script), Colour)

    assert answer.value == Colour(name="red", warm=True)
    sent = script.asked[0]
    assert sent["response_format"]["type"] == "json_schema"
    assert "tools" not in sent


async def test_a_wrong_shape_is_asked_for_once_more():
    good = completion('{"name": "red", "warm": true}')
    with scripted(completion('{"name": "red"}'), good) as script:
        answer = await ask(hosted(script), Colour)

    assert answer.value.warm
    assert answer.spent.calls == 2
    assert answer.spent.input_tokens == 2000


@pytest.mark.parametrize("content", ["not json", '{"name": 3}', '{"name": "red", "wa'])
async def test_what_never_fits_the_shape_is_invalid_and_still_counted(content):
    with scripted(completion(content)) as script:
        with pytest.raises(ModelInvalid) as caught:
            await ask(hosted(script), Colour)

    assert len(script.asked) == 2
    assert caught.value.spent.output_tokens == 1000


async def test_a_repeated_request_has_the_same_key_and_another_one_has_another():
    bad, good = completion('{"name": "red"}'), completion('{"name": "red", "warm": true}')
    with scripted(failure(500), bad, good, bad, good) as script:
        await ask(hosted(script), Colour, key="job.draft.3")
        await ask(hosted(script), Colour, key="job.draft.3")
        await ask(hosted(script), Colour, key="job.draft.3.try2")

    keys = [head["idempotency-key"] for head in script.heads]
    retried, first, repaired, first_again, repaired_again, *other = keys
    assert retried == first == first_again
    assert repaired == repaired_again != first
    assert not {first, repaired} & set(other)
    assert all(len(key) == 32 for key in keys)


@pytest.mark.parametrize("build", [build_anthropic, build_google])
async def test_the_other_providers_are_sent_a_key_too(build):
    with scripted(failure(400)) as script:
        model = HostedModel("x:y", build("m", SECRET, script.url), limits=Limits(), secret=SECRET)
        with pytest.raises(ModelRefused):
            await ask(model, key="job.outline")

    assert len(script.heads[0]["idempotency-key"]) == 32


async def test_without_a_key_none_is_sent():
    with scripted(completion("Red.")) as script:
        await ask(hosted(script))

    assert "idempotency-key" not in script.heads[0]


async def test_a_price_of_the_users_own_stands_over_the_librarys():
    with scripted(completion("Red.", model="gpt-4o-mini")) as script:
        model = HostedModel(
            "openai:gpt-4o-mini",
            build_openai("gpt-4o-mini", SECRET, f"{script.url}/v1"),
            limits=Limits(),
            base_url=script.url,
            price=Price(2.0, 4.0, "2026-11-01"),
        )
        answer = await ask(model)

    assert answer.spent.cost_usd == pytest.approx(0.004)


async def test_a_known_model_has_a_price():
    answer = completion("Red.", model="gpt-4o-mini")
    with scripted(answer) as script:
        known = HostedModel(
            "openai:gpt-4o-mini",
            build_openai("gpt-4o-mini", SECRET, f"{script.url}/v1"),
            limits=Limits(),
            base_url=script.url,
        )
        priced = await ask(known)

    # 1000 tokens in at $0.15 and 500 out at $0.60 a million.
    assert priced.spent.cost_usd == pytest.approx(0.00045)


async def test_an_unknown_model_costs_nobody_knows_what():
    with scripted(completion("Red.", model="house-made-7b")) as script:
        answer = await ask(hosted(script))

    assert answer.spent.cost_usd is None


async def test_a_local_model_costs_nothing():
    with scripted(completion("Red.")) as script:
        model = HostedModel(
            "local",
            build_compatible("scripted", "k", f"{script.url}/v1"),
            limits=Limits(),
            is_local=True,
            base_url=script.url,
        )
        answer = await ask(model, grammar='root ::= "Red."')

    assert answer.spent.cost_usd == 0.0
    assert script.asked[0]["grammar"] == 'root ::= "Red."'


async def test_a_grammar_is_not_sent_to_hosted_models():
    with scripted(completion("Red.")) as script:
        await ask(hosted(script), grammar='root ::= "Red."')

    assert "grammar" not in script.asked[0]


async def test_anthropic_is_asked_in_its_own_protocol():
    body = {
        "id": "m1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-6",
        "content": [{"type": "text", "text": "Red."}], "stop_reason": "end_turn",
        "stop_sequence": None, "usage": {"input_tokens": 10, "output_tokens": 3},
    }  # fmt: skip
    with scripted(as_json(body)) as script:
        build = build_anthropic("claude-sonnet-4-6", SECRET, script.url)
        model = HostedModel("anthropic:claude", build, limits=Limits(), base_url=script.url)
        answer = await ask(model, seed=3)

    assert answer.value == "Red."
    assert script.asked[0]["path"].startswith("/v1/messages")
    assert script.heads[0]["authorization"] == f"Bearer {SECRET}"
    assert answer.spent.cost_usd == pytest.approx(10 * 3e-6 + 3 * 15e-6)


async def test_google_is_asked_in_its_own_protocol():
    body = {
        "candidates": [{"content": {"role": "model", "parts": [{"text": "Red."}]},
                        "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 3, "totalTokenCount": 13},
        "modelVersion": "gemini-2.5-flash",
    }  # fmt: skip
    with scripted(as_json(body)) as script:
        build = build_google("gemini-2.5-flash", SECRET, script.url)
        model = HostedModel("google:gemini", build, limits=Limits(), base_url=script.url)
        answer = await ask(model, seed=3)

    assert answer.value == "Red."
    assert "gemini-2.5-flash:generateContent" in script.asked[0]["path"]
    assert answer.spent.output_tokens == 3


async def test_a_proxy_of_the_environment_does_not_see_calls_to_this_machine(
    monkeypatch, unused_port
):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{unused_port}")
    with scripted(completion("Red.")) as script:
        answer = await ask(hosted(script))

    assert answer.value == "Red."


async def test_calls_over_the_limit_wait_for_their_turn():
    slow = completion("Red.")
    slow.delay_s = 0.3
    with scripted(slow) as script:
        model = HostedModel(
            "compatible:scripted",
            build_compatible("scripted", "", f"{script.url}/v1"),
            limits=Limits(concurrency=1),
            base_url=script.url,
        )
        calls = [
            model.complete(Question(system="", prompt="x", output=str, max_tokens=5))
            for _ in range(2)
        ]
        started = time.monotonic()
        await asyncio.gather(*calls)
        await model.aclose()

    assert time.monotonic() - started >= 0.6
