"""`db backup`, as a person runs it against a database in use, and what is restored from it."""

import shutil
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.cluster.postgres import find_binaries
from tests import clients
from tests.cli.conftest import Command
from tests.cli.moved import fill, folder
from tests.doors.conftest import serving


def backup_command(url: str) -> list[str]:
    return ["--pg-dump", str(find_binaries() / "pg_dump")] if url.startswith("postgres") else []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backup_is_restored_into_a_fresh_installation_that_serves_the_article(
    command: Command,
    new_database: Callable[[str], str],
    bare: str,
    tmp_path: Path,
    kind: str,
) -> None:
    first = new_database("sqlite")
    fill(first)
    source, fresh = first, f"sqlite:///{tmp_path}/fresh/blog.db"
    if kind == "postgresql":
        source, fresh = new_database("postgresql"), bare
        assert command("db", "copy", first, source).returncode == 0
    dump = tmp_path / "blog.backup"

    with serving(folder(tmp_path, "old"), source):  # while an instance runs
        done = command("db", "backup", str(dump), *backup_command(source), DATABASE_URL=source)
    twice = command("db", "backup", str(dump), DATABASE_URL=source)
    if kind == "sqlite":
        (tmp_path / "fresh").mkdir()
        shutil.copy(dump, tmp_path / "fresh" / "blog.db")
    else:
        restored = subprocess.run(
            [
                str(find_binaries() / "pg_restore"),
                "--no-owner",
                "--exit-on-error",
                f"--dbname={fresh}",
                str(dump),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert restored.returncode == 0, restored.stderr

    assert done.returncode == 0, done.stderr
    assert "Restore it with: " in done.stderr
    assert dump.stat().st_mode & 0o777 == 0o600
    assert twice.returncode == 4
    with ExitStack() as fleet:
        for number in range(2 if kind == "postgresql" else 1):
            server = fleet.enter_context(serving(folder(tmp_path, f"new{number}"), fresh))
            assert "수평 확장 🚀" in clients.get(f"{server.url}/ko/수평-확장").text
