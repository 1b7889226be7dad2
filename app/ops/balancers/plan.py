"""What every balancer's configuration is written from: the policy, the instances, and limits of the program.

Everything that ends up in a file is checked here first: the generators put it between their own words, and an
address with a line break or a semicolon in it would be a directive of its own.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address
from urllib.parse import urlsplit

from app.config import BalancerSettings, DrainSettings, Settings
from app.kit.errors import Invalid
from app.ops.balancers.speech import words
from app.web.bodies import MAX_BYTES

NAME = "ai_seo_blogger"
"""The upstream's name, as the guide has it."""

PRIVATE = ("/api/", "/desk")
"""Where answers depend on who asks. They are never cached, even if one said by mistake that it may be."""

EVENTS = r"^/(api|desk)/.*/events$"
"""Streams of events, by path. Understood alike by PCRE, RE2 and HAProxy."""

COMPRESSED = "text/css text/plain text/markdown application/json application/xml application/atom+xml image/svg+xml"
"""Types worth compressing besides text/html. Never text/event-stream: a compressor holds events back."""

_MULTIPART = 64 * 1024
"""What a form adds to a file it carries: boundaries, names and the other fields."""

_HOST = re.compile(r"[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))*", re.IGNORECASE)
_PATH = re.compile(r"/[A-Za-z0-9/_.~-]{0,200}")
_MOST_PORTS = 65_535
_MOST_INSTANCES = 1000


@dataclass(frozen=True, slots=True)
class Address:
    """A host, name or number (IPv6 without brackets), and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything the generators need, checked."""

    listen: Address
    instances: tuple[Address, ...]
    policy: BalancerSettings
    drain: DrainSettings
    body_bytes: int
    """Largest request body the program takes anywhere, with what a form adds to a file."""
    host: str
    """The name readers use, from `PUBLIC_URL`; empty: any."""
    public_url: str
    """`https://host` of `PUBLIC_URL`, with its port if it names one; empty: unset."""

    @property
    def notice_s(self) -> int:
        """How long after an instance turns unready the slowest check has taken it out, seconds."""
        return self.policy.interval_s * self.policy.unhealthy + self.policy.timeout_s

    @property
    def stop_s(self) -> int:
        """How long whoever stops an instance waits before it kills, seconds: a little over its deadline."""
        return math.ceil(self.drain.deadline_s) + 10


def make_plan(
    settings: Settings, instances: Iterable[str], *, listen: str = "127.0.0.1:8080"
) -> Plan:
    """Check what the files are written from.

    Raises:
        Invalid: an address is no `host:port` or stands there twice, or a path or name has characters that no
            configuration should see.
    """
    policy = settings.balancer
    if not _PATH.fullmatch(policy.path):
        raise Invalid(
            words(
                "APP_BALANCER__PATH is {path}; write a path of letters, digits and /_.~- like /health.",
                path=repr(policy.path),
            )
        )
    found = tuple(parse_address(each) for each in instances)
    if len(found) > _MOST_INSTANCES:
        raise Invalid(
            words("More than {number} instances are not one fleet.", number=_MOST_INSTANCES)
        )
    for address in found:
        if found.count(address) > 1:
            raise Invalid(words("{address} is named twice.", address=str(address)))
    return Plan(
        listen=parse_address(listen),
        instances=found,
        policy=policy,
        drain=settings.drain,
        body_bytes=max(MAX_BYTES, settings.media.max_bytes) + _MULTIPART,
        host=_public_host(settings.public_url),
        public_url=_public_url(settings.public_url),
    )


def parse_address(given: str) -> Address:
    """Read `host:port` or `[v6]:port`.

    Raises:
        Invalid: it is something else.
    """
    host, separator, port = given.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else ""
    known = _is_v6(bare) if bare else bool(_HOST.fullmatch(host))
    if separator and known and port.isascii() and port.isdigit() and len(port) <= len("65535"):
        number = int(port)
        if 0 < number <= _MOST_PORTS:
            return Address((bare or host).lower(), number)
    raise Invalid(
        words(
            "{given} is no address; write host:port, for example 10.0.0.5:8000.",
            given=repr(given[:80]),
        )
    )


def needed(plan: Plan) -> tuple[Address, ...]:
    """The instances of a balancer that names them.

    Raises:
        Invalid: there are none.
    """
    if not plan.instances:
        raise Invalid(
            words(
                "There are no instances to balance. Name them: --instances 10.0.0.5:8000,10.0.0.6:8000"
            )
        )
    return plan.instances


def _is_v6(text: str) -> bool:
    try:
        return "%" not in str(IPv6Address(text))
    except ValueError:
        return False


def _public_host(url: str) -> str:
    if not url:
        return ""
    host = urlsplit(url).hostname or ""
    if not _HOST.fullmatch(host):
        raise _no_host()
    return host.lower()


def _public_url(url: str) -> str:
    """Nothing but what was checked: scheme, host, port."""
    host = _public_host(url)
    if not host:
        return ""
    parts = urlsplit(url)
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise _no_host() from None
    if parts.scheme not in {"http", "https"}:
        raise _no_host()
    return f"{parts.scheme}://{host}{port}"


def _no_host() -> Invalid:
    return Invalid(words("PUBLIC_URL names no host that a balancer could serve."))
