"""An instance keeps its lease fresh by the database's clock, and dies of nothing that the database does."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from app.config import FleetSettings, Settings
from app.infra.db import Database
from app.ops.fingerprint import Mark, culprits, differing, take_fingerprint
from app.ops.instances import (
    About,
    Instance,
    Pulse,
    ask_to_drain,
    join_fleet,
    list_instances,
    new_identity,
)
from app.ops.lease import Lease
from app.ops.presence import interval_s
from tests.ops.situations import now


async def until(holds, limit_s: float = 60) -> None:
    deadline = time.monotonic() + limit_s
    while not (await holds()):
        assert time.monotonic() < deadline, "it never came to hold"
        await asyncio.sleep(0.02)


def a_lease(database: Database, **given) -> Lease:
    given = {"now": now, "interval_s": 0.05, "ttl_s": 60, "pulse": Pulse, **given}
    return Lease(database, new_identity(), About("all", version="1"), **given)


async def test_an_instance_is_listed_while_it_beats_and_gone_once_it_says_so(
    database: Database,
) -> None:
    pulse = Pulse(in_flight=3, running_jobs=2, fingerprint={"TIMEZONE": "x"})
    lease = a_lease(database, pulse=lambda: pulse)

    await lease.take()

    async def counted() -> bool:
        return lease.beats > 2 and (await list_instances(database, ttl_s=60))[0].in_flight == 3

    await until(counted)
    [listed] = await list_instances(database, ttl_s=60)
    await lease.give_up()
    assert (listed.live, listed.in_flight, listed.running_jobs) == (True, 3, 2)
    assert listed.fingerprint == {"TIMEZONE": "x"}
    assert listed.instance_id == f"{lease.identity.hostname}-{lease.identity.pid}"
    assert abs(listed.clock_offset_s or 0) < 0.5
    assert await list_instances(database, ttl_s=60) == []


async def test_who_was_stopped_pays_only_after_a_beat_that_tells_it_lives(
    database: Database,
) -> None:
    lease = a_lease(database, interval_s=60, ttl_s=0.2)
    await lease.take()
    assert await lease.may_pay()
    await asyncio.sleep(0.3)  # as if it had been stopped
    before = lease.beats

    assert await lease.may_pay()

    assert lease.beats > before
    await asyncio.sleep(0.3)
    async with database.unit() as session:
        await session.execute(text("UPDATE instances SET ended_at = CURRENT_TIMESTAMP"))
    assert not await lease.may_pay()
    assert lease.lost
    await lease.give_up()


async def test_a_clock_that_is_shifted_is_measured_against_the_databases(
    database: Database,
) -> None:
    lease = a_lease(database, now=lambda: now() + timedelta(seconds=5))
    await lease.take()

    async def measured() -> bool:
        return (await list_instances(database, ttl_s=60))[0].clock_offset_s is not None

    await until(measured)
    [listed] = await list_instances(database, ttl_s=60)
    await lease.give_up()

    assert 4.5 < (listed.clock_offset_s or 0) < 5.5


async def test_a_busy_event_loop_does_not_stop_the_beat(database: Database) -> None:
    lease = a_lease(database)
    await lease.take()
    before = lease.beats

    time.sleep(2)  # what a long computation does to the loop

    assert lease.beats > before + 1
    await lease.give_up()


async def test_one_that_stopped_beating_is_not_live_and_not_ended(database: Database) -> None:
    lease = a_lease(database, interval_s=3600)
    await lease.take()
    async with database.unit() as session:
        earlier = "2020-01-01 00:00:00.000000" if database.is_sqlite else "2020-01-01T00:00:00Z"
        await session.execute(text(f"update instances set started_at = '{earlier}'"))

    await asyncio.sleep(0.2)
    [listed] = await list_instances(database, ttl_s=0.1)
    await lease.give_up()

    assert not listed.live


async def test_an_operator_asks_twice_and_is_heard_twice(database: Database) -> None:
    heard: list[bool] = []
    lease = a_lease(database, asked=heard.append)
    await lease.take()

    for n in (1, 2):
        assert await ask_to_drain(database, lease.identity.executor_id, leave=True)

        async def taken_out() -> bool:
            async with database.reading() as session:
                return await session.scalar(text("select drain_asked from instances")) is None

        async def was_heard(n: int = n) -> bool:
            return len(heard) >= n

        await until(was_heard)
        await until(taken_out)
    await lease.give_up()

    assert set(heard) == {True}
    assert not await ask_to_drain(database, lease.identity.executor_id, leave=True)
    assert not await ask_to_drain(database, "nobody", leave=True)


async def test_all_who_come_at_once_are_of_one_fleet(database: Database) -> None:
    joined = await asyncio.gather(*(join_fleet(database) for _ in range(8)))

    assert len({fleet.salt for fleet in joined}) == 1
    assert len(joined[0].salt) == 32


async def test_a_fingerprint_tells_settings_apart_and_tells_none(
    database: Database, tmp_path: Path
) -> None:
    fleet = await join_fleet(database)
    secret, url = "correct horse battery staple", "http://user:hunter2@model.example/v1"
    settings = Settings(data_dir=tmp_path, llm_base_url=url)

    one = await take_fingerprint(settings, fleet, Mark("store-a", fleet.fleet_id), secret)
    other = await take_fingerprint(
        settings.model_copy(update={"llm_base_url": "http://other:key@model.example/v1"}),
        fleet,
        Mark("store-b", fleet.fleet_id),
        secret + "!",
    )
    unknown = await take_fingerprint(settings, fleet, None, secret)

    assert {name for name in one if one[name] != other[name]} == {"SECRET_KEY", "REDIS_URL"}
    assert "REDIS_URL" not in unknown
    assert all(len(value) == 16 and int(value, 16) >= 0 for value in one.values())


def test_the_minority_is_the_culprit_and_two_who_differ_both_are() -> None:
    def instance(pid: int, **fingerprint: str) -> Instance:
        moment = now()
        return Instance(
            *(str(pid), "host", pid, "all", "", "", "", "", moment, moment, 0.0, True),
            *(False, False, 0, 0, None, fingerprint),
        )

    three = [instance(1, A="x", B="y"), instance(2, A="x", B="y"), instance(3, A="z", B="y")]
    two = [instance(1, A="x"), instance(2, A="y"), instance(3)]

    assert culprits(differing(three)) == {"A": ["host-3"]}
    assert culprits(differing(two)) == {"A": ["host-1", "host-2"]}


def test_sqlite_is_written_no_more_often_than_a_lease_needs() -> None:
    fleet = FleetSettings(heartbeat_s=0.5, ttl_s=6)

    assert interval_s(fleet, is_sqlite=True) == 2
    assert interval_s(fleet, is_sqlite=False) == 0.5
