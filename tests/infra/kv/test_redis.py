"""Redis away, back, wrong, encrypted: what the contract of stores cannot ask of memory."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.cluster import ValkeyServer, free_port
from app.infra.kv import Store, StoreAway, open_store
from app.infra.kv.breaker import Breaker
from app.infra.kv.redis import RedisStore
from app.infra.redis_client import read_address
from tests.infra.http.test_fetch_tls import _certificate

pytestmark = pytest.mark.processes


@pytest.fixture
async def server() -> AsyncIterator[ValkeyServer]:
    running = ValkeyServer(keeps=True)
    await asyncio.to_thread(running.start)
    yield running
    await asyncio.to_thread(running.close)


@pytest.fixture
async def store(server: ValkeyServer) -> AsyncIterator[RedisStore]:
    opened = RedisStore(server.url)
    yield opened
    await opened.close()


async def until_it_answers(store: Store, seconds: float = 30) -> float:
    """How long it took, seconds."""
    began = time.monotonic()
    while True:
        try:
            await store.ping()
        except StoreAway:
            assert time.monotonic() - began < seconds
            await asyncio.sleep(0.02)
        else:
            return time.monotonic() - began


async def test_a_killed_server_is_away_and_calls_fail_at_once(
    server: ValkeyServer, store: RedisStore
) -> None:
    await store.set("a", b"1", ttl_s=60)
    await asyncio.to_thread(server.kill)
    with pytest.raises(StoreAway):
        await store.get("a")

    began = time.monotonic()
    for _ in range(200):
        with pytest.raises(StoreAway):
            await store.get("a")

    assert store.away
    assert time.monotonic() - began < 20  # 200 calls, each of which would wait for a time limit


async def test_a_server_that_is_back_is_found_within_two_seconds(
    server: ValkeyServer, store: RedisStore
) -> None:
    await store.set("a", b"1", ttl_s=60)
    await asyncio.to_thread(server.kill)
    with pytest.raises(StoreAway):
        await store.get("a")
    await asyncio.to_thread(server.start)

    took = await until_it_answers(store)

    assert took < 10  # two seconds between tries; the rest is for a busy machine
    assert not store.away
    assert await store.get("a") == b"1"


async def test_a_paused_server_holds_nobody_for_long(
    server: ValkeyServer, store: RedisStore
) -> None:
    await store.set("a", b"1", ttl_s=60)
    server.pause()

    began = time.monotonic()
    answers = await asyncio.gather(*(store.get("a") for _ in range(500)), return_exceptions=True)
    held = time.monotonic() - began
    server.resume()
    took = await until_it_answers(store)

    assert all(isinstance(answer, StoreAway) for answer in answers)
    assert held < 10  # 500 calls over 32 connections: a second each in turn would be sixteen
    assert took < 10


async def test_a_restart_between_two_calls_is_not_noticed(
    server: ValkeyServer, store: RedisStore
) -> None:
    await asyncio.gather(*(store.set(f"k{n}", b"1", ttl_s=60) for n in range(20)))

    await asyncio.to_thread(server.restart)

    assert await store.get("k1") == b"1"


async def test_forgotten_scripts_are_sent_again(server: ValkeyServer, store: RedisStore) -> None:
    await store.hit("w", limit=5, window_s=60)
    await asyncio.to_thread(server.ask, "SCRIPT", "FLUSH")

    assert (await store.hit("w", limit=5, window_s=60)).used == 2


async def test_more_callers_than_connections_wait_for_their_turn(server: ValkeyServer) -> None:
    store = RedisStore(server.url, connections=2)

    totals = await asyncio.gather(*(store.increment("n", ttl_s=60) for _ in range(300)))

    assert max(totals) == 300
    clients = await asyncio.to_thread(server.ask, "INFO", "clients")
    assert "connected_clients:3" in clients  # two, and who asks
    await store.close()


async def test_a_cancelled_call_leaves_no_answer_for_the_next(store: RedisStore) -> None:
    await store.set("a", b"a" * 100_000, ttl_s=60)
    await store.set("b", b"b", ttl_s=60)

    for _ in range(100):
        call = asyncio.create_task(store.get("a"))
        await asyncio.sleep(0)
        call.cancel()
        assert await store.get("b") == b"b"


async def test_a_wrong_password_says_so_and_is_not_repeated(server: ValkeyServer) -> None:
    store = open_store(f"redis://:hunter2@127.0.0.1:{server.port}/0")

    with pytest.raises(StoreAway) as caught:
        await store.ping()

    assert "password" in str(caught.value)
    assert "hunter2" not in f"{caught.value!r} {caught.value.__cause__!r} {vars(store)!r}"
    await store.close()


async def test_a_full_server_is_away_for_writers_alone(
    server: ValkeyServer, store: RedisStore
) -> None:
    await store.set("a", b"1", ttl_s=60)
    await asyncio.to_thread(server.ask, "CONFIG", "SET", "maxmemory", "1")

    with pytest.raises(StoreAway, match="full"):
        await store.set("b", b"1", ttl_s=60)

    assert await store.get("a") == b"1"


async def test_a_replica_says_that_it_takes_no_writes(server: ValkeyServer) -> None:
    replica = ValkeyServer(replica_of=server)
    await asyncio.to_thread(replica.start)
    store = open_store(replica.url)

    with pytest.raises(StoreAway, match="replica"):
        await store.set("a", b"1", ttl_s=60)

    await store.close()
    await asyncio.to_thread(replica.close)


async def test_keys_stand_under_a_prefix_of_ours(server: ValkeyServer, store: RedisStore) -> None:
    await store.set("a", b"1", ttl_s=60)

    assert await asyncio.to_thread(server.ask, "EXISTS", "blogger:a") == ":1"


async def test_databases_of_one_server_are_apart(server: ValkeyServer) -> None:
    first, second = open_store(server.url_of(0)), open_store(server.url_of(1))

    await first.set("a", b"1", ttl_s=60)

    assert await second.get("a") is None
    await first.close()
    await second.close()


async def test_an_encrypted_connection_checks_the_certificate(
    server: ValkeyServer, tmp_path: Path
) -> None:
    public, private = _certificate(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    tunnels: set[asyncio.Task[None]] = set()

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", server.port)

        async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(65_536):
                sink.write(data)
            sink.close()

        tunnels.update(
            {
                asyncio.create_task(copy(reader, inner_writer)),
                asyncio.create_task(copy(inner_reader, writer)),
            }
        )

    port = free_port()
    listener = await asyncio.start_server(tunnel, "127.0.0.1", port, ssl=context)
    url = f"rediss://:{server.password}@localhost:{port}/0"
    trusting = open_store(f"{url}?ssl_ca_certs={public}")
    strict = open_store(url)

    await trusting.set("a", b"1", ttl_s=60)
    found = await trusting.get("a")
    with pytest.raises(StoreAway) as refused:
        await strict.get("a")

    assert found == b"1"
    assert server.password not in str(refused.value)
    await trusting.close()
    await strict.close()
    listener.close()
    for running in tunnels:
        running.cancel()
    await asyncio.gather(*tunnels, return_exceptions=True)


def test_addresses_are_read_to_the_letter() -> None:
    plain = read_address("valkey://u:p%40ss@cache:6380/3")
    bare = read_address("redis://cache")
    watched = read_address("redis+sentinel://:pw@a:1,b,[::1]:3/main/2?sentinel_password=x")

    assert (plain.hosts, plain.database, plain.username) == ((("cache", 6380),), 3, "u")
    assert plain.password == "p@ss"
    assert (bare.hosts, bare.database, bare.password) == ((("cache", 6379),), 0, None)
    assert watched.hosts == (("a", 1), ("b", 26379), ("::1", 3))
    assert (watched.service, watched.database) == ("main", 2)
    assert read_address("rediss://cache").tls


@pytest.mark.parametrize(
    "url",
    [
        "http://:hunter2@cache:6379",
        "cache:6379",
        "redis://:hunter2@cache:port/0",
        "redis://:hunter2@cache:6379/zero",
        "redis://:hunter2@cache:6379/0/1",
        "redis://:hunter2@a:1,b:2/0",
        "redis://:hunter2@cache:6379/0?socket_timeout=9",
        "redis+sentinel://:hunter2@a:1,b:2",
    ],
)
def test_an_address_that_cannot_be_read_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="REDIS_URL") as refused:
        open_store(url)

    assert "hunter2" not in str(refused.value)


def test_a_breaker_lets_one_probe_through_after_its_rest() -> None:
    now = 0.0
    breaker = Breaker(rest_s=0.5, clock=lambda: now)

    breaker.failed()
    resting = breaker.admits()
    now = 0.6
    probes = [breaker.admits(), breaker.admits()]
    breaker.gave_up()
    again = breaker.admits()
    breaker.succeeded()

    assert (resting, probes, again) == (False, [True, False], True)
    assert breaker.admits()
    assert not breaker.open
