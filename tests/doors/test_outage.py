"""The database away: readers are served, nobody ends, nothing is taken over, and all goes on by itself."""

import asyncio
import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import psycopg
import pytest

from app.cluster import PostgresServer
from app.infra.db import open_database
from app.infra.db.migrate import migrate
from tests.doors.conftest import serving
from tests.doors.test_api import REQUEST, ended
from tests.doors.test_scaling import info, until
from tests.scaling.readers import reading
from tests.scaling.test_fleet import ARTICLE, publish_at

OUTAGE_S = 15
SHORT_OUTAGE_S = 10
UNREADY_WITHIN_S = 2.0


class Line:
    """A line to a server that can be cut, and one that can hang without a word."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.cut = False
        self.hangs = threading.Event()
        self._closed = False
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def break_off(self) -> None:
        self.cut = True
        for pair in tuple(self._pairs):
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._closed = True
        self._listener.close()

    def _accept(self) -> None:
        while not self._closed:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self.cut:
                near.close()
                continue
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError):
            far = socket.create_connection(self._target)
            pair = (near, far)
            self._pairs.add(pair)
            with far:
                while True:
                    readable, _, _ = select.select(pair, [], [], 0.2)
                    while self.hangs.is_set():
                        time.sleep(0.05)
                    for end in readable:
                        data = end.recv(65536)
                        if not data:
                            return
                        (far if end is near else near).sendall(data)
            self._pairs.discard(pair)


@pytest.mark.chaos  # two outages of 15 s each
@pytest.mark.parametrize("kind", ["cut", "hangs"])
def test_no_instance_ends_and_no_live_work_is_taken_over(
    kind: str, tmp_path: Path, new_database: Callable[[str], str]
) -> None:
    direct = new_database("postgresql")
    parts = urlsplit(direct)
    line = Line(str(parts.hostname), int(parts.port or 0))
    url = direct.replace(f":{parts.port}/", f":{line.port}/")
    with ExitStack() as stack:
        stack.callback(line.close)
        servers = []
        for n in range(3):
            folder = tmp_path / f"instance{n}"
            folder.mkdir()
            servers.append(stack.enter_context(serving(folder, url)))
        until(lambda: info(servers[0])["fleet"]["live"] == 3)
        with servers[0].operator() as client:
            jobs = [
                client.post("/api/v1/generate-post", json=REQUEST).json()["job_id"]
                for _ in range(3)
            ]

        line.hangs.set() if kind == "hangs" else line.break_off()
        began = time.monotonic()
        alive = set()
        until(
            lambda: httpx2.get(f"{servers[1].url}/health/readiness", timeout=30).status_code == 503
        )
        unready_after = time.monotonic() - began
        while time.monotonic() - began < OUTAGE_S:
            alive |= {
                httpx2.get(f"{one.url}/health/liveness", timeout=30).status_code for one in servers
            }
            time.sleep(0.2)
        line.cut = False
        line.hangs.clear()

        assert [one.process.poll() for one in servers] == [None] * 3
        assert alive == {200}
        assert unready_after < UNREADY_WITHIN_S
        for one in servers:
            until(
                lambda one=one: (
                    httpx2.get(f"{one.url}/health/readiness", timeout=30).status_code == 200
                )
            )
        with servers[0].operator() as client:
            found = [ended(client, job) for job in jobs]
            assert [one["state"] for one in found] == ["succeeded"] * 3, found
        until(lambda: info(servers[0])["fleet"]["live"] == 3)
        with psycopg.connect(direct) as connection:
            taken_over = connection.execute(
                "select count(*) from dbos.workflow_status where recovery_attempts > 1"
            ).fetchone()
        assert taken_over == (0,)


def migrated(url: str) -> None:
    async def migrate_it() -> None:
        database = open_database(url)
        try:
            await migrate(database)
        finally:
            await database.close()

    with ThreadPoolExecutor(1) as pool:  # a loop of its own: a test's may be running
        pool.submit(asyncio.run, migrate_it()).result()


@pytest.mark.chaos  # an outage of ten seconds
def test_readers_are_served_while_postgresql_is_stopped(tmp_path: Path) -> None:
    with PostgresServer(durable=False) as postgres:
        migrated(postgres.url)
        publish_at(postgres.url)
        with serving(tmp_path, postgres.url, ROLE="web") as server:
            with reading(server.url, ARTICLE, readers=2) as readers:
                readers.more(50)
                postgres.stop()
                began = time.monotonic()
                until(
                    lambda: (
                        httpx2.get(f"{server.url}/health/readiness", timeout=30).status_code == 503
                    )
                )
                unready_after = time.monotonic() - began
                alive, healthy = set(), set()
                while time.monotonic() - began < SHORT_OUTAGE_S:
                    alive.add(httpx2.get(f"{server.url}/health/liveness", timeout=30).status_code)
                    healthy.add(httpx2.get(f"{server.url}/health", timeout=30).json()["status"])
                    time.sleep(0.1)
                postgres.start()
                back = time.monotonic()
                until(
                    lambda: (
                        httpx2.get(f"{server.url}/health/readiness", timeout=30).status_code == 200
                    )
                )
                ready_after = time.monotonic() - back
                readers.more(50)
            restarted = server.process.poll() is not None

    print(  # noqa: T201  # figures for whoever runs `make chaos`
        f"unready after {unready_after:.2f} s, ready again after {ready_after:.2f} s, "
        f"{readers.served} pages served, {len(readers.failed)} failed"
    )
    assert unready_after < UNREADY_WITHIN_S
    assert alive == {200}
    assert healthy == {"degraded"}
    assert readers.failed == []
    assert not restarted
