"""Real servers on each database: one that a module's tests share, and some of a test's own."""

import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx2
import pytest

from tests import clients, started
from tests.doors import people
from tests.limits import UNMET
from tests.started import Started

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Server:
    """A running `ai-seo-blogger serve`."""

    url: str
    folder: Path
    environment: dict[str, str]
    process: Started
    kept: dict[str, str] = field(default_factory=dict)
    """The owner and the owner's key, once they are asked for; tests that share a server share these."""
    test: str = ""
    """What tells the people of one test from those of the others."""
    _people: set[str] = field(default_factory=set)

    def of_a_test(self) -> "Server":
        """The same server, with people of one test's own (but the owner, who is one for all)."""
        return replace(self, test=f"-{secrets.token_hex(4)}", _people=set())

    @property
    def key(self) -> str:
        """A key of the owner with every scope; the owner is made when it is first asked for."""
        if "key" not in self.kept:
            self.kept["key"] = people.make_key(self.environment["DATABASE_URL"], self.owner)
        return self.kept["key"]

    @property
    def owner(self) -> str:
        """The owner's login."""
        if "owner" not in self.kept:
            url = self.environment["DATABASE_URL"]
            self.kept["owner"] = people.make_person(url, "owner@example.org", "owner")
        return self.kept["owner"]

    def person(self, role: str) -> str:
        """Somebody's login; made when first asked for. The first owner is there before anybody else."""
        if role == "owner":
            return self.owner
        login = f"{role}{self.test}@example.org"
        if login not in self._people:
            assert self.owner
            people.make_person(self.environment["DATABASE_URL"], login, role)
            self._people.add(login)
        return login

    @contextmanager
    def signed_in(self, role: str) -> Iterator[httpx2.Client]:
        """A browser in which somebody of `role` has signed in."""
        form = {"login": self.person(role), "password": people.PASSWORD}
        with self.browser() as client:
            answer = client.post("/desk/sign-in", data=form)
            assert answer.status_code == 303, answer.text
            yield client

    def browser(self) -> httpx2.Client:
        """What sends cookies, and from where it asks."""
        return clients.connect(self.url, headers={"sec-fetch-site": "same-origin"})

    def operator(self, **headers: str) -> httpx2.Client:
        return clients.connect(self.url, headers={"authorization": f"Bearer {self.key}", **headers})

    def anybody(self) -> httpx2.Client:
        return clients.connect(self.url)

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return started.run(*arguments, folder=self.folder, environment=self.environment)


def environment_of(url: str, folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    given = {"DATABASE_URL": url, "DATA_DIR": str(folder), "COLUMNS": "200"}
    # A test that asks for a server's health is no balancer to wait for.
    return {**kept, **UNMET, **given, "APP_DRAIN__WAIT_S": "0"}


COPIES = {
    "APP_SEO__THRESHOLDS": json.dumps(
        {language: {"duplicate_share": 1} for language in ("en", "ko")}
    )
}
"""For a server that writes many articles from one source: the second is no copy of the first."""


@contextmanager
def serving(
    folder: Path, url: str, *, entry: Callable[..., None] = started.program, **settings: str
) -> Iterator[Server]:
    """A server of its own port, ready; ended at the end. `entry` is called with the command's arguments."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = environment_of(url, folder) | settings
    process = started.start(
        entry,
        *("serve", "--port", str(port)),
        folder=folder,
        environment=environment,
        output=folder / "log",
    )
    server = Server(f"http://127.0.0.1:{port}", folder, environment, process)
    try:
        _wait_until_ready(server, port)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(120)


def _wait_until_ready(server: Server, port: int) -> None:
    for _ in range(6000):
        assert server.process.poll() is None, (server.folder / "log").read_text()
        asking = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            asking.request("GET", "/health/readiness")
            if asking.getresponse().status == http.HTTPStatus.OK:
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            asking.close()
        time.sleep(0.02)
    pytest.fail("the server was not ready within 120 s:\n" + (server.folder / "log").read_text())


@pytest.fixture(scope="module")
def servers(
    tmp_path_factory: pytest.TempPathFactory, module_database: Callable[[str], str]
) -> Iterator[Callable[[str], Server]]:
    """The module's server on a kind of database (`sqlite`, `postgresql`), started when it is first asked for."""
    running: dict[str, Server] = {}
    with ExitStack() as stack:

        def serve(kind: str) -> Server:
            if kind not in running:
                folder = tmp_path_factory.mktemp(kind)
                running[kind] = stack.enter_context(
                    serving(folder, module_database(kind), **COPIES)
                )
            return running[kind].of_a_test()

        yield serve


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, servers: Callable[[str], Server]) -> Server:
    """A server that the module's tests share, once on SQLite and once on PostgreSQL; others have left things in it."""
    return servers(request.param)


@pytest.fixture
def one_server(servers: Callable[[str], Server]) -> Server:
    """As `server`, on SQLite alone, for what no database decides."""
    return servers("sqlite")


@pytest.fixture
def own_server(tmp_path: Path, database_url: str) -> Iterator[Server]:
    """A server with an empty database of its own, for who stops it or counts what is in it; on each database."""
    folder = tmp_path / "server"
    folder.mkdir()
    with serving(folder, database_url, **COPIES) as running:
        yield running
