"""The operator's token: until there are accounts, writing over HTTP needs it, from loopback as well.

A local proxy makes everybody loopback, so an address proves nothing.
"""

import hmac
import os
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import Header
from starlette.exceptions import HTTPException

FILE = "token"


def operator_token(data_dir: Path) -> str:
    """The token in `DATA_DIR/token`, made on first use and readable by its owner alone (0600).

    Raises:
        OSError: the folder cannot be written.
    """
    file = data_dir / FILE
    data_dir.mkdir(parents=True, exist_ok=True)
    made = file.with_name(f".{FILE}.{os.getpid()}.{secrets.token_hex(4)}")
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


def guards(
    token: str, file: Path
) -> tuple[Callable[..., Awaitable[None]], Callable[..., Awaitable[bool]]]:
    """Two dependencies of routes: one that lets only the operator in, and one that answers whether it is he."""

    async def is_operator(authorization: str | None = Header(default=None)) -> None:
        if not bears(authorization, token):
            raise HTTPException(
                401,
                f"This needs the operator's token: Authorization: Bearer <the line in {file}>",
                {"WWW-Authenticate": "Bearer"},
            )

    async def may_see_drafts(authorization: str | None = Header(default=None)) -> bool:
        return bears(authorization, token)

    return is_operator, may_see_drafts
