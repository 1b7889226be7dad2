"""A lease is dead only when somebody watched it stand still for a whole time to live."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app.infra.db import Database
from app.ops.instances import (
    About,
    Pulse,
    beat,
    end_dead,
    has_not_ended,
    new_identity,
    read_leases,
    register_instance,
)
from app.ops.watch import Watch

TTL_S = 6.0
THEN = datetime(2026, 11, 25, tzinfo=UTC)


def looks(watch: Watch, *seen: tuple[float, int]) -> list[float]:
    """When the one lease died, given (moment, beat) as each look found it."""
    return [
        at
        for at, number in seen
        if watch.look({"a": THEN + timedelta(seconds=number)}, asked=at, answered=at)
    ]


def test_one_that_stands_still_for_its_time_is_dead() -> None:
    assert looks(Watch(ttl_s=TTL_S), *((second, 0) for second in range(9))) == [6, 7, 8]


def test_one_that_beats_is_not() -> None:
    assert looks(Watch(ttl_s=TTL_S), *((second, second // 5) for second in range(60))) == []


def test_a_watcher_that_was_paused_begins_anew() -> None:
    watch = Watch(ttl_s=TTL_S)

    assert looks(watch, (0, 0), (1, 0), (20, 0), (21, 0), (23, 0), (25, 0), (26, 0)) == [26]


def test_a_look_that_failed_begins_anew() -> None:
    watch = Watch(ttl_s=TTL_S)
    before = looks(watch, *((second, 0) for second in range(6)))

    watch.begin_anew()

    assert before == []
    assert looks(watch, *((second, 0) for second in range(6, 14))) == [12, 13]


def test_the_time_a_question_takes_counts_for_nobody() -> None:
    watch = Watch(ttl_s=TTL_S)
    lease = {"a": THEN}
    first = watch.look(lease, asked=0, answered=2)
    second = watch.look(lease, asked=4, answered=7)  # asked two seconds after it was first shown
    third = watch.look(lease, asked=7.9, answered=8.1)

    assert (first, second, third) == ({}, {}, {})
    assert watch.look(lease, asked=8, answered=8) == lease


def test_each_lease_has_its_own_time() -> None:
    watch = Watch(ttl_s=TTL_S)
    for second in range(3):
        watch.look({"a": THEN}, asked=second, answered=second)
    for second in range(3, 7):
        died = watch.look({"a": THEN, "b": THEN}, asked=second, answered=second)

    assert set(died) == {"a"}


@pytest.mark.parametrize(
    "beats", [True, False], ids=["one that beats after all", "one that does not"]
)
async def test_only_a_lease_that_stands_as_it_was_watched_is_ended(
    database: Database, *, beats: bool
) -> None:
    identity = new_identity()
    await register_instance(database, identity, About("all"))
    direct = database.direct()
    with direct.connect() as connection:
        watched = read_leases(connection)
    if beats:
        beat(direct, database, identity, Pulse(), offset_s=None, changed=False)
    with direct.connect() as connection:
        ended = end_dead(connection, database, watched)
        again = end_dead(connection, database, watched)
        left = read_leases(connection)
    direct.dispose()

    assert ended == ([] if beats else [identity.executor_id])
    assert again == []
    assert set(left) == ({identity.executor_id} if beats else set())
    assert await has_not_ended(database, identity) is beats


async def test_a_lease_that_never_beat_can_be_ended_too(database: Database) -> None:
    identity = new_identity()
    await register_instance(database, identity, About("all"))
    async with database.unit() as session:
        await session.execute(text("update instances set seen_at = null"))
    direct = database.direct()
    with direct.connect() as connection:
        ended = end_dead(connection, database, read_leases(connection))
    direct.dispose()

    assert ended == [identity.executor_id]
