"""The API's door to accounts: who asks, people, keys, the audit log."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from app.accounts import service
from app.accounts.reception import Reception, actor, in_person
from app.accounts.repository import Accounts
from app.accounts.schemas import Entry, Key, Person
from app.kit.speech import say
from app.web.fields import Line
from app.web.principals import Permission, Principal, Principals, require

RoleName = Literal["owner", "editor", "writer", "viewer"]
ScopeName = Literal["read", "write", "publish", "ops"]


class PrincipalOut(BaseModel):
    """Who asks, and what they may do."""

    id: str
    name: str
    permissions: list[str]


class PersonIn(BaseModel):
    """Somebody to add. Without a password one is made and answered."""

    model_config = ConfigDict(extra="forbid")

    login: Line
    role: RoleName
    name: Line = ""
    password: str | None = Field(default=None, max_length=1000)


class PersonChange(BaseModel):
    """What is to be different."""

    model_config = ConfigDict(extra="forbid")

    role: RoleName | None = None
    disabled: bool | None = None


class PersonOut(BaseModel):
    """Somebody who can sign in."""

    id: str
    login: str
    name: str
    role: str
    created_at: datetime
    disabled_at: datetime | None


class NewPersonOut(PersonOut):
    """Somebody with the password that was made for them, told this once."""

    password: str | None


class KeyIn(BaseModel):
    """A key to make."""

    model_config = ConfigDict(extra="forbid")

    name: Line
    scopes: list[ScopeName] = Field(min_length=1, max_length=4)
    days: int | None = Field(default=None, ge=1, le=3650)


class KeyOut(BaseModel):
    """A key, by its prefix."""

    id: str
    login: str
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None


class NewKeyOut(KeyOut):
    """A key with its secret, told this once."""

    key: str


class EntryOut(BaseModel):
    """A line of the audit log."""

    id: str
    at: datetime
    actor: str
    actor_name: str
    action: str
    target: str
    detail: dict[str, Any]


def create_accounts_router(reception: Reception) -> APIRouter:
    """The routes of accounts. People are managed by people who may; a key makes no keys."""
    router = APIRouter(tags=["accounts"])
    known = _known(reception.principals)
    _add_people(router, reception)
    _add_keys(router, reception, known)
    may_manage = Depends(require(reception.principals, Permission.MANAGE))

    @router.get("/session")
    async def read_session(who: Annotated[Principal, Depends(known)]) -> PrincipalOut:
        """Who asks, as the server sees it."""
        return PrincipalOut(
            id=who.id, name=who.name, permissions=[p for p in Permission if p in who.permissions]
        )

    @router.get("/audit", dependencies=[may_manage])
    async def list_audit(
        before: Line | None = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
    ) -> list[EntryOut]:
        """What was changed, by whom, newest first. `before` is the id of the last line known."""
        async with reception.database.reading() as session:
            found = await Accounts(session).entries(before=before, limit=limit)
        return [_entry(entry) for entry in found]

    return router


def _add_people(router: APIRouter, reception: Reception) -> None:
    manager = require(reception.principals, Permission.MANAGE)
    database, now = reception.database, reception.now

    @router.get("/people", dependencies=[Depends(manager)])
    async def list_people() -> list[PersonOut]:
        async with database.reading() as session:
            return [_person(person) for person in await Accounts(session).everybody()]

    @router.post("/people", status_code=201)
    async def add_person(
        body: PersonIn, response: Response, who: Annotated[Principal, Depends(manager)]
    ) -> NewPersonOut:
        """Add somebody."""
        async with database.unit() as session:
            person, password = await service.create_person(
                Accounts(session),
                reception.gate.passwords,
                login=body.login,
                role=body.role,
                name=body.name,
                password=body.password,
                by=actor(who),
                now=now(),
            )
        response.headers["Cache-Control"] = "no-store"
        told = None if body.password else password
        return NewPersonOut(**_person(person).model_dump(), password=told)

    @router.patch("/people/{person_id}")
    async def change_person(
        person_id: Line, body: PersonChange, who: Annotated[Principal, Depends(manager)]
    ) -> PersonOut:
        """Change a role, or let somebody in no more. Their sessions end."""
        async with database.unit() as session:
            accounts = Accounts(session)
            person = await accounts.read(person_id)
            if body.role is not None:
                person = await service.change_role(
                    accounts, person.id, body.role, by=actor(who), now=now()
                )
            if body.disabled is not None:
                change = service.disable_person if body.disabled else service.enable_person
                person = await change(accounts, person.id, by=actor(who), now=now())
        await reception.end_sessions(person.id)
        return _person(person)

    @router.post("/people/{person_id}/password")
    async def reset_password(
        person_id: Line, response: Response, who: Annotated[Principal, Depends(manager)]
    ) -> NewPersonOut:
        """Make a new password for somebody. It is answered this once; their sessions end."""
        async with database.unit() as session:
            person, password = await service.reset_password(
                Accounts(session), reception.gate.passwords, person_id, by=actor(who), now=now()
            )
        await reception.end_sessions(person.id)
        response.headers["Cache-Control"] = "no-store"
        return NewPersonOut(**_person(person).model_dump(), password=password)


def _add_keys(
    router: APIRouter, reception: Reception, known: Callable[[Request], Awaitable[Principal]]
) -> None:
    reader = require(reception.principals, Permission.READ)
    database, now = reception.database, reception.now

    @router.get("/keys")
    async def list_keys(who: Annotated[Principal, Depends(known)]) -> list[KeyOut]:
        """One's own keys; everybody's for who manages people."""
        everybody_s = Permission.MANAGE in who.permissions
        async with database.reading() as session:
            found = await Accounts(session).keys(None if everybody_s else who.person_id)
        return [_key(key) for key in found]

    @router.post("/keys", status_code=201)
    async def make_key(
        body: KeyIn, response: Response, who: Annotated[Principal, Depends(reader)]
    ) -> NewKeyOut:
        """Make a key of one's own. The answer has its secret, this once."""
        in_person(who)
        async with database.unit() as session:
            key, secret = await service.create_key(
                Accounts(session),
                who.person_id,
                name=body.name,
                scopes=body.scopes,
                days=body.days,
                by=actor(who),
                now=now(),
            )
        response.headers["Cache-Control"] = "no-store"
        return NewKeyOut(**_key(key).model_dump(), key=secret)

    @router.delete("/keys/{key_id}")
    async def revoke_key(key_id: Line, who: Annotated[Principal, Depends(reader)]) -> KeyOut:
        """End a key of one's own, or anybody's for who manages people."""
        in_person(who)
        everybody_s = Permission.MANAGE in who.permissions
        async with database.unit() as session:
            key = await service.revoke_key(
                Accounts(session),
                key_id,
                of=None if everybody_s else who.person_id,
                by=actor(who),
                now=now(),
            )
        return _key(key)


def _known(principals: Principals) -> Callable[[Request], Awaitable[Principal]]:
    """A dependency that lets in whoever is known: a key for operating alone may not read drafts."""

    async def found(request: Request) -> Principal:
        principal = await principals.identify(request)
        if principal is None:
            raise HTTPException(401, say("Sign in first."), {"WWW-Authenticate": "Bearer"})
        return principal

    return found


def _person(person: Person) -> PersonOut:
    return PersonOut(
        id=person.id,
        login=person.login,
        name=person.name,
        role=person.role.value,
        created_at=person.created_at,
        disabled_at=person.disabled_at,
    )


def _key(key: Key) -> KeyOut:
    return KeyOut(**key.model_dump(exclude={"person_id", "scopes"}), scopes=list(key.scopes))


def _entry(entry: Entry) -> EntryOut:
    return EntryOut(**entry.model_dump())
