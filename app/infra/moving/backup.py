"""Writes a backup while the program runs: SQLite by its own online copy, PostgreSQL by pg_dump."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path

from app.infra.db.urls import async_url, sqlite_file
from app.infra.moving.shapes import CannotMove


def back_up(url: str, to: Path, *, pg_dump: str = "pg_dump") -> str:
    """Write the backup; answers how to restore it. The file is whole or not there, and its owner's alone.

    Raises:
        CannotMove: the file is there already, the database is not, or pg_dump is missing or refuses.
    """
    if to.exists():
        raise CannotMove(f"{to} is there already. Name another file.")
    if not to.parent.is_dir():
        raise CannotMove(f"There is no folder {to.parent}. Make it: mkdir -p {to.parent}")
    handle, name = tempfile.mkstemp(prefix=f".{to.name}.", dir=to.parent)  # 0600
    os.close(handle)
    part = Path(name)
    try:
        file = sqlite_file(url)
        how = _dump(url, part, pg_dump) if file is None else _copy(file, part)
        with part.open("rb") as whole:
            os.fsync(whole.fileno())
        try:
            os.link(part, to)  # refuses where somebody made one meanwhile
        except FileExistsError:
            raise CannotMove(f"{to} is there already. Name another file.") from None
    finally:
        part.unlink(missing_ok=True)
    return how.format(file=to)


def _copy(file: Path, to: Path) -> str:
    if not file.is_file():
        raise CannotMove(f"There is no SQLite file {file}.")
    with (
        closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(to)) as target,
    ):
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
        found = target.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        raise CannotMove(f"The copy of {file} is damaged: {found}")
    return f"cp {{file}} {file} (with nothing running on it)"


def _dump(url: str, to: Path, program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise CannotMove(
            "pg_dump is not installed. On Debian or Ubuntu: apt install postgresql-client"
        )
    parsed = async_url(url)
    # The password through the environment: arguments can be read by everybody on the machine.
    variables = {
        "PGHOST": parsed.host,
        "PGPORT": str(parsed.port) if parsed.port else None,
        "PGUSER": parsed.username,
        "PGPASSWORD": str(parsed.password) if parsed.password else None,
        "PGDATABASE": parsed.database,
        **{
            _VARIABLES[name]: str(value)
            for name, value in parsed.query.items()
            if name in _VARIABLES
        },
    }
    environment = {**os.environ, **{name: value for name, value in variables.items() if value}}
    done = subprocess.run(  # noqa: S603
        [
            found,
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            "--no-password",
            f"--file={to}",
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        hint = (
            " Install a pg_dump that is as new as the server."
            if "version mismatch" in done.stderr
            else ""
        )
        raise CannotMove(f"pg_dump: {reason}.{hint}")
    return "pg_restore --no-owner --exit-on-error --dbname=NEW_DATABASE {file}"


_VARIABLES = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "host": "PGHOST",
}
