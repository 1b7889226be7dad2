"""A cluster in the foreground: started, looked after and answered for until it is told to end."""

import json
import os
import signal
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from app.cluster.control import listening, only_one
from app.cluster.fleet import Fleet
from app.cluster.kept import keep, write_private
from app.cluster.supervisor import Supervisor, as_json
from app.config import BalancerSettings, DrainSettings, Settings
from app.kit.errors import Invalid
from app.kit.speech import say, say_count

ENVIRONMENT = "environment.json"


def policy() -> Settings:
    """Balancers look once a second: that costs nothing on one machine, and who dies is out after three."""
    return Settings(
        balancer=BalancerSettings(
            interval_s=1, timeout_s=1, unhealthy=2, healthy=1, deregistration_s=4
        ),
        drain=DrainSettings(wait_s=4, deadline_s=60),
    )


def starting(size: int, balancer: str | None) -> str:
    """What is said of a cluster's start."""
    if balancer is None:
        return say_count(
            "Starting PostgreSQL, Valkey, S3 and {count} instance …",
            "Starting PostgreSQL, Valkey, S3 and {count} instances …",
            size,
        )
    return say_count(
        "Starting PostgreSQL, Valkey, S3, {count} instance and a balancer …",
        "Starting PostgreSQL, Valkey, S3, {count} instances and a balancer …",
        size,
    )


class Running:
    """One cluster of a home. `run` returns when it has ended."""

    def __init__(self, home: Path, tell: Callable[[str], None]) -> None:
        self._home = home
        self._tell = tell
        self._end = threading.Event()

    def run(
        self,
        size: int,
        *,
        balancer: str | None,
        port: int | None,
        settings: Mapping[str, str],
        ready: Callable[[Fleet], None],
    ) -> None:
        """Start everything, call `ready`, and serve until SIGTERM, Ctrl-C or `cluster down`.

        Raises:
            Conflict: the home has a cluster already.
            CannotStart: something did not come up; nothing is left running.
        """
        with only_one(self._home):
            self._tell(starting(size, balancer))
            (self._home / "data").mkdir(mode=0o700, exist_ok=True)
            kept = keep(self._home, port=port)
            fleet = Fleet(
                size,
                balancer=balancer,
                policy=policy(),
                settings=settings,
                home=self._home,
                port=kept.port,
                kept=kept,
                watches=True,
                collects=True,
            )
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, self._hear)
            with fleet:
                if fleet.unwatched:
                    reason = fleet.unwatched.splitlines()[0]
                    self._tell(say("Nobody collects metrics: {reason}", reason=reason))
                if fleet.uncollected:
                    self._tell(
                        say(
                            "Logs stay with each process: {reason}",
                            reason=" ".join(fleet.uncollected.split()),
                        )
                    )
                write_private(
                    self._home / ENVIRONMENT, _as_text(fleet.environment, self._home / "data")
                )
                supervisor = Supervisor(fleet)
                supervisor.start()
                with listening(
                    self._home, lambda asked, tell: self._answer(supervisor, asked, tell)
                ):
                    ready(fleet)
                    self._end.wait()
                self._tell(say("The cluster ends: requests and running steps are finished first …"))
                supervisor.stop()
            self._tell(say("The cluster has ended. Its data is kept in {home}.", home=self._home))

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        if self._end.is_set():
            os._exit(130)  # asked twice: its keepers end what is left
        self._end.set()

    def _answer(
        self, supervisor: Supervisor, asked: Mapping[str, Any], tell: Callable[[str], None]
    ) -> Any:
        match asked["do"]:
            case "status":
                fleet = supervisor.fleet
                return {
                    "pid": os.getpid(),
                    "url": fleet.url,
                    "home": str(self._home),
                    "servers": [as_json(each) for each in supervisor.states()],
                }
            case "scale":
                return supervisor.scale(int(asked["instances"]), tell)
            case "roll":
                return supervisor.roll(tell)
            case "kill":
                return supervisor.kill(int(asked["instance"]), restart=bool(asked["restart"]))
            case "down":
                return self._end.set()
            case unknown:
                raise Invalid(f"unknown request: {unknown!r}")


def _as_text(environment: Mapping[str, str], data: Path) -> str:
    return json.dumps({**environment, "DATA_DIR": str(data)}, indent=1) + "\n"
