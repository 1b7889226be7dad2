"""Where a request comes from, behind the proxies that are trusted (`TRUSTED_PROXIES`)."""

from collections.abc import Iterable, Mapping
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any

Networks = tuple[IPv4Network | IPv6Network, ...]

_HOUSE_BITS = 64
"""Who has one IPv6 address has 2^64 of them (RFC 6177)."""


def read_networks(names: Iterable[str]) -> Networks:
    """The networks that are named, such as `10.0.0.0/8` or `::1`.

    Raises:
        ValueError: one is none.
    """
    return tuple(ip_network(name, strict=False) for name in sorted(names))


def client_address(scope: Mapping[str, Any], trusted: Networks) -> str:
    """The address nearest to us that is no trusted proxy's; `""` where there is none (a Unix socket).

    X-Forwarded-For is read from its end, and only as far as trusted proxies wrote it: what stands before
    was written by whoever sent the request.
    """
    client = scope.get("client")
    peer = _read(client[0]) if client else None
    if peer is None:
        return ""
    fields = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    hops = b",".join(fields).decode("latin-1").split(",") if fields else []
    while hops and _within(peer, trusted):
        hop = _read(hops.pop())
        if hop is None:
            break
        peer = hop
    return str(peer)


def is_trusted(address: str, trusted: Networks) -> bool:
    """Whether an address is a trusted proxy's."""
    found = _read(address)
    return found is not None and _within(found, trusted)


def address_group(address: str) -> str:
    """What a limit counts by: an IPv4 address, the /64 of an IPv6 one, or `unknown`."""
    found = _read(address)
    if found is None:
        return "unknown"
    if isinstance(found, IPv6Address):
        return str(ip_network((int(found), _HOUSE_BITS), strict=False))
    return str(found)


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """An address, also with a port, as some balancers write it; one IPv4 in IPv6's clothes as IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _within(address: IPv4Address | IPv6Address, networks: Networks) -> bool:
    return any(address in network for network in networks)
