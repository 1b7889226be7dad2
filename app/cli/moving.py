"""`db copy`, `db verify`, `db backup` and `media copy`: an installation moves, or is kept safe."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.house import Code, run, tell

if TYPE_CHECKING:
    from app.infra.moving.verifying import Verified

From = Annotated[
    str,
    typer.Argument(
        metavar="FROM",
        help="Address of the source: sqlite:///data/blog.db, postgresql://…, or env:NAME to read it from a "
        "variable, so that no password stands in the list of processes.",
    ),
]
To = Annotated[
    str, typer.Argument(metavar="TO", help="Address of the target, PostgreSQL; or env:NAME.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]

_APART_S = 2.0
"""Lines of progress are so far apart where there is no terminal."""


def copy(
    source: From,
    target: To,
    anew: Annotated[
        bool, typer.Option("--anew", help="Throw away what an interrupted copy brought.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Copy the database into an empty PostgreSQL one, jobs and all; verify every row.

    Interrupted, it goes on where it was when it is run again. Every instance on the source must be stopped.
    """
    from app.infra.db.migrate import head
    from app.infra.moving import copy_database, look_first
    from app.tables import metadata

    # Not in a loop: that would keep Ctrl-C from what blocks.
    began = time.monotonic()
    source, target, names = _address(source), _address(target), set(metadata.tables)
    look_first(source, target, names, head=head())
    run(_bring_up_to_date, target)
    verified = copy_database(
        source,
        target,
        names,
        anew=anew,
        head=head(),
        tell=_Lines().table,
        checking=lambda: tell("All rows are there; comparing them …"),
    )
    _report(verified, time.monotonic() - began, as_json)


def verify(source: From, target: To, as_json: Json = False) -> None:
    """Compare two databases row by row. Exit code 1 when they differ."""
    from app.infra.moving import verify_databases
    from app.tables import metadata

    began = time.monotonic()
    verified = verify_databases(
        _address(source), _address(target), set(metadata.tables), _Lines().table
    )
    _report(verified, time.monotonic() - began, as_json)


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")],
    pg_dump: Annotated[
        str, typer.Option("--pg-dump", help="The pg_dump to use, at least as new as the server.")
    ] = "pg_dump",
) -> None:
    """Write a backup of the database, while instances run. Files and SECRET_KEY are kept apart from it."""
    from app.config import get_settings
    from app.infra.moving import back_up

    how = back_up(get_settings().effective_database_url, file.absolute(), pg_dump=pg_dump)
    tell(f"Wrote {file} ({file.stat().st_size:,} bytes). Restore it with: {how}")


media = typer.Typer(no_args_is_help=True)


@media.callback()
def group() -> None:
    """Uploaded files."""


@media.command("copy")
def copy_media(
    source: Annotated[
        str,
        typer.Argument(
            metavar="FROM", help="A store as BLOB_URL names it: file:///folder, s3://…."
        ),
    ],
    target: Annotated[str, typer.Argument(metavar="TO", help="The other store.")],
    as_json: Json = False,
) -> None:
    """Copy every uploaded file to another store, and read each back. Run it again to go on.

    The database says which files there are and what their bytes must be. Exit code 1 when one is missing.
    """
    run(_copy_media, source, target, as_json)


def _address(given: str) -> str:
    name = given.removeprefix("env:")
    if name == given:
        return given
    found = os.environ.get(name)
    if not found:
        raise typer.BadParameter(
            f"The variable {name} is not set. Set it: export {name}=postgresql://…"
        )
    return found


_PAGE = 1_000


class _Lines:
    """Tells how far it is: a line when a table begins to take long, and one when it is done."""

    def __init__(self) -> None:
        self._told = time.monotonic()

    def table(self, name: str, done: int, total: int) -> None:
        now = time.monotonic()
        if total and (done == total or now - self._told > _APART_S):
            self._told = now
            tell(f"{name}: {done:,} of {total:,} rows")

    def files(self, done: int, total: int) -> None:
        now = time.monotonic()
        if done == total or now - self._told > _APART_S:
            self._told = now
            tell(f"{done:,} of {total:,} files")


async def _bring_up_to_date(url: str) -> int:
    from app.infra.db import open_database
    from app.infra.db.migrate import migrate
    from app.infra.durable import migrate_engine

    database = open_database(url)
    try:
        await database.reach()
        await migrate(database)
        await migrate_engine(url)
    finally:
        await database.close()
    return 0


def _report(verified: "Verified", took_s: float, as_json: bool) -> None:
    import json

    rows = sum(verified.rows.values())
    same = not verified.differences
    if as_json:
        told = {"same": same, "rows": verified.rows, "hashes": verified.hashes}
        typer.echo(
            json.dumps({**told, "differences": verified.differences, "seconds": round(took_s, 2)})
        )
    elif same:
        tell(f"Both hold the same {rows:,} rows in {len(verified.rows)} tables ({took_s:.1f} s).")
    for difference in verified.differences:
        tell(f"differs: {difference}")
    if not same:
        tell(
            "One of them was written since the copy began. With nothing running on either, begin again: "
            "ai-seo-blogger db copy FROM TO --anew (after a copy that ended: into a new database)"
        )
        raise SystemExit(Code.FAILED)


async def _copy_media(source: str, target: str, as_json: bool) -> int:
    import json
    from dataclasses import asdict

    from app.cli.house import open_house
    from app.infra.blobs import BlobsAway, open_blobs
    from app.infra.moving import copy_files
    from app.infra.moving.files import Listed
    from app.posts.media.repository import MediaFiles

    async with open_house() as house:
        nowhere = house.settings.data_dir / "media"
        source_blobs, target_blobs = open_blobs(source, nowhere), open_blobs(target, nowhere)
        try:
            files: list[Listed] = []
            last: str | None = None
            async with house.database.reading() as session:
                while page := await MediaFiles(session).newest(before=last, limit=_PAGE):
                    files += [Listed(file.key, file.bytes, file.sha256) for file in page]
                    last = page[-1].id
            try:
                moved = await copy_files(source_blobs, target_blobs, files, _Lines().files)
            except ExceptionGroup as group:
                away, others = group.split(BlobsAway)
                if away is None or others is not None:
                    raise
                tell(f"error: {away.exceptions[0]} Run the command again; it goes on.")
                return Code.SETTINGS
        finally:
            await source_blobs.close()
            await target_blobs.close()
    if as_json:
        typer.echo(json.dumps(asdict(moved)))
    else:
        tell(
            f"{moved.copied:,} copied ({moved.bytes:,} bytes), {moved.there:,} there already; each read back."
        )
    for key in moved.missing:
        tell(f"missing or damaged in the source: {key}")
    for key in moved.wrong:
        tell(f"read back with other bytes: {key}")
    return Code.FAILED if moved.missing or moved.wrong else Code.DONE
