"""The command line as a person runs it: a process in a folder of its own."""

import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests import started
from tests.doors.conftest import ROOT, environment_of

Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Runs `ai-seo-blogger` on an SQLite file; `command("write", …, stdin=…, LLM_MODEL=…)`."""

    def run(
        *arguments: str, stdin: str | None = None, **settings: str
    ) -> "subprocess.CompletedProcess[str]":
        environment = environment_of("", tmp_path / "data") | settings
        return started.run(*arguments, folder=tmp_path, environment=environment, stdin=stdin)

    return run


@pytest.fixture
def command_from_nothing(tmp_path: Path) -> Command:
    """As `command`, by a Python that has to be started, as at a terminal."""

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "app", *arguments],
            cwd=tmp_path,
            env={**environment_of("", tmp_path / "data"), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def bare(postgres_server: str) -> Iterator[str]:
    """The address of a PostgreSQL database without a table."""
    name = f"moved_{secrets.token_hex(6)}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    yield postgres_server.rsplit("/", 1)[0] + "/" + name
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
