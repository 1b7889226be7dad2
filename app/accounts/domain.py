"""Who may do what, and which names, passwords and keys are accepted."""

import hashlib
import secrets
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from app.kit.errors import Invalid
from app.kit.speech import say
from app.web.permissions import Permission


class Role(StrEnum):
    """What a person is here. Each may do what the next may, and more."""

    OWNER = "owner"
    EDITOR = "editor"
    WRITER = "writer"
    VIEWER = "viewer"


_VIEWER = frozenset({Permission.READ})
_WRITER = _VIEWER | {Permission.WRITE}
_EDITOR = _WRITER | {Permission.PUBLISH}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: _VIEWER,
    Role.WRITER: _WRITER,
    Role.EDITOR: _EDITOR,
    Role.OWNER: _EDITOR | {Permission.MANAGE, Permission.OPERATE},
}

KEY_SCOPES = frozenset({Permission.READ, Permission.WRITE, Permission.PUBLISH, Permission.OPERATE})
"""What a key can be made for. People are managed by people alone."""

LOGIN_LENGTH = 120
NAME_LENGTH = 120
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256
_FEWEST_CHARACTERS = 5
_LONGEST_LOGIN_KEY = 254


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes something, for the audit log."""

    id: str
    """`person:…`, `key:…`, `cli` or `setup`."""
    name: str


COMMAND_LINE = Actor("cli", "command line")
SETUP = Actor("setup", "setup")


def role_of(text: str) -> Role:
    """The role of a name.

    Raises:
        Invalid: there is no such role.
    """
    try:
        return Role(text)
    except ValueError:
        raise Invalid(
            say("There is no role “{role}”; choose owner, editor, writer or viewer.", role=text)
        ) from None


def scopes_of(names: Collection[str], role: Role) -> frozenset[Permission]:
    """The scopes of a key that somebody of `role` makes.

    Raises:
        Invalid: one is unknown or beyond the role, or there is none.
    """
    known = {scope.value: scope for scope in KEY_SCOPES}
    for name in names:
        if name not in known:
            raise Invalid(
                say("There is no scope “{scope}”; choose read, write, publish or ops.", scope=name)
            )
        if known[name] not in PERMISSIONS[role]:
            raise Invalid(
                say(
                    "A key with the scope “{scope}” needs a role that may do this; yours is “{role}”.",
                    scope=name,
                    role=role.value,
                )
            )
    if not names:
        raise Invalid(say("A key needs at least one scope: read, write, publish or ops."))
    return frozenset(known[name] for name in names)


def key_permissions(role: Role, scopes: Collection[str]) -> frozenset[Permission]:
    """What a key may do now: never more than the person it belongs to."""
    return frozenset(
        scope for scope in KEY_SCOPES & PERMISSIONS[role] if scope.value in set(scopes)
    )


def checked_login(text: str) -> str:
    """A login as its person writes it: an address or a name, without blanks.

    Raises:
        Invalid: it is empty, too long, or holds what cannot be seen.
    """
    login = unicodedata.normalize("NFC", text.strip())
    fits = 0 < len(login) <= LOGIN_LENGTH and len(login_key(login)) <= _LONGEST_LOGIN_KEY
    if not fits or not login.isprintable() or any(character.isspace() for character in login):
        raise Invalid(
            say(
                "A login is an e-mail address or a name without blanks, of at most {most} characters.",
                most=LOGIN_LENGTH,
            )
        )
    return login


def login_key(login: str) -> str:
    """By what two logins are the same: letters large or small, composed or not."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login).casefold())


def checked_name(text: str, *, otherwise: str = "") -> str:
    """A name to be shown.

    Raises:
        Invalid: it is empty, too long, or holds what cannot be seen.
    """
    name = " ".join(text.split()) or otherwise
    if not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
        raise Invalid(say("A name has 1 to {most} visible characters.", most=NAME_LENGTH))
    return name


def checked_password(password: str, *, login: str = "") -> str:
    """A password that is accepted, in the form that is hashed.

    Length is what makes one strong, not signs (NIST SP 800-63B, 3.1.1.2). Composed, because macOS may
    send Hangul in pieces that Windows sends whole.

    Raises:
        Invalid: it is too short or too long, or easily guessed.
    """
    composed = composed_password(password)
    if not SHORTEST_PASSWORD <= len(composed) <= LONGEST_PASSWORD:
        raise Invalid(
            say(
                "A password has {least} to {most} characters.",
                least=SHORTEST_PASSWORD,
                most=LONGEST_PASSWORD,
            )
        )
    key = login_key(composed)
    own = login_key(login)
    if len(set(composed)) < _FEWEST_CHARACTERS or (own and key.strip() in {own, own + own}):
        raise Invalid(say("This password is easily guessed; take a longer sentence of your own."))
    return composed


def composed_password(password: str) -> str:
    """The form of a password that is hashed and compared."""
    return unicodedata.normalize("NFKC", password)


_KEY = "asb"


def new_key() -> tuple[str, str]:
    """A new API key and its prefix, by which it is found and shown: `asb_{prefix}_{secret}`."""
    prefix = secrets.token_hex(4)
    return f"{_KEY}_{prefix}_{secrets.token_urlsafe(32)}", prefix


def prefix_of(key: str) -> str | None:
    """The prefix of what looks like a key of ours."""
    kind, _, rest = key.partition("_")
    prefix, _, secret = rest.partition("_")
    plain = key.isascii() and len(key) < 100  # noqa: PLR2004  # ours have 56
    return prefix if plain and kind == _KEY and len(prefix) == 8 and secret else None  # noqa: PLR2004  # four bytes


def hash_of(key: str) -> str:
    """What is kept of a key. A fast hash is enough: nobody guesses 256 random bits."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
