"""The next model answers where the first one cannot."""

import pytest

from app.infra.llm import Limits, ModelAway, ModelInvalid, ModelRefused
from app.infra.llm.fallback import FallbackModel
from app.infra.llm.providers import (
    HostedModel,
    build_compatible,
)
from tests.infra.llm.asking import Colour, ask, hosted
from tests.infra.llm.scripted import completion, failure, scripted


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
