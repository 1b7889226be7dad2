"""Sessions in the database: as lasting as everything else, known to every instance that shares it."""

from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncSession

from app.infra.db import Database
from app.infra.scope import Scope
from app.web.sessions.models import SessionRow
from app.web.sessions.port import MOST, Lifetimes, Session, SessionsAway, key_of, new_session


class SqlSessions:
    """Rows of their own table. What has ended is deleted when somebody signs in."""

    name = "database"

    def __init__(self, database: Database, lifetimes: Lifetimes) -> None:
        self._database = database
        self._lifetimes = lifetimes
        self.scope = Scope.HOST if database.is_sqlite else Scope.FLEET

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
        """Begin a session; those that have ended are deleted."""
        session_id, session = new_session(
            person_id,
            self._lifetimes,
            now=now,
            address=address,
            agent=agent,
            data=data,
            ttl_s=ttl_s,
        )
        async with self._writing() as rows:
            await rows.execute(
                delete(SessionRow).where(
                    (SessionRow.expires_at <= now) | (SessionRow.seen_at <= self._idle_since(now))
                )
            )
            surplus = (
                select(SessionRow.key)
                .where(SessionRow.person_id == person_id)
                .order_by(SessionRow.seen_at.desc(), SessionRow.key)
                .offset(MOST - 1)
            )
            keys = (await rows.scalars(surplus)).all()
            if keys:
                await rows.execute(delete(SessionRow).where(SessionRow.key.in_(keys)))
            rows.add(
                SessionRow(
                    key=session.key,
                    person_id=session.person_id,
                    created_at=session.created_at,
                    seen_at=session.seen_at,
                    expires_at=session.expires_at,
                    address=session.address,
                    agent=session.agent,
                    data=dict(session.data),
                )
            )
        return session_id, session

    async def find(self, session_id: str, *, now: datetime) -> Session | None:
        """The session of an id, if it has not ended."""
        async with self._reading() as rows:
            row = await rows.get(SessionRow, key_of(session_id))
            session = _session(row) if row is not None else None
        if session is None or not self._lifetimes.alive(session, now):
            return None
        if self._lifetimes.worth_noting(session.seen_at, now):
            # An update, so that one who was signed out in the meantime stays it. A writer that is in
            # the way costs a note, not the request.
            with suppress(SessionsAway):
                async with self._writing() as rows:
                    await rows.execute(
                        update(SessionRow).where(SessionRow.key == session.key).values(seen_at=now)
                    )
        return session

    async def end(self, key: str) -> bool:
        """Answers whether there was one."""
        async with self._writing() as rows:
            ended = await rows.scalars(
                delete(SessionRow).where(SessionRow.key == key).returning(SessionRow.key)
            )
            return ended.first() is not None

    async def of_person(self, person_id: str, *, now: datetime) -> list[Session]:
        """Somebody's sessions, the one seen last first."""
        async with self._reading() as rows:
            found = await rows.scalars(
                select(SessionRow)
                .where(
                    SessionRow.person_id == person_id,
                    SessionRow.expires_at > now,
                    SessionRow.seen_at > self._idle_since(now),
                )
                .order_by(SessionRow.seen_at.desc(), SessionRow.key)
            )
            return [_session(row) for row in found]

    async def end_all(self, person_id: str, *, but: str | None = None) -> int:
        """End somebody's sessions."""
        ending = delete(SessionRow).where(SessionRow.person_id == person_id)
        if but is not None:
            ending = ending.where(SessionRow.key != but)
        async with self._writing() as rows:
            return len((await rows.scalars(ending.returning(SessionRow.key))).all())

    async def ping(self) -> None:
        """Ask the database for a sign of life."""
        with _telling():
            await self._database.ping()

    def _idle_since(self, now: datetime) -> datetime:
        return now - timedelta(seconds=self._lifetimes.idle_s)

    @asynccontextmanager
    async def _reading(self) -> AsyncGenerator[AsyncSession]:
        with _telling():
            async with self._database.reading() as session:
                yield session

    @asynccontextmanager
    async def _writing(self) -> AsyncGenerator[AsyncSession]:
        with _telling():
            async with self._database.unit() as session:
                yield session


@contextmanager
def _telling() -> Generator[None]:
    try:
        yield
    except (DBAPIError, NoConnection, OSError) as error:
        raise SessionsAway("The database that keeps the sessions does not answer.") from error


def _session(row: SessionRow) -> Session:
    return Session(
        key=row.key,
        person_id=row.person_id,
        created_at=row.created_at,
        seen_at=row.seen_at,
        expires_at=row.expires_at,
        address=row.address,
        agent=row.agent,
        data=row.data,
    )
