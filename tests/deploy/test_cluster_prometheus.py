"""A fleet on one machine with a real Prometheus beside it, which knows who is there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.cluster import Fleet
from app.config import DrainSettings, Settings
from tests.clients import get
from tests.doors.test_scaling import until
from tests.limits import UNMET

pytestmark = pytest.mark.processes

POLICY = Settings(drain=DrainSettings(wait_s=0, deadline_s=30))


def fleet_of(size: int, url: str) -> Fleet:
    return Fleet(
        size,
        balancer=None,
        policy=POLICY,
        settings={"ROLE": "web", **UNMET},
        database_url=url,
        redis_url="",
        blob_url="",
        watches=True,
    )


def asked(fleet: Fleet, expression: str) -> dict[str, str]:
    """The values of an expression by instance."""
    assert fleet.prometheus is not None
    answer = get(f"{fleet.prometheus.url}/api/v1/query", params={"query": expression}).json()
    found: list[dict[str, Any]] = answer["data"]["result"]
    return {each["metric"]["instance"]: each["value"][1] for each in found}


def test_every_instance_is_asked_under_its_address_as_they_come_and_go(
    program: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
    new_database: Callable[[str], str],
) -> None:
    folder = Path(program("prometheus")).parent
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    with fleet_of(1, new_database("postgresql")) as fleet:
        first = fleet.instances[0]
        second = fleet.add()
        until(lambda: asked(fleet, "up") == dict.fromkeys((first.address, second.address), "1"))
        assert set(asked(fleet, "blogger_build_info")) == {first.address, second.address}
        fleet.remove(first)
        until(lambda: set(asked(fleet, "up")) == {second.address})
        assert fleet.prometheus is not None
        rules = get(f"{fleet.prometheus.url}/api/v1/rules").json()["data"]["groups"]

    assert [group["name"] for group in rules] == ["ai-seo-blogger"]
    assert len(rules[0]["rules"]) > 10


def test_a_fleet_without_prometheus_works_and_says_why(
    monkeypatch: pytest.MonkeyPatch, new_database: Callable[[str], str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with fleet_of(1, new_database("postgresql")) as fleet:
        answers = fleet.instances[0].answers()

    assert answers
    assert fleet.prometheus is None
    assert "apt install prometheus" in fleet.unwatched
