"""Memory as a store: bounded, whoever fills it."""

from app.infra.kv.memory import MemoryStore


async def test_the_least_recently_used_goes_first() -> None:
    store = MemoryStore(max_bytes=3_500)
    for name in "abc":
        await store.set(name, b"x" * 800, ttl_s=60)
    await store.get("a")

    await store.set("d", b"x" * 800, ttl_s=60)

    assert await store.get("b") is None
    assert await store.get("a") is not None
    assert store.bytes <= 3_500


async def test_a_value_larger_than_the_store_is_not_kept_and_drives_nothing_out() -> None:
    store = MemoryStore(max_bytes=3_500)
    await store.set("a", b"x", ttl_s=60)

    await store.set("b", b"x" * 4_000, ttl_s=60)

    assert await store.get("b") is None
    assert await store.get("a") == b"x"


async def test_values_whose_time_is_over_take_no_room_once_asked_for() -> None:
    now = 0.0
    store = MemoryStore(clock=lambda: now)
    await store.set("a", b"x" * 100, ttl_s=1)

    now = 2.0
    found = await store.get("a")

    assert found is None
    assert store.bytes == 0


async def test_windows_of_a_hundred_thousand_addresses_do_not_grow_without_end() -> None:
    store = MemoryStore()

    for number in range(100_000):
        await store.hit(f"address:{number}", limit=5, window_s=60)

    assert len(store._windows) <= 50_000
