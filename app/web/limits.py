"""Bounds how many requests one address, key or person may make, counted over the whole fleet.

The fields follow draft-ietf-httpapi-ratelimit-headers-11: `RateLimit-Policy` names every limit that held,
`RateLimit` the one with least left. While the store is away each process counts for itself, so that readers of
the API are let in and still nobody is boundless.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import structlog
from prometheus_client import Counter
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.config import LimitSettings
from app.infra.kv import Hit, MemoryStore, Store, StoreAway
from app.kit.speech import say
from app.web.addresses import Networks, address_group, client_address, is_trusted
from app.web.principals import Principal, Principals
from app.web.problems import problem

log = structlog.get_logger()

WINDOW_S = 60.0

OUTCOMES = Counter(
    "blogger_rate_limit_requests_total",
    "Requests by what a limit said: allowed, refused; alone_… where the store was away and the process "
    "counted for itself.",
    ["limit", "outcome"],
)

_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded"


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit as it applies to one request."""

    name: str
    """`address`, `key` or `person`."""
    key: str
    quota: int


@dataclass(frozen=True, slots=True)
class Count:
    """What a limit said to one request."""

    limit: Limit
    hit: Hit

    @property
    def left(self) -> int:
        """Requests that are left in the window."""
        return max(0, self.limit.quota - self.hit.used)

    @property
    def wait_s(self) -> int:
        """Whole seconds until one more is allowed, at least 1."""
        return max(1, math.ceil(self.hit.reset_s))


class RateLimits:
    """Counts requests. One for all doors of a process."""

    def __init__(
        self, store: Store, settings: LimitSettings, principals: Principals, trusted: Networks
    ) -> None:
        self._store = store
        self._alone = MemoryStore(max_bytes=0)  # it keeps windows, and no values
        self._settings = settings
        self._principals = principals
        self._trusted = trusted
        self._told: set[str] = set()

    async def count(self, scope: Scope) -> list[Count]:
        """Count a request against its address, and against its key or person when there is one.

        Stops at the limit that is exceeded, which is then the last.
        """
        address = client_address(scope, self._trusted)
        self._tell_of_proxy(scope, address)
        group = address_group(address)
        counts = [await self._hit(Limit("address", group, self._settings.address_per_minute))]
        if counts[0].hit.allowed:
            principal = await self._identify(scope)
            if principal is not None:
                counts += [await self._hit(limit) for limit in self._own(principal)]
        return counts

    async def _identify(self, scope: Scope) -> Principal | None:
        try:
            return await self._principals.identify(HTTPConnection(scope))
        except HTTPException:
            return None  # it cannot be known now; a route that must know says so itself

    def _own(self, principal: Principal) -> Iterator[Limit]:
        kind, _, _ = principal.id.partition(":")
        match kind:
            case "person":
                yield Limit("person", principal.id, self._settings.person_per_minute)
            case _:
                yield Limit("key", principal.id, self._settings.key_per_minute)

    async def _hit(self, limit: Limit) -> Count:
        name = f"limit:{limit.name}:{limit.key}"
        try:
            hit = await self._store.hit(name, limit=limit.quota, window_s=WINDOW_S)
            alone = ""
        except StoreAway:
            hit = await self._alone.hit(name, limit=limit.quota, window_s=WINDOW_S)
            alone = "alone_"
        OUTCOMES.labels(limit.name, f"{alone}{'allowed' if hit.allowed else 'refused'}").inc()
        return Count(limit, hit)

    def _tell_of_proxy(self, scope: Scope, address: str) -> None:
        """Say once that a proxy is not trusted: all who come through it share one limit."""
        if address in self._told or len(self._told) > 100:  # noqa: PLR2004  # enough to be heard
            return
        if is_trusted(address, self._trusted):
            return  # who asks is on the same machine as a proxy that is trusted
        if any(name == b"x-forwarded-for" for name, _ in scope["headers"]):
            client = scope.get("client")
            if client and client[0] == address:
                self._told.add(address)
                log.warning(
                    "proxy_not_trusted",
                    address=address,
                    hint="If it is a proxy of yours, add it to TRUSTED_PROXIES.",
                )


class RateLimit:
    """Holds a door to the limits. `plain` refuses in text for people instead of a problem document."""

    def __init__(self, app: ASGIApp, *, limits: RateLimits, plain: bool = False) -> None:
        self._app = app
        self._limits = limits
        self._plain = plain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        counts = await self._limits.count(scope)
        fields = _fields(counts)
        if not counts[-1].hit.allowed:
            await self._refuse(counts[-1], fields)(scope, receive, send)
            return

        async def with_fields(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = [(name.encode(), value.encode()) for name, value in fields.items()]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self._app(scope, receive, with_fields)

    def _refuse(self, count: Count, fields: dict[str, str]) -> Response:
        headers = {**fields, "retry-after": str(count.wait_s), "cache-control": "no-store"}
        detail = say(
            "Too many requests: {quota} are allowed in a minute. Try again in {seconds} s.",
            quota=count.limit.quota,
            seconds=count.wait_s,
        )
        if self._plain:
            return PlainTextResponse(f"{detail}\n", 429, headers)
        named = {"type": _EXCEEDED, "violated-policies": [count.limit.name]}
        return problem(429, detail, headers=headers, **named)


def _fields(counts: list[Count]) -> dict[str, str]:
    least = min(counts, key=lambda count: count.left)
    policies = [f'"{c.limit.name}";q={c.limit.quota};w={WINDOW_S:.0f}' for c in counts]
    return {
        "ratelimit-policy": ", ".join(policies),
        "ratelimit": f'"{least.limit.name}";r={least.left};t={least.wait_s}',
    }
