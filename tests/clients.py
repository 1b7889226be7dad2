"""HTTP to servers of this machine. Nothing of it is encrypted, so no certificates are read: those of a system take
40 ms of a processor for each client.
"""

import ssl
from typing import Any

import httpx2

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody."""

PATIENCE_S = 60
"""Of every request: machines may be busy."""


def connect(url: str = "", **more: Any) -> httpx2.Client:
    """Keeps connections and cookies."""
    return httpx2.Client(base_url=url, verify=NO_TLS, **{"timeout": PATIENCE_S, **more})


def get(url: str, **more: Any) -> httpx2.Response:
    """One request on a connection of its own."""
    return httpx2.get(url, verify=NO_TLS, **{"timeout": PATIENCE_S, **more})


def post(url: str, **more: Any) -> httpx2.Response:
    """One request on a connection of its own."""
    return httpx2.post(url, verify=NO_TLS, **{"timeout": PATIENCE_S, **more})
