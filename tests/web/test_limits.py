"""Limits over the whole fleet: who is refused, what is said, and what happens without a store."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator

import httpx2
import pytest
from prometheus_client import REGISTRY
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.cluster import ValkeyServer
from app.config import LimitSettings
from app.infra.kv import MemoryStore, Store, open_store
from app.web.addresses import read_networks
from app.web.limits import RateLimit, RateLimits
from app.web.principals import Permission, Principal


class Known:
    """Knows whoever says who they are; nobody can be known while it is `away`."""

    away = False

    async def identify(self, connection: HTTPConnection) -> Principal | None:
        if self.away:
            raise HTTPException(503)
        name = connection.headers.get("x-name")
        return Principal(name, name, frozenset(Permission)) if name else None


async def hello(_request: Request) -> Response:
    return PlainTextResponse("hello")


def client_of(
    store: Store,
    settings: LimitSettings,
    *,
    principals: Known | None = None,
    plain: bool = False,
    peer: str = "192.0.2.1",
) -> httpx2.AsyncClient:
    limits = RateLimits(store, settings, principals or Known(), read_networks({"10.0.0.0/8"}))
    app = Starlette(
        routes=[Route("/", hello)],
        middleware=[Middleware(RateLimit, limits=limits, plain=plain)],
    )
    transport = httpx2.ASGITransport(app=app, client=(peer, 1234))
    return httpx2.AsyncClient(transport=transport, base_url="http://blog")


def outcomes(limit: str, outcome: str) -> float:
    labels = {"limit": limit, "outcome": outcome}
    return REGISTRY.get_sample_value("blogger_rate_limit_requests_total", labels) or 0.0


async def statuses(client: httpx2.AsyncClient, times: int, **headers: str) -> list[int]:
    return [(await client.get("/", headers=headers)).status_code for _ in range(times)]


async def test_an_address_over_its_limit_is_told_when_to_come_back() -> None:
    before = outcomes("address", "refused")
    async with client_of(MemoryStore(), LimitSettings(address_per_minute=2)) as client:
        first = await client.get("/")
        await client.get("/")
        third = await client.get("/")

    assert first.status_code == 200
    assert first.headers["ratelimit-policy"] == '"address";q=2;w=60'
    assert first.headers["ratelimit"] == '"address";r=1;t=60'
    assert third.status_code == 429
    assert 1 <= int(third.headers["retry-after"]) <= 60
    assert third.headers["ratelimit"] == f'"address";r=0;t={third.headers["retry-after"]}'
    assert third.headers["content-type"] == "application/problem+json"
    assert third.headers["cache-control"] == "no-store"
    problem = third.json()
    assert problem["type"].endswith("#quota-exceeded")
    assert problem["violated-policies"] == ["address"]
    assert outcomes("address", "refused") == before + 1


async def test_people_are_refused_in_plain_text() -> None:
    async with client_of(MemoryStore(), LimitSettings(address_per_minute=1), plain=True) as client:
        await client.get("/")
        refused = await client.get("/")

    assert refused.status_code == 429
    assert refused.headers["content-type"].startswith("text/plain")
    assert refused.text.startswith("Too many requests: 1 are allowed")


async def test_a_key_and_a_person_have_limits_of_their_own() -> None:
    settings = LimitSettings(address_per_minute=100, key_per_minute=2, person_per_minute=3)
    async with client_of(MemoryStore(), settings) as client:
        key = await statuses(client, 3, **{"x-name": "key:1"})
        other = await statuses(client, 1, **{"x-name": "key:2"})
        person = await statuses(client, 4, **{"x-name": "person:1"})
        stranger = await statuses(client, 1)
        last = await client.get("/", headers={"x-name": "key:2"})

    assert key == [200, 200, 429]
    assert other == [200]
    assert person == [200, 200, 200, 429]
    assert stranger == [200]
    assert last.headers["ratelimit-policy"] == '"address";q=100;w=60, "key";q=2;w=60'
    assert last.headers["ratelimit"].startswith('"key";r=0;')


async def test_who_comes_through_a_trusted_proxy_is_counted_alone() -> None:
    settings = LimitSettings(address_per_minute=1)
    async with client_of(MemoryStore(), settings, peer="10.1.1.1") as client:
        first = await statuses(client, 2, **{"x-forwarded-for": "198.51.100.7"})
        second = await statuses(client, 1, **{"x-forwarded-for": "198.51.100.8"})
        pretending = await statuses(client, 1, **{"x-forwarded-for": "1.1.1.1, 198.51.100.8"})

    assert (first, second, pretending) == ([200, 429], [200], [429])


async def test_who_invents_addresses_is_counted_as_one() -> None:
    async with client_of(MemoryStore(), LimitSettings(address_per_minute=3)) as client:
        found = [
            (await statuses(client, 1, **{"x-forwarded-for": f"198.51.100.{n}"}))[0]
            for n in range(5)
        ]

    assert found == [200, 200, 200, 429, 429]


async def test_a_house_of_ipv6_addresses_is_counted_as_one() -> None:
    store, settings = MemoryStore(), LimitSettings(address_per_minute=1)
    async with client_of(store, settings, peer="2001:db8::1") as one:
        async with client_of(store, settings, peer="2001:db8::2") as other:
            found = await statuses(one, 1) + await statuses(other, 1)

    assert found == [200, 429]


async def test_who_cannot_be_known_now_is_counted_by_address() -> None:
    known = Known()
    known.away = True
    settings = LimitSettings(address_per_minute=2)
    async with client_of(MemoryStore(), settings, principals=known) as client:
        assert await statuses(client, 3, **{"x-name": "key:1"}) == [200, 200, 429]


@pytest.fixture
async def stores(valkey_server: str) -> AsyncIterator[tuple[Store, Store]]:
    pair = open_store(valkey_server), open_store(valkey_server)
    yield pair
    for store in pair:
        await store.close()


async def test_two_instances_count_together(stores: tuple[Store, Store]) -> None:
    settings = LimitSettings(address_per_minute=10_000, key_per_minute=20)
    name = f"key:{secrets.token_hex(6)}"
    async with client_of(stores[0], settings) as one, client_of(stores[1], settings) as other:
        answers = await asyncio.gather(
            *(
                client.get("/", headers={"x-name": name})
                for _ in range(30)
                for client in (one, other)
            )
        )

    assert sum(answer.status_code == 200 for answer in answers) == 20
    assert sum(answer.status_code == 429 for answer in answers) == 40


@pytest.mark.processes
async def test_without_the_store_each_process_counts_for_itself() -> None:
    server = ValkeyServer()
    await asyncio.to_thread(server.start)
    store = open_store(server.url)
    before = outcomes("address", "alone_allowed")
    async with client_of(store, LimitSettings(address_per_minute=3)) as client:
        with_store = await statuses(client, 1)
        await asyncio.to_thread(server.kill)
        without = await statuses(client, 5)

    assert with_store == [200]
    assert without == [200, 200, 200, 429, 429]
    assert outcomes("address", "alone_allowed") == before + 3
    await store.close()
    await asyncio.to_thread(server.close)


async def test_a_proxy_that_is_not_trusted_is_told_of_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with client_of(MemoryStore(), LimitSettings()) as client:
        await statuses(client, 3, **{"x-forwarded-for": "198.51.100.7"})

    assert capsys.readouterr().out.count("proxy_not_trusted") == 1


async def test_of_a_trusted_proxy_nothing_is_told_where_who_asks_is_on_its_machine(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with client_of(MemoryStore(), LimitSettings(), peer="10.0.0.1") as client:
        await statuses(client, 1, **{"x-forwarded-for": "10.0.0.1"})

    assert "proxy_not_trusted" not in capsys.readouterr().out


async def test_a_refusal_names_no_key() -> None:
    name = f"key:{secrets.token_hex(6)}"
    async with client_of(MemoryStore(), LimitSettings(key_per_minute=1)) as client:
        await statuses(client, 1, **{"x-name": name})
        refused = await client.get("/", headers={"x-name": name})

    assert refused.status_code == 429
    assert name not in json.dumps(refused.json()) + str(refused.headers)
