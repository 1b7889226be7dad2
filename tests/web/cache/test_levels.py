"""A cache of two levels on real databases, in memory and on a real Valkey."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest

from app.config import CacheSettings
from app.infra.kv import Store, StoreAway, open_store
from app.web.cache import levels
from app.web.cache.levels import pack, unpack
from tests.web.cache.caching import Instance, an_instance, until


@pytest.fixture(params=["memory", "valkey"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    url = "" if request.param == "memory" else request.getfixturevalue("valkey_server")
    opened = open_store(url)
    yield opened
    await opened.close()


@pytest.fixture
async def instance(database_url: str, store: Store) -> AsyncIterator[Instance]:
    async with an_instance(database_url, store=store) as made:
        yield made


@pytest.fixture
def key() -> str:
    return secrets.token_hex(8)


async def test_what_is_kept_is_built_once(instance: Instance, key: str) -> None:
    first = await instance.read(key, "a")
    second = await instance.read(key, "a", value=b"other")

    assert (first, second) == (b"new", b"new")
    assert instance.built == [key]


async def test_a_bump_makes_old_what_is_tagged_so_and_nothing_else(
    instance: Instance, key: str
) -> None:
    await instance.read(key, "a", value=b"1")
    await instance.read(key + "b", "b", value=b"1")

    await instance.bump("a")

    assert await instance.read(key, "a", value=b"2") == b"2"
    assert await instance.read(key + "b", "b", value=b"2") == b"1"


async def test_everything_is_old_after_a_bump_of_anything_where_no_tag_is_named(
    instance: Instance, key: str
) -> None:
    await instance.read(key, "*", value=b"1")

    await instance.bump("whatever")

    assert await instance.read(key, "*", value=b"2") == b"2"


async def test_what_changes_while_it_is_built_is_built_again(instance: Instance, key: str) -> None:
    building = asyncio.create_task(instance.read(key, "a", value=b"before", takes_s=0.2))
    await until(lambda: instance.built == [key])
    await instance.bump("a")
    await building

    found = await instance.read(key, "a", value=b"after")

    assert found == b"after"


async def test_a_hundred_misses_at_once_build_once(instance: Instance, key: str) -> None:
    found = await asyncio.gather(*(instance.read(key, "a", takes_s=0.1) for _ in range(100)))

    assert set(found) == {b"new"}
    assert instance.built == [key]


async def test_who_asked_first_may_leave_and_the_others_are_answered(
    instance: Instance, key: str
) -> None:
    first = asyncio.create_task(instance.read(key, "a", takes_s=0.2))
    await until(lambda: instance.built == [key])
    second = asyncio.create_task(instance.read(key, "a"))
    await asyncio.sleep(0)
    first.cancel()

    assert await second == b"new"
    assert instance.built == [key]


async def test_what_is_for_one_alone_is_given_to_nobody_else(instance: Instance, key: str) -> None:
    found = await asyncio.gather(
        instance.read(key, "a", value=b"mine", takes_s=0.1, keep=False),
        instance.read(key, "a", value=b"yours", keep=False),
    )

    assert found == [b"mine", b"yours"]
    assert await instance.read(key, "a", value=b"theirs") == b"theirs"


async def test_an_old_entry_stands_in_when_the_new_one_cannot_be_built(
    instance: Instance, key: str
) -> None:
    await instance.read(key, "a", value=b"old")
    await instance.bump("a")

    found = await instance.read(key, "a", fails=True)

    assert found == b"old"


async def test_what_is_gone_never_stands_in(instance: Instance, key: str) -> None:
    await instance.read(key, "a", "gone:1", value=b"old")
    await instance.bump("a", "gone:1")

    with pytest.raises(RuntimeError, match="cannot be built"):
        await instance.read(key, "a", "gone:1", fails=True)


async def test_a_slow_build_is_not_waited_for_where_there_is_an_old_entry(
    instance: Instance, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(levels, "_SLOW_S", 0.05)
    await instance.read(key, "a", value=b"old")
    await instance.bump("a")

    found = await instance.read(key, "a", takes_s=2.0)

    assert found == b"old"


async def test_past_its_time_the_old_one_is_shown_while_one_is_built(
    database_url: str, store: Store, key: str
) -> None:
    settings = CacheSettings(first_level_s=0.2, shared_s=0.2, outage_s=0.2)
    async with an_instance(database_url, store=store, settings=settings) as instance:
        await instance.read(key, "a", value=b"1")
        await asyncio.sleep(0.3)

        shown = await instance.read(key, "a", value=b"2")
        await until(lambda: len(instance.built) == 2)
        await asyncio.sleep(0.05)
        later = await instance.read(key, "a", value=b"3")

    assert (shown, later) == (b"1", b"2")


async def test_memory_is_bounded_and_forgets_the_longest_unused(
    database_url: str, key: str
) -> None:
    settings = CacheSettings(memory_bytes=1024 * 1024)
    async with an_instance(database_url, settings=settings) as instance:
        for n in range(40):
            await instance.read(f"{key}{n}", "a", value=bytes(50_000))
            await instance.read(f"{key}0", "a", value=bytes(50_000))

        assert instance.cache.size <= 1024 * 1024
        assert instance.built.count(f"{key}0") == 1


async def test_a_thousand_misses_over_three_instances_build_once(
    new_database: Callable[[str], str], valkey_server: str, key: str
) -> None:
    url = new_database("postgresql")
    stores = [open_store(valkey_server) for _ in range(3)]
    async with (
        an_instance(url, store=stores[0]) as a,
        an_instance(url, store=stores[1]) as b,
        an_instance(url, store=stores[2]) as c,
    ):
        found = await asyncio.gather(
            *([a, b, c][n % 3].read(key, "a", takes_s=0.3) for n in range(1000))
        )

        assert set(found) == {b"new"}
        assert [*a.built, *b.built, *c.built] == [key]
    for store in stores:
        await store.close()


async def test_an_instance_builds_itself_when_the_one_that_builds_dies(
    new_database: Callable[[str], str],
    valkey_server: str,
    key: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(levels, "_WAIT_S", 0.3)
    store = open_store(valkey_server)
    async with an_instance(new_database("sqlite"), store=store) as instance:
        shared = instance.cache._shared_key(key)
        await store.add(f"{shared}:lock", b"of a process that was killed", ttl_s=60)

        found = await instance.read(key, "a")

        assert found == b"new"
        assert await store.get(f"{shared}:lock") == b"of a process that was killed"
    await store.close()


async def test_what_the_store_kept_through_an_outage_is_checked_against_the_database(
    new_database: Callable[[str], str], valkey_server: str, key: str
) -> None:
    url = new_database("postgresql")
    store = open_store(valkey_server)
    async with an_instance(url, store=store) as before:
        await before.read(key, "a", value=b"old")
        await before.bump("a")  # nobody tells the store

    async with an_instance(url, store=store) as after:
        found = await after.read(key, "a", value=b"new")

    assert found == b"new"
    await store.close()


@dataclass
class Away:
    """A store whose server can be taken away."""

    store: Store
    away: bool = False
    asked: int = 0

    def __getattr__(self, name: str) -> object:
        if name not in {"get", "set", "add", "delete_if"}:
            return getattr(self.store, name)

        async def ask(*arguments: object, **options: object) -> object:
            self.asked += 1
            if self.away:
                raise StoreAway("away")
            return await getattr(self.store, name)(*arguments, **options)

        return ask


async def test_requests_go_on_while_the_store_is_away_and_share_again_after(
    new_database: Callable[[str], str], valkey_server: str, key: str
) -> None:
    url = new_database("sqlite")
    store, others = Away(open_store(valkey_server), away=True), open_store(valkey_server)
    settings = CacheSettings(outage_s=0.2)
    async with (
        an_instance(url, store=store, settings=settings) as one,  # type: ignore[arg-type]
        an_instance(url, store=others) as other,
    ):
        assert await one.read(key, "a", value=b"1") == b"1"
        await other.read(key, "a", value=b"2")
        store.away = False
        await asyncio.sleep(0.3)

        await one.read(key, "a", value=b"3")  # shown old, looked up beside
        await asyncio.sleep(0)

        async def shared() -> bool:
            return await one.read(key, "a", value=b"3") == b"2"

        for _ in range(200):
            if await shared():
                break
            await asyncio.sleep(0.02)
        assert await shared()
        assert one.built == [key]
    await store.store.close()
    await others.close()


async def test_what_is_no_entry_in_the_store_is_a_miss(
    new_database: Callable[[str], str], valkey_server: str, key: str
) -> None:
    store = open_store(valkey_server)
    async with an_instance(new_database("sqlite"), store=store) as instance:
        for rubbish in (b"", b"[]\nx", b"\x80\x04K\x01.", b'{"a": 1}\n', b"[1e999]\n"):
            await store.set(instance.cache._shared_key(key + "x"), rubbish, ttl_s=60)
            instance.cache._kept.drop(key + "x")

            assert await instance.read(key + "x", "a") == b"new"
    await store.close()


def test_an_entry_comes_back_as_it_was_packed() -> None:
    assert unpack(pack(7, ("post:1", "목록"), b"\n\x00body")) == (
        7,
        ("post:1", "목록"),
        b"\n\x00body",
    )
