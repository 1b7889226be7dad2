"""Servers as children of this process, which end with it however it dies."""

import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import ClassVar, Self

_KEEPER = Path(__file__).with_name("keeper.py")
_LOOK_S = 0.02
_IN_USE = re.compile(r"in use|lock file", re.IGNORECASE)


class CannotStart(Exception):
    """A server did not come up. Says what its log ends with."""


def free_port(below: int = 32_000) -> int:
    """A port of the loopback that nobody listens on now.

    Below 32,768, where Linux takes ports for outgoing connections from: one of those could take it
    before the server does.
    """
    for _ in range(1_000):
        port = 10_000 + secrets.randbelow(below - 10_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise CannotStart("No port of 127.0.0.1 is free.")


class Server(ABC):
    """A server of this machine: its folder, its port and its process.

    `home` is kept when it is given; otherwise it is a folder of its own, gone after `close`. Whoever
    stops, kills or pauses a server starts it again on the same port with the same data.
    """

    name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    grace_s: ClassVar[float] = 20.0
    """How long it may take to stop before it is killed, seconds."""
    lost_grace_s: ClassVar[float] = 20.0
    """How long when its starter has died, seconds: what it needs dies at the same moment."""
    seconds: ClassVar[float] = 120.0
    """How long it may take to answer: a busy machine is slow."""
    patience_s: ClassVar[float] = 5.0
    """How long it tries again while its port or its files are still in use, seconds."""
    log_bytes: int = 64 * 2**20
    """A log of this length is put aside as `log.1`, and the one put aside before it is dropped."""
    drops_root: ClassVar[bool] = False
    """Whether it refuses to run as root; it is `nobody` then."""

    def __init__(self, *, home: Path | None = None, port: int | None = None) -> None:
        self._temporary = home is None
        self._own_port = port is None
        if home is None:
            home = Path(tempfile.mkdtemp(prefix=f"blogger-{self.name}-"))
        home.mkdir(parents=True, exist_ok=True)
        self.home = home.resolve()
        self.log = self.home / "log"
        self.port = port or free_port()
        self.pid: int | None = None
        self._served = False
        self._keeper: subprocess.Popen[str] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """What is started."""

    def asked(self, path: str) -> int:
        """The status it answers over HTTP now; 0 when it does not answer within two seconds."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    @abstractmethod
    def answers(self) -> bool:
        """Whether it does its work now. Must not wait longer than a second or two."""

    def prepare(self) -> None:  # noqa: B027  # many need nothing
        """Make what it needs before its first start; called before each."""

    def environment(self) -> Mapping[str, str]:
        """The variables it is given."""
        return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}

    def choose_port(self) -> None:
        """Look for another port, since somebody took the first."""
        self.port = free_port()

    @property
    def address(self) -> str:
        """Where it is reached, for people to read."""
        return f"127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        """Whether its process is there, working or paused."""
        return self._keeper is not None and self._keeper.poll() is None

    def start(self, *, wait: bool = True) -> Self:
        """Start it and wait until it answers.

        Raises:
            CannotStart: it ended, or did not answer in time.
        """
        began = time.monotonic()
        if not self._temporary and self.log.exists():
            self.log.replace(
                self.log.with_name("log.1")
            )  # what the last run said, to be read afterwards
        while True:
            self._spawn()
            if not wait or self._came_up(began + self.seconds):
                return self
            # Its port was taken meanwhile; or what was killed a moment ago is not quite gone.
            in_use = _IN_USE.search(self.log_end())
            if not in_use or time.monotonic() - began > self.patience_s:
                raise CannotStart(self._complaint("ended at its start"))
            if self._own_port and not self._served:
                self.choose_port()
            time.sleep(0.2)

    def wait_until_it_answers(self) -> None:
        """Wait until it does its work.

        Raises:
            CannotStart: it ended, or did not answer in time.
        """
        if not self._came_up(time.monotonic() + self.seconds):
            raise CannotStart(self._complaint("ended at its start"))

    def signal(self, number: signal.Signals, *, everyone: bool = False) -> None:
        """Send a signal to its process, or to that and all that it started."""
        if self.running and self._keeper and self._keeper.stdin:
            try:
                self._keeper.stdin.write(f"{int(number)}{' all' if everyone else ''}\n")
                self._keeper.stdin.flush()
            except BrokenPipeError:
                return  # it ended at this moment
            if self._keeper.stdout:
                self._keeper.stdout.readline()

    def stop(self) -> int:
        """Stop it properly and answer its exit code; one that does not stop is killed."""
        self.resume()
        self.signal(self.stop_signal)
        return self._wait(self.grace_s)

    def kill(self) -> None:
        """Kill it and all that it started, as a lost machine would."""
        self.signal(signal.SIGKILL, everyone=True)
        self._wait(self.grace_s)

    def pause(self) -> None:
        """Freeze it and all that it started: connections stay open and nothing answers."""
        self.signal(signal.SIGSTOP, everyone=True)

    def resume(self) -> None:
        """Let it go on."""
        self.signal(signal.SIGCONT, everyone=True)

    def restart(self) -> Self:
        """Stop it and start it again."""
        self.stop()
        return self.start()

    def close(self) -> None:
        """Stop it for good; a folder that it made itself is removed."""
        if self.running:
            self.stop()
        self._release()
        if self._temporary:
            shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            return self if self.running else self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        self.close()

    def log_end(self, characters: int = 2_000) -> str:
        """What it logged last."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(log.seek(0, os.SEEK_END) - 4 * characters, 0))  # of four bytes at most
                return log.read().decode(errors="replace")[-characters:]
        except FileNotFoundError:
            return ""

    def _spawn(self) -> None:
        self._release()
        self.prepare()
        order = {
            "command": self.command(),
            "log": str(self.log),
            "log_bytes": self.log_bytes,
            "cwd": str(self.home),
            "environment": dict(self.environment()),
            "as_nobody": self.drops_root and os.geteuid() == 0,
            "stop_signal": int(self.stop_signal),
            "grace_s": self.lost_grace_s,
            "remove": [str(self.home)] if self._temporary else [],
        }
        # Never emptied: who follows a file by its number would go on behind its new end.
        self.log.unlink(missing_ok=True)
        keeper = subprocess.Popen(  # noqa: S603  # our own file and interpreter
            [sys.executable, "-I", "-S", str(_KEEPER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._keeper = keeper
        if keeper.stdin:
            with suppress(BrokenPipeError):  # it ended before it read; its complaint says why
                keeper.stdin.write(json.dumps(order) + "\n")
                keeper.stdin.flush()
        first = keeper.stdout.readline() if keeper.stdout else ""
        if not first:
            _, complaint = keeper.communicate()
            raise CannotStart(f"{self.name} cannot be started: {complaint[-2_000:]}")
        self.pid = int(first)

    def _came_up(self, deadline: float) -> bool:
        """Wait for it. False when its process has ended."""
        while self.running:
            if self.answers():
                self._served = True
                return True
            if time.monotonic() > deadline:
                raise CannotStart(self._complaint(f"did not answer within {self.seconds:.0f} s"))
            time.sleep(_LOOK_S)
        return False

    def _complaint(self, what: str) -> str:
        return f"{self.name} {what}. Its log ends with:\n{self.log_end()}"

    def _wait(self, seconds: float) -> int:
        """Wait for the end of its process; answer its exit code."""
        if self._keeper is None:
            return 0
        try:
            code = self._keeper.wait(seconds)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL, everyone=True)
            code = self._keeper.wait(seconds)
        self._release()
        return code

    def _release(self) -> None:
        """Let go of the keeper: what still runs is stopped by the closed pipe."""
        keeper, self._keeper, self.pid = self._keeper, None, None
        if keeper is None:
            return
        for pipe in (keeper.stdin, keeper.stdout, keeper.stderr):
            if pipe:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
        keeper.wait(self.grace_s * 2)
