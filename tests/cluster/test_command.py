"""`ai-seo-blogger cluster` as an operator types it: one cluster for the whole module, changed while it is read."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app import __version__
from tests import debian
from tests.clients import get
from tests.doors.conftest import ROOT, environment_of
from tests.limits import UNMET
from tests.scaling.readers import reading

pytestmark = pytest.mark.processes

Typed = Callable[..., "subprocess.CompletedProcess[str]"]

UNCACHED = ("/api/v1/posts", "/health")
ENDS_S = 45.0
"""Machines may be busy; a drain without its database would take its deadline of 60 s."""


def typing(folder: Path, **more: str) -> Typed:
    def typed(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "app", "cluster", *arguments, "--home", str(folder / "home")],
            cwd=folder,
            env={**environment_of("", folder / "data"), **UNMET, "PYTHONPATH": str(ROOT), **more},
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )

    return typed


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with folder_for_all() as made:
        yield made


@contextmanager
def folder_for_all() -> Iterator[Path]:
    """One that `nobody` may enter, as pytest's own may not be: PostgreSQL is `nobody` where root runs the tests."""
    made = Path(tempfile.mkdtemp(prefix="blogger-operator-"))
    made.chmod(0o711)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def cluster(folder: Path, pytestconfig: pytest.Config) -> Iterator[Typed]:
    rsyslogd = debian.program(pytestconfig, "rsyslogd", *debian.RSYSLOG)
    path = f"{os.environ['PATH']}{os.pathsep}{Path(rsyslogd).parent}"
    typed = typing(folder, PATH=path)
    started = typed("up", "--detach", "--instances", "2")
    assert started.returncode == 0, started.stderr
    yield typed
    typed("down")


def status_of(cluster: Typed) -> dict[str, Any]:
    return json.loads(cluster("status", "--json").stdout)


def processes_of(folder: Path) -> set[int]:
    """Who works in the cluster's folder: every server and instance of it, but for the cluster itself."""
    found = set[int]()
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and (process / "cwd").readlink().is_relative_to(folder):
                found.add(int(process.name))
        except OSError:
            continue  # it has ended, or is not ours
    return found


def test_everything_is_ready_when_up_returns(cluster: Typed) -> None:
    found = status_of(cluster)

    states = {each["name"]: each["state"] for each in found["servers"]}
    assert states.pop("prometheus", "ready") == "ready", "there is one where the machine has it"
    assert states == dict.fromkeys(
        ("instance1", "instance2", "nginx", "postgres", "valkey", "s3", "rsyslog"), "ready"
    )


def test_status_tells_what_instances_say_of_themselves(cluster: Typed) -> None:
    servers = {each["name"]: each for each in status_of(cluster)["servers"]}

    shown = cluster("status").stdout.splitlines()

    for name, found in servers.items():
        said = [found[what] for what in ("version", "in_flight", "jobs")]
        if name.startswith("instance"):
            assert (said[0], [type(each) for each in said[1:]]) == (__version__, [int, int]), name
        else:
            assert said == [None, None, None], name
    (heading,) = [line for line in shown if line.startswith("name")]
    (instance,) = [line for line in shown if line.startswith("instance1")]
    assert heading.split()[3:6] == ["version", "requests", "jobs"]
    assert instance.split()[3] == __version__


def test_one_request_is_found_in_balancer_and_instance_and_where_they_are_collected(
    cluster: Typed, folder: Path
) -> None:
    name = "followed-through-all"
    get(f"{status_of(cluster)['url']}/api/v1/posts", headers={"X-Request-ID": name})

    def collected() -> set[str]:
        files = (folder / "home/collected").rglob("*.jsonl")
        return {file.parent.name for file in files if name in file.read_text("utf-8")}

    deadline = time.monotonic() + 60
    while len(collected()) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    found = cluster("logs", "--request", name)

    rows = [row.split(" ", 1) for row in found.stdout.splitlines()]
    by = {json.loads(line)["event"]: source for source, line in rows}
    assert by["balanced"] == "nginx"
    assert by["request"] in {"instance1", "instance2"}
    assert collected() == set(by.values())


def test_no_command_line_shows_a_secret(cluster: Typed, folder: Path) -> None:
    kept = json.loads((folder / "home/cluster.json").read_text())
    secrets = {value.encode() for value in kept.values() if isinstance(value, str)}
    lines = set[bytes]()
    for process in Path("/proc").iterdir():
        try:
            lines.add((process / "cmdline").read_bytes() if process.name.isdigit() else b"")
        except OSError:
            continue

    assert cluster("status").returncode == 0
    assert len(secrets) == 4
    assert any(b"keeper.py" in line for line in lines)
    assert [line for line in lines if any(secret in line for secret in secrets)] == []


def test_what_holds_secrets_is_private(cluster: Typed, folder: Path) -> None:
    del cluster
    modes = {
        name: stat.S_IMODE((folder / "home" / name).stat().st_mode)
        for name in ("cluster.json", "environment.json", "control", "log")
    }

    assert set(modes.values()) == {0o600}, modes


@pytest.mark.parametrize("how", [(), ("--detach",)])
def test_a_second_cluster_of_a_home_is_refused(
    cluster: Typed, folder: Path, how: tuple[str, ...]
) -> None:
    said = (folder / "home/log").read_text()

    second = cluster("up", *how)

    assert second.returncode == 4
    assert "ai-seo-blogger cluster status" in second.stderr
    assert (folder / "home/log").read_text() == said


def test_instances_come_and_go_and_no_reader_notices(cluster: Typed) -> None:
    url = status_of(cluster)["url"]

    with reading(url, *UNCACHED, rest_s=0.02, holds="{") as readers:
        readers.more(20)
        added = cluster("scale", "3")
        readers.more(20)
        removed = cluster("scale", "2")
        readers.more(20)

    assert (added.returncode, removed.returncode) == (0, 0), added.stderr + removed.stderr
    assert readers.failed == []
    names = [each["name"] for each in status_of(cluster)["servers"]]
    assert names[:2] == ["instance1", "instance2"]
    assert "instance3" not in names


def test_a_killed_instance_is_started_again(cluster: Typed) -> None:
    before = status_of(cluster)["servers"][0]

    killed = cluster("kill", "1")
    after = before
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not (after["restarts"] and after["state"] == "ready"):
        after = status_of(cluster)["servers"][0]

    assert killed.returncode == 0
    assert (after["state"], after["restarts"]) == ("ready", 1)
    assert after["pid"] != before["pid"]


@pytest.mark.skipif(os.geteuid() != 0, reason="another user's PostgreSQL runs as that user")
def test_a_home_that_postgres_cannot_enter_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)

    refused = typing(tmp_path)("up", "--instances", "1")

    assert refused.returncode == 1
    assert "--home" in refused.stderr
    assert processes_of(tmp_path) == set()


@pytest.mark.parametrize("asked", [("scale", "0"), ("scale", "13"), ("kill", "9")])
def test_what_cannot_be_is_refused(cluster: Typed, asked: tuple[str, ...]) -> None:
    refused = cluster(*asked)

    assert refused.returncode in {2, 4}
    assert refused.stderr.startswith("error: ")


@pytest.mark.parametrize(
    "asked", [("status",), ("scale", "2"), ("roll",), ("kill", "1"), ("down",)]
)
def test_without_a_cluster_one_is_told_how_to_start_it(
    tmp_path: Path, asked: tuple[str, ...]
) -> None:
    refused = typing(tmp_path)(*asked)

    assert refused.returncode == 4
    assert "ai-seo-blogger cluster up" in refused.stderr


@pytest.mark.chaos
def test_a_roll_and_a_scale_under_load_fail_nobody(cluster: Typed) -> None:
    url = status_of(cluster)["url"]

    with reading(url, *UNCACHED, rest_s=0.01, holds="{") as readers:
        codes = [
            cluster(*asked).returncode for asked in (("scale", "5"), ("roll",), ("scale", "2"))
        ]

    assert codes == [0, 0, 0]
    assert readers.failed == []
    assert readers.served > 200


@pytest.mark.chaos
def test_nothing_is_left_of_a_cluster_that_was_killed_and_it_starts_again() -> None:
    with folder_for_all() as made:
        typed = typing(made)
        assert typed("up", "--detach", "--instances", "1").returncode == 0
        first = status_of(typed)
        worked = processes_of(made / "home")

        os.kill(first["pid"], signal.SIGKILL)
        deadline = time.monotonic() + ENDS_S
        while processes_of(made / "home") and time.monotonic() < deadline:
            time.sleep(0.2)
        left = processes_of(made / "home")
        again = typed("up", "--detach", "--instances", "1")
        second = status_of(typed)
        ended = typed("down")

        assert len(worked) >= 5
        assert left == set()
        assert again.returncode == 0, again.stderr
        assert second["url"] == first["url"]
        assert ended.returncode == 0
        assert processes_of(made / "home") == set()
        assert not (made / "home/control").exists()
