"""The probes answer by the table of states, within a second whatever hangs."""

import asyncio
import time

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.ops.api import health_routes
from app.ops.health import Health, Phase

PATHS = ("/health/liveness", "/health/readiness", "/health")


def probe(health: Health) -> tuple[int, ...]:
    client = TestClient(Starlette(routes=health_routes(health)))
    return tuple(client.get(path).status_code for path in PATHS)


async def fine() -> None:
    pass


async def away() -> None:
    raise ConnectionError("postgresql://user:password@db is away")


async def hangs() -> None:
    await asyncio.sleep(60)


@pytest.mark.parametrize(
    ("phase", "check", "expected"),
    [
        (Phase.STARTING, fine, (200, 503, 503)),
        (Phase.READY, fine, (200, 200, 200)),
        (Phase.READY, away, (200, 503, 503)),
        (Phase.READY, hangs, (200, 503, 503)),
        (Phase.DRAINING, fine, (200, 503, 503)),
    ],
)
def test_the_table_of_states(phase: Phase, check, expected: tuple[int, ...]) -> None:
    start = time.monotonic()

    assert probe(Health({"database": check}, phase=phase)) == expected

    # Two probes of a second at most, and the liveness; the check that hangs does so for a minute.
    assert time.monotonic() - start < 10


def test_unreadiness_names_what_fails_and_tells_no_address() -> None:
    client = TestClient(
        Starlette(routes=health_routes(Health({"database": away}, phase=Phase.READY)))
    )

    answer = client.get("/health/readiness")

    assert answer.json()["failing"] == ["database"]
    assert "password" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_many_probes_cost_one_check() -> None:
    asked = 0

    async def counted() -> None:
        nonlocal asked
        asked += 1

    health = Health({"database": counted}, phase=Phase.READY)
    for _ in range(100):
        await health.readiness()

    assert asked == 1


@pytest.mark.parametrize(
    ("health", "expected", "status"),
    [
        (Health({"database": fine}, {"cache": away}), (200, 200, 200), "degraded"),
        (Health({"database": fine, "sessions": away}), (200, 503, 200), "degraded"),
        (Health({"database": away}, can_serve_readers=lambda: True), (200, 503, 200), "degraded"),
        (Health({"database": away}, {"cache": away}), (200, 503, 503), "unhealthy"),
    ],
)
def test_what_is_away_degrades_or_ends_the_service(
    health: Health, expected: tuple[int, ...], status: str
) -> None:
    health.phase = Phase.READY

    assert probe(health) == expected
    client = TestClient(Starlette(routes=health_routes(health)))
    assert client.get("/health").json()["status"] == status


async def test_a_hundred_probes_at_once_cost_one_check_and_a_hanging_one_no_more() -> None:
    asked = 0

    async def hanging() -> None:
        nonlocal asked
        asked += 1
        await asyncio.sleep(60)

    health = Health({"database": hanging}, phase=Phase.READY)

    for _ in range(2):
        answers = await asyncio.gather(*(health.readiness() for _ in range(100)))
        assert not any(ready for ready, _ in answers)
        health._last = None

    assert asked == 1
    assert answers[0][1]["checks"]["database"]["error"] == "TimeoutError"
