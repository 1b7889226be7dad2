"""A whole fleet on this machine: its services, its instances, and a balancer in front.

Blocking calls: tests and commands start one, use it and close it; a coroutine asks a thread to. Every
process ends with this one, however that dies (`keeper.py`).
"""

import itertools
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Self

from app.cluster.instances import Instance
from app.cluster.kept import Kept
from app.cluster.postgres import PostgresServer
from app.cluster.processes import CannotStart, Server, free_port
from app.cluster.prometheus import PrometheusServer
from app.cluster.proxies import BALANCERS, Proxy
from app.cluster.rsyslog import Collector
from app.cluster.seaweedfs import S3Server
from app.cluster.valkey import ValkeyServer
from app.config import Settings

COLLECTED = "collected"
"""The folder of a fleet's home where all lines come together."""


class Fleet:
    """N instances that share everything.

    An address (`database_url`, `redis_url`, `blob_url`) that is None is that of a service the fleet starts
    itself; an empty one leaves the setting out. `settings` are the variables of every instance, `own` those
    that stand over them in the first, the second and so on, and `kind` is what an instance is. `policy` is
    what the balancer's configuration is written from; instances get its numbers too.

    `home` is kept, with the logs of everything in it; without one, it is a folder that `close` removes. With
    `kept`, its secrets are those of last time, and what its services hold outlives them. With `watches`, a
    Prometheus asks every instance, and with `collects` an rsyslog brings all lines together in `collected`, if
    there are such programs: `unwatched` and `uncollected` say why not.
    """

    def __init__(
        self,
        size: int = 3,
        *,
        balancer: str | None = "nginx",
        policy: Settings | None = None,
        settings: Mapping[str, str] | None = None,
        own: Sequence[Mapping[str, str]] = (),
        kind: type[Instance] = Instance,
        database_url: str | None = None,
        redis_url: str | None = None,
        blob_url: str | None = None,
        home: Path | None = None,
        port: int | None = None,
        kept: Kept | None = None,
        watches: bool = False,
        collects: bool = False,
    ) -> None:
        if balancer is not None:
            _balancer(balancer)  # a wrong name is told before anything starts
        self._temporary = home is None
        self.home = home or Path(tempfile.mkdtemp(prefix="blogger-fleet-"))
        self.home.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            self.home.chmod(0o711)  # PostgreSQL is `nobody` then, and has to get to its folder
        self.policy = policy or Settings()
        self.postgres = (
            PostgresServer(
                home=self._folder("postgres"), password=kept.postgres_password if kept else None
            )
            if database_url is None
            else None
        )
        self.valkey = (
            ValkeyServer(
                home=self._folder("valkey"),
                password=kept.valkey_password if kept else None,
                keeps=kept is not None,
            )
            if redis_url is None
            else None
        )
        self.s3 = (
            S3Server(home=self._folder("s3"), secret_key=kept.s3_secret_key if kept else None)
            if blob_url is None
            else None
        )
        self._given = {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "BLOB_URL": blob_url,
        }
        self._settings = dict(settings or {})
        self._own = [dict(each) for each in own]
        self._kind = kind
        self._secret_key = kept.secret_key if kept else secrets.token_urlsafe(32)
        self._balancer_name = balancer
        self._port = port
        self.instances: list[Instance] = []
        self.balancer: Proxy | None = None
        self._size = size
        self._watches = watches
        self.prometheus: PrometheusServer | None = None
        self.unwatched = ""
        self._collects = collects
        self.collector: Collector | None = None
        self.uncollected = ""

    @property
    def url(self) -> str:
        """Where readers reach it: the balancer, or its first instance when there is none."""
        return self.balancer.url if self.balancer else self.instances[0].url

    def start(self) -> Self:
        """Start everything; return when the balancer answers from ready instances.

        Raises:
            CannotStart: something did not come up. Nothing is left running.
        """
        try:
            if self._collects:
                self._collect()
            _at_once(self.services)
            # One migrates; the others would only wait for it.
            for n in range(self._size):
                self.instances.append(self._new(self._own[n] if n < len(self._own) else {}))
            _at_once(self.instances[:1])
            _at_once(self.instances[1:])
            if self._balancer_name is not None:
                self.put_balancer(self._balancer_name, port=self._port)
            if self._watches:
                self._put_prometheus()
        except BaseException:
            self.close()
            raise
        return self

    def _collect(self) -> None:
        """Start a collector before everything else: it reads what was left of the last run's files."""
        names = [each.name for each in self.services] + list(BALANCERS)
        try:
            self.collector = Collector(
                self.home,
                [f"{self._kind.name}*", *names],
                folder=self._folder(COLLECTED),
                home=self._folder("rsyslog"),
            )
            self.collector.start()
        except CannotStart as error:
            self.uncollected = str(error)
            if self.collector is not None:
                self.collector.close()
                self.collector = None

    def put_balancer(self, name: str, *, port: int | None = None) -> Proxy:
        """Start a balancer in front, in place of the one there is.

        Raises:
            CannotStart: nobody knows it, or it did not come up.
        """
        kind = _balancer(name)
        if self.balancer is not None:
            self.balancer.close()
        self.balancer = kind(self.policy, self._addresses(), home=self._folder(name), port=port)
        self.balancer.start()
        return self.balancer

    def add(self, **settings: str) -> Instance:
        """Start one more, with settings of its own over those of all, and put it behind the balancer.

        Raises:
            CannotStart: it did not come up. It stands among `instances` all the same, for its log.
        """
        instance = self._new(settings)
        self.instances.append(instance)
        instance.start()
        self.rebalance()
        self._watch()
        return instance

    def remove(self, instance: Instance) -> int:
        """Take one out of the balancer, stop it, and only then forget it. Answers its exit code.

        Raises:
            CannotStart: the balancer did not let it go. The instance goes on as before.
        """
        self.rebalance(without=[instance])
        code = instance.stop()
        self.instances.remove(instance)
        self._watch()
        instance.close()
        return code

    def rebalance(self, without: Iterable[Instance] = ()) -> None:
        """Write the balancer's configuration anew, leaving out some."""
        if self.balancer is not None:
            out = {instance.address for instance in without}
            self.balancer.balance(each for each in self._addresses() if each not in out)

    @property
    def services(self) -> list[Server]:
        """What instances share."""
        return [each for each in (self.postgres, self.valkey, self.s3) if each]

    def close(self) -> None:
        """End everything: the balancer first, the services last, and the collector after what it collects."""
        if self.balancer is not None:
            _close([self.balancer])
        if self.prometheus is not None:
            _close([self.prometheus])
        _close(self.instances)
        _close(self.services)
        if self.collector is not None:
            _close([self.collector])
        if self._temporary:
            shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def environment(self) -> dict[str, str]:
        """The variables that all instances share."""
        urls = {
            "DATABASE_URL": self.postgres.url if self.postgres else self._given["DATABASE_URL"],
            "REDIS_URL": self.valkey.url if self.valkey else self._given["REDIS_URL"],
            "BLOB_URL": self.s3.blob_url if self.s3 else self._given["BLOB_URL"],
        }
        given = {name: url for name, url in urls.items() if url}
        return {
            **given,
            **(self.s3.variables if self.s3 else {}),
            "SESSION_STORAGE": "redis" if "REDIS_URL" in given else "database",
            "SECRET_KEY": self._secret_key,
            "TRUSTED_PROXIES": "127.0.0.1",
            **_variables(self.policy),
            **self._settings,
        }

    def _new(self, settings: Mapping[str, str]) -> Instance:
        taken = {instance.number for instance in self.instances}
        number = next(n for n in itertools.count(1) if n not in taken)
        home = self._folder(f"instance{number}")
        made = self._kind({**self.environment, **settings}, home=home, number=number)
        made.metrics_port = free_port() if self._watches else None
        return made

    def _put_prometheus(self) -> None:
        """Its absence keeps nobody from working."""
        try:
            self.prometheus = PrometheusServer(home=self._folder("prometheus"))
            self._watch()
            self.prometheus.start()
        except CannotStart as error:
            self.unwatched = str(error)
            if self.prometheus is not None:
                self.prometheus.close()
                self.prometheus = None

    def _watch(self) -> None:
        if self.prometheus is not None:
            self.prometheus.watch(self.instances)

    def _addresses(self) -> list[str]:
        return [instance.address for instance in self.instances]

    def _folder(self, name: str) -> Path:
        folder = self.home / name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder


def _balancer(name: str) -> type[Proxy]:
    if name not in BALANCERS:
        raise CannotStart(f"{name} is no balancer; choose one of {', '.join(BALANCERS)}.")
    return BALANCERS[name]


def _variables(policy: Settings) -> dict[str, str]:
    """The numbers of the policy by the names of the environment, so that instances keep to them."""
    groups = {"BALANCER": policy.balancer, "DRAIN": policy.drain, "MEDIA": policy.media}
    return {
        f"APP_{group}__{name.upper()}": str(value)
        for group, values in groups.items()
        for name, value in values.model_dump().items()
    }


def _at_once(servers: Iterable[Server]) -> None:
    """Start several side by side; all have ended their try when this returns or raises."""
    found = list(servers)
    if not found:
        return
    with ThreadPoolExecutor(len(found)) as pool:
        started = [pool.submit(server.start) for server in found]
    for each in started:
        each.result()


def _close(servers: Iterable[Server]) -> None:
    found = list(servers)
    if not found:
        return
    with ThreadPoolExecutor(len(found)) as pool:
        closed = [pool.submit(server.close) for server in found]
    for each in closed:
        with suppress(OSError):
            each.result()
