"""What all tests share: no network but loopback, and a migrated database of their own on each backend."""

import asyncio
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
import stamina
from psycopg import sql

from app.infra.db import Database, open_database
from app.infra.db.migrate import migrate
from app.infra.durable import migrate_engine
from tests.services import Services, ask_for

_services: Services | None = None


_MEMORY = Path("/dev/shm")  # noqa: S108  # what is made there is as private as in /tmp
_ENOUGH = 4 * 1024**3
"""Bytes that must be free there: a run takes about a tenth of it."""


def pytest_configure(config: pytest.Config) -> None:
    """Offer servers from the process that the workers descend from."""
    global _services  # one set a run; pytest gives hooks nowhere else to keep it
    if not hasattr(config, "workerinput"):
        _work_in_memory()
        _services = Services()


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: tests of processes wait for them as often as they work."""
    return (os.cpu_count() or 1) + 1


def _work_in_memory() -> None:
    """Have temporary files where no disk is waited for, unless TMPDIR says where; workers inherit it."""
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK):
        return
    may_run = not os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC  # servers' programs are copied there
    if may_run and shutil.disk_usage(_MEMORY).free > _ENOUGH:
        os.environ["TMPDIR"] = str(_MEMORY)
        tempfile.tempdir = None  # looked for anew


def pytest_unconfigure(config: pytest.Config) -> None:
    if _services is not None:
        _services.close()


@pytest.fixture(autouse=True)
def _no_waiting_retries() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


def pytest_runtest_setup() -> None:
    from pytest_socket import socket_allow_hosts

    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The address of the run's PostgreSQL. One that a test stops or kills it starts itself: `app.cluster`."""
    return ask_for("postgres")["url"]


@pytest.fixture(scope="session")
def valkey_server() -> str:
    """The address of the run's Valkey; whoever uses it takes keys of its own."""
    return ask_for("valkey")["url"]


@pytest.fixture(scope="session")
def s3_server() -> dict[str, str]:
    """`url` for `BLOB_URL`, and the variables with its key; whoever uses it takes a prefix of its own."""
    return ask_for("s3")


def _migrated(url: str) -> None:
    async def run() -> None:
        database = open_database(url)
        try:
            await migrate(database)
            await migrate_engine(url)
        finally:
            await database.close()

    # In a thread: a fixture may be asked for while a test's own loop runs.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, run()).result()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "blog.db"
    _migrated(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str, worker_id: str) -> str:
    name = f"template_{worker_id}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    _migrated(postgres_server.rsplit("/", 1)[0] + "/" + name)
    return name


def _databases(request: pytest.FixtureRequest, folder: Path) -> Iterator[Callable[[str], str]]:
    made: list[tuple[str, str]] = []
    files = 0

    def make(kind: str) -> str:
        nonlocal files
        if kind == "sqlite":
            file = folder / f"blog{files}.db"
            files += 1
            shutil.copy(request.getfixturevalue("sqlite_template"), file)
            return f"sqlite:///{file}"
        server = request.getfixturevalue("postgres_server")
        template = request.getfixturevalue("postgres_template")
        name = f"test_{secrets.token_hex(6)}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(
                # A copy of its files, in memory where that can be: a quarter of the time of the usual way.
                sql.SQL("create database {} template {} strategy file_copy").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        made.append((server, name))
        return server.rsplit("/", 1)[0] + "/" + name

    yield make
    for server, name in made:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
            )


@pytest.fixture
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Makes an empty, migrated database of the kind asked for (`sqlite`, `postgresql`); answers its address."""
    yield from _databases(request, tmp_path)


@pytest.fixture(scope="module")
def module_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], str]]:
    """As `new_database`, for what a module's tests share."""
    yield from _databases(request, tmp_path_factory.mktemp("databases"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, new_database: Callable[[str], str]) -> str:
    return new_database(request.param)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated, empty database, once on SQLite and once on PostgreSQL. What a test commits is its own."""
    opened = open_database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def pytest_addoption(parser: Any) -> None:
    parser.addoption(
        "--require-services",
        action="store_true",
        help="a service, model or browser that cannot be had is a failure, not a skip",
    )
    parser.addoption(
        "--kills", type=int, default=3, help="kill instants of the kill test, a database"
    )
    parser.addoption("--seed", type=int, default=20261123, help="seed of the kill instants")
