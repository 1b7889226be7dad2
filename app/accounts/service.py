"""What may be done with accounts. Each change is written into the audit log by its own transaction.

Passwords are hashed before the first query, so that no transaction is held meanwhile.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.accounts.domain import (
    SETUP,
    Actor,
    Role,
    checked_login,
    checked_name,
    checked_password,
    composed_password,
    hash_of,
    login_key,
    new_key,
    role_of,
    scopes_of,
)
from app.accounts.passwords import Passwords
from app.accounts.repository import Accounts
from app.accounts.schemas import Key, Person
from app.accounts.throttle import Throttle
from app.infra.db import Database
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.ids import uuid7
from app.kit.speech import say
from app.web.permissions import Permission

_LONGEST_KEY_DAYS = 3650


class WrongPassword(Exception):
    """Login and password do not belong together. Does not say which of the two is wrong."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What verifies passwords and bounds their guessing."""

    passwords: Passwords
    throttle: Throttle


async def create_owner(
    accounts: Accounts,
    passwords: Passwords,
    *,
    login: str,
    password: str,
    name: str = "",
    by: Actor,
    now: datetime,
) -> Person:
    """Add the first owner. Of any number who try at once, one succeeds.

    Raises:
        Conflict: there is an owner already.
        Invalid: login, name or password cannot be used.
    """
    person, hashed = await _new_person(
        passwords,
        login=login,
        name=name,
        role=Role.OWNER,
        password=password,
        now=now,
    )
    if await accounts.has_owner():
        raise Conflict(say("There is an owner already, who adds further people."))
    await accounts.add(person, hashed)
    await accounts.claim(person.id, now=now)
    if by == SETUP:
        by = Actor(f"person:{person.id}", person.name)
    await accounts.record(
        by, "owner_created", f"person:{person.id}", {"login": person.login}, now=now
    )
    return person


async def create_person(
    accounts: Accounts,
    passwords: Passwords,
    *,
    login: str,
    role: str,
    name: str = "",
    password: str | None = None,
    by: Actor,
    now: datetime,
) -> tuple[Person, str]:
    """Add a person. Without a password one is made; it is answered, to be handed over and changed.

    Raises:
        Conflict: the login is somebody's already.
        Invalid: login, name, role or password cannot be used.
    """
    given = password or secrets.token_urlsafe(15)
    person, hashed = await _new_person(
        passwords, login=login, name=name, role=role_of(role), password=given, now=now
    )
    await accounts.add(person, hashed)
    detail = {"login": person.login, "role": person.role.value}
    await accounts.record(by, "person_created", f"person:{person.id}", detail, now=now)
    return person, given


async def _new_person(
    passwords: Passwords,
    *,
    login: str,
    name: str,
    role: Role,
    password: str,
    now: datetime,
) -> tuple[Person, str]:
    checked = checked_login(login)
    named = checked_name(name, otherwise=checked)
    hashed = await passwords.hash(checked_password(password, login=checked))
    person = Person(
        id=str(uuid7()),
        login=checked,
        name=named,
        role=role,
        language="",
        epoch=1,
        created_at=now,
        password_changed_at=now,
        disabled_at=None,
    )
    return person, hashed


async def change_role(
    accounts: Accounts, name: str, role: str, *, by: Actor, now: datetime
) -> Person:
    """Give somebody another role and end their sessions.

    Raises:
        NotFound: there is no such person.
        Conflict: they are the last owner.
    """
    wanted = role_of(role)
    owners = await accounts.owners()
    person = await accounts.read(name)
    if person.role is wanted:
        return person
    if wanted is not Role.OWNER:
        _keep_an_owner(owners, person)
    await accounts.change(person.id, role=wanted.value)
    changed = await accounts.end_sessions(person.id)
    detail = {"login": person.login, "from": person.role.value, "to": wanted.value}
    await accounts.record(by, "role_changed", f"person:{person.id}", detail, now=now)
    return changed


async def disable_person(accounts: Accounts, name: str, *, by: Actor, now: datetime) -> Person:
    """Let somebody in no more, neither by password, session nor key.

    Raises:
        NotFound: there is no such person.
        Conflict: they are the last owner.
    """
    owners = await accounts.owners()
    person = await accounts.read(name)
    if person.disabled_at is not None:
        return person
    _keep_an_owner(owners, person)
    await accounts.change(person.id, disabled_at=now)
    changed = await accounts.end_sessions(person.id)
    await accounts.record(
        by, "person_disabled", f"person:{person.id}", {"login": person.login}, now=now
    )
    return changed


async def enable_person(accounts: Accounts, name: str, *, by: Actor, now: datetime) -> Person:
    """Let somebody in again. Their keys count again too, unless they were revoked.

    Raises:
        NotFound: there is no such person.
    """
    person = await accounts.read(name)
    if person.disabled_at is None:
        return person
    changed = await accounts.change(person.id, disabled_at=None)
    await accounts.record(
        by, "person_enabled", f"person:{person.id}", {"login": person.login}, now=now
    )
    return changed


def _keep_an_owner(owners: Collection[str], person: Person) -> None:
    if list(owners) == [person.id]:
        raise Conflict(
            say("{login} is the last owner; make somebody else an owner first.", login=person.login)
        )


async def change_language(accounts: Accounts, person_id: str, language: str) -> Person:
    """Choose what the desk speaks to somebody; empty: what their browser asks for.

    Raises:
        Invalid: it speaks no such language.
    """
    if language not in {"", "en", "ko"}:
        raise Invalid(say("The desk speaks en and ko."))
    return await accounts.change(person_id, language=language)


async def change_password(
    database: Database,
    gate: Gate,
    person_id: str,
    *,
    old: str,
    new: str,
    address: str,
    by: Actor,
    now: datetime,
) -> Person:
    """Change one's own password, and end all sessions.

    Raises:
        WrongPassword: `old` is not the password.
        TooManyTries: it was wrong too often.
        Invalid: `new` cannot be used.
    """
    async with database.reading() as session:
        accounts = Accounts(session)
        person = await accounts.find(person_id)
        hashed = await accounts.password_hash(person_id) if person else None
    if person is None:
        raise NotFound(say("There is nobody called {name}.", name=person_id))
    await _verify(gate, old, hashed, account=login_key(person.login), address=address)
    renewed = await gate.passwords.hash(checked_password(new, login=person.login))
    async with database.unit() as session:
        return await _set_password(
            Accounts(session), person, renewed, action="password_changed", by=by, now=now
        )


async def reset_password(
    accounts: Accounts,
    passwords: Passwords,
    name: str,
    *,
    password: str | None = None,
    by: Actor,
    now: datetime,
) -> tuple[Person, str]:
    """Give somebody a new password and end their sessions. Without one, it is made and answered.

    Raises:
        NotFound: there is no such person.
        Invalid: the password cannot be used.
    """
    given = checked_password(password or secrets.token_urlsafe(15))
    hashed = await passwords.hash(given)
    person = await accounts.read(name)
    checked_password(given, login=person.login)
    changed = await _set_password(accounts, person, hashed, action="password_reset", by=by, now=now)
    return changed, given


async def _set_password(
    accounts: Accounts, person: Person, hashed: str, *, action: str, by: Actor, now: datetime
) -> Person:
    await accounts.change(person.id, password_hash=hashed, password_changed_at=now)
    changed = await accounts.end_sessions(person.id)
    await accounts.record(by, action, f"person:{person.id}", {"login": person.login}, now=now)
    return changed


async def sign_in(
    database: Database, gate: Gate, *, login: str, password: str, address: str, now: datetime
) -> Person:
    """Who this is, if login and password belong together.

    Raises:
        WrongPassword: they do not, or the person was disabled.
        TooManyTries: this address or this account has failed too often.
        TooBusy: too many sign in at once.
        StoreAway: the failures cannot be counted now, so nobody is let in.
    """
    async with database.reading() as session:
        found = await Accounts(session).by_login(login)
    person, hashed = found or (None, None)
    renewed = await _verify(
        gate,
        password,
        hashed if person and person.disabled_at is None else None,
        account=login_key(login),
        address=address,
    )
    if person is None:
        raise WrongPassword
    async with database.unit() as session:
        accounts = Accounts(session)
        # As they are now: they may have been disabled, or the password changed, while it was verified.
        current = await accounts.find(person.id)
        if current is None or current.disabled_at is not None or current.epoch != person.epoch:
            raise WrongPassword
        if renewed is not None:
            await accounts.change(person.id, password_hash=renewed)
        await accounts.record(
            Actor(f"person:{person.id}", person.name),
            "signed_in",
            f"person:{person.id}",
            {"login": person.login, "address": address},
            now=now,
        )
        return current


async def _verify(
    gate: Gate, password: str, hashed: str | None, *, account: str, address: str
) -> str | None:
    """Verify a password within what the throttle allows; answers a newer hash if there should be one."""
    async with gate.passwords.turn():
        await gate.throttle.check(address=address, account=account)
        right, renewed = await gate.passwords.verify(composed_password(password[:1024]), hashed)
        if not right:
            await gate.throttle.count(address=address, account=account)
            raise WrongPassword
    return renewed


async def create_key(
    accounts: Accounts,
    owner: str,
    *,
    name: str,
    scopes: Collection[str],
    days: int | None = None,
    by: Actor,
    now: datetime,
) -> tuple[Key, str]:
    """Make a key for somebody. It is answered this once; what is kept is its hash.

    Raises:
        NotFound: there is no such person.
        Conflict: they are disabled.
        Invalid: the name or a scope cannot be used.
    """
    person = await accounts.read(owner)
    if person.disabled_at is not None:
        raise Conflict(say("{login} is disabled.", login=person.login))
    if days is not None and not 1 <= days <= _LONGEST_KEY_DAYS:
        raise Invalid(say("A key is good for 1 to {most} days.", most=_LONGEST_KEY_DAYS))
    given = scopes_of(scopes, person.role)
    secret, prefix = new_key()
    key = Key(
        id=str(uuid7()),
        person_id=person.id,
        login=person.login,
        name=checked_name(name),
        prefix=prefix,
        scopes=tuple(scope.value for scope in Permission if scope in given),
        created_at=now,
        last_used_at=None,
        expires_at=now + timedelta(days=days) if days else None,
        revoked_at=None,
    )
    await accounts.add_key(key, hash_of(secret))
    detail = {"name": key.name, "prefix": prefix, "scopes": list(key.scopes), "of": person.login}
    await accounts.record(by, "key_created", f"key:{key.id}", detail, now=now)
    return key, secret


async def revoke_key(
    accounts: Accounts, name: str, *, of: str | None, by: Actor, now: datetime
) -> Key:
    """End a key; `of` names the one person whose keys may be ended, None everybody's.

    Raises:
        NotFound: there is no such key.
    """
    key = await accounts.key(name)
    if of is not None and key.person_id != of:
        raise NotFound(say("There is no key {name}.", name=name))
    if key.revoked_at is not None:
        return key
    await accounts.revoke(key.id, now=now)
    detail = {"name": key.name, "prefix": key.prefix, "of": key.login}
    await accounts.record(by, "key_revoked", f"key:{key.id}", detail, now=now)
    return key.model_copy(update={"revoked_at": now})
