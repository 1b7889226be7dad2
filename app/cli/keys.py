"""`ai-seo-blogger keys`: API keys. Works on the database itself, for whoever may read it."""

from typing import Annotated, Any

import typer

from app.cli.house import Code, open_house, run, tell

app = typer.Typer(no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


@app.command()
def create(
    login: Annotated[str, typer.Argument(help="Whose key it is.")],
    name: Annotated[str, typer.Option("--name", help="What it is for.")],
    scope: Annotated[
        list[str], typer.Option("--scope", help="read, write, publish or ops; may be repeated.")
    ],
    days: Annotated[
        int | None, typer.Option("--days", help="Good for so long; unset: until revoked.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it, this once."""
    run(_create, login, name, scope, days, as_json)


@app.command("list")
def list_(
    login: Annotated[str | None, typer.Argument(help="Whose; else everybody's.")] = None,
    as_json: AsJson = False,
) -> None:
    """List keys by their prefix, the newest first."""
    run(_list, login, as_json)


@app.command()
def revoke(key: Annotated[str, typer.Argument(help="The key's id or prefix.")]) -> None:
    """End a key."""
    run(_revoke, key)


async def _create(login: str, name: str, scopes: list[str], days: int | None, as_json: bool) -> int:
    import json
    from datetime import UTC, datetime

    from app.accounts import service
    from app.accounts.domain import COMMAND_LINE
    from app.accounts.repository import Accounts

    async with open_house() as house, house.database.unit() as session:
        key, secret = await service.create_key(
            Accounts(session),
            login,
            name=name,
            scopes=scopes,
            days=days,
            by=COMMAND_LINE,
            now=datetime.now(UTC),
        )
    if as_json:
        typer.echo(json.dumps({**key.model_dump(mode="json"), "key": secret}, ensure_ascii=False))
    else:
        typer.echo(secret)
        tell("Copy it now: only its hash is kept.")
    return Code.DONE


async def _list(login: str | None, as_json: bool) -> int:
    import json

    from app.accounts.repository import Accounts

    async with open_house() as house, house.database.reading() as session:
        accounts = Accounts(session)
        person_id = (await accounts.read(login)).id if login else None
        found = await accounts.keys(person_id)
    if as_json:
        typer.echo(json.dumps([key.model_dump(mode="json") for key in found], ensure_ascii=False))
        return Code.DONE
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None)
    for column in ("prefix", "of", "for", "scopes", "last used", "state"):
        table.add_column(column, no_wrap=True, overflow="fold")
    for key in found:
        used = key.last_used_at.astimezone().strftime("%Y-%m-%d %H:%M") if key.last_used_at else "–"
        table.add_row(key.prefix, key.login, key.name, " ".join(key.scopes), used, _state(key))
    Console().print(table)
    return Code.DONE


async def _revoke(name: str) -> int:
    from datetime import UTC, datetime

    from app.accounts import service
    from app.accounts.domain import COMMAND_LINE
    from app.accounts.repository import Accounts

    async with open_house() as house, house.database.unit() as session:
        key = await service.revoke_key(
            Accounts(session), name, of=None, by=COMMAND_LINE, now=datetime.now(UTC)
        )
    tell(f"The key {key.prefix} of {key.login} lets nobody in any more.")
    return Code.DONE


def _state(key: Any) -> str:
    from datetime import UTC, datetime

    if key.revoked_at:
        return "revoked"
    return "expired" if key.expires_at and key.expires_at <= datetime.now(UTC) else "good"
