"""Providers that fail: what is tried again, what is waited for, and what is said."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import stamina

from app.infra.llm import Keys, Limits, ModelAway, ModelRefused
from app.infra.llm.providers import (
    HostedModel,
    build_anthropic,
    build_google,
)
from tests.infra.llm.asking import SECRET, Colour, ask, hosted
from tests.infra.llm.scripted import Answer, Script, as_json, completion, failure, scripted


async def test_a_rate_limit_is_waited_for_as_long_as_it_asks():
    limited = as_json({"error": {"message": "slow"}}, 429, retry_after="1")
    with stamina.set_testing(False), scripted(limited, completion("Blue.")) as script:
        started = time.monotonic()
        answer = await ask(hosted(script))

    assert answer.value == "Blue."
    assert 1.0 <= time.monotonic() - started < 10


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
    assert time.monotonic() - started < 10


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


@pytest.mark.parametrize("build", [build_anthropic, build_google])
async def test_the_other_providers_errors_are_the_same_three(build):
    with scripted(failure(500)) as script:
        model = HostedModel("x:y", build("m", SECRET, script.url), limits=Limits(), secret=SECRET)
        with pytest.raises(ModelAway):
            await ask(model)

    assert len(script.asked) == 3
