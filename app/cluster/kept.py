"""What a cluster keeps between two starts: its secrets and the port that people know."""

import json
import os
import secrets
import socket
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from app.cluster.processes import free_port

_FILE = "cluster.json"

_USUAL_PORT = 8080


def _secret() -> str:
    return secrets.token_urlsafe(24)


@dataclass(frozen=True, slots=True)
class Kept:
    """Generated once a home. The database's password is in its data, so another one would lock us out."""

    secret_key: str = field(default_factory=_secret)
    postgres_password: str = field(default_factory=_secret)
    valkey_password: str = field(default_factory=_secret)
    s3_secret_key: str = field(default_factory=_secret)
    port: int = 0
    """The balancer's."""


def keep(home: Path, *, port: int | None = None) -> Kept:
    """Read what the home keeps, or make it; only the owner of the home may read the file.

    `port` is the one asked for. Without it, the one of last time, else 8080, else any that is free.
    """
    file = home / _FILE
    known = Kept(**json.loads(file.read_text())) if file.exists() else Kept()
    wanted = port or next(filter(_is_free, filter(None, (known.port, _USUAL_PORT))), 0)
    kept = replace(known, port=wanted or free_port())
    write_private(file, json.dumps(asdict(kept), indent=1) + "\n")
    return kept


def write_private(file: Path, text: str) -> None:
    """Put a text in a file's place that nobody else may read, whole or not at all."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    beside.touch(mode=0o600)
    beside.write_text(text)
    beside.replace(file)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
