"""A real server, started as an operator starts it, on each database."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Server:
    """A running `ai-seo-blogger serve`."""

    url: str
    folder: Path
    environment: dict[str, str]
    process: "subprocess.Popen[bytes]"

    @property
    def token(self) -> str:
        return (self.folder / "token").read_text().strip()

    def operator(self, **headers: str) -> httpx2.Client:
        given = {"authorization": f"Bearer {self.token}", **headers}
        return httpx2.Client(base_url=self.url, headers=given, timeout=60)

    def anybody(self) -> httpx2.Client:
        return httpx2.Client(base_url=self.url, timeout=60)

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "app", *arguments],
            cwd=self.folder,
            env={**self.environment, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def environment_of(url: str, folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    given = {"DATABASE_URL": url, "DATA_DIR": str(folder), "COLUMNS": "200"}
    # A test that asks for a server's health is no balancer to wait for.
    return {**kept, **given, "APP_DRAIN__WAIT_S": "0"}


@contextmanager
def serving(folder: Path, url: str, **settings: str) -> Iterator[Server]:
    """A server of its own port, ready; ended at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = environment_of(url, folder) | settings
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve", "--port", str(port)],
            cwd=folder,
            env={**environment, "PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=log,
        )
    server = Server(f"http://127.0.0.1:{port}", folder, environment, process)
    try:
        _wait_until_ready(server)
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _wait_until_ready(server: Server) -> None:
    for _ in range(2400):
        assert server.process.poll() is None, (server.folder / "log").read_text()
        try:
            if httpx2.get(f"{server.url}/health/readiness").status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.05)
    pytest.fail(
        "the server was not ready within two minutes:\n" + (server.folder / "log").read_text()
    )


@pytest.fixture
def server(tmp_path: Path, database_url: str) -> Iterator[Server]:
    """A server with an empty database of its own, once on SQLite and once on PostgreSQL."""
    folder = tmp_path / "server"
    folder.mkdir()
    with serving(folder, database_url) as running:
        yield running


@pytest.fixture(scope="module")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that tests share which leave nothing behind that others would see."""
    folder = tmp_path_factory.mktemp("shared")
    with serving(folder, f"sqlite:///{folder / 'blog.db'}") as running:
        yield running
