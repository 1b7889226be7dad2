"""Sends a request to the address that was checked, and to no other.

The name is looked up once, here; every answer is checked; the connection goes to one of those
answers by number, while `Host` and the TLS server name stay the name. Nothing above this layer can
reach an address that it has not seen.
"""

from collections.abc import Awaitable, Callable, Sequence
from socket import SOCK_STREAM

import anyio
import httpx2

from app.infra.http.addresses import Address, as_address
from app.infra.http.errors import FetchFailed
from app.infra.http.targets import Target, check_address, parse_target

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Looks a host name up: name and port to addresses as text, best first."""

_TRIED = 4
"""Addresses of one name that are tried; the time limit covers them all."""


async def look_up(host: str, port: int) -> Sequence[str]:
    """Ask the operating system, off the event loop."""
    answers = await anyio.getaddrinfo(host, port, type=SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


class CheckedTransport(httpx2.AsyncBaseTransport):
    """Wraps a transport and decides which address each request is sent to."""

    def __init__(
        self, inner: httpx2.AsyncBaseTransport, *, resolve: Resolve, allow: frozenset[str]
    ) -> None:
        self._inner = inner
        self._resolve = resolve
        self._allow = allow

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        target = parse_target(str(request.url), self._allow)
        failure: httpx2.TransportError | None = None
        for address in (await self._addresses(target))[:_TRIED]:
            pinned = httpx2.Request(
                request.method,
                request.url.copy_with(host=str(address)),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": target.host},
            )
            try:
                return await self._inner.handle_async_request(pinned)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                failure = error
        if failure is None:
            raise _unknown(target)
        raise failure

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _addresses(self, target: Target) -> list[Address]:
        """Every address of the target, all of them checked.

        One bad answer among good ones refuses the name: which one a connection takes would be chance.
        """
        literal = as_address(target.host)
        if literal is not None:
            return [literal]
        try:
            answers = await self._resolve(target.host, target.port)
        except (OSError, UnicodeError) as error:
            raise _unknown(target) from error
        found: list[Address] = []
        for answer in answers:
            address = as_address(answer)
            if address is None:
                raise _unknown(target)
            if not target.allowed:
                check_address(address, target.authority, f"{target.host} ({answer})")
            found.append(address)
        return found


def _unknown(target: Target) -> FetchFailed:
    return FetchFailed(
        "dns",
        f"No address was found for the host {target.host}; check how it is spelt, and whether this "
        "machine has a network.",
    )
