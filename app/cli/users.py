"""`ai-seo-blogger users`: people who can sign in. Works on the database itself, for whoever may read it."""

import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.house import Code, open_house, run, tell

if TYPE_CHECKING:
    from app.accounts.repository import Accounts
    from app.accounts.schemas import Person

app = typer.Typer(no_args_is_help=True)

Login = Annotated[str, typer.Argument(help="E-mail address, or a name without blanks.")]
Name = Annotated[str, typer.Option("--name", help="Name to be shown; else the login.")]
FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]
Generate = Annotated[
    bool, typer.Option("--generate", help="Make a password and print it, this once.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


@app.command("create-owner")
def create_owner(
    login: Login, name: Name = "", password_stdin: FromInput = False, as_json: AsJson = False
) -> None:
    """Create the first owner. The password is asked for."""
    run(_create_owner, login, name, _password(password_stdin), as_json)


@app.command()
def create(
    login: Login,
    role: Annotated[
        str, typer.Option("--role", help="owner, editor, writer or viewer.")
    ] = "writer",
    name: Name = "",
    password_stdin: FromInput = False,
    generate: Generate = False,
    as_json: AsJson = False,
) -> None:
    """Add somebody."""
    password = None if generate else _password(password_stdin)
    run(
        _with_password,
        "create_person",
        {"login": login, "role": role, "name": name},
        password,
        as_json,
    )


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List everybody."""
    run(_list, as_json)


@app.command()
def role(
    login: Login, role: Annotated[str, typer.Argument(help="owner, editor, writer or viewer.")]
) -> None:
    """Give somebody another role. Their sessions end."""
    run(_change, "change_role", login, role)


@app.command()
def disable(login: Login) -> None:
    """Let somebody in no more, neither by password nor by session nor by key."""
    run(_change, "disable_person", login)


@app.command()
def enable(login: Login) -> None:
    """Let somebody in again."""
    run(_change, "enable_person", login)


@app.command("reset-password")
def reset_password(
    login: Login,
    password_stdin: FromInput = False,
    generate: Generate = False,
    as_json: AsJson = False,
) -> None:
    """Give somebody a new password. Their sessions end."""
    password = None if generate else _password(password_stdin)
    run(_with_password, "reset_password", {"name": login}, password, as_json)


def _password(from_input: bool) -> str:
    """Ask for a password, never as an argument: those stand in the history and in the list of processes."""
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        tell("error: there is no terminal to ask for the password; use --password-stdin.")
        raise SystemExit(Code.USAGE)
    asked: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return asked


async def _in_unit(act: "Callable[[Accounts], Awaitable[Any]]") -> Any:
    from app.accounts.repository import Accounts

    async with open_house() as house, house.database.unit() as session:
        return await act(Accounts(session))


async def _create_owner(login: str, name: str, password: str, as_json: bool) -> int:
    from datetime import UTC, datetime

    from app.accounts import service
    from app.accounts.domain import COMMAND_LINE
    from app.accounts.passwords import Passwords

    person = await _in_unit(
        lambda accounts: service.create_owner(
            accounts,
            Passwords(),
            login=login,
            name=name,
            password=password,
            by=COMMAND_LINE,
            now=datetime.now(UTC),
        )
    )
    _print(person, as_json)
    tell(f"{person.login} is the owner. Sign in at /desk/sign-in.")
    return Code.DONE


async def _with_password(
    verb: str, about: dict[str, str], password: str | None, as_json: bool
) -> int:
    from datetime import UTC, datetime

    from app.accounts import service
    from app.accounts.domain import COMMAND_LINE
    from app.accounts.passwords import Passwords

    given = dict(about)
    named = [given.pop("name")] if verb == "reset_password" else []
    person, made = await _in_unit(
        lambda accounts: getattr(service, verb)(
            accounts,
            Passwords(),
            *named,
            **given,
            password=password,
            by=COMMAND_LINE,
            now=datetime.now(UTC),
        )
    )
    told = made if password is None else None
    _print(person, as_json, password=told)
    if told and not as_json:
        typer.echo(told)
    tell(f"{person.login} ({person.role.value}) can sign in with the new password.")
    return Code.DONE


async def _change(verb: str, login: str, *given: str) -> int:
    from datetime import UTC, datetime

    from app.accounts import service
    from app.accounts.domain import COMMAND_LINE

    person = await _in_unit(
        lambda accounts: getattr(service, verb)(
            accounts, login, *given, by=COMMAND_LINE, now=datetime.now(UTC)
        )
    )
    state = "disabled" if person.disabled_at else "enabled"
    tell(f"{person.login} is {person.role.value}, {state}.")
    return Code.DONE


async def _list(as_json: bool) -> int:
    import json

    from app.accounts.repository import Accounts

    async with open_house() as house, house.database.reading() as session:
        people = await Accounts(session).everybody()
    if as_json:
        typer.echo(json.dumps([_shown(person) for person in people], ensure_ascii=False))
        return Code.DONE
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None)
    for column in ("login", "name", "role", "since", "state"):
        table.add_column(column, no_wrap=True, overflow="fold")
    for person in people:
        since = person.created_at.astimezone().strftime("%Y-%m-%d")
        state = "disabled" if person.disabled_at else "enabled"
        table.add_row(person.login, person.name, person.role.value, since, state)
    Console().print(table)
    return Code.DONE


def _print(person: "Person", as_json: bool, *, password: str | None = None) -> None:
    import json

    if as_json:
        shown = _shown(person) | ({"password": password} if password else {})
        typer.echo(json.dumps(shown, ensure_ascii=False))


def _shown(person: "Person") -> dict[str, Any]:
    return person.model_dump(mode="json", exclude={"epoch"})
