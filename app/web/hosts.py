"""Answers only to names that are ours: a page elsewhere must not reach us by a name of its own (rebinding)."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_EVERYWHERE = frozenset({"0.0.0.0", "[::]"})  # noqa: S104  # listened on by others, and no name of ours


class HostGuard:
    """Refuses requests whose `Host` is not allowed with 421 (RFC 9110, 15.5.20). Ports do not matter."""

    def __init__(self, app: ASGIApp, *, allowed: Iterable[str]) -> None:
        self._app = app
        self._allowed = {name.lower() for name in allowed}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _host(scope) not in self._allowed:
            refusal = PlainTextResponse(
                "This host name is not served here. Add it to ALLOWED_HOSTS.\n", 421
            )
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)


def allowed_hosts(names: Iterable[str], public_url: str, *addresses: str) -> set[str]:
    """The names answered to: those of the setting, that of `PUBLIC_URL`, and those of our own `addresses`.

    An instance is asked by its address by the others (the proof) and by who reads its metrics, and no setting
    that all must agree on could name it. No door for rebinding: a page elsewhere comes by its own name.
    `addresses` are `http://host:port` or `host:port`; one that listens everywhere names nobody.
    """
    public = urlsplit(public_url).hostname
    own = {urlsplit(one if "://" in one else f"//{one}").hostname for one in addresses}
    written = {f"[{name}]" if ":" in name else name for name in own if name}
    return {*names, *([public] if public else []), *(written - _EVERYWHERE)}


def _host(scope: Scope) -> str:
    values = [value for name, value in scope["headers"] if name == b"host"]
    if len(values) != 1:
        return ""
    host = values[0].decode("latin-1").lower()
    name, separator, port = host.rpartition(":")
    return name if separator and port.isdigit() else host
