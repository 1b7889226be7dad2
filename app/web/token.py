"""The operator's token: until there are accounts, writing over HTTP needs it, from loopback as well.

A local proxy makes everybody loopback, so an address proves nothing.
"""

import hmac
import os
import secrets
from pathlib import Path

from starlette.requests import HTTPConnection

from app.web.principals import Permission, Principal

FILE = "token"


def operator_token(data_dir: Path) -> str:
    """The token in `DATA_DIR/token`, made on first use and readable by its owner alone (0600).

    Raises:
        OSError: the folder cannot be written.
    """
    return kept_secret(data_dir / FILE)


def kept_secret(file: Path) -> str:
    """The secret in a file, made on first use and readable by its owner alone (0600).

    Raises:
        OSError: the folder cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    made = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    if not file.exists():
        # Written whole beside its place and linked there, so that two first starters agree on one.
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_urlsafe(32) + "\n")
        try:
            os.link(made, file)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return file.read_text().strip()


def bears(authorization: str | None, token: str) -> bool:
    """Whether an `Authorization` header carries the token. Compared in constant time."""
    scheme, _, given = (authorization or "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(
        given.strip().encode(), token.encode()
    )


class TokenPrincipals:
    """Knows one person: whoever may read this machine's files."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def identify(self, connection: HTTPConnection) -> Principal | None:
        """The operator, or a stranger."""
        if not bears(connection.headers.get("authorization"), self._token):
            return None
        return Principal("operator", "operator", frozenset(Permission))
