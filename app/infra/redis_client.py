"""Connections to Redis or Valkey: addresses, time limits, TLS, Sentinel. Used by the store and by pub/sub.

redis-py tries a failed command ten times with growing pauses unless told otherwise; here a command fails
at once, since somebody waits for it and has a way to go on without.
"""

from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qs, unquote

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig

CONNECT_S = 1.0
"""Longest time to open a connection, seconds."""
ANSWER_S = 1.0
"""Longest time for an answer, seconds."""
CONNECTIONS = 32
"""Most connections of one process."""

SCHEMES = frozenset({"redis", "rediss", "valkey", "valkeys", "redis+sentinel", "valkey+sentinel"})

_SENTINEL_PORT = 26379
_TLS = {"ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs", "ssl_check_hostname"}
_QUERY = _TLS | {"sentinel_password", "sentinel_username"}


class BadRedisUrl(ValueError):
    """The address cannot be used. Says what to write; never repeats the password."""


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """What a `REDIS_URL` says. Shown without its password."""

    hosts: tuple[tuple[str, int], ...]
    database: int
    service: str = ""
    """The name of the master that sentinels watch; empty: the one host is the server."""
    tls: bool = False
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    options: dict[str, str] = field(default_factory=dict[str, str], repr=False)

    @property
    def where(self) -> str:
        """For messages: hosts and ports."""
        hosts = ", ".join(f"{host}:{port}" for host, port in self.hosts)
        return f"{hosts} (sentinels of {self.service})" if self.service else hosts


def read_address(url: str) -> RedisAddress:
    """Read a `REDIS_URL`.

    `redis://`, `valkey://` and with TLS `rediss://`, `valkeys://`, as `//user:password@host:port/database`;
    or `redis+sentinel://user:password@host:port,host:port/service/database`, where name and password are
    the server's and the sentinels' own stand in `?sentinel_password=…`.

    Raises:
        BadRedisUrl: it cannot be read.
    """
    # By hand: `urlsplit` refuses a list with [::1] in it, and some of its errors repeat the password.
    scheme, separator, rest = url.partition("://")
    if scheme not in SCHEMES or not separator:
        started = f"{scheme}://" if separator else "nothing://"
        raise BadRedisUrl(f"REDIS_URL starts with {started}; write redis://host:6379/0")
    rest, _, asked = rest.partition("?")
    netloc, _, path_text = rest.partition("/")
    query = {name: values[0] for name, values in parse_qs(asked).items()}
    if unknown := sorted(query.keys() - _QUERY):
        raise BadRedisUrl(
            f"REDIS_URL: unknown option {unknown[0]}; known: {', '.join(sorted(_QUERY))}"
        )
    userinfo, _, where = netloc.rpartition("@")
    username, _, password = userinfo.partition(":")
    sentinel = scheme.endswith("+sentinel")
    path = [unquote(part) for part in path_text.split("/") if part]
    if sentinel and not path:
        raise BadRedisUrl("REDIS_URL: name the watched master: redis+sentinel://host:26379/name/0")
    service = path.pop(0) if sentinel else ""
    if len(path) > 1 or (path and not path[0].isdecimal()):
        raise BadRedisUrl("REDIS_URL: the database is a number: redis://host:6379/0")
    standard = _SENTINEL_PORT if sentinel else 6379
    hosts = tuple(_host(part, standard) for part in where.split(","))
    if len(hosts) > 1 and not sentinel:
        raise BadRedisUrl("REDIS_URL names several hosts; that is for redis+sentinel://")
    return RedisAddress(
        hosts=hosts,
        database=int(path[0]) if path else 0,
        service=service,
        tls=scheme in {"rediss", "valkeys"},
        username=unquote(username) or None,
        password=unquote(password) or None,
        options=query,
    )


def _host(part: str, standard: int) -> tuple[str, int]:
    bracketed = part.startswith("[")
    name, _, port = part.rpartition(":") if not bracketed or "]:" in part else (part, "", "")
    if not name:
        name, port = port, ""
    name = name.removeprefix("[").removesuffix("]")
    if (port and not port.isdecimal()) or (":" in name and not bracketed):
        raise BadRedisUrl("REDIS_URL: a port is a number: redis://host:6379/0")
    return name or "localhost", int(port) if port else standard


def open_redis(
    address: RedisAddress, *, answer_s: float | None = ANSWER_S, connections: int = CONNECTIONS
) -> Redis:
    """A client of the server, or of the master that the sentinels name; nothing is connected yet.

    `answer_s` None waits for ever, as a subscription does. A master that is replaced is asked for anew
    when a connection to it is lost.
    """
    common: dict[str, Any] = {
        "socket_connect_timeout": CONNECT_S,
        "socket_timeout": answer_s,
        "socket_keepalive": True,
        "protocol": 3,
        "retry": Retry(NoBackoff(), 0),
        "driver_info": None,
        "maint_notifications_config": MaintNotificationsConfig(enabled=False),
    }
    server: dict[str, Any] = {
        **common,
        "db": address.database,
        "username": address.username,
        "password": address.password,
        "max_connections": connections,
    }
    options = address.options
    tls: dict[str, Any] = {name: options[name] for name in _TLS & options.keys()}
    if "ssl_check_hostname" in tls:
        tls["ssl_check_hostname"] = tls["ssl_check_hostname"].lower() not in {"0", "false", "no"}
    if not address.service:
        host, port = address.hosts[0]
        if address.tls:
            server |= {"ssl": True, **tls}
        return Redis(host=host, port=port, **server)
    sentinels = Sentinel(
        address.hosts,
        sentinel_kwargs={
            **common,
            "socket_timeout": ANSWER_S,
            "username": options.get("sentinel_username"),
            "password": options.get("sentinel_password"),
        },
        **server,
    )
    return sentinels.master_for(address.service)  # pyright: ignore[reportUnknownMemberType]


async def close_redis(client: Redis) -> None:
    """Close a client's connections, those to its sentinels as well."""
    await client.aclose()
    pool = cast("Any", client.connection_pool)
    if isinstance(pool, SentinelConnectionPool):
        await cast("Any", pool).sentinel_manager.aclose()
