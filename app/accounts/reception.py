"""Where people are let in: what the doors of accounts share."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from app.accounts.domain import Actor
from app.accounts.passwords import Passwords
from app.accounts.principals import AccountPrincipals
from app.accounts.schemas import Person
from app.accounts.service import Gate
from app.accounts.throttle import Throttle
from app.config import Settings
from app.infra.db import Database
from app.infra.ports import Ports
from app.kit.speech import say
from app.web.addresses import Networks, client_address, read_networks
from app.web.cookies import SessionCookies
from app.web.principals import Principal
from app.web.secret import secret_key
from app.web.sessions import Sessions, SessionsAway, open_sessions

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Reception:
    """The database, the sessions and the gate in front of them."""

    settings: Settings
    database: Database
    sessions: Sessions
    cookies: SessionCookies
    gate: Gate
    principals: AccountPrincipals
    now: Callable[[], datetime]
    proxies: Networks
    """Whose X-Forwarded-For is believed."""

    def address(self, connection: HTTPConnection) -> str:
        """Where somebody comes from."""
        return client_address(connection.scope, self.proxies)

    async def begin_session(self, connection: HTTPConnection, person: Person) -> str:
        """Begin a session for somebody who has proved who they are; answers its id."""
        session_id, _ = await self.sessions.start(
            person.id,
            now=self.now(),
            address=self.address(connection),
            agent=connection.headers.get("user-agent", ""),
            data={"epoch": person.epoch},
        )
        return session_id

    async def end_sessions(self, person_id: str) -> None:
        """Clear somebody's sessions away after their epoch has changed, which alone makes them void."""
        try:
            await self.sessions.end_all(person_id)
        except SessionsAway:
            log.warning("void_sessions_left", person_id=person_id)


def open_reception(settings: Settings, ports: Ports) -> Reception:
    """Take what `SESSION_STORAGE` names for the sessions."""
    sessions = open_sessions(settings, ports.database, ports.store)
    cookies = SessionCookies(settings)
    return Reception(
        settings=settings,
        database=ports.database,
        sessions=sessions,
        cookies=cookies,
        gate=Gate(Passwords(), Throttle(ports.limits, settings.limits)),
        principals=AccountPrincipals(
            ports.database,
            sessions,
            cookies,
            ports.now,
            secret=cache(partial(secret_key, settings)),
        ),
        now=ports.now,
        proxies=read_networks(settings.trusted_proxies),
    )


def actor(who: Principal) -> Actor:
    """Who asks, for the audit log."""
    return Actor(who.id, who.name)


def in_person(who: Principal) -> None:
    """Refuse keys: who steals one must not be able to make more of them.

    Raises:
        HTTPException: 403.
    """
    if who.session_id is None:
        raise HTTPException(403, say("This is for people who have signed in, not for keys."))
