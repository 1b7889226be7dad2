"""Keeps and finds people, their keys and the audit log."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.domain import Actor, Role, login_key
from app.accounts.models import AuditRow, FirstOwnerRow, KeyRow, PersonRow
from app.accounts.schemas import Entry, Key, Person
from app.kit.errors import Conflict, NotFound
from app.kit.ids import uuid7
from app.kit.speech import say


class Accounts:
    """The accounts that a unit of work sees."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, person: Person, password_hash: str) -> None:
        """Add a person.

        Raises:
            Conflict: the login is somebody's already.
        """
        fields = person.model_dump()
        row = PersonRow(**fields, login_key=login_key(person.login), password_hash=password_hash)
        try:
            async with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:
            raise Conflict(
                say("There is somebody with the login {login} already.", login=person.login)
            ) from None

    async def claim(self, person_id: str, *, now: datetime) -> None:
        """Make this person the first owner.

        Raises:
            Conflict: there is one; of two who claim at once, the later waits and gets this.
        """
        try:
            async with self._session.begin_nested():
                self._session.add(FirstOwnerRow(n=1, person_id=person_id, claimed_at=now))
        except IntegrityError:
            raise Conflict(say("There is an owner already, who adds further people.")) from None

    async def has_owner(self) -> bool:
        """Whether this installation was claimed."""
        return await self._session.get(FirstOwnerRow, 1) is not None

    async def find(self, person_id: str) -> Person | None:
        """The person of an id."""
        row = await self._session.get(PersonRow, person_id)
        return _person(row) if row else None

    async def by_login(self, login: str) -> tuple[Person, str] | None:
        """The person of a login, and the hash of their password."""
        if not _askable(login):
            return None
        row = await self._session.scalar(
            select(PersonRow).where(PersonRow.login_key == login_key(login))
        )
        return (_person(row), row.password_hash) if row else None

    async def read(self, name: str) -> Person:
        """The person of an id or a login.

        Raises:
            NotFound: there is none.
        """
        row = None
        if _askable(name):
            row = await self._session.scalar(
                select(PersonRow).where(
                    (PersonRow.id == name) | (PersonRow.login_key == login_key(name))
                )
            )
        if row is None:
            raise NotFound(say("There is nobody called {name}.", name=name))
        return _person(row)

    async def password_hash(self, person_id: str) -> str:
        """What is kept of somebody's password."""
        return (await self._session.get_one(PersonRow, person_id)).password_hash

    async def owners(self) -> list[str]:
        """The ids of the owners who can sign in, their rows locked until the unit ends.

        Always locked in one order, and before any other row: of two owners who demote each other at
        once, the later sees what the earlier did.
        """
        found = await self._session.scalars(
            select(PersonRow.id)
            .where(PersonRow.role == Role.OWNER.value, PersonRow.disabled_at.is_(None))
            .order_by(PersonRow.id)
            .with_for_update()
        )
        return list(found)

    async def change(self, person_id: str, **values: Any) -> Person:
        """Change columns of a person, and answer how they are now."""
        await self._session.execute(
            update(PersonRow)
            .where(PersonRow.id == person_id)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        row = await self._session.get_one(PersonRow, person_id, populate_existing=True)
        return _person(row)

    async def end_sessions(self, person_id: str) -> Person:
        """Begin a new epoch, so that no session of before lets this person in."""
        return await self.change(person_id, epoch=PersonRow.epoch + 1)

    async def everybody(self) -> list[Person]:
        """All people, in the order in which they came."""
        return [
            _person(row)
            for row in await self._session.scalars(
                select(PersonRow).order_by(PersonRow.created_at, PersonRow.id)
            )
        ]

    async def add_key(self, key: Key, hashed: str) -> None:
        """Add a key."""
        fields = key.model_dump(exclude={"login", "scopes"})
        self._session.add(KeyRow(**fields, scopes=list(key.scopes), hash=hashed))
        await self._session.flush()

    async def keys(self, person_id: str | None = None) -> list[Key]:
        """Somebody's keys or everybody's, the newest first."""
        wanted = (
            select(KeyRow, PersonRow.login)
            .join(PersonRow, PersonRow.id == KeyRow.person_id)
            .order_by(KeyRow.created_at.desc(), KeyRow.id)
        )
        if person_id is not None:
            wanted = wanted.where(KeyRow.person_id == person_id)
        return [_key(row, login) for row, login in await self._session.execute(wanted)]

    async def key(self, name: str) -> Key:
        """The key of an id or prefix.

        Raises:
            NotFound: there is none.
        """
        found = (
            await self._session.execute(
                select(KeyRow, PersonRow.login)
                .join(PersonRow, PersonRow.id == KeyRow.person_id)
                .where((KeyRow.id == name) | (KeyRow.prefix == name))
            )
        ).first()
        if found is None:
            raise NotFound(say("There is no key {name}.", name=name))
        return _key(*found)

    async def by_prefix(self, prefix: str) -> tuple[Key, str, Person] | None:
        """The key of a prefix, its hash, and whose it is."""
        found = (
            await self._session.execute(
                select(KeyRow, PersonRow)
                .join(PersonRow, PersonRow.id == KeyRow.person_id)
                .where(KeyRow.prefix == prefix)
            )
        ).first()
        if found is None:
            return None
        key, person = found
        return _key(key, person.login), key.hash, _person(person)

    async def note_use(self, key_id: str, *, now: datetime) -> None:
        """Write down that a key was used."""
        await self._session.execute(
            update(KeyRow).where(KeyRow.id == key_id).values(last_used_at=now)
        )

    async def revoke(self, key_id: str, *, now: datetime) -> None:
        """End a key."""
        await self._session.execute(
            update(KeyRow)
            .where(KeyRow.id == key_id, KeyRow.revoked_at.is_(None))
            .values(revoked_at=now)
        )

    async def record(
        self, actor: Actor, action: str, target: str, detail: Mapping[str, Any], *, now: datetime
    ) -> None:
        """Write down who changed what. `detail` is for everybody's eyes: no secret is ever in it."""
        self._session.add(
            AuditRow(
                id=str(uuid7()),
                at=now,
                actor=actor.id,
                actor_name=actor.name[:120],
                action=action,
                target=target,
                detail=dict(detail),
            )
        )
        await self._session.flush()

    async def entries(self, *, before: str | None = None, limit: int = 50) -> Sequence[Entry]:
        """The newest lines of the audit log; ids rise with time, so `before` pages through it."""
        wanted = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
        if before:
            wanted = wanted.where(AuditRow.id < before)
        return [
            Entry(
                id=row.id,
                at=row.at,
                actor=row.actor,
                actor_name=row.actor_name,
                action=row.action,
                target=row.target,
                detail=row.detail,
            )
            for row in await self._session.scalars(wanted)
        ]


def _askable(name: str) -> bool:
    """Whether a database can be asked for it: PostgreSQL knows no U+0000 and no half characters."""
    return name.isprintable() and len(name) <= 254  # noqa: PLR2004  # the column's length


def _person(row: PersonRow) -> Person:
    return Person(
        id=row.id,
        login=row.login,
        name=row.name,
        role=Role(row.role),
        language=row.language,
        epoch=row.epoch,
        created_at=row.created_at,
        password_changed_at=row.password_changed_at,
        disabled_at=row.disabled_at,
    )


def _key(row: KeyRow, login: str) -> Key:
    return Key(
        id=row.id,
        person_id=row.person_id,
        login=login,
        name=row.name,
        prefix=row.prefix,
        scopes=tuple(row.scopes),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
