"""Takes over what dead instances had begun, from a thread of every process that works.

Each look asks, in this order: who owns begun workflows, and who has not ended. An owner registers before it
owns anything, so one that the second answer lacks has ended or never was. Every look does all of it again
(durable-jobs.md 9): whatever interrupts one, the next finishes it.
"""

import threading
import time
from collections.abc import Iterable

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app.infra.db import Database
from app.infra.durable import Begun, Engine
from app.ops.instances import end_dead, read_leases
from app.ops.watch import Watch

log = structlog.get_logger()

_LOST_S = 60.0
"""How long a workflow is begun here by the database's word, and runs nowhere, before it is put back: its
start was committed and the answer lost (durable-jobs.md 4.6)."""

_JOIN_S = 5.0


class Takeover:
    """Watches the others, and this process's own workflows, every `interval_s`."""

    def __init__(
        self, database: Database, engine: Engine, *, ttl_s: float, interval_s: float
    ) -> None:
        self._database = database
        self._engine = engine
        self._watch = Watch(ttl_s=ttl_s)
        self._interval_s = interval_s
        self._idle_since: dict[str, float] = {}
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._failed = False

    def start(self) -> None:
        """Start to watch."""
        self._stopped.clear()
        self._thread = threading.Thread(target=self._run, name="takeover", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop to watch. Blocks; for a thread."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(_JOIN_S)

    def _run(self) -> None:
        direct = self._database.direct()
        while not self._stopped.wait(self._interval_s):
            try:
                with direct.connect() as connection:
                    self._look(connection)
                self._failed = False
            except (
                Exception
            ) as error:  # whatever the engine or a driver raises: the next look may go well
                self._watch.begin_anew()
                direct.dispose()
                if not self._failed:
                    known = isinstance(error, (SQLAlchemyError, OSError))
                    log.warning(
                        "watch_interrupted", reason=type(error).__name__, exc_info=not known
                    )
                self._failed = True
        direct.dispose()

    def _look(self, connection: Connection) -> None:
        begun = self._engine.begun()
        asked = time.monotonic()
        leases = read_leases(connection)
        dead = self._watch.look(leases, asked=asked, answered=time.monotonic())
        ended = end_dead(connection, self._database, dead)
        for executor_id in ended:
            log.warning("instance_lost", executor_id=executor_id)
        live = set(leases) - set(ended)
        owners = {each.owner for each in begun} - live - {self._engine.executor_id}
        if owners and (taken := self._engine.recover_now(owners)):
            log.info("jobs_taken_over", executors=sorted(owners), workflows=taken)
        self._put_lost_back(begun)

    def _put_lost_back(self, begun: Iterable[Begun]) -> None:
        """Those that are ours and run nowhere."""
        idle = {each.workflow_id for each in begun if each.owner == self._engine.executor_id}
        idle -= self._engine.all_running()
        now = time.monotonic()
        self._idle_since = {each: self._idle_since.get(each, now) for each in idle}
        for workflow_id, since in self._idle_since.items():
            if now - since >= _LOST_S and self._engine.put_back(workflow_id):
                log.warning("workflow_put_back", workflow_id=workflow_id)
