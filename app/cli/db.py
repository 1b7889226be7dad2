"""`ai-seo-blogger db`: the database."""

from typing import Annotated

import typer

from app.cli import moving
from app.cli.house import run, tell

app = typer.Typer(no_args_is_help=True)


@app.command()
def upgrade(
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing when all is well.")] = False,
) -> None:
    """Bring the database up to date. Safe to run at any time, by any number of processes at once."""
    run(_upgrade, quiet)


@app.callback()
def group() -> None:
    """The database."""


app.command("copy")(moving.copy)
app.command("verify")(moving.verify)
app.command("backup")(moving.backup)


async def _upgrade(quiet: bool) -> int:
    from app.config import get_settings
    from app.infra.db import open_database
    from app.infra.db.migrate import head, migrate
    from app.infra.durable import migrate_engine

    url = get_settings().effective_database_url
    database = open_database(url)
    try:
        revision = await migrate(database)
        await migrate_engine(url)
    finally:
        await database.close()
    if not quiet:
        kind = "SQLite" if database.is_sqlite else "PostgreSQL"
        tell(f"The {kind} database is at revision {revision}.")
        if revision != head():
            tell(
                f"It is ahead of this release, which knows revisions up to {head()}: nothing to do."
            )
    return 0
