"""A fleet to be broken: instances, PostgreSQL, a model server; jobs accepted by the API, what came of them."""

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count, repeat
from pathlib import Path
from typing import Self

import httpx2

from app.cluster import CannotStart, Fleet, Instance, PostgresServer
from app.config import DrainSettings, Settings
from chaos.articles import Names, keyword_of, source_of
from chaos.calls import Absence, Absences, Call
from chaos.judging import Check, judge_work, none
from chaos.ledger import JobEnd, Ledger
from chaos.line import Line
from chaos.model_server import ModelServer
from tests.doors import people

LIMIT = 8
"""Paid calls at once over the whole fleet (`APP_JOBS__LLM_CONCURRENCY`)."""

CONCURRENCY = 24
"""Articles at once in one instance, one less of one person: a single survivor of three has room for all jobs of
a scenario, and three have it for the 50 of a rolling deployment. No wait for a slot is taken for a take-over.
"""

_SETTINGS = {
    "LLM_MODEL": "compatible:scripted",
    "APP_JOBS__CONCURRENCY": str(CONCURRENCY),
    "APP_JOBS__LLM_CONCURRENCY": str(LIMIT),
    "APP_LIMITS__ADDRESS_PER_MINUTE": "1000000",
    "APP_LIMITS__KEY_PER_MINUTE": "1000000",
    "APP_LIMITS__PERSON_PER_MINUTE": "1000000",
}
_ASKING_S = 90.0
_LOOK_S = 0.1


@dataclass
class Batch:
    """Jobs that were accepted together."""

    keywords: dict[str, str] = field(default_factory=dict[str, str])
    """The keyword of each job, by its id."""

    @property
    def ids(self) -> list[str]:
        """Their ids."""
        return list(self.keywords)


@dataclass
class Lost:
    """An instance that went away: which executor it was, when, and what that was to its callers."""

    instance: Instance
    executor_id: str
    at: float
    absence: Absence


class Arena:
    """Everything one scenario needs; a context that ends all of it, however it is left."""

    def __init__(
        self,
        size: int,
        *,
        seed: int,
        latency_s: float = 0.5,
        settings: Mapping[str, str] | None = None,
        kind: type[Instance] = Instance,
        cut_off: int | None = None,
        limit: int = LIMIT,
    ) -> None:
        """`cut_off` is the place of the instance whose database is behind `line`, if one's is."""
        self.names = Names(seed)
        self.limit = limit
        self.absences = Absences()
        self.ends: list[tuple[str, int]] = []
        """Instances that ended although nobody here ended them, with their exit codes."""
        self.line: Line | None = None
        self._size = size
        self._kind = kind
        self._cut_off = cut_off
        self._settings = {
            **_SETTINGS,
            "APP_JOBS__LLM_CONCURRENCY": str(limit),
            **(settings or {}),
        }
        self._stack = ExitStack()
        self._starts = count(1)
        self._asked = count()
        self._expected: set[int] = set()
        self._seen_ended: set[int] = set()
        self._lock = threading.Lock()
        self._latency_s = latency_s

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self) -> None:
        root = Path(tempfile.mkdtemp(prefix="blogger-chaos-"))
        self._stack.callback(shutil.rmtree, root, ignore_errors=True)
        if os.geteuid() == 0:
            root.chmod(0o711)  # PostgreSQL is `nobody` then, and has to get to its folder
        # One for all: a client's certificates take longer to load than a request.
        self._client = self._stack.enter_context(httpx2.Client(timeout=10.0, trust_env=False))
        self.model = self._stack.enter_context(ModelServer(latency_s=self._latency_s))
        self.postgres = PostgresServer(
            home=root / "postgres", settings={"track_commit_timestamp": "on"}
        )
        self._stack.enter_context(self.postgres)
        own: list[dict[str, str]] = [{"LLM_API_KEY": self._new_caller()} for _ in range(self._size)]
        if self._cut_off is not None:
            self.line = self._stack.enter_context(Line("127.0.0.1", self.postgres.port))
            there, here = f":{self.postgres.port}/", f":{self.line.port}/"
            own[self._cut_off]["DATABASE_URL"] = self.postgres.url.replace(there, here)
        self.fleet = Fleet(
            self._size,
            balancer=None,
            policy=Settings(drain=DrainSettings(wait_s=0)),
            settings={**self._settings, "LLM_BASE_URL": self.model.url},
            own=own,
            kind=self._kind,
            database_url=self.postgres.url,
            redis_url="",
            blob_url="",
            home=root / "fleet",
        )
        self._stack.callback(self._end_fleet)
        self.fleet.start()
        self.ledger = Ledger(self.postgres.url)
        self._stack.callback(self.ledger.close)
        self.ledger.prepare()
        self.key = self.person("owner@example.org", "owner")

    def close(self) -> None:
        """End everything that was started."""
        self._stack.close()

    def _end_fleet(self) -> None:
        # Killed, not stopped: nobody waits for what still runs when a scenario is over.
        with ThreadPoolExecutor(max(1, len(self.fleet.instances))) as pool:
            list(pool.map(Instance.kill, self.fleet.instances))
        self.fleet.close()

    @property
    def instances(self) -> list[Instance]:
        """Those that run now, paused ones as well."""
        return [each for each in self.fleet.instances if each.running]

    def person(self, login: str, role: str) -> str:
        """Somebody's key; the first one must be an owner."""
        url = self.postgres.url
        scopes = ("read", "write", "publish")
        return people.make_key(url, people.make_person(url, login, role), scopes)

    def caller_of(self, instance: Instance) -> str:
        """Under what name its calls are in the model server's log."""
        return instance.settings["LLM_API_KEY"]

    def executor_of(self, instance: Instance) -> str:
        """What the database calls it."""
        return self.ledger.executor_of(instance.pid or 0)

    # What is done to it.

    def kill(self, instance: Instance) -> Lost:
        """Kill an instance as a lost machine would end."""
        executor = self.executor_of(instance)
        self._expected.add(id(instance))
        at = time.time()
        absence = self.absences.begin(self.caller_of(instance))
        instance.kill()
        return Lost(instance, executor, at, absence)

    def pause(self, instance: Instance) -> Lost:
        """Freeze an instance: its connections stay open and nothing answers."""
        executor = self.executor_of(instance)
        at = time.time()
        absence = self.absences.begin(self.caller_of(instance))
        instance.pause()
        return Lost(instance, executor, at, absence)

    def start(self, instance: Instance) -> None:
        """Start an instance again, under a new name in the model server's log."""
        instance.settings["LLM_API_KEY"] = self._new_caller()
        instance.start()
        with self._lock:
            self._expected.discard(id(instance))
            self._seen_ended.discard(id(instance))

    def add(self, **settings: str) -> Instance:
        """Start one more."""
        return self.fleet.add(LLM_API_KEY=self._new_caller(), **settings)

    def stand_up(self) -> None:
        """Start whoever does not run: the next seed begins with a whole fleet."""
        for instance in self.fleet.instances:
            if not instance.running:
                self.start(instance)

    def exit_of(self, instance: Instance, within_s: float) -> int | None:
        """Wait for an instance to end by itself: its exit code, or None when it goes on."""
        self._expected.add(id(instance))
        until = time.monotonic() + within_s
        while instance.running:
            if time.monotonic() > until:
                return None
            time.sleep(0.02)
        return instance.stop()

    def stop(self, instance: Instance) -> int:
        """Tell an instance to end, and wait for it; answers its exit code."""
        self._expected.add(id(instance))
        return instance.stop()

    # What it is asked for.

    def accept(self, number: int, *, key: str | None = None) -> Batch:
        """Have so many jobs accepted, by whichever instance answers."""
        names = [self.names.next() for _ in range(number)]
        batch = Batch()
        with ThreadPoolExecutor(8) as pool:
            ids = list(pool.map(self._accept, names, repeat(key or self.key)))
        for name, job_id in zip(names, ids, strict=True):
            batch.keywords[job_id] = keyword_of(name)
        return batch

    def _accept(self, name: str, key: str) -> str:
        """Ask until one answers, with the same key: accepted once however often it is sent."""
        body = {
            "keyword": keyword_of(name),
            "sources": [{"text": source_of(name), "rights": "own"}],
            "language": "en",
        }
        headers = {"authorization": f"Bearer {key}", "idempotency-key": f"chaos-{name}"}
        until = time.monotonic() + _ASKING_S
        while True:
            standing = self.instances
            first = next(self._asked)
            for n in range(len(standing)):
                instance = standing[(first + n) % len(standing)]
                with suppress(httpx2.TransportError):
                    answer = self._client.post(
                        f"{instance.url}/api/v1/generate-post", json=body, headers=headers
                    )
                    if answer.status_code == HTTPStatus.ACCEPTED:
                        return str(answer.json()["job_id"])
            if time.monotonic() > until:
                raise CannotStart(f"no instance accepts the job about {name}")
            time.sleep(_LOOK_S)

    def wait(self, batch: Batch, within_s: float) -> list[JobEnd]:
        """Wait until the jobs have ended, or for so long; answers how they stand then."""
        return self.wait_until(lambda jobs: all(job.ended for job in jobs), batch, within_s)

    def wait_until(
        self, enough: Callable[[Sequence[JobEnd]], bool], batch: Batch, within_s: float
    ) -> list[JobEnd]:
        """Wait until the jobs are as wanted, or for so long."""
        until = time.monotonic() + within_s
        while True:
            jobs = self.ledger.jobs(batch.ids)
            self.look_for_ends()
            if enough(jobs) or time.monotonic() > until:
                return jobs
            time.sleep(_LOOK_S)

    def busy(self) -> list[Instance]:
        """The running instances that have begun something; all that run where none has."""
        working = self.ledger.working()
        running = [each for each in self.instances if each.running]
        return [each for each in running if self.executor_of(each) in working] or running

    def look_for_ends(self) -> None:
        """Note the instances that ended although nobody ended them."""
        for instance in list(self.fleet.instances):
            with self._lock:
                known = self._expected | self._seen_ended
                if instance.running or id(instance) in known:
                    continue
                self._seen_ended.add(id(instance))
            self.ends.append((self.caller_of(instance), instance.stop()))

    def calls(self, batch: Batch) -> list[Call]:
        """The calls about these jobs."""
        return self.model.log.of(batch.keywords.values())

    def judge(
        self, batch: Batch, jobs: Sequence[JobEnd]
    ) -> tuple[list[Check], dict[str, float | str]]:
        """What must hold of any batch in any scenario, and its figures."""
        self.look_for_ends()
        checks, figures = judge_work(
            jobs,
            len(batch.ids),
            self.calls(batch),
            self.ledger.kept(batch.ids),
            self.absences.all,
            limit=self.limit,
        )
        if self.ends:
            figures["ended by themselves"] = ", ".join(f"{who}: {code}" for who, code in self.ends)
        checks.append(none("instances that ended by themselves", len(self.ends)))
        self.ends.clear()
        return checks, figures

    def _new_caller(self) -> str:
        return f"start-{next(self._starts)}"
