"""What may be done with accounts, on each database."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.accounts import service
from app.accounts.domain import COMMAND_LINE, Actor, Role
from app.accounts.passwords import Passwords
from app.accounts.repository import Accounts
from app.accounts.schemas import Person
from app.accounts.service import Gate, WrongPassword
from app.accounts.throttle import Throttle, TooManyTries
from app.config import LimitSettings
from app.infra.db import Database
from app.infra.kv.memory import MemoryStore
from app.kit.errors import Conflict, Invalid, NotFound

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PASSWORD = "a sentence of my own"


class House:
    """A database with what services need."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.passwords = Passwords()
        self.gate = Gate(self.passwords, Throttle(MemoryStore(), LimitSettings()))

    async def owner(self, login: str = "owner@example.org") -> Person:
        async with self.database.unit() as session:
            return await service.create_owner(
                Accounts(session),
                self.passwords,
                login=login,
                password=PASSWORD,
                by=COMMAND_LINE,
                now=NOW,
            )

    async def person(self, login: str, role: str) -> Person:
        async with self.database.unit() as session:
            person, _ = await service.create_person(
                Accounts(session),
                self.passwords,
                login=login,
                role=role,
                password=PASSWORD,
                by=COMMAND_LINE,
                now=NOW,
            )
            return person

    async def sign_in(
        self, login: str, password: str = PASSWORD, address: str = "192.0.2.1"
    ) -> Person:
        return await service.sign_in(
            self.database, self.gate, login=login, password=password, address=address, now=NOW
        )

    async def do(self, verb: str, *args: Any, **options: Any) -> Any:
        async with self.database.unit() as session:
            return await getattr(service, verb)(
                Accounts(session), *args, by=COMMAND_LINE, now=NOW, **options
            )

    async def audit(self) -> list[tuple[str, dict[str, Any]]]:
        async with self.database.reading() as session:
            found = await Accounts(session).entries()
        return [(entry.action, entry.detail) for entry in found]


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


async def test_of_two_who_claim_at_once_one_is_the_owner(house: House) -> None:
    claims = await asyncio.gather(
        *(house.owner(f"owner{n}@example.org") for n in range(4)), return_exceptions=True
    )

    won = [claim for claim in claims if isinstance(claim, Person)]
    assert len(won) == 1
    assert all(isinstance(claim, Conflict) for claim in claims if claim not in won)
    async with house.database.reading() as session:
        assert [person.id for person in await Accounts(session).everybody()] == [won[0].id]
    assert [action for action, _ in await house.audit()] == ["owner_created"]


async def test_a_login_is_somebody_s_whatever_its_letters(house: House) -> None:
    await house.owner("Kim@example.org")

    with pytest.raises(Conflict, match="KIM@EXAMPLE"):
        await house.person("KIM@EXAMPLE.org", "writer")
    assert (await house.sign_in("kim@Example.org")).login == "Kim@example.org"


async def test_login_and_password_must_belong_together(house: House) -> None:
    await house.owner()

    for login, password in (
        ("owner@example.org", "wrong sentence"),
        ("nobody@example.org", PASSWORD),
        ("", ""),
        ("owner@example.org", "x" * 100_000),
        ("\x00", "\x00"),
    ):
        with pytest.raises(WrongPassword):
            await house.sign_in(login, password, address=f"192.0.2.{len(password) % 200}")


async def test_after_ten_failures_even_the_right_password_waits(house: House) -> None:
    await house.owner()
    for n in range(10):
        with pytest.raises(WrongPassword):
            await house.sign_in("owner@example.org", "wrong", address=f"192.0.2.{n}")

    with pytest.raises(TooManyTries) as refused:
        await house.sign_in("OWNER@example.org", address="198.51.100.1")

    assert 0 < refused.value.wait_s <= 901


async def test_one_address_that_fails_for_many_accounts_waits_and_others_do_not(
    house: House,
) -> None:
    await house.owner()
    for n in range(10):
        with pytest.raises(WrongPassword):
            await house.sign_in(f"guess{n}", "wrong", address=f"2001:db8::{n}")

    with pytest.raises(TooManyTries):
        await house.sign_in("owner@example.org", address="2001:db8::ffff")
    assert (await house.sign_in("owner@example.org", address="2001:db8:1::1")).role is Role.OWNER


async def test_those_who_succeed_are_not_counted(house: House) -> None:
    await house.owner()

    signed = [await house.sign_in("owner@example.org") for _ in range(12)]

    assert len(signed) == 12


async def test_many_guesses_at_once_gain_nothing_to_speak_of(house: House) -> None:
    await house.owner()

    guesses = await asyncio.gather(
        *(house.sign_in("owner@example.org", f"guess number {n}") for n in range(30)),
        return_exceptions=True,
    )

    looked_at = [guess for guess in guesses if isinstance(guess, WrongPassword)]
    assert 10 <= len(looked_at) <= 12
    assert all(isinstance(guess, WrongPassword | TooManyTries) for guess in guesses)


async def test_who_is_disabled_is_not_let_in_until_enabled(house: House) -> None:
    await house.owner()
    writer = await house.person("writer", "writer")

    disabled = await house.do("disable_person", "writer")
    with pytest.raises(WrongPassword):
        await house.sign_in("writer")
    await house.do("enable_person", "writer")

    assert disabled.epoch == writer.epoch + 1
    assert (await house.sign_in("writer")).id == writer.id


@pytest.mark.parametrize("verb", ["change_role", "disable_person"])
async def test_the_last_owner_stays(house: House, verb: str) -> None:
    await house.owner()
    await house.person("second", "owner")
    arguments = ("editor",) if verb == "change_role" else ()

    await house.do(verb, "second", *arguments)
    with pytest.raises(Conflict, match="last owner"):
        await house.do(verb, "owner@example.org", *arguments)


async def test_of_two_owners_who_demote_each_other_at_once_one_stays(house: House) -> None:
    await house.owner()
    await house.person("second", "owner")

    await asyncio.gather(
        house.do("change_role", "second", "viewer"),
        house.do("change_role", "owner@example.org", "viewer"),
        return_exceptions=True,
    )

    async with house.database.reading() as session:
        everybody = await Accounts(session).everybody()
    assert sum(person.role is Role.OWNER for person in everybody) == 1


async def test_a_changed_password_counts_and_the_old_one_does_not(house: House) -> None:
    owner = await house.owner()
    change = {"address": "192.0.2.1", "by": Actor("person:x", "x"), "now": NOW}

    with pytest.raises(WrongPassword):
        await service.change_password(
            house.database, house.gate, owner.id, old="wrong", new="another sentence", **change
        )
    with pytest.raises(Invalid):
        await service.change_password(
            house.database, house.gate, owner.id, old=PASSWORD, new="short", **change
        )
    changed = await service.change_password(
        house.database, house.gate, owner.id, old=PASSWORD, new="another sentence", **change
    )

    assert changed.epoch == owner.epoch + 1
    assert (await house.sign_in("owner@example.org", "another sentence")).id == owner.id
    with pytest.raises(WrongPassword):
        await house.sign_in("owner@example.org")


async def test_a_password_that_is_made_is_told_and_opens(house: House) -> None:
    await house.owner()
    await house.person("writer", "writer")

    person, password = await house.do("reset_password", house.passwords, "writer")

    assert (await house.sign_in("writer", password)).id == person.id


async def test_keys_are_kept_as_hashes_and_end(house: House) -> None:
    owner = await house.owner()
    key, secret = await house.do("create_key", owner.id, name="CI", scopes=["read", "ops"], days=7)

    async with house.database.reading() as session:
        found = await Accounts(session).by_prefix(key.prefix)
        listed = await Accounts(session).keys(owner.id)
    revoked = await house.do("revoke_key", key.prefix, of=owner.id)

    assert found is not None
    assert secret not in repr(found)
    assert key.expires_at == NOW + timedelta(days=7)
    assert [one.scopes for one in listed] == [("read", "ops")]
    assert revoked.revoked_at == NOW


async def test_nobody_ends_another_s_key_without_leave(house: House) -> None:
    owner = await house.owner()
    writer = await house.person("writer", "writer")
    key, _ = await house.do("create_key", owner.id, name="CI", scopes=["read"])

    with pytest.raises(NotFound):
        await house.do("revoke_key", key.id, of=writer.id)


async def test_only_owners_make_keys_for_the_fleet(house: House) -> None:
    await house.owner()
    editor = await house.person("editor", "editor")

    with pytest.raises(Invalid, match="ops"):
        await house.do("create_key", editor.id, name="CI", scopes=["ops"])


async def test_every_change_is_written_down_and_no_secret_with_it(house: House) -> None:
    owner = await house.owner()
    await house.person("writer", "writer")
    await house.do("change_role", "writer", "editor")
    _, password = await house.do("reset_password", house.passwords, "writer")
    key, secret = await house.do("create_key", owner.id, name="CI", scopes=["read"])
    await house.do("revoke_key", key.id, of=None)
    await house.do("disable_person", "writer")
    await house.do("enable_person", "writer")
    await house.sign_in("owner@example.org")

    written = await house.audit()

    assert [action for action, _ in written] == [
        *("signed_in", "person_enabled", "person_disabled", "key_revoked", "key_created"),
        *("password_reset", "role_changed", "person_created", "owner_created"),
    ]
    assert dict(written)["role_changed"] == {"login": "writer", "from": "writer", "to": "editor"}
    for hidden in (PASSWORD, password, secret, secret.split("_", 2)[2], "argon2"):
        assert hidden not in repr(written)


async def test_a_change_that_fails_is_not_written_down(house: House) -> None:
    await house.owner()

    with pytest.raises(Conflict):
        await house.do("disable_person", "owner@example.org")

    assert [action for action, _ in await house.audit()] == ["owner_created"]
