"""Knows who asks: by the key in a header, else by the session in a cookie."""

import hmac
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from app.accounts.domain import PERMISSIONS, hash_of, key_permissions, prefix_of
from app.accounts.repository import Accounts
from app.accounts.schemas import Key
from app.infra.db import Database
from app.infra.logs import name_person, pseudonym
from app.kit.speech import say
from app.web.cookies import SessionCookies
from app.web.principals import Principal
from app.web.sessions import Sessions, SessionsAway

log = structlog.get_logger()

_KNOWN = "app.principal"
"""Where a request keeps the answer, for routes that ask twice."""

_NOTED_EVERY = timedelta(minutes=1)


class AccountPrincipals:
    """Asks the database at each request: a role that is taken away is gone with the next."""

    def __init__(
        self,
        database: Database,
        sessions: Sessions,
        cookies: SessionCookies,
        now: Callable[[], datetime],
        *,
        secret: Callable[[], str],
    ) -> None:
        """By `secret` people have pseudonyms in the log; it is asked for when somebody has to have one."""
        self._secret = secret
        self._database = database
        self._sessions = sessions
        self._cookies = cookies
        self._now = now

    async def identify(self, connection: HTTPConnection) -> Principal | None:
        """Who asks; None for a stranger, and for one whose key or session does not count any more.

        Raises:
            HTTPException: 503 when it cannot be known now. Nobody is let in on a guess.
        """
        if _KNOWN in connection.scope:
            return connection.scope[_KNOWN]
        try:
            found = await self._identify(connection)
        except (SessionsAway, DBAPIError, NoConnection, OSError) as error:
            log.warning("principals_away", error=type(error).__name__)
            raise HTTPException(
                503,
                say("Who you are cannot be checked at the moment. Please try again shortly."),
                {"Retry-After": "5", "Cache-Control": "no-store"},
            ) from error
        connection.scope[_KNOWN] = found
        if found is not None:
            name_person(pseudonym(self._secret(), found.person_id or found.id))
        return found

    async def _identify(self, connection: HTTPConnection) -> Principal | None:
        scheme, _, given = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return await self._by_key(given.strip())
        session_id = self._cookies.read(connection)
        return await self._by_session(session_id) if session_id else None

    async def _by_key(self, given: str) -> Principal | None:
        prefix = prefix_of(given)
        if prefix is None:
            return None
        now = self._now()
        async with self._database.reading() as session:
            found = await Accounts(session).by_prefix(prefix)
        if found is None:
            return None
        key, hashed, person = found
        if not hmac.compare_digest(hash_of(given), hashed):
            return None
        over = key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now)
        if over or person.disabled_at is not None:
            return None
        await self._note_use(key, now)
        return Principal(
            id=f"key:{key.id}",
            name=key.name,
            permissions=key_permissions(person.role, key.scopes),
            person_id=person.id,
            language=person.language,
        )

    async def _by_session(self, session_id: str) -> Principal | None:
        session = await self._sessions.find(session_id, now=self._now())
        if session is None:
            return None
        async with self._database.reading() as rows:
            person = await Accounts(rows).find(session.person_id)
        if person is None or person.disabled_at or session.data.get("epoch") != person.epoch:
            return None
        return Principal(
            id=f"person:{person.id}",
            name=person.name,
            permissions=PERMISSIONS[person.role],
            session_id=session.key,
            person_id=person.id,
            language=person.language,
        )

    async def _note_use(self, key: Key, now: datetime) -> None:
        """Write down the use of a key, once a minute. Who is in the way of that costs a note only."""
        if key.last_used_at is not None and now - key.last_used_at < _NOTED_EVERY:
            return
        with suppress(DBAPIError, NoConnection):
            async with self._database.unit() as session:
                await Accounts(session).note_use(key.id, now=now)
