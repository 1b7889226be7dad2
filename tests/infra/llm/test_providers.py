import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import stamina
from pydantic import BaseModel

from app.infra.llm import Keys, Limits, ModelAway, ModelInvalid, ModelRefused
from app.infra.llm.fallback import FallbackModel
from app.infra.llm.prices import Price
from app.infra.llm.providers import (
    HostedModel,
    build_anthropic,
    build_compatible,
    build_google,
    build_openai,
)
from tests.infra.llm.scripted import Answer, Script, as_json, completion, failure, scripted

SECRET = "sk-verysecret-0123456789"


class Colour(BaseModel):
    name: str
    warm: bool


def hosted(script: Script, *, seconds: float = 5.0, attempts: int = 3) -> HostedModel:
    return HostedModel(
        "compatible:scripted",
        build_compatible("scripted", SECRET, f"{script.url}/v1"),
        limits=Limits(seconds=seconds, attempts=attempts),
        secret=SECRET,
        base_url=script.url,
    )


async def ask(model, output=str, **more):
    try:
        return await model.complete(
            system="Be brief.", prompt="A colour?", output=output, max_tokens=50, **more
        )
    finally:
        await model.aclose()


async def collect(model, pieces):
    """Stream an answer into a list that the caller keeps when the stream breaks."""
    async for piece in model.stream(system="", prompt="x", max_tokens=9):
        pieces.append(piece)


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


async def test_a_rate_limit_is_waited_for_as_long_as_it_asks():
    limited = as_json({"error": {"message": "slow"}}, 429, retry_after="1")
    with stamina.set_testing(False), scripted(limited, completion("Blue.")) as script:
        started = time.monotonic()
        answer = await ask(hosted(script))

    assert answer.value == "Blue."
    assert 1.0 <= time.monotonic() - started < 3.0


async def test_a_rate_limit_that_asks_for_minutes_is_not_waited_for_but_told():
    with scripted(as_json({"error": {"message": "slow"}}, 429, retry_after="600")) as script:
        with pytest.raises(ModelAway, match=r"asks to wait 600 s\. .*LLM_FALLBACKS") as caught:
            await ask(hosted(script))

    assert len(script.asked) == 1
    assert caught.value.retry_after_s == 600


@pytest.mark.parametrize(
    "date_of",
    [
        lambda at: format_datetime(at, usegmt=True),
        lambda at: at.strftime("%A, %d-%b-%y %H:%M:%S GMT"),  # RFC 850, obsolete and still sent
        lambda at: at.strftime("%a %b %e %H:%M:%S %Y"),  # asctime
    ],
)
async def test_a_rate_limit_may_say_a_date(date_of):
    at = datetime.now(UTC) + timedelta(seconds=900)
    limited = as_json({"error": {"message": "slow"}}, 429, retry_after=date_of(at))
    with scripted(limited) as script:
        with pytest.raises(ModelAway) as caught:
            await ask(hosted(script))

    assert len(script.asked) == 1
    assert caught.value.retry_after_s == pytest.approx(900, abs=5)


async def test_a_date_that_has_passed_is_now():
    past = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    limited = as_json({"error": {"message": "slow"}}, 503, retry_after=past)
    with stamina.set_testing(False), scripted(limited, completion("Blue.")) as script:
        started = time.monotonic()
        answer = await ask(hosted(script))

    assert answer.value == "Blue."
    assert time.monotonic() - started < 1.5


@pytest.mark.parametrize("nonsense", ["soon", "-5", "1e999", "99999999999999999999999", ""])
async def test_a_wait_that_nobody_understands_is_as_if_it_was_not_there(nonsense):
    limited = as_json({"error": {"message": "slow"}}, 429, retry_after=nonsense)
    with scripted(limited, completion("Blue.")) as script:
        try:
            answer = await ask(hosted(script))
        except ModelAway:
            assert nonsense.isdecimal()  # 3,000 billion years are understood, and not waited for
        else:
            assert answer.value == "Blue."


@pytest.mark.parametrize("kind", ["application/json", "text/html"])
@pytest.mark.parametrize(
    "body",
    [b"<html>Bad gateway of a hotel</html>", b'{"choices": ', b"", b'{"error": {"message": "x"}}'],
)
async def test_an_answer_that_is_no_answer_is_asked_for_again_and_is_then_away(body, kind):
    garbage = Answer(200, body, {"content-type": kind})
    with scripted(garbage) as script:
        with pytest.raises(ModelAway, match=r"is no answer.*LLM_BASE_URL"):
            await ask(hosted(script), Colour)

    assert len(script.asked) == 3


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


@pytest.mark.parametrize("status", [500, 502, 503, 529])
async def test_a_failing_server_is_tried_three_times_and_is_then_away(status):
    with scripted(failure(status, "boom")) as script:
        with pytest.raises(ModelAway, match="failed on its side"):
            await ask(hosted(script))

    assert len(script.asked) == 3


async def test_an_answer_that_breaks_off_is_asked_for_again():
    broken = completion("Green.")
    broken.cut = True
    with scripted(broken, completion("Blue.")) as script:
        answer = await ask(hosted(script))

    assert answer.value == "Blue."
    assert len(script.asked) == 2


async def test_nobody_listening_is_away(unused_port):
    nobody = Script(f"http://127.0.0.1:{unused_port}", [])

    with pytest.raises(ModelAway, match="cannot be reached"):
        await ask(hosted(nobody))


async def test_a_model_that_takes_too_long_is_away_at_once():
    with scripted(Answer(delay_s=30)) as script:
        started = time.monotonic()
        with pytest.raises(ModelAway, match=r"within 0\.3 s.*APP_MODELS__SECONDS"):
            await ask(hosted(script, seconds=0.3))

        assert time.monotonic() - started < 5
        assert script.dropped.wait(5)
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (failure(401, f"wrong key {SECRET}"), "Check LLM_API_KEY"),
        (failure(403, "not yours"), "Check LLM_API_KEY"),
        (failure(404, "no such model", code="model_not_found"), "Check the name in LLM_MODEL"),
        (failure(402, "pay"), "quota or credit is used up"),
        (failure(429, "pay", code="insufficient_quota"), "quota or credit is used up"),
        (failure(400, "too long", code="context_length_exceeded"), "larger context"),
        (failure(400, "too long", type="exceed_context_size_error"), "larger context"),
        (failure(400, "bad field"), r"rejected the request \(HTTP 400: bad field\)"),
    ],
)
async def test_a_refusal_is_not_retried_and_says_what_to_change(answer, says):
    with scripted(answer) as script:
        with pytest.raises(ModelRefused, match=says):
            await ask(hosted(script))

    assert len(script.asked) == 1


async def test_content_that_is_filtered_is_a_refusal():
    with scripted(completion("", finish="content_filter")) as script:
        with pytest.raises(ModelRefused, match="refused the content"):
            await ask(hosted(script))


async def test_a_key_is_in_no_message_and_no_repr():
    with scripted(failure(400, f"your key {SECRET} is odd")) as script:
        model = hosted(script)
        with pytest.raises(ModelRefused) as caught:
            await ask(model)

    assert SECRET not in str(caught.value)
    assert "is odd" in str(caught.value)
    assert SECRET not in repr(Keys(openai=SECRET)) + repr(model)


async def test_a_cancelled_call_closes_its_connection():
    with scripted(Answer(delay_s=30)) as script:
        model = hosted(script, seconds=60)
        task = asyncio.create_task(ask(model))
        while not script.asked:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert script.dropped.wait(5)


async def test_a_stream_comes_piece_by_piece():
    chunks = [{"content": "Red "}, {"content": "is "}, {"content": "warm."}]
    lines = [
        {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m",
         "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
        for delta in chunks
    ]  # fmt: skip
    lines.append({**lines[0], "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    body = "".join(f"data: {json.dumps(line)}\n\n" for line in lines) + "data: [DONE]\n\n"
    with scripted(Answer(200, body.encode(), {"content-type": "text/event-stream"})) as script:
        model = hosted(script)
        pieces = [piece async for piece in model.stream(system="", prompt="x", max_tokens=9)]
        await model.aclose()

    assert "".join(pieces) == "Red is warm."
    assert len(pieces) == 3


async def test_a_stream_that_is_cut_is_away():
    body = b'data: {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", '
    body += b'"choices": [{"index": 0, "delta": {"content": "Red "}, "finish_reason": null}]}\n\n'
    answer = Answer(200, body, {"content-type": "text/event-stream"}, cut=True)
    read: list[str] = []
    with scripted(answer) as script:
        model = hosted(script)
        with pytest.raises(ModelAway):
            await collect(model, read)
        await model.aclose()

    assert read == ["Red "]


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


@pytest.mark.parametrize("build", [build_anthropic, build_google])
async def test_the_other_providers_errors_are_the_same_three(build):
    with scripted(failure(500)) as script:
        model = HostedModel("x:y", build("m", SECRET, script.url), limits=Limits(), secret=SECRET)
        with pytest.raises(ModelAway):
            await ask(model)

    assert len(script.asked) == 3


async def test_the_next_model_answers_when_the_first_is_away_or_refuses():
    with scripted(failure(500)) as down, scripted(failure(401)) as closed:
        with scripted(completion("Blue.")) as up:
            named = HostedModel(
                "compatible:third",
                build_compatible("third", "", f"{up.url}/v1"),
                limits=Limits(),
                base_url=up.url,
            )
            answer = await ask(FallbackModel([hosted(down), hosted(closed), named]))

    assert answer.value == "Blue."
    assert answer.model == "compatible:third"
    assert (len(down.asked), len(closed.asked)) == (3, 1)


async def test_when_none_answers_every_reason_is_given_and_waiting_may_help_if_one_is_away():
    with scripted(failure(500)) as down, scripted(failure(401)) as closed:
        with pytest.raises(ModelAway, match=r"failed on its side.*Check LLM_API_KEY"):
            await ask(FallbackModel([hosted(down), hosted(closed)]))


async def test_when_all_refuse_waiting_is_useless():
    with scripted(failure(402, "pay")) as poor, scripted(failure(401)) as closed:
        with pytest.raises(ModelRefused, match=r"quota or credit.*Check LLM_API_KEY"):
            await ask(FallbackModel([hosted(poor), hosted(closed)]))


async def test_a_model_that_answers_in_a_wrong_shape_is_not_passed_over():
    with scripted(completion("no json")) as bad, scripted(completion("{}")) as next_:
        with pytest.raises(ModelInvalid):
            await ask(FallbackModel([hosted(bad), hosted(next_)]), Colour)

    assert not next_.asked


async def test_a_stream_falls_back_before_its_first_piece():
    event = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m",
             "choices": [{"index": 0, "delta": {"content": "Hi."}, "finish_reason": "stop"}]}  # fmt: skip
    body = f"data: {json.dumps(event)}\n\ndata: [DONE]\n\n".encode()
    streamed = Answer(200, body, {"content-type": "text/event-stream"})
    with scripted(failure(401)) as closed, scripted(streamed) as up:
        model = FallbackModel([hosted(closed), hosted(up)])
        pieces = [piece async for piece in model.stream(system="", prompt="x", max_tokens=9)]
        await model.aclose()

    assert "".join(pieces) == "Hi."


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
        calls = [model.complete(system="", prompt="x", output=str, max_tokens=5) for _ in range(2)]
        started = time.monotonic()
        await asyncio.gather(*calls)
        await model.aclose()

    assert time.monotonic() - started >= 0.6
