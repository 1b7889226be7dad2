"""Who asks, and what they may do. Every route that changes or shows what is not public names a permission."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from app.kit.speech import Spoken, language_wanted, say, spoken_as
from app.web.permissions import Permission

__all__ = ["Permission", "Principal", "Principals", "check_permission", "may", "require"]


@dataclass(frozen=True, slots=True)
class Principal:
    """A person, a key or the operator of this machine."""

    id: str
    """Stable and never reused: `person:…`, `key:…`, `operator`."""
    name: str
    permissions: frozenset[Permission]
    session_id: str | None = None
    """The hash of the session it came by; None for keys, which carry their right in a header."""
    person_id: str = ""
    """Who it is, or whose key; empty when it is nobody's."""
    language: str = ""
    """What they read; empty: as their browser asks."""

    def listens_to(self, request: Request) -> Spoken:
        """The language to answer them in: their own, else what the request's Accept-Language prefers."""
        return spoken_as(self.language) or language_wanted(
            request.headers.get("accept-language", "")
        )


class Principals(Protocol):
    """Knows who asks."""

    async def identify(self, connection: HTTPConnection) -> Principal | None:
        """Who asks, by header or cookie; None for a stranger.

        Raises:
            HTTPException: 503 when that cannot be known now (sessions fail closed).
        """
        ...


def require(
    principals: Principals, permission: Permission
) -> Callable[[Request], Awaitable[Principal]]:
    """A dependency of routes that lets in only who has `permission`: 401 for strangers, 403 for others."""

    async def allowed(request: Request) -> Principal:
        principal = await principals.identify(request)
        if principal is None:
            raise HTTPException(
                401,
                say("This needs a key: Authorization: Bearer …"),
                {"WWW-Authenticate": "Bearer"},
            )
        check_permission(principal, permission)
        return principal

    return allowed


def check_permission(principal: Principal, permission: Permission) -> None:
    """Refuse somebody known who may not do this.

    Raises:
        HTTPException: 403, with the permission that is missing.
    """
    if permission not in principal.permissions:
        raise HTTPException(
            403,
            say(
                "{name} may not do this: it needs the permission “{permission}”.",
                name=principal.name,
                permission=permission.value,
            ),
        )


def may(principals: Principals, permission: Permission) -> Callable[[Request], Awaitable[bool]]:
    """A dependency of routes for everybody that answers whether who asks has `permission`."""

    async def answer(request: Request) -> bool:
        principal = await principals.identify(request)
        return principal is not None and permission in principal.permissions

    return answer
