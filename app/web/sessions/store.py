"""Sessions in a store of small values, such as Redis or Valkey, shared by every instance.

Four kinds of key. `session:{key}` is the session, and its time to live is the idle limit.
`session-seen:{key}` says when it was last seen; it is written without looking, which must not bring an
ended session back, so it is a value of its own. `session-of:{person}:{slot}` names the sessions of a
person in a bounded number of slots: each is taken by one atomic `add`, so that none is lost when two
begin at once.
"""

import asyncio
import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from app.infra.kv import Store, StoreAway
from app.infra.scope import Scope
from app.web.sessions.port import MOST, Lifetimes, Session, SessionsAway, key_of, new_session


class StoreSessions:
    """Sessions whose lifetimes are the store's own."""

    def __init__(self, store: Store, lifetimes: Lifetimes) -> None:
        self._store = store
        self._lifetimes = lifetimes

    @property
    def name(self) -> str:
        """The store's name."""
        return self._store.name

    @property
    def scope(self) -> Scope:
        """The store's scope."""
        return self._store.scope

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
        with _telling():
            await self._store.set(
                f"session:{session.key}", _packed(session), ttl_s=self._left(session, now)
            )
            await self._take_slot(session, now)
        return session_id, session

    async def find(self, session_id: str, *, now: datetime) -> Session | None:
        """The session of an id, if it has not ended."""
        with _telling():
            session = await self._read(key_of(session_id))
            if session is None or not self._lifetimes.alive(session, now):
                return None
            if self._lifetimes.worth_noting(session.seen_at, now):
                left = self._left(session, now)
                await self._store.set(
                    f"session-seen:{session.key}", now.isoformat().encode(), ttl_s=left
                )
                await self._store.touch(f"session:{session.key}", ttl_s=left)
            return session

    async def end(self, key: str) -> bool:
        """Answers whether there was one."""
        with _telling():
            session = await self._read(key)
            if session is None:
                return False
            there = await self._forget(key)
            slots = await self._slots(session.person_id)
            for slot, named in slots.items():
                if named == key:
                    await self._store.delete_if(slot, key.encode())
            return there

    async def of_person(self, person_id: str, *, now: datetime) -> list[Session]:
        """Somebody's sessions, the one seen last first."""
        with _telling():
            slots = await self._slots(person_id)
            found = await asyncio.gather(*(self._read(key) for key in slots.values()))
        own = [one for one in found if one is not None and self._lifetimes.alive(one, now)]
        return sorted(own, key=lambda session: session.seen_at, reverse=True)

    async def end_all(self, person_id: str, *, but: str | None = None) -> int:
        """End somebody's sessions."""
        ended = 0
        with _telling():
            for slot, key in (await self._slots(person_id)).items():
                if key != but:
                    ended += await self._forget(key)
                    await self._store.delete_if(slot, key.encode())
        return ended

    async def ping(self) -> None:
        """Ask the store for a sign of life."""
        with _telling():
            await self._store.ping()

    async def _read(self, key: str) -> Session | None:
        packed, seen = await asyncio.gather(
            self._store.get(f"session:{key}"), self._store.get(f"session-seen:{key}")
        )
        return None if packed is None else _unpacked(key, packed, seen)

    async def _forget(self, key: str) -> bool:
        there = await self._store.delete(f"session:{key}")
        await self._store.delete(f"session-seen:{key}")
        return there

    async def _slots(self, person_id: str) -> dict[str, str]:
        names = [f"session-of:{person_id}:{n}" for n in range(MOST)]
        values = await asyncio.gather(*(self._store.get(name) for name in names))
        return {
            name: value.decode()
            for name, value in zip(names, values, strict=True)
            if value is not None
        }

    async def _take_slot(self, session: Session, now: datetime) -> None:
        """Name the session among its person's; the one unused for longest makes room when all are taken."""
        left = (session.expires_at - now).total_seconds()
        for _ in range(MOST):  # others may take what is freed here
            taken = await self._slots(session.person_id)
            for n in range(MOST):
                slot = f"session-of:{session.person_id}:{n}"
                if slot not in taken and await self._store.add(
                    slot, session.key.encode(), ttl_s=left
                ):
                    return
            await self._make_room(await self._slots(session.person_id))
        raise SessionsAway("Too many sessions begin at once.")

    async def _make_room(self, taken: Mapping[str, str]) -> None:
        found = dict(
            zip(
                taken.items(),
                await asyncio.gather(*(self._read(key) for key in taken.values())),
                strict=True,
            )
        )
        ended = [place for place, session in found.items() if session is None]
        alive = [(session.seen_at, place) for place, session in found.items() if session]
        for slot, key in ended or [place for _, place in sorted(alive)[:1]]:
            await self._forget(key)
            await self._store.delete_if(slot, key.encode())

    def _left(self, session: Session, now: datetime) -> float:
        return min(self._lifetimes.idle_s, (session.expires_at - now).total_seconds())


@contextmanager
def _telling() -> Generator[None]:
    try:
        yield
    except StoreAway as error:
        raise SessionsAway("The store that keeps the sessions does not answer.") from error


def _packed(session: Session) -> bytes:
    return json.dumps(
        {
            "person": session.person_id,
            "created": session.created_at.isoformat(),
            "expires": session.expires_at.isoformat(),
            "address": session.address,
            "agent": session.agent,
            "data": dict(session.data),
        }
    ).encode()


def _unpacked(key: str, packed: bytes, seen: bytes | None) -> Session:
    fields = json.loads(packed)
    created = datetime.fromisoformat(fields["created"])
    return Session(
        key=key,
        person_id=fields["person"],
        created_at=created,
        seen_at=datetime.fromisoformat(seen.decode()) if seen else created,
        expires_at=datetime.fromisoformat(fields["expires"]),
        address=fields["address"],
        agent=fields["agent"],
        data=fields["data"],
    )
