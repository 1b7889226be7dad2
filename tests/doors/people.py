"""People and keys of a test's database, made as the command line makes them but within this process."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from app.accounts import service
from app.accounts.domain import COMMAND_LINE
from app.accounts.passwords import Passwords
from app.accounts.repository import Accounts
from app.infra.db import open_database
from app.kit.errors import NotFound

PASSWORD = "a sentence of my own"


def within(url: str, act: Callable[[Accounts], Awaitable[Any]]) -> Any:
    """Do something with the accounts of a database."""

    async def run() -> Any:
        database = open_database(url)
        try:
            async with database.unit() as session:
                return await act(Accounts(session))
        finally:
            await database.close()

    # In a thread: a fixture may be asked for while a test's own loop runs.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, run()).result()


def make_person(url: str, login: str, role: str) -> str:
    """Somebody with PASSWORD, unless they are there. An owner is the first one if there is none."""

    async def act(accounts: Accounts) -> None:
        common: dict[str, Any] = {
            "login": login,
            "password": PASSWORD,
            "by": COMMAND_LINE,
            "now": datetime.now(UTC),
        }
        with suppress(NotFound):
            await accounts.read(login)
            return
        if role == "owner" and not await accounts.has_owner():
            await service.create_owner(accounts, Passwords(), **common)
        else:
            await service.create_person(accounts, Passwords(), role=role, **common)

    within(url, act)
    return login


def make_key(
    url: str, login: str, scopes: tuple[str, ...] = ("read", "write", "publish", "ops")
) -> str:
    """A key of somebody."""

    async def act(accounts: Accounts) -> str:
        _, secret = await service.create_key(
            accounts, login, name="test", scopes=scopes, by=COMMAND_LINE, now=datetime.now(UTC)
        )
        return secret

    return within(url, act)
