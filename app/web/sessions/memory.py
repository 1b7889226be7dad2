"""Sessions in this process's memory: they end with it, and no other instance knows them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.infra.scope import Scope
from app.web.sessions.port import MOST, Lifetimes, Session, key_of, new_session

_MOST_IN_ALL = 10_000


class MemorySessions:
    """Safe within one event loop: no operation awaits in its middle."""

    name = "memory"
    scope = Scope.PROCESS

    def __init__(self, lifetimes: Lifetimes) -> None:
        self._lifetimes = lifetimes
        self._sessions: dict[str, Session] = {}

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
        """Begin a session."""
        session_id, session = new_session(
            person_id,
            self._lifetimes,
            now=now,
            address=address,
            agent=agent,
            data=data,
            ttl_s=ttl_s,
        )
        own = await self.of_person(person_id, now=now)
        for old in own[MOST - 1 :]:
            del self._sessions[old.key]
        if len(self._sessions) >= _MOST_IN_ALL:
            self._purge(now)
        while len(self._sessions) >= _MOST_IN_ALL:
            del self._sessions[next(iter(self._sessions))]
        self._sessions[session.key] = session
        return session_id, session

    async def find(self, session_id: str, *, now: datetime) -> Session | None:
        """The session of an id, if it has not ended."""
        session = self._sessions.get(key_of(session_id))
        if session is None:
            return None
        if not self._lifetimes.alive(session, now):
            del self._sessions[session.key]
            return None
        if self._lifetimes.worth_noting(session.seen_at, now):
            session = self._sessions[session.key] = replace(session, seen_at=now)
        return session

    async def end(self, key: str) -> bool:
        """Answers whether there was one."""
        return self._sessions.pop(key, None) is not None

    async def of_person(self, person_id: str, *, now: datetime) -> list[Session]:
        """Somebody's sessions, the one seen last first."""
        own = [
            session
            for session in self._sessions.values()
            if session.person_id == person_id and self._lifetimes.alive(session, now)
        ]
        return sorted(own, key=lambda session: session.seen_at, reverse=True)

    async def end_all(self, person_id: str, *, but: str | None = None) -> int:
        """End somebody's sessions."""
        ending = [
            key
            for key, session in self._sessions.items()
            if session.person_id == person_id and key != but
        ]
        for key in ending:
            del self._sessions[key]
        return len(ending)

    async def ping(self) -> None:
        """Memory is always there."""

    def _purge(self, now: datetime) -> None:
        alive = self._lifetimes.alive
        self._sessions = {k: s for k, s in self._sessions.items() if alive(s, now)}
