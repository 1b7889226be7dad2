"""Caps hold before each paid call, over the whole fleet; what was spent is kept once."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.generation.domain import CapReached, WriterAway
from app.generation.spending.domain import Caps, Held, check_caps
from app.generation.spending.models import SpendingRow
from app.generation.spending.purse import Purse
from app.generation.spending.repository import Call, Spending
from app.infra.db import Database, open_database
from app.infra.llm import Limits, ModelAway, ModelInvalid, Prices, Question
from app.infra.llm.port import Spent
from app.infra.llm.prices import Price
from app.infra.llm.providers import HostedModel, build_compatible
from tests.infra.llm.scripted import Answer, Script, completion, failure, scripted

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
UNTIL = NOW + timedelta(minutes=5)
PRICES = Prices({"compatible:scripted": Price(1.0, 2.0, "2026-11-01")})
MODEL = "compatible:scripted"
NO_CAPS = Caps()


def call_of(
    n: int = 1, *, job: str = "job", principal: str = "person:kim", model: str = MODEL
) -> Call:
    return Call(job, f"draft.1.c{n}", principal, model, f"token-{job}-{n}")


async def reserve(
    database: Database, call: Call, usd: float | None, caps: Caps, now: datetime = NOW
) -> None:
    async with database.unit() as session:
        until = now + (UNTIL - NOW)
        await Spending(session).reserve(call, usd, caps, now=now, until=until)


async def settle(database: Database, call: Call, usd: float | None, calls: int = 1) -> None:
    async with database.unit() as session:
        await Spending(session).settle(call, Spent(calls, 1000, 500, usd, 1.0))


async def rows(database: Database) -> list[SpendingRow]:
    async with database.reading() as session:
        return list(await session.scalars(select(SpendingRow).order_by(SpendingRow.step)))


async def test_of_many_instances_at_once_no_more_pass_than_the_cap_has_room_for(
    database: Database,
) -> None:
    instances = [open_database(database.url) for _ in range(3)]
    caps = Caps(fleet_day_usd=1.0)

    async def one(n: int) -> bool:
        try:
            await reserve(instances[n % 3], call_of(job=f"job{n}"), 0.3, caps)
        except (CapReached, WriterAway):
            return False
        return True

    passed = await asyncio.gather(*(one(n) for n in range(24)))

    for instance in instances:
        await instance.close()
    assert sum(passed) == 3
    assert len(await rows(database)) == 3


async def test_a_reservation_becomes_what_was_spent_and_leaves_room_again(
    database: Database,
) -> None:
    caps = Caps(job_usd=1.0)
    await reserve(database, call_of(1), 0.9, caps)
    with pytest.raises(WriterAway, match="is reserved by calls under way"):
        await reserve(database, call_of(2), 0.5, caps)

    await settle(database, call_of(1), 0.1)
    await reserve(database, call_of(2), 0.5, caps)

    spent, held = await rows(database)
    assert (spent.cost_usd, spent.reserved_usd, spent.calls) == (0.1, 0.0, 1)
    assert (held.cost_usd, held.reserved_usd, held.calls) == (0.0, 0.5, 0)


@pytest.mark.parametrize(
    ("caps", "other", "setting"),
    [
        (Caps(job_usd=1.0), call_of(2), "APP_CAPS__JOB_USD"),
        (Caps(person_day_usd=1.0), call_of(2, job="other"), "APP_CAPS__PERSON_DAY_USD"),
        (
            Caps(fleet_day_usd=1.0),
            call_of(2, job="o", principal="key:x"),
            "APP_CAPS__FLEET_DAY_USD",
        ),
    ],
)
async def test_each_cap_counts_what_is_its_own_and_names_its_setting(
    database: Database, caps: Caps, other: Call, setting: str
) -> None:
    await reserve(database, call_of(1), 0.9, caps)
    await settle(database, call_of(1), 0.8)

    with pytest.raises(CapReached, match=rf"{setting}.*0\.8000 is spent.*up to \$0\.3000"):
        await reserve(database, other, 0.3, caps)
    tomorrow = NOW + timedelta(days=1)
    if caps.job_usd is None:
        await reserve(database, other, 0.3, caps, now=tomorrow)
    else:
        with pytest.raises(CapReached):
            await reserve(database, other, 0.3, caps, now=tomorrow)
        await reserve(database, call_of(1, job="other"), 0.3, caps)


async def test_somebody_elses_spending_is_not_mine(database: Database) -> None:
    caps = Caps(person_day_usd=1.0)
    await reserve(database, call_of(1), 0.9, caps)

    await reserve(database, call_of(1, job="other", principal="person:lee"), 0.9, caps)

    assert len(await rows(database)) == 2


async def test_a_reservation_whose_owner_died_ends_by_itself(database: Database) -> None:
    caps = Caps(fleet_day_usd=1.0)
    await reserve(database, call_of(1), 0.9, caps)

    with pytest.raises(WriterAway):
        await reserve(
            database, call_of(1, job="other"), 0.9, caps, now=UNTIL - timedelta(seconds=1)
        )
    await reserve(database, call_of(1, job="other"), 0.9, caps, now=UNTIL)


async def test_an_outcome_that_is_told_twice_counts_once(database: Database) -> None:
    await reserve(database, call_of(1), 0.9, Caps())

    for _ in range(2):
        await settle(database, call_of(1), 0.1)

    (row,) = await rows(database)
    assert (row.calls, row.input_tokens, row.cost_usd) == (1, 1000, 0.1)


async def test_a_step_that_is_run_anew_pays_anew_and_its_lost_call_is_counted(
    database: Database,
) -> None:
    await reserve(database, call_of(1), 0.9, Caps())
    second = replace(call_of(1), token="another")

    await reserve(database, second, 0.9, Caps())
    await settle(
        database, call_of(1), 0.1
    )  # the dead owner was only paused: not its reservation any more
    await settle(database, second, 0.2)

    (row,) = await rows(database)
    assert (row.calls, row.lost, row.cost_usd) == (1, 1, 0.2)


async def test_a_reservation_is_not_in_its_own_way(database: Database) -> None:
    caps = Caps(job_usd=1.0)
    await reserve(database, call_of(1), 0.9, caps)

    await reserve(database, call_of(1), 0.9, caps)  # its commit was not heard of
    await reserve(database, replace(call_of(1), token="the next owner's"), 0.9, caps)

    (row,) = await rows(database)
    assert (row.reserved_usd, row.lost) == (0.9, 1)


async def test_a_call_that_was_not_answered_leaves_nothing(database: Database) -> None:
    await reserve(database, call_of(1), 0.9, Caps())

    async with database.unit() as session:
        await Spending(session).release(call_of(1))

    assert await rows(database) == []


async def test_a_price_that_nobody_knows_is_refused_under_a_cap_and_shown_as_unknown(
    database: Database,
) -> None:
    caps = Caps(job_usd=1.0)
    with pytest.raises(CapReached, match=r"no known price, so APP_CAPS__JOB_USD.*APP_PRICES__FILE"):
        await reserve(database, call_of(1), None, caps)

    await reserve(database, call_of(1), None, replace(caps, allow_unknown_price=True))
    await settle(database, call_of(1), None, calls=2)
    await reserve(database, call_of(2), 0.5, Caps())
    await settle(database, call_of(2), 0.25)

    async with database.reading() as session:
        cost = await Spending(session).of_job("job")
    assert cost is not None
    assert (cost.cost_usd, cost.known_usd, cost.unpriced, cost.calls) == (None, 0.25, 2, 3)


async def test_costs_are_added_up_by_day_person_model_job_and_step(database: Database) -> None:
    for n, (job, principal, model, usd, days) in enumerate(
        [
            ("a", "person:kim", "openai:x", 0.5, 0),
            ("a", "person:kim", "openai:x", 0.25, 0),
            ("b", "person:lee", "openai:y", 2.0, 1),
        ]
    ):
        call = call_of(n, job=job, principal=principal, model=model)
        await reserve(database, call, 3.0, Caps(), now=NOW + timedelta(days=days))
        await settle(database, call, usd)

    async with database.reading() as session:
        ledger = Spending(session)
        by = {
            group: [(cost.group, cost.cost_usd) for cost in await ledger.costs(group)]
            for group in ("day", "person", "model", "job")
        }
        steps = await ledger.costs("step", job_id="a")
        late = await ledger.costs("job", since=date(2026, 11, 26))
        few = await ledger.costs("job", limit=1)

    assert by["day"] == [("2026-11-26", 2.0), ("2026-11-25", 0.75)]
    assert by["person"] == [("person:lee", 2.0), ("person:kim", 0.75)]
    assert by["model"] == [("openai:y", 2.0), ("openai:x", 0.75)]
    assert by["job"] == [("b", 2.0), ("a", 0.75)]
    assert [step.group for step in steps] == ["draft.1.c0", "draft.1.c1"]
    assert [cost.group for cost in late] == ["b"]
    assert [cost.group for cost in few] == ["b"]


def test_a_cap_of_nothing_lets_only_what_is_free_through() -> None:
    check_caps(Caps(job_usd=0.0), {}, model="local", estimate_usd=0.0)

    with pytest.raises(CapReached):
        check_caps(Caps(job_usd=0.0), {"job": Held()}, model="openai:x", estimate_usd=1e-9)


# --- the purse around a real model server ---


@pytest.fixture
async def one_database(new_database: Callable[[str], str]) -> AsyncIterator[Database]:
    opened = open_database(new_database("sqlite"))
    yield opened
    await opened.close()


@asynccontextmanager
async def metered(
    script: Script,
    database: Database,
    caps: Caps = NO_CAPS,
    seconds: float = 5.0,
    *,
    dead_from: int = 1000,
):
    """`dead_from`: the question from which on this process is dead."""
    questions = itertools.count(1)

    async def may_pay() -> bool:
        return next(questions) < dead_from

    hosted = HostedModel(
        MODEL,
        build_compatible("scripted", "key", f"{script.url}/v1"),
        limits=Limits(seconds=seconds),
        base_url=script.url,
        price=PRICES.own[MODEL],
    )
    purse = Purse(
        database,
        PRICES,
        caps,
        job_id="job",
        step="draft.1",
        principal="person:kim",
        longest_s=300,
        now=lambda: NOW,
        may_pay=may_pay,
    )
    yield purse.meter(hosted)
    await hosted.aclose()


async def ask(model, output=str):
    return await model.complete(
        Question(system="Be brief.", prompt="A colour?", output=output, max_tokens=500)
    )


async def test_a_call_that_does_not_fit_is_not_made(one_database: Database) -> None:
    with scripted(completion("Red.")) as script:
        async with metered(script, one_database, Caps(job_usd=0.0009)) as model:
            with pytest.raises(CapReached, match="APP_CAPS__JOB_USD"):
                await ask(model)

    assert script.asked == []
    assert await rows(one_database) == []


async def test_what_the_server_counted_is_kept_and_the_request_has_the_steps_key(
    one_database: Database,
) -> None:
    with scripted(completion("Red.")) as script:
        async with metered(script, one_database, Caps(job_usd=1.0)) as model:
            await ask(model)
            await ask(model)

    first, second = await rows(one_database)
    assert (first.step, second.step) == ("draft.1.c1", "draft.1.c2")
    # 1000 tokens in at $1 and 500 out at $2 a million.
    assert (first.input_tokens, first.output_tokens, first.cost_usd) == (1000, 500, 0.002)
    assert first.reserved_usd == 0.0
    keys = [head["idempotency-key"] for head in script.heads]
    assert len(keys) == 2
    assert keys[0] == keys[1]


async def test_what_an_answer_in_a_wrong_shape_took_is_kept_too(one_database: Database) -> None:
    with scripted(completion("no json")) as script:
        async with metered(script, one_database) as model:
            with pytest.raises(ModelInvalid):
                await ask(model, dict[str, int])

    (row,) = await rows(one_database)
    assert (row.calls, row.input_tokens) == (2, 2000)


async def test_a_model_that_is_away_costs_nothing(one_database: Database) -> None:
    with scripted(failure(500)) as script:
        async with metered(script, one_database) as model:
            with pytest.raises(ModelAway):
                await ask(model)

    assert await rows(one_database) == []


@pytest.mark.parametrize("answer", [Answer(delay_s=30), Answer(200, b'{"choices"', cut=True)])
async def test_a_call_whose_answer_never_came_may_have_been_paid_for(
    one_database: Database, answer: Answer
) -> None:
    with scripted(answer) as script:
        async with metered(script, one_database, seconds=0.3) as model:
            with pytest.raises(ModelAway):
                await ask(model)

    (row,) = await rows(one_database)
    assert (row.calls, row.lost, row.cost_usd, row.reserved_usd) == (0, 1, 0.0, 0.0)


async def test_a_call_that_is_cancelled_may_have_been_paid_for(one_database: Database) -> None:
    with scripted(Answer(delay_s=30)) as script:
        async with metered(script, one_database) as model:
            task = asyncio.create_task(ask(model))
            while not script.asked:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    (row,) = await rows(one_database)
    assert (row.calls, row.lost, row.reserved_usd, row.token) == (0, 1, 0.0, None)


@pytest.mark.parametrize("dead_from", [1, 2], ids=["before the call", "at the last moment"])
async def test_a_process_that_was_taken_for_dead_pays_for_nothing_more(
    one_database: Database, dead_from: int
) -> None:
    with scripted(completion("text")) as script:
        async with metered(script, one_database, dead_from=dead_from) as model:
            with pytest.raises(asyncio.CancelledError):
                await model.complete(Question(system="s", prompt="p", output=str, max_tokens=10))

    assert script.asked == []
