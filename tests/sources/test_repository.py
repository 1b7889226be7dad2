"""Snapshots in the database, on each kind of database."""

from dataclasses import replace
from datetime import UTC, datetime

import anyio
import pytest

from app.infra.db import Database
from app.kit.errors import NotFound
from app.sources.domain import Rights, Snapshot
from app.sources.repository import Snapshots


def _snapshot(text: str = "Cold brew steeps for twelve hours.\n", **others: object) -> Snapshot:
    snapshot = Snapshot(
        id=Snapshot.id_of("https://a.example/b", text),
        origin="https://a.example/b",
        url="https://a.example/b",
        title="Cold brew ☕",
        text=text,
        language="en",
        rights=Rights.THIRD_PARTY,
        fetched_at=datetime(2026, 11, 23, 9, 30, 15, 123456, tzinfo=UTC),
        author="Ada Bean",
        published_on="2026-03-04",
        site="The Roastery",
    )
    return replace(snapshot, **others)  # pyright: ignore[reportArgumentType]


async def _keep(database: Database, *snapshots: Snapshot) -> None:
    async with database.unit() as session:
        for snapshot in snapshots:
            await Snapshots(session).keep(snapshot)


async def _read(database: Database, *ids: str) -> list[Snapshot]:
    async with database.reading() as session:
        return await Snapshots(session).read(ids)


@pytest.mark.parametrize(
    "snapshot",
    [
        _snapshot(),
        _snapshot(
            "콜드브루는 찬물로 우려낸 커피입니다. 𠮷 ☕ 👩‍🍳\n", language="ko", rights=Rights.OWN
        ),
        _snapshot(url=None, author=None, published_on=None, site=None, rights=Rights.LICENSED),
        _snapshot("long " * 60_000, title="t" * 300),
    ],
    ids=["page", "korean", "note", "long"],
)
async def test_a_snapshot_comes_back_as_it_was_kept(snapshot: Snapshot, database: Database) -> None:
    await _keep(database, snapshot)

    assert await _read(database, snapshot.id) == [snapshot]


async def test_snapshots_come_in_the_order_asked_for(database: Database) -> None:
    one, two, three = (_snapshot(f"Text {n}.\n") for n in range(3))
    await _keep(database, one, two, three)

    found = await _read(database, three.id, one.id, two.id, one.id)

    assert found == [three, one, two, one]


async def test_no_snapshots_are_asked_for_and_none_come(database: Database) -> None:
    assert await _read(database) == []


async def test_what_was_kept_first_stays(database: Database) -> None:
    first = _snapshot()
    await _keep(database, first)

    await _keep(
        database, replace(first, title="Another", fetched_at=datetime(2027, 1, 1, tzinfo=UTC))
    )

    assert await _read(database, first.id) == [first]


async def test_one_unit_may_keep_the_same_twice(database: Database) -> None:
    snapshot = _snapshot()

    await _keep(database, snapshot, snapshot)

    assert await _read(database, snapshot.id) == [snapshot]


async def test_two_writers_may_keep_the_same_at_the_same_time(database: Database) -> None:
    """Both look before either has committed; where one writes at a time, the second waits."""
    snapshot, mine = _snapshot(), _snapshot("Text of the second writer.\n")
    waiting = anyio.Event()

    async def first() -> None:
        async with database.unit() as session:
            await Snapshots(session).keep(snapshot)
            waiting.set()
            await anyio.sleep(0.2)

    async def second() -> None:
        await waiting.wait()
        await _keep(database, mine, snapshot)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(first)
        tasks.start_soon(second)

    assert await _read(database, snapshot.id, mine.id) == [snapshot, mine]


async def test_a_snapshot_that_is_not_kept_says_to_give_it_again(database: Database) -> None:
    snapshot = _snapshot()
    await _keep(database, snapshot)

    with pytest.raises(NotFound, match="Source 0000 is not kept any more; give the source again"):
        await _read(database, snapshot.id, "0000")


async def test_a_unit_that_fails_keeps_nothing(database: Database) -> None:
    snapshot = _snapshot()

    async def unit() -> None:
        async with database.unit() as session:
            await Snapshots(session).keep(snapshot)
            raise RuntimeError("the rest of the unit failed")

    with pytest.raises(RuntimeError):
        await unit()

    with pytest.raises(NotFound):
        await _read(database, snapshot.id)
