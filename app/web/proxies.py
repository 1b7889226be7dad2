"""What proxies say about a request, believed only of those that are trusted (`TRUSTED_PROXIES`)."""

from collections.abc import Collection
from ipaddress import ip_address, ip_network

from starlette.requests import HTTPConnection


def client_address(connection: HTTPConnection, trusted: Collection[str]) -> str:
    """Where the request comes from: the last address in X-Forwarded-For that no trusted proxy has.

    What stands before it was written by whoever sent the request.
    """
    peer = connection.client.host if connection.client else ""
    if not _is_trusted(peer, trusted):
        return peer
    hops = [
        hop.strip()
        for field in connection.headers.getlist("x-forwarded-for")
        for hop in field.split(",")
    ]
    for hop in reversed(hops):
        if not _is_trusted(hop, trusted):
            return hop if _is_address(hop) else peer
        peer = hop
    return peer


def is_https(connection: HTTPConnection, trusted: Collection[str], public_url: str) -> bool:
    """Whether the browser came by https: to us, to `PUBLIC_URL`, or to a trusted proxy that says so."""
    if public_url.startswith("https://") or connection.url.scheme == "https":
        return True
    peer = connection.client.host if connection.client else ""
    said = connection.headers.get("x-forwarded-proto", "").rpartition(",")[2].strip().lower()
    return said == "https" and _is_trusted(peer, trusted)


def _is_trusted(address: str, trusted: Collection[str]) -> bool:
    """Whether an address is one of the list, or within a network of it."""
    if not _is_address(address):
        return False
    for name in trusted:
        try:
            if ip_address(address) in ip_network(name, strict=False):
                return True
        except ValueError:
            continue
    return False


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
