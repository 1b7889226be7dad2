"""A key for one errand: made for it, revoked after it, both in the audit log."""

from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import datetime

from app.accounts.domain import Actor
from app.accounts.repository import Accounts
from app.accounts.service import create_key, revoke_key
from app.infra.db import Database
from app.kit.errors import NotFound
from app.kit.speech import say


@asynccontextmanager
async def errand_key(
    database: Database,
    *,
    name: str,
    scopes: Collection[str],
    by: Actor,
    now: Callable[[], datetime],
    owner: str = "",
) -> AsyncGenerator[str]:
    """A key of `owner`, or of the first owner there is; it ends by itself after a day if nobody revokes it.

    Raises:
        NotFound: there is no owner.
    """
    async with database.unit() as session:
        accounts = Accounts(session)
        if not owner:
            owners = await accounts.owners()
            if not owners:
                raise NotFound(
                    say("The proof needs an owner. Make one: ai-seo-blogger users create-owner")
                )
            owner = owners[0]
        made, secret = await create_key(
            accounts, owner, name=name, scopes=scopes, days=1, by=by, now=now()
        )
    try:
        yield secret
    finally:
        async with database.unit() as session:
            await revoke_key(Accounts(session), made.id, of=None, by=by, now=now())
