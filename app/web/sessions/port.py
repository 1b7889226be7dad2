"""What every keeper of sessions can do, however it keeps them."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from app.infra.scope import Scope

MOST = 32
"""Sessions one person may have; the one unused for longest makes room."""

_SEEN_EVERY_S = 60.0


class SessionsAway(Exception):
    """Sessions cannot be read or written now, so nobody is let in by one."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session as it is kept. Its id is known to the browser alone; `key` is the hash of it."""

    key: str
    person_id: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """When sessions end by themselves, seconds."""

    idle_s: float
    absolute_s: float

    def alive(self, session: Session, now: datetime) -> bool:
        """Whether it has not ended."""
        return now < session.expires_at and now < session.seen_at + timedelta(seconds=self.idle_s)

    def worth_noting(self, seen_at: datetime, now: datetime) -> bool:
        """Whether it was last seen so long ago that it is worth a write: once a minute, at most."""
        return now - seen_at >= timedelta(seconds=min(_SEEN_EVERY_S, self.idle_s / 4))


class Sessions(Protocol):
    """Every operation raises `SessionsAway` when the sessions cannot be had."""

    @property
    def name(self) -> str:
        """What keeps them: `memory`, `database` or `redis`."""
        ...

    @property
    def scope(self) -> Scope:
        """How far they reach."""
        ...

    async def start(
        self,
        person_id: str,
        *,
        now: datetime,
        address: str = "",
        agent: str = "",
        data: Mapping[str, Any] | None = None,
        ttl_s: float | None = None,
    ) -> tuple[str, Session]:
        """Begin a session. Answers its id, which is told this once, and the session.

        `ttl_s` ends it sooner than the settings would: how a probe's session cleans up after itself.
        """
        ...

    async def find(self, session_id: str, *, now: datetime) -> Session | None:
        """The session of an id if it has not ended; notes that it was seen."""
        ...

    async def end(self, key: str) -> bool:
        """Answers whether there was one."""
        ...

    async def of_person(self, person_id: str, *, now: datetime) -> list[Session]:
        """Somebody's sessions, the one seen last first."""
        ...

    async def end_all(self, person_id: str, *, but: str | None = None) -> int:
        """End somebody's sessions, all or all but the one of a key. Answers how many."""
        ...

    async def ping(self) -> None:
        """Ask for a sign of life."""
        ...


def key_of(session_id: str) -> str:
    """What is stored instead of the id: who reads the store cannot become anybody."""
    return hashlib.sha256(session_id.encode("utf-8", "surrogatepass")).hexdigest()


def new_session(
    person_id: str,
    lifetimes: Lifetimes,
    *,
    now: datetime,
    address: str,
    agent: str,
    data: Mapping[str, Any] | None,
    ttl_s: float | None,
) -> tuple[str, Session]:
    """An id of 256 random bits, and the session it opens."""
    session_id = secrets.token_urlsafe(32)
    lasting = lifetimes.absolute_s if ttl_s is None else min(ttl_s, lifetimes.absolute_s)
    session = Session(
        key=key_of(session_id),
        person_id=person_id,
        created_at=now,
        seen_at=now,
        expires_at=now + timedelta(seconds=lasting),
        address=address[:64],
        agent="".join(filter(str.isprintable, agent))[:200],
        data=dict(data or {}),
    )
    return session_id, session
