"""Turns an address somebody typed, or a redirect names, into a place that may be asked, or refuses it."""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx2

from app.infra.http.addresses import Address, as_address, what_is
from app.infra.http.errors import FetchRefused

PORTS = frozenset({80, 443, 8080, 8443})
"""Where web pages are served. Any other port may be a service that takes a request for a command."""

_LONGEST = 2_000
_SHOWN = 120
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
_INNER_NAMES = ("localhost", "local", "internal", "intranet", "localdomain", "lan", "home.arpa")
"""Endings that are never public: RFC 6761, 6762, 8375 and what networks use of their own accord."""


@dataclass(frozen=True, slots=True)
class Target:
    """A place that may be asked for a page, by its name; its addresses are checked when it is asked."""

    url: str
    """Without a fragment, the host in ASCII."""
    scheme: str
    host: str
    """A name, or an address without brackets."""
    port: int
    allowed: bool
    """Whether `FETCH_ALLOW` names exactly this host and port, so that its address is not checked."""

    @property
    def authority(self) -> str:
        """`host:port`, as `FETCH_ALLOW` names it."""
        return authority(self.host, self.port)

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.authority}"

    def follow(self, location: str, allow: frozenset[str]) -> "Target":
        """Return where a redirect leads.

        Raises:
            FetchRefused: it may not be followed.
        """
        try:
            joined = urljoin(self.url, location.strip())
        except ValueError:
            joined = location  # which the check below refuses, with its reason
        target = parse_target(joined, allow)
        if self.scheme == "https" and target.scheme == "http":
            raise FetchRefused(
                "downgrade",
                f"{shown(self.url)} redirects from https to {shown(target.url)}, where anybody on "
                "the way could change the page; give the final address itself if you trust it.",
            )
        return target


def authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def shown(url: str) -> str:
    """Return `url` as messages show it: without credentials or control characters, cut to 120 characters."""
    url = re.sub(r"//[^/?#]*@", "//", url, count=1)
    url = "".join(c if c.isprintable() else "?" for c in url)
    return url if len(url) <= _SHOWN else url[: _SHOWN - 1] + "…"


def parse_target(url: str, allow: frozenset[str]) -> Target:
    """Check everything about `url` that its letters tell.

    Raises:
        FetchRefused: `bad_url`, `scheme`, `credentials`, `trailing_dot`, `odd_address`, `port`, `inner_name`
            or `inner_address`.
    """
    url = unicodedata.normalize("NFC", url.strip())
    parsed = _parsed(url)
    host = parsed.raw_host.decode("ascii").lower()
    port = parsed.port
    if port is None:
        port = 443 if parsed.scheme == "https" else 80
    place = authority(host, port)
    allowed = place in allow
    address = as_address(host)
    if address is None:
        _check_name(host, url)
    if not allowed:
        if address is None:
            _check_inner_name(host, place, url)
        else:
            check_address(address, place, shown(url))
        if port not in PORTS:
            raise FetchRefused(
                "port",
                f"{shown(url)} asks on port {port}; pages are read on ports 80, 443, 8080 and 8443, "
                f"and to allow this one set FETCH_ALLOW={place}",
            )
    return Target(
        url=str(parsed.copy_with(fragment=None)),
        scheme=parsed.scheme,
        host=host,
        port=port,
        allowed=allowed,
    )


def check_address(address: Address, place: str, name: str) -> None:
    """Let only public addresses pass.

    Raises:
        FetchRefused: `inner_address`; says what kind it is and, but for link-local ones, how to allow it.
    """
    what = what_is(address)
    if what is not None and address.is_link_local:
        # Where clouds answer with a machine's own keys: nobody is told how to let that in.
        raise FetchRefused(
            "inner_address", f"{name} is {what}. Addresses inside your network are not fetched."
        )
    if what is not None:
        raise FetchRefused(
            "inner_address",
            f"{name} is {what}. Addresses inside your network are not fetched; "
            f"to allow this one set FETCH_ALLOW={place}",
        )


def _parsed(url: str) -> httpx2.URL:
    # Parsers differ over these; what they differ over is how a check is talked past.
    if len(url) > _LONGEST or any(c.isspace() or c == "\\" or not c.isprintable() for c in url):
        raise FetchRefused(
            "bad_url",
            f"{shown(url)} is no usable address: it is longer than {_LONGEST} characters or holds a "
            "space, a backslash or a control character; write it as the browser's address bar shows it.",
        )
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", url)
    if scheme is None or scheme.group(1).lower() not in {"http", "https"}:
        raise FetchRefused(
            "scheme",
            f"{shown(url)} is not a web address; write one that starts with http:// or https://",
        )
    if re.match(r"[^:]+://[^/?#]*@", url):
        raise FetchRefused(
            "credentials",
            f"{shown(url)} came with a user name or password in it, which is never sent; "
            "leave out everything up to the @.",
        )
    try:
        parsed = httpx2.URL(url)
        host = parsed.raw_host.decode("ascii")
    except (httpx2.InvalidURL, UnicodeError) as error:
        raise FetchRefused(
            "bad_url",
            f"{shown(url)} is no usable address ({error}); check how the host is spelt.",
        ) from error
    if not host or not re.match(r"[^:]+://[^/?#]", url):
        raise FetchRefused("bad_url", f"{shown(url)} names no host; write http://host/page")
    return parsed


def _check_name(host: str, url: str) -> None:
    if host.endswith("."):
        raise FetchRefused(
            "trailing_dot",
            f"{shown(url)} has a host that ends in a dot; write it without the dot.",
        )
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        raise FetchRefused(
            "odd_address",
            f"{shown(url)} spells an internet address in an unusual way; write it as four decimal "
            "numbers, like 192.0.2.1",
        )
    if not _HOST.fullmatch(host):
        raise FetchRefused(
            "bad_url", f"{shown(url)} has a host that no site can have; check how it is spelt."
        )


def _check_inner_name(host: str, place: str, url: str) -> None:
    labels = f".{host}"
    if "." not in host or labels.endswith(tuple(f".{ending}" for ending in _INNER_NAMES)):
        raise FetchRefused(
            "inner_name",
            f"{shown(url)} names a machine inside your network. Addresses inside your network are "
            f"not fetched; to allow this one set FETCH_ALLOW={place}",
        )
