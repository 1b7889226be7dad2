"""The proof, on three real instances: it passes where all is shared, and names what is not."""

import asyncio
import json
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx2
import psycopg
import pytest

from app.cluster import Fleet
from app.config import DrainSettings, Settings
from app.ops.proof import Kind, Prover, Report
from tests import started
from tests.clients import connect
from tests.doors import people
from tests.doors.conftest import Server, serving
from tests.limits import UNMET
from tests.scaling import faulty

pytestmark = [pytest.mark.processes, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    """Two instances that share everything; sessions in the database, so that a cache may fail alone."""
    with Fleet(
        2,
        balancer=None,
        policy=Settings(drain=DrainSettings(wait_s=0)),
        settings={"SESSION_STORAGE": "database", **UNMET},
    ) as running:
        yield running


@pytest.fixture(scope="module")
def key(fleet: Fleet) -> str:
    url = fleet.environment["DATABASE_URL"]
    return people.make_key(url, people.make_person(url, "owner@example.org", "owner"), ("ops",))


def prove(fleet: Fleet, key: str, *more: Server) -> Report:
    with ThreadPoolExecutor(1) as pool:  # a loop of its own: a test's may be running
        prover = Prover([instance.url for instance in (*fleet.instances, *more)], key)
        return pool.submit(asyncio.run, prover.prove()).result()


@contextmanager
def joined(fleet: Fleet, folder: Path, fault: str = "", **settings: str) -> Iterator[Server]:
    """A third instance for a while, with a fault where one is named."""
    entry = partial(faulty.run, fault) if fault else started.program
    url = settings.pop("DATABASE_URL", fleet.environment["DATABASE_URL"])
    shared = {**fleet.environment, **settings, "DATABASE_URL": url}
    with serving(folder, url, entry=entry, **shared) as third:
        yield third
    # One that was killed counts as live until its lease has run out.
    with psycopg.connect(fleet.environment["DATABASE_URL"], autocommit=True) as connection:
        left = "select count(*) from instances where ended_at is null"
        for _ in range(600):
            if connection.execute(left).fetchone() == (len(fleet.instances),):
                return
            time.sleep(0.05)
    pytest.fail("its lease did not run out within 30 s")


def test_three_instances_that_share_everything_are_proved_to(
    fleet: Fleet, key: str, tmp_path: Path
) -> None:
    with joined(fleet, tmp_path) as third:
        report = prove(fleet, key, third)

    assert report.failed_kinds() == set(), report.as_json()
    assert report.passed
    assert {line.kind for line in report.lines} == set(Kind)


@pytest.mark.parametrize(
    ("settings", "fault", "kind", "setting"),
    [
        ({"SESSION_STORAGE": "memory"}, "", Kind.SESSION, "SESSION_STORAGE"),
        ({}, "memory-cache", Kind.CACHE, "REDIS_URL"),
        ({"BLOB_URL": ""}, "", Kind.FILES, "BLOB_URL"),
        ({}, "own-queue", Kind.JOB, "DATABASE_URL"),
        ({"SECRET_KEY": "another key than the others have"}, "", Kind.SETTINGS, "SECRET_KEY"),
        ({}, "old-schema", Kind.SCHEMA, ""),
        ({}, "skewed-clock", Kind.CLOCK, ""),
        ({}, "memory-limits", Kind.LIMITS, "REDIS_URL"),
        ({}, "cut-pubsub", Kind.MESSAGES, "REDIS_URL"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_is_not_shared_fails_its_own_line_and_names_the_instance(
    fleet: Fleet,
    key: str,
    tmp_path: Path,
    settings: dict[str, str],
    fault: str,
    kind: Kind,
    setting: str,
) -> None:
    with joined(fleet, tmp_path, fault, **settings) as third:
        report = prove(fleet, key, third)

    failed = [line for line in report.lines if line.passed is False]
    assert report.failed_kinds() == {kind}, report.as_json()
    assert {line.culprits for line in failed} == {(third.url,)}
    assert {line.setting for line in failed} == {setting}
    assert all(line.hint for line in failed)


def test_another_database_fails_its_own_line_and_nothing_is_asked_across(
    fleet: Fleet, key: str, tmp_path: Path, new_database: Callable[[str], str]
) -> None:
    with joined(fleet, tmp_path, DATABASE_URL=new_database("postgresql")) as third:
        report = prove(fleet, key, third)

    failed = [line for line in report.lines if line.passed is False]
    assert report.failed_kinds() == {Kind.DATABASE}, report.as_json()
    assert {line.culprits for line in failed} == {(third.url,)}
    assert {line.setting for line in failed} == {"DATABASE_URL"}


def test_the_command_asks_the_fleet_and_leaves_no_key(
    fleet: Fleet, key: str, tmp_path: Path
) -> None:
    run = partial(started.run, folder=tmp_path, environment=fleet.instances[0].environment())

    proved = run("scale", "prove", "--from-fleet", "--json")
    keys = json.loads(run("keys", "list", "--json").stdout)

    assert proved.returncode == 0, proved.stdout + proved.stderr
    report = json.loads(proved.stdout)
    assert report["passed"]
    assert sorted(report["instances"]) == sorted(one.url for one in fleet.instances)
    assert {one["name"] for one in keys if one["revoked_at"] is None} == {"test"}


def test_an_operator_proves_the_fleet_through_one_instance(fleet: Fleet, key: str) -> None:
    url = fleet.environment["DATABASE_URL"]
    weak = people.make_key(url, "owner@example.org", ("read", "write", "publish"))
    with connect(fleet.instances[0].url) as client:

        def ask(secret: str) -> httpx2.Response:
            return client.post(
                "/api/v1/scaling/proof", headers={"authorization": f"Bearer {secret}"}
            )

        refused, proved = ask(weak), ask(key)

    assert refused.status_code == 403
    assert proved.json()["passed"], proved.text
    assert sorted(proved.json()["instances"]) == sorted(one.url for one in fleet.instances)


def test_a_proof_leaves_nothing_behind(fleet: Fleet, key: str) -> None:
    def left() -> list[tuple[str, ...]]:
        with psycopg.connect(fleet.environment["DATABASE_URL"]) as connection:
            return connection.execute(
                "select kind from proof_items where kind != 'tag' union all "
                "select keyword from jobs union all select slug from posts union all "
                "select slug from slugs union all select key from sessions"
            ).fetchall()

    prove(fleet, key)

    assert left() == []


def test_a_key_that_nobody_knows_is_told_apart_from_a_database_that_differs(fleet: Fleet) -> None:
    from app.kit.errors import Invalid

    with pytest.raises(Invalid, match="keys create"):
        prove(fleet, "asb_nobody_knows")


def test_an_instance_that_is_away_fails_the_line_of_its_health(
    fleet: Fleet, key: str, tmp_path: Path
) -> None:
    with joined(fleet, tmp_path) as third:
        third.process.send_signal(signal.SIGKILL)
        third.process.wait(60)

        report = prove(fleet, key, third)

    failed = [line for line in report.lines if line.passed is False]
    assert report.failed_kinds() == {Kind.HEALTH}
    assert {line.culprits for line in failed} == {(third.url,)}
