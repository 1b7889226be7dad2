"""The cookie that carries a session's id."""

from starlette.requests import HTTPConnection
from starlette.responses import Response

from app.config import Settings
from app.web.addresses import is_trusted, read_networks

SECURE_NAME = "__Host-session"
"""Browsers take it only with Secure, for this very host and from a secure page, so that no sibling
domain and no plain page can plant one (RFC 6265bis, 4.1.3.2)."""

PLAIN_NAME = "session"


class SessionCookies:
    """Reads and writes the cookie as the connection allows: which name counts is not the browser's choice."""

    def __init__(self, settings: Settings) -> None:
        self._trusted = read_networks(settings.trusted_proxies)
        self._public_url = settings.public_url
        self._lasting_s = int(settings.sessions.absolute_s)

    def read(self, connection: HTTPConnection) -> str | None:
        """The id that the browser sends, if any."""
        return connection.cookies.get(self._name(connection)) or None

    def write(self, connection: HTTPConnection, response: Response, session_id: str) -> None:
        """Hand the browser an id."""
        response.set_cookie(
            self._name(connection),
            session_id,
            max_age=self._lasting_s,
            path="/",
            secure=self._is_https(connection),
            httponly=True,
            samesite="lax",
        )

    def forget(self, connection: HTTPConnection, response: Response) -> None:
        """Have the browser drop its id."""
        response.delete_cookie(
            self._name(connection),
            path="/",
            secure=self._is_https(connection),
            httponly=True,
            samesite="lax",
        )

    def _name(self, connection: HTTPConnection) -> str:
        return SECURE_NAME if self._is_https(connection) else PLAIN_NAME

    def _is_https(self, connection: HTTPConnection) -> bool:
        """Whether the browser came by https: to us, to `PUBLIC_URL`, or to a trusted proxy that says so."""
        if self._public_url.startswith("https://") or connection.url.scheme == "https":
            return True
        peer = connection.client.host if connection.client else ""
        said = connection.headers.get("x-forwarded-proto", "").rpartition(",")[2].strip().lower()
        return said == "https" and is_trusted(peer, self._trusted)
