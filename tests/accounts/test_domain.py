"""Which names, passwords and keys are accepted, and who may do what."""

import unicodedata

import pytest

from app.accounts.domain import (
    PERMISSIONS,
    Role,
    checked_login,
    checked_password,
    hash_of,
    key_permissions,
    login_key,
    new_key,
    prefix_of,
    role_of,
    scopes_of,
)
from app.kit.errors import Invalid
from app.web.permissions import Permission


def test_each_role_may_do_what_the_next_may_and_more() -> None:
    viewer, writer, editor, owner = (PERMISSIONS[role] for role in reversed(Role))

    assert viewer < writer < editor < owner
    assert viewer == {Permission.READ}
    assert owner == set(Permission)
    assert Permission.OPERATE not in editor
    assert Permission.MANAGE not in editor


def test_a_key_may_never_more_than_its_person() -> None:
    scopes = ("read", "write", "publish", "ops")

    assert key_permissions(Role.VIEWER, scopes) == {Permission.READ}
    assert key_permissions(Role.OWNER, scopes) == set(Permission) - {Permission.MANAGE}
    assert key_permissions(Role.OWNER, ["read", "manage"]) == {Permission.READ}
    assert key_permissions(Role.OWNER, []) == set()


@pytest.mark.parametrize(
    ("role", "scopes"),
    [
        (Role.EDITOR, ["ops"]),
        (Role.VIEWER, ["write"]),
        (Role.OWNER, ["manage"]),
        (Role.OWNER, ["everything"]),
        (Role.OWNER, []),
    ],
)
def test_a_key_is_made_for_what_its_person_may(role: Role, scopes: list[str]) -> None:
    with pytest.raises(Invalid):
        scopes_of(scopes, role)


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(Invalid, match="root"):
        role_of("root")


@pytest.mark.parametrize(
    "login", ["", "  ", "a b", "a\tb", "a\x00b", "x" * 121, "a\u202eb", "ﷺ" * 20]
)
def test_a_login_has_neither_blanks_nor_what_cannot_be_seen(login: str) -> None:
    with pytest.raises(Invalid):
        checked_login(login)


def test_logins_that_look_the_same_are_the_same() -> None:
    assert login_key("Kim@Example.ORG") == login_key("kim@example.org")
    assert login_key(unicodedata.normalize("NFD", "김철수")) == login_key("김철수")
    assert login_key("ｋｉｍ") == login_key("kim")
    assert login_key("Straße") == login_key("STRASSE")


@pytest.mark.parametrize("password", ["", "short", "x" * 11, "x" * 257, "abababababab", "1" * 30])
def test_a_password_that_is_easily_guessed_is_refused(password: str) -> None:
    with pytest.raises(Invalid):
        checked_password(password)


def test_the_login_is_no_password() -> None:
    with pytest.raises(Invalid):
        checked_password("Kim@Example.org", login="kim@example.org")


def test_a_korean_password_is_the_same_from_every_keyboard() -> None:
    typed = "대한민국 만세 열두 글자 넘게"

    assert checked_password(unicodedata.normalize("NFD", typed)) == checked_password(typed)


def test_a_key_has_256_bits_and_its_prefix_in_sight() -> None:
    key, prefix = new_key()

    assert key.startswith(f"asb_{prefix}_")
    assert prefix_of(key) == prefix
    assert len(key.split("_", 2)[2]) >= 43
    assert len(hash_of(key)) == 64


@pytest.mark.parametrize(
    "key",
    [
        "",
        "asb",
        "asb_",
        "asb__x",
        "asb_1234567_x",
        "xyz_12345678_x",
        "asb_12345678_",
        "asb_12345678_" + "x" * 99,
        "asb_1234567가_x",
    ],
)
def test_what_is_no_key_has_no_prefix(key: str) -> None:
    assert prefix_of(key) is None
