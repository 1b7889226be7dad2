"""The circuit of a provider, over the real stores that keep it."""

import asyncio
import secrets

import pytest
import stamina

from app.infra.kv import MemoryStore, Store, StoreAway, open_store
from app.infra.llm import (
    Circuit,
    CircuitLimits,
    CircuitModel,
    Limits,
    ModelAway,
    ModelRefused,
    Question,
)
from app.infra.llm.providers import HostedModel, build_compatible
from tests.infra.llm.scripted import Answer, Script, as_json, completion, failure, scripted

REST_S = 0.4


@pytest.fixture(params=["memory", "valkey"])
async def store(request):
    url = request.getfixturevalue("valkey_server") if request.param == "valkey" else ""
    opened = open_store(url)
    yield opened
    await opened.close()


@pytest.fixture(autouse=True)
def _one_try():
    with stamina.set_testing(True, attempts=1):
        yield


@pytest.fixture(autouse=True)
async def _closed():
    yield
    while _opened:
        await _opened.pop().aclose()


_opened: list[CircuitModel] = []


def circuit_of(store: Store, name: str, **limits) -> Circuit:
    return Circuit(name, store, CircuitLimits(failures=3, rest_s=REST_S, most_s=2.0, **limits))


def instance(script: Script, circuit: Circuit) -> CircuitModel:
    """One instance's model; several of one circuit name are a fleet."""
    hosted = HostedModel(
        "compatible:scripted",
        build_compatible("scripted", "key", f"{script.url}/v1"),
        limits=Limits(seconds=5.0, attempts=1),
        base_url=script.url,
    )
    _opened.append(CircuitModel(hosted, circuit))
    return _opened[-1]


async def ask(model: CircuitModel) -> str:
    answer = await model.complete(Question(system="", prompt="A colour?", output=str, max_tokens=5))
    return answer.value


async def fail(model: CircuitModel, times: int) -> None:
    for _ in range(times):
        with pytest.raises(ModelAway, match="failed on its side"):
            await ask(model)


@pytest.fixture
def name() -> str:
    return f"compatible:{secrets.token_hex(4)}.example:8000"


async def test_what_one_instance_learnt_the_others_do_not_pay_for(store, name):
    with scripted(failure(500)) as script:
        a, b = (instance(script, circuit_of(store, name)) for _ in "ab")
        await fail(a, 2)
        await fail(b, 1)

        for model in (a, b):
            with pytest.raises(ModelAway, match="failed 3 times in a row") as caught:
                await ask(model)

    assert len(script.asked) == 3
    assert 0 < caught.value.retry_after_s <= 1.0


async def test_after_its_rest_one_call_of_the_fleet_tries_it_again(store, name):
    slow = completion("Red.")
    slow.delay_s = 0.3
    with scripted(failure(500), failure(500), failure(500), slow) as script:
        a, b = (instance(script, circuit_of(store, name)) for _ in "ab")
        await fail(a, 3)
        await asyncio.sleep(REST_S + 0.05)

        probe = asyncio.create_task(ask(a))
        while len(script.asked) < 4:
            await asyncio.sleep(0.01)
        with pytest.raises(ModelAway, match="another call is the first to try it again"):
            await ask(b)

        assert await probe == "Red."
        assert await ask(b) == "Red."


async def test_a_probe_that_fails_rests_longer(store, name):
    with scripted(failure(500)) as script:
        model = instance(script, circuit_of(store, name))
        await fail(model, 3)
        await asyncio.sleep(REST_S + 0.05)
        await fail(model, 1)
        await asyncio.sleep(REST_S + 0.05)

        with pytest.raises(ModelAway, match="is not asked for"):
            await ask(model)

        await asyncio.sleep(REST_S)
        await fail(model, 1)
    assert len(script.asked) == 5


async def test_a_probe_that_is_cancelled_leaves_its_turn_to_the_next(store, name):
    with scripted(
        failure(500), failure(500), failure(500), Answer(delay_s=30), completion("Red.")
    ) as script:
        model = instance(script, circuit_of(store, name))
        await fail(model, 3)
        await asyncio.sleep(REST_S + 0.05)
        probe = asyncio.create_task(ask(model))
        while len(script.asked) < 4:
            await asyncio.sleep(0.01)

        probe.cancel()
        with pytest.raises(asyncio.CancelledError):
            await probe

        assert await ask(model) == "Red."


async def test_a_probe_whose_process_died_is_forgotten(store, name):
    with scripted(failure(500), failure(500), failure(500), completion("Red.")) as script:
        model = instance(script, circuit_of(store, name, probe_s=0.3))
        await fail(model, 3)
        await asyncio.sleep(REST_S + 0.05)
        await circuit_of(store, name, probe_s=0.3).admit("died")

        with pytest.raises(ModelAway, match="another call is the first"):
            await ask(model)
        await asyncio.sleep(0.35)

        assert await ask(model) == "Red."


async def test_an_answer_in_between_begins_the_count_anew(store, name):
    down = failure(500)
    with scripted(down, down, completion("Red."), down, down, completion("Blue.")) as script:
        model = instance(script, circuit_of(store, name))
        await fail(model, 2)
        await ask(model)
        await fail(model, 2)

        assert await ask(model) == "Blue."


async def test_a_refusal_is_an_answer(store, name):
    down = failure(500)
    with scripted(down, down, failure(401), down, completion("Red.")) as script:
        model = instance(script, circuit_of(store, name))
        await fail(model, 2)
        with pytest.raises(ModelRefused):
            await ask(model)
        await fail(model, 1)

        assert await ask(model) == "Red."


async def test_it_rests_as_long_as_the_provider_asks_up_to_a_limit(store, name):
    limited = as_json({"error": {"message": "slow"}}, 429, retry_after="86400")
    with scripted(limited) as script:
        model = instance(script, circuit_of(store, name))
        for _ in range(3):
            with pytest.raises(ModelAway, match="at its rate limit"):
                await ask(model)

        with pytest.raises(ModelAway) as caught:
            await ask(model)

    assert 1.5 < caught.value.retry_after_s <= 2.0


class Cut(MemoryStore):
    """A store that can be taken away, as the one behind `REDIS_URL` can."""

    gone = False

    async def get(self, key):
        if self.gone:
            raise StoreAway
        return await super().get(key)

    async def increment(self, key, *, by=1, ttl_s):
        if self.gone:
            raise StoreAway
        return await super().increment(key, by=by, ttl_s=ttl_s)

    async def delete(self, key):
        if self.gone:
            raise StoreAway
        return await super().delete(key)


async def test_while_the_store_is_away_each_process_judges_for_itself(name):
    store = Cut()
    store.gone = True
    with scripted(failure(500)) as script:
        a, b = (instance(script, circuit_of(store, name)) for _ in "ab")
        await fail(a, 3)

        with pytest.raises(ModelAway, match="is not asked for"):
            await ask(a)
        await fail(b, 1)
        assert len(script.asked) == 4

        store.gone = False
        await fail(b, 3)
        with pytest.raises(ModelAway, match="is not asked for"):
            await ask(b)


async def test_an_odd_address_is_a_key_all_the_same():
    store = MemoryStore()
    circuit = circuit_of(store, "compatible:모델.example:80" + "x" * 900)

    for _ in range(3):
        await circuit.failed(ModelAway("down"))

    with pytest.raises(ModelAway, match="3 times in a row"):
        await circuit.admit("compatible:x")
