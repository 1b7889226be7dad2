"""Several real instances on one PostgreSQL: who sees what, what differs, and leaving without a loss."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.clients import connect, get
from tests.doors.conftest import ROOT, Server, serving
from tests.doors.test_api import REQUEST, ended

SEED_KEYS = {
    "instance_info": {"instance_id", "hostname", "pid", "start_time", "uptime_seconds"},
    "stateless_check": {"stateless", "checks"},
}


def until(holds: Callable[[], Any], limit_s: float = 90) -> Any:
    deadline = time.monotonic() + limit_s
    while not (answer := holds()):
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.5)
    return answer


def info(server: Server, language: str = "en") -> dict[str, Any]:
    with server.operator(**{"accept-language": language}) as client:
        return client.get("/api/v1/scaling/info").json()


@pytest.fixture(scope="module")
def fleet(
    tmp_path_factory: pytest.TempPathFactory, module_database: Callable[[str], str]
) -> Iterator[list[Server]]:
    """Three instances; the third has another time zone."""
    url = module_database("postgresql")
    shared = tmp_path_factory.mktemp("fleet")

    def start(n: int) -> Server:
        folder = shared / f"instance{n}"
        folder.mkdir()
        odd = {"TIMEZONE": "Asia/Seoul"} if n == 2 else {}
        settings = {"SECRET_KEY": "k" * 40, "BLOB_URL": f"file://{shared}/files", **odd}
        return stack.enter_context(serving(folder, url, **settings))

    with ExitStack() as stack:
        with ThreadPoolExecutor(3) as pool:
            servers = list(pool.map(start, range(3)))
        yield servers


def test_the_seeds_answer_has_its_keys_and_strangers_see_no_host(one_server: Server) -> None:
    with one_server.anybody() as client:
        stranger = client.get("/api/v1/scaling/info", headers={"accept-language": "ko"})
        lists = client.get("/api/v1/scaling/checklist", headers={"accept-language": "ko"}).json()
        refused = client.post("/api/v1/scaling/drain", json={"on": True})
    operator = info(one_server)

    for answer in (stranger.json(), operator):
        assert list(answer)[:4] == [
            *("instance_info", "stateless_check", "load_balancer_config", "recommendations")
        ]
        for part, keys in SEED_KEYS.items():
            assert set(answer[part]) == keys
        assert list(answer["stateless_check"]["checks"])[:3] == [
            *("session_storage", "cache_storage", "database")
        ]
        for check in answer["stateless_check"]["checks"].values():
            assert set(check) == {"status", "id", "message", "hint", "detail"}
        assert answer["load_balancer_config"]["health_check"]["interval"] == 10
    hostname, pid = operator["instance_info"]["hostname"], operator["instance_info"]["pid"]
    assert pid == one_server.process.pid
    assert operator["instance_info"]["instance_id"] == f"{hostname}-{pid}"
    assert isinstance(operator["instance_info"]["uptime_seconds"], int)
    assert (stranger.json()["instance_info"]["pid"], str(pid) in stranger.text) == (0, False)
    assert stranger.json()["instance_info"]["hostname"] == "hidden"
    assert one_server.url not in stranger.text
    assert "version" not in stranger.text
    assert stranger.headers["content-language"] == "ko"
    assert [len(one["items"]) for one in lists.values()] == [6, 5]
    assert lists["preparation"]["items"][0]["text"] == "PostgreSQL 데이터베이스 설정"
    assert not lists["preparation"]["items"][0]["done"]
    assert refused.status_code == 401


@pytest.mark.slow  # starts three servers
def test_the_fleet_lists_its_instances_and_names_the_line_that_differs(
    fleet: list[Server],
) -> None:
    found = until(lambda: (answer := info(fleet[0]))["fleet"]["live"] == 3 and answer, limit_s=90)

    odd = f"{found['instance_info']['hostname']}-{fleet[2].process.pid}"
    assert found["fleet"]["drift"] == {"TIMEZONE": [odd]}
    assert {one["address"] for one in found["fleet"]["instances"]} == {one.url for one in fleet}
    assert found["stateless_check"]["checks"]["settings"]["id"] == "scaling.E131"
    assert "TIMEZONE" in found["stateless_check"]["checks"]["settings"]["message"]
    told = fleet[0].command("scale", "info", "--json")
    assert json.loads(told.stdout)["fleet"]["drift"] == {"TIMEZONE": [odd]}


@pytest.mark.slow  # starts three servers and writes an article slowly
def test_one_that_leaves_loses_no_request_no_job_and_no_event(fleet: list[Server]) -> None:
    leaving, staying = fleet[0], fleet[1]
    stop = False
    answers: list[int | str] = []

    def read() -> None:
        with connect() as client:
            while not stop:
                # What a balancer does: to whoever is healthy.
                healthy = [
                    one for one in fleet if client.get(f"{one.url}/health").status_code == 200
                ]
                for one in healthy:
                    try:
                        answers.append(client.get(f"{one.url}/").status_code)
                    except httpx2.TransportError as error:
                        answers.append(type(error).__name__)

    with ThreadPoolExecutor(2) as pool:
        reading = [pool.submit(read) for _ in range(2)]
        with leaving.operator() as client:
            job = client.post("/api/v1/generate-post", json=REQUEST).json()
            events = f"/api/v1/jobs/{job['job_id']}/events"
            with client.stream("GET", events) as stream:
                assert client.post("/api/v1/scaling/drain", json={"on": True}).status_code == 202
                first = "".join(stream.iter_text())
            assert client.get("/health").status_code == 503
            assert client.get("/health/liveness").status_code == 200
            assert client.get("/api/v1/scaling/info").headers["connection"] == "close"
        blocks = [block for block in first.split("\n\n") if "id: " in block]
        last = blocks[-1].split("id: ")[1].split("\n")[0] if blocks else "0"
        with staying.operator(**{"last-event-id": last}) as client:
            rest = client.get(events).text
            done = ended(client, job["job_id"])
            whole = client.get(events, headers={"last-event-id": "0"}).text
        until(lambda: any(one["draining"] for one in info(staying)["fleet"]["instances"]))
        with leaving.operator() as client:
            assert client.post("/api/v1/scaling/drain", json={"on": False}).status_code == 202
        until(lambda: get(f"{leaving.url}/health").status_code == 200)
        stop = True
        for one in reading:
            one.result(60)

    def ids(text: str) -> list[int]:
        return [int(line[4:]) for line in text.splitlines() if line.startswith("id: ")]

    assert done["state"] == "succeeded"
    assert ids(first) + ids(rest) == ids(whole)
    assert set(answers) == {200}


def test_another_instance_is_asked_to_leave_through_the_fleet(
    tmp_path: Path, new_database: Callable[[str], str]
) -> None:
    url = new_database("postgresql")
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    with serving(folders[0], url) as one, serving(folders[1], url) as other:
        theirs = next(
            instance["executor_id"]
            for instance in info(one)["fleet"]["instances"]
            if instance["pid"] == other.process.pid
        )
        with one.operator() as client:
            asked = client.post("/api/v1/scaling/drain", json={"on": True, "instance": theirs})
            unknown = client.post("/api/v1/scaling/drain", json={"on": True, "instance": "x"})

        until(lambda: get(f"{other.url}/health").status_code == 503)

        assert asked.status_code == 202
        assert unknown.status_code == 404
        assert get(f"{one.url}/health").status_code == 200
        with one.operator() as client:
            client.post("/api/v1/scaling/drain", json={"on": False, "instance": theirs})
        until(lambda: get(f"{other.url}/health").status_code == 200)


def test_sigterm_ends_in_0_and_gives_the_lease_up(own_server: Server) -> None:
    own_server.process.send_signal(signal.SIGTERM)

    assert own_server.process.wait(60) == 0
    told = json.loads(own_server.command("scale", "info", "--json").stdout)
    assert told["fleet"]["instances"] == []


def test_a_second_sigterm_ends_it_hard(tmp_path: Path, new_database: Callable[[str], str]) -> None:
    with serving(tmp_path, new_database("sqlite"), APP_DRAIN__WAIT_S="600") as server:
        get(f"{server.url}/health")
        time.sleep(1.2)
        get(f"{server.url}/health")  # goes on after a good answer: a balancer
        server.process.send_signal(signal.SIGTERM)
        until(lambda: get(f"{server.url}/health").status_code == 503)
        assert server.process.poll() is None  # waits for the balancer
        server.process.send_signal(signal.SIGTERM)

        assert server.process.wait(60) == 70


SNIPPET = """
from app.services.horizontal_scaling import horizontal_scaling

checks = horizontal_scaling.check_stateless()
print(checks)

recommendations = horizontal_scaling.get_scaling_recommendations()
print(recommendations)

import asyncio

async def within_a_loop():
    return horizontal_scaling.check_stateless()

print(asyncio.run(within_a_loop())["stateless"])
print(sorted(horizontal_scaling.get_instance_info()), horizontal_scaling.get_load_balancer_config())
"""


def test_the_seeds_snippets_work_in_a_plain_shell(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-i"],
        input=SNIPPET,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    assert "Traceback" not in told.stderr, told.stderr
    lines = [line for line in told.stdout.splitlines() if line]
    assert "'stateless': False" in lines[0]
    assert "'env': ['DATABASE_URL=postgresql://user:password@localhost:5432" in lines[1]
    assert lines[2] == "False"
    assert "'hostname', 'instance_id', 'pid', 'start_time', 'uptime_seconds'" in lines[3]
    assert "'path': '/health', 'interval': 10, 'timeout': 5" in lines[3]
    assert list(tmp_path.rglob("*.db")) == []
