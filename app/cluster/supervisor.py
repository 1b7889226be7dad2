"""Keeps a cluster running: what ends by itself is started again, and operators change it while it works."""

import os
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import structlog

from app.cluster.fleet import Fleet
from app.cluster.instances import Instance
from app.cluster.processes import CannotStart, Server
from app.cluster.reported import Reported, read_reports
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.speech import say

log = structlog.get_logger()

MOST = 12
"""Instances of one cluster: 15 connections each have to fit into its database's 200."""

_LOOK_S = 0.5
_FIRST_REST_S = 1.0
_LONGEST_REST_S = 30.0
_STABLE_S = 60.0
"""Who ran so long is started again at once when it ends: the rests are for those that end at their start."""

_SHORTENING_S = 10.0
"""How often the collected files are looked at, seconds."""

Tell = Callable[[str], None]
"""Hears what a change is doing."""


@dataclass
class _Record:
    """What the supervisor knows of one server."""

    started_at: float
    restarts: int = 0
    rest_s: float = _FIRST_REST_S
    next_try: float | None = None
    left_alone: bool = False
    """Whether it was killed to stay away."""


@dataclass(frozen=True, slots=True)
class State:
    """A server as operators see it."""

    name: str
    state: str
    """`ready`, `not ready` (leaving, or a part of it away), `down` (to be started again), `killed`."""
    address: str
    pid: int | None
    uptime_s: float | None
    memory_bytes: int | None
    """Resident memory of its main process; None where it is not known."""
    restarts: int
    version: str | None = None
    in_flight: int | None = None
    """Requests that an instance is answering; None for what is none, and while the database does not say."""
    jobs: int | None = None
    """Jobs that it holds."""


class Supervisor:
    """One thread looks; changes wait for each other, and what is looked at never waits for them."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self._changing = threading.Lock()
        self._stopped = threading.Event()
        self._records: dict[int, _Record] = {}
        self._next_shortening = 0.0
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)

    def start(self) -> None:
        """Begin to look after the fleet, which has started."""
        for server in self._servers():
            self._note_start(server)
        self._thread.start()

    def stop(self) -> None:
        """Look no more, and wait for a change that is under way."""
        self._stopped.set()
        self._thread.join()
        self._changing.acquire()  # for good: nothing is changed after the end

    def states(self) -> list[State]:
        """Everything that belongs to the cluster: instances first, then what they share."""
        servers = self._servers()
        url, ttl_s = self.fleet.environment["DATABASE_URL"], self.fleet.policy.fleet.ttl_s
        with ThreadPoolExecutor(len(servers) + 1) as pool:
            reading = pool.submit(read_reports, url, ttl_s=ttl_s)
            states = list(pool.map(self._state, servers))
            reports = reading.result()
        return [_with_report(each, reports.get(each.pid or 0)) for each in states]

    def scale(self, wanted: int, tell: Tell) -> None:
        """Add or remove instances until there are `wanted`. No request fails for it.

        Raises:
            Invalid: so many do not fit, or none would be left.
            CannotStart: a new one did not come up; those before it stay.
            Conflict: another change is under way.
        """
        if not 1 <= wanted <= MOST:
            raise Invalid(say("A cluster has 1 to {most} instances.", most=MOST))
        with self._change():
            while len(self.fleet.instances) < wanted:
                self._add(tell)
            while len(self.fleet.instances) > wanted:
                self._remove(self.fleet.instances[-1], tell)

    def roll(self, tell: Tell) -> None:
        """Replace every instance by a new one, one after the other, the new one first.

        Raises:
            CannotStart: a new one did not come up; what has not been replaced goes on.
            Conflict: another change is under way.
        """
        with self._change():
            for old in list(self.fleet.instances):
                self._add(tell)
                self._remove(old, tell)

    def kill(self, number: int, *, restart: bool) -> None:
        """End an instance at once, as the loss of its machine would.

        Raises:
            NotFound: no instance has this number.
            Conflict: it does not run, or another change is under way.
        """
        with self._change():
            instance = next((each for each in self.fleet.instances if each.number == number), None)
            if instance is None:
                numbers = ", ".join(str(each.number) for each in self.fleet.instances)
                raise NotFound(
                    say(
                        "There is no instance {number}; there are {numbers}.",
                        number=number,
                        numbers=numbers,
                    )
                )
            if not instance.running:
                raise Conflict(say("Instance {number} does not run.", number=number))
            record = self._records[id(instance)]
            record.left_alone = not restart
            instance.kill()

    @contextmanager
    def _change(self) -> Generator[None]:
        if not self._changing.acquire(timeout=_LOOK_S * 4):
            raise Conflict(say("Another change of the cluster is under way."))
        try:
            yield
        finally:
            self._changing.release()

    def _add(self, tell: Tell) -> None:
        tell(say("An instance is starting …"))
        try:
            instance = self.fleet.add()
        except CannotStart:
            failed = self.fleet.instances.pop()
            failed.close()
            raise
        self._note_start(instance)
        tell(
            say(
                "Instance {number} serves at {address}.",
                number=instance.number,
                address=instance.address,
            )
        )

    def _remove(self, instance: Instance, tell: Tell) -> None:
        tell(
            say(
                "Instance {number} leaves: it ends its requests and hands its jobs over …",
                number=instance.number,
            )
        )
        code = self.fleet.remove(instance)
        self._records.pop(id(instance), None)
        tell(
            say("Instance {number} has left (exit code {code}).", number=instance.number, code=code)
        )

    def _run(self) -> None:
        while not self._stopped.wait(_LOOK_S):
            if self._changing.acquire(blocking=False):
                try:
                    self._look()
                finally:
                    self._changing.release()

    def _look(self) -> None:
        now = time.monotonic()
        for server in self._servers():
            record = self._records[id(server)]
            if server.running or record.left_alone:
                continue
            if record.next_try is None:
                stable = now - record.started_at > _STABLE_S
                record.rest_s = _FIRST_REST_S if stable else record.rest_s
                record.next_try = now + record.rest_s
                log.warning("server_ended", server=_name(server), next_try_s=record.rest_s)
            elif now >= record.next_try:
                self._start_again(server, record)
        if self.fleet.collector is not None and now >= self._next_shortening:
            self._next_shortening = now + _SHORTENING_S
            with suppress(OSError):  # a full disk must not end the looking
                self.fleet.collector.shorten()

    def _start_again(self, server: Server, record: _Record) -> None:
        record.restarts += 1
        record.rest_s = min(record.rest_s * 2, _LONGEST_REST_S)
        record.next_try = None
        record.started_at = time.monotonic()
        try:
            # Not waited for: others may need to be started too, and operators to be answered.
            server.start(wait=False)
        except CannotStart as error:
            log.warning("server_not_started", server=_name(server), reason=str(error)[-500:])

    def _note_start(self, server: Server) -> None:
        self._records[id(server)] = _Record(time.monotonic())

    def _servers(self) -> list[Server]:
        balancer = [self.fleet.balancer] if self.fleet.balancer else []
        prometheus = [self.fleet.prometheus] if self.fleet.prometheus else []
        collector = [self.fleet.collector] if self.fleet.collector else []
        beside = [*self.fleet.services, *prometheus, *collector]
        return [*list(self.fleet.instances), *balancer, *beside]

    def _state(self, server: Server) -> State:
        record = self._records.get(id(server)) or _Record(time.monotonic())
        if server.running:
            state = "ready" if server.answers() else "not ready"
        else:
            state = "killed" if record.left_alone else "down"
        pid = server.pid if server.running else None
        return State(
            name=_name(server),
            state=state,
            address=server.address,
            pid=pid,
            uptime_s=time.monotonic() - record.started_at if pid else None,
            memory_bytes=_memory(pid) if pid else None,
            restarts=record.restarts,
        )


def _with_report(state: State, report: Reported | None) -> State:
    if report is None:
        return state
    return replace(state, version=report.version, in_flight=report.in_flight, jobs=report.jobs)


def _name(server: Server) -> str:
    return f"{server.name}{server.number}" if isinstance(server, Instance) else server.name


def _memory(pid: int) -> int | None:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None  # it has just ended, or there is no /proc here
    return pages * os.sysconf("SC_PAGE_SIZE")


def as_json(state: State) -> dict[str, Any]:
    """A state as `--json` prints it."""
    return {
        "name": state.name,
        "state": state.state,
        "address": state.address,
        "pid": state.pid,
        "uptime_s": None if state.uptime_s is None else round(state.uptime_s, 1),
        "memory_bytes": state.memory_bytes,
        "restarts": state.restarts,
        "version": state.version,
        "in_flight": state.in_flight,
        "jobs": state.jobs,
    }
