"""What every store of values does, held against memory, Valkey and Valkey behind a sentinel."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import pytest

from app.cluster import SentinelServer, ValkeyServer
from app.infra.kv import Store, open_store


@pytest.fixture(params=["memory", "valkey"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    url = "" if request.param == "memory" else request.getfixturevalue("valkey_server")
    opened = open_store(url)
    yield opened
    await opened.close()


@pytest.fixture
def key() -> str:
    return f"test:{secrets.token_hex(6)}"


async def test_what_was_set_is_got(store: Store, key: str) -> None:
    value = bytes(range(256))

    await store.set(key, value, ttl_s=60)

    assert await store.get(key) == value


async def test_an_empty_value_is_a_value(store: Store, key: str) -> None:
    await store.set(key, b"", ttl_s=60)

    assert await store.get(key) == b""


async def test_a_value_of_a_megabyte_is_kept_whole(store: Store, key: str) -> None:
    value = secrets.token_bytes(1024 * 1024)

    await store.set(key, value, ttl_s=60)

    assert await store.get(key) == value


async def test_what_was_never_set_is_none(store: Store, key: str) -> None:
    assert await store.get(key) is None
    assert not await store.delete(key)
    assert not await store.touch(key, ttl_s=60)
    assert not await store.delete_if(key, b"")


async def test_a_value_ends_when_its_time_is_over(store: Store, key: str) -> None:
    await store.set(key, b"1", ttl_s=0.01)

    await until_gone(store, key)


async def test_no_time_to_live_is_no_error(store: Store, key: str) -> None:
    await store.set(key, b"1", ttl_s=0)

    await until_gone(store, key)


async def test_add_writes_only_where_nothing_is(store: Store, key: str) -> None:
    first = await store.add(key, b"1", ttl_s=60)
    second = await store.add(key, b"2", ttl_s=60)

    assert (first, second) == (True, False)
    assert await store.get(key) == b"1"


async def test_one_of_fifty_who_add_at_once_succeeds(store: Store, key: str) -> None:
    added = await asyncio.gather(*(store.add(key, b"%d" % n, ttl_s=60) for n in range(50)))

    assert sum(added) == 1


async def test_touch_gives_a_new_time_to_live(store: Store, key: str) -> None:
    await store.set(key, b"1", ttl_s=600)

    touched = await store.touch(key, ttl_s=0.01)

    assert touched
    await until_gone(store, key)


async def test_a_deleted_value_is_gone(store: Store, key: str) -> None:
    await store.set(key, b"1", ttl_s=60)

    deleted = await store.delete(key)

    assert deleted
    assert await store.get(key) is None


async def test_a_lock_is_given_up_only_by_who_holds_it(store: Store, key: str) -> None:
    await store.set(key, b"mine", ttl_s=60)

    theirs = await store.delete_if(key, b"theirs")
    still = await store.get(key)
    mine = await store.delete_if(key, b"mine")

    assert (theirs, still, mine) == (False, b"mine", True)
    assert await store.get(key) is None


async def test_counting_at_once_loses_nothing(store: Store, key: str) -> None:
    totals = await asyncio.gather(*(store.increment(key, ttl_s=60) for _ in range(100)))

    assert sorted(totals) == list(range(1, 101))


async def test_a_counter_goes_down_as_well(store: Store, key: str) -> None:
    await store.increment(key, by=5, ttl_s=60)

    assert await store.increment(key, by=-7, ttl_s=60) == -2


async def test_a_counter_lives_from_its_first_increment(store: Store, key: str) -> None:
    await store.increment(key, ttl_s=0.3)
    await store.increment(key, ttl_s=600)

    await until_gone(store, key)


async def test_hits_within_the_limit_are_allowed_and_counted(store: Store, key: str) -> None:
    hits = [await store.hit(key, limit=3, window_s=60) for _ in range(5)]

    assert [hit.allowed for hit in hits] == [True, True, True, False, False]
    assert [hit.used for hit in hits] == [1, 2, 3, 3, 3]
    assert all(0 < hit.reset_s <= 60 for hit in hits)


async def test_the_oldest_hit_leaves_the_window_first(store: Store, key: str) -> None:
    first = await store.hit(key, limit=2, window_s=60)
    await asyncio.sleep(0.05)
    second = await store.hit(key, limit=2, window_s=60)

    assert second.reset_s < first.reset_s


async def test_a_window_that_has_passed_allows_again(store: Store, key: str) -> None:
    await store.hit(key, limit=1, window_s=0.2)
    await asyncio.sleep(0.25)

    again = await store.hit(key, limit=1, window_s=0.2)

    assert again.allowed
    assert again.used == 1


async def test_a_limit_of_nothing_allows_nothing(store: Store, key: str) -> None:
    hit = await store.hit(key, limit=0, window_s=60)

    assert not hit.allowed
    assert hit.used == 0
    assert hit.reset_s == 60


async def test_two_hundred_hits_at_once_are_counted_exactly(store: Store, key: str) -> None:
    hits = await asyncio.gather(*(store.hit(key, limit=50, window_s=60) for _ in range(200)))

    assert sum(hit.allowed for hit in hits) == 50


@pytest.mark.parametrize("wrong", ["", "x" * 513, "a\nb", "한글", "a\x00b"])
async def test_a_key_that_is_none_is_refused(store: Store, wrong: str) -> None:
    with pytest.raises(ValueError, match="A key is"):
        await store.set(wrong, b"1", ttl_s=60)


async def test_a_sign_of_life_is_answered(store: Store) -> None:
    await store.ping()


async def until_gone(store: Store, key: str) -> None:
    for _ in range(500):
        if await store.get(key) is None:
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"{key} is still there after 10 s")


@pytest.mark.processes
async def test_a_sentinel_leads_to_the_replica_that_took_over() -> None:
    with (
        ValkeyServer() as master,
        ValkeyServer(replica_of=master) as replica,
        SentinelServer(master) as sentinel,
    ):
        store = open_store(sentinel.url)
        await store.set("before", b"1", ttl_s=600)
        await asyncio.to_thread(until_copied, replica)

        await asyncio.to_thread(master.kill)
        found = await until_written(store)

        assert found == b"1"
        assert "role:master" in await asyncio.to_thread(replica.ask, "INFO", "replication")
        await store.close()


def until_copied(replica: ValkeyServer) -> None:
    for _ in range(500):
        if replica.ask("EXISTS", "blogger:before") == ":1":
            return
    pytest.fail("the replica has no copy")


async def until_written(store: Store) -> bytes | None:
    from app.infra.kv import StoreAway

    for _ in range(600):
        try:
            await store.set("after", b"2", ttl_s=600)
        except StoreAway:
            await asyncio.sleep(0.1)
        else:
            return await store.get("before")
    pytest.fail("no master within 60 s")
