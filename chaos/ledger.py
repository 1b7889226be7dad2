"""What the database says of the work: who owned it when, its checkpoints and their commits, jobs, articles.

A trigger of ours writes the owners down as they change, in a schema of its own. Checkpoints are read with
the moment of their commit (`track_commit_timestamp`): what started a millisecond after it started in vain.
"""

import json
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString, cast

import psycopg

_PATIENCE_S = 90.0
"""How long a question waits for a database that is away: longer than any outage of ours."""

_PREPARE = """
create schema if not exists chaos;
create table if not exists chaos.owners (
    n bigserial primary key, at timestamptz not null, workflow_id text not null,
    status text, executor_id text, attempts bigint);
create or replace function chaos.note() returns trigger language plpgsql as $$
begin
    if TG_OP = 'INSERT' or (old.status, old.executor_id) is distinct from (new.status, new.executor_id) then
        insert into chaos.owners (at, workflow_id, status, executor_id, attempts)
        values (clock_timestamp(), new.workflow_uuid, new.status, new.executor_id, new.recovery_attempts);
    end if;
    return null;
end $$;
drop trigger if exists chaos_note on dbos.workflow_status;
create trigger chaos_note after insert or update on dbos.workflow_status
    for each row execute function chaos.note();
"""


@dataclass(frozen=True, slots=True)
class Owned:
    """From this moment on a workflow has this state and this owner."""

    at: float
    workflow_id: str
    status: str
    executor_id: str
    attempts: int

    @property
    def job_id(self) -> str:
        """The job that it belongs to: children have its id with something behind it."""
        return self.workflow_id[:36]


@dataclass(frozen=True, slots=True)
class Kept:
    """A step's result, and when it was committed."""

    workflow_id: str
    step: str
    at: float
    output: str

    @property
    def job_id(self) -> str:
        """The job that it belongs to."""
        return self.workflow_id[:36]


@dataclass(frozen=True, slots=True)
class JobEnd:
    """How a job stands."""

    job_id: str
    keyword: str
    state: str
    error: str
    created_at: float
    started_at: float | None
    ended_at: float | None
    articles: int

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.ended_at is not None


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a job."""

    job_id: str
    seq: int
    step: str
    kind: str
    n: int
    at: float


class Ledger:
    """Asks the database; goes on asking while that is away."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection[Any] | None = None

    def prepare(self) -> None:
        """Begin to write owners down. The engine's tables must be there."""
        self.rows(_PREPARE)

    def executor_of(self, pid: int) -> str:
        """The executor that an instance is, by its process."""
        found = self.rows(
            "select executor_id from instances where pid = %s order by started_at desc limit 1", pid
        )
        return str(found[0][0]) if found else ""

    def working(self) -> set[str]:
        """The executors that own a workflow which has begun and not ended."""
        found = self.rows(
            "select distinct executor_id from dbos.workflow_status where status = 'PENDING'"
        )
        return {str(executor) for (executor,) in found}

    def owners(self, job_ids: Collection[str]) -> list[Owned]:
        """Every change of state or owner of these jobs and their children, in order."""
        return [
            Owned(float(at), str(workflow), str(status), str(executor or ""), int(attempts or 0))
            for at, workflow, status, executor, attempts in self.rows(
                "select extract(epoch from at), workflow_id, status, executor_id, attempts "
                "from chaos.owners where left(workflow_id, 36) = any(%s) order by n",
                list(job_ids),
            )
        ]

    def kept(self, job_ids: Collection[str]) -> list[Kept]:
        """The checkpoints of these jobs and their children."""
        return [
            Kept(str(workflow), str(step), float(at), str(output or ""))
            for workflow, step, at, output in self.rows(
                "select workflow_uuid, function_name, "
                "coalesce(extract(epoch from pg_xact_commit_timestamp(xmin)), completed_at_epoch_ms / 1000.0), "
                "output from dbos.operation_outputs where left(workflow_uuid, 36) = any(%s)",
                list(job_ids),
            )
        ]

    def jobs(self, job_ids: Collection[str]) -> list[JobEnd]:
        """How these jobs stand, and how many articles each has made."""
        return [
            JobEnd(*row)
            for row in self.rows(
                "select j.id, j.keyword, j.state, coalesce(j.error, ''), "
                "extract(epoch from j.created_at)::float8, extract(epoch from j.started_at)::float8, "
                "extract(epoch from j.ended_at)::float8, "
                "(select count(*) from posts p where p.job_id = j.id) "
                "from jobs j where j.id = any(%s) order by j.id",
                list(job_ids),
            )
        ]

    def running(self, job_ids: Collection[str]) -> int:
        """How many of these jobs have begun and not ended."""
        return int(
            self.rows(
                "select count(*) from jobs where id = any(%s) and started_at is not null "
                "and ended_at is null",
                list(job_ids),
            )[0][0]
        )

    def events(self, job_ids: Collection[str]) -> list[Event]:
        """The events of these jobs, in order."""
        return [
            Event(*row)
            for row in self.rows(
                "select job_id, seq, step, kind, n, extract(epoch from at)::float8 "
                "from job_events where job_id = any(%s) order by job_id, seq",
                list(job_ids),
            )
        ]

    def children_waited(self, job_ids: Collection[str]) -> list[float]:
        """Seconds from enqueuing to starting, of every paid child of these jobs."""
        return [
            float(row[0])
            for row in self.rows(
                "select (started_at_epoch_ms - created_at) / 1000.0 from dbos.workflow_status "
                "where left(workflow_uuid, 36) = any(%s) and length(workflow_uuid) > 36 "
                "and started_at_epoch_ms is not null",
                list(job_ids),
            )
        ]

    def attempts(self, job_ids: Collection[str]) -> int:
        """How many workflows of these jobs were begun more than once."""
        return int(
            self.rows(
                "select count(*) from dbos.workflow_status "
                "where left(workflow_uuid, 36) = any(%s) and recovery_attempts > 1",
                list(job_ids),
            )[0][0]
        )

    def cut_all_connections(self) -> int:
        """End every other connection to the database; answers how many there were."""
        return int(
            self.rows(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity "
                "where pid <> pg_backend_pid() and backend_type = 'client backend'"
            )[0][0]
        )

    def rows(self, query: LiteralString, *values: object) -> Sequence[tuple[Any, ...]]:
        """Ask, again where the connection is lost."""
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                if self._connection is None:
                    self._connection = psycopg.connect(
                        self._url, autocommit=True, connect_timeout=3
                    )
                cursor = self._connection.execute(query, values or None)
                return cursor.fetchall() if cursor.description else []
            except psycopg.OperationalError:
                self.close()
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def parts_of(kept: Sequence[Kept]) -> dict[tuple[str, str], int]:
    """The number of the part that a job's heading has, from what its outline kept."""
    found: dict[tuple[str, str], int] = {}
    for each in kept:
        if each.step != "outline" or not each.output:
            continue
        outline = _inner(json.loads(each.output), "sections")
        if outline is None:
            continue
        found[each.job_id, ""] = 0
        for n, plan in enumerate([*outline["sections"], *outline["questions"]], 1):
            found[each.job_id, " ".join(str(plan["heading"]).split())] = n
    return found


def _inner(value: Any, key: str) -> dict[str, Any] | None:
    """The innermost mapping that has the key: serialisers wrap what they keep."""
    if isinstance(value, str):
        try:
            return _inner(json.loads(value), key)
        except ValueError:
            return None
    if not isinstance(value, dict):
        return None
    mapping = cast("dict[str, Any]", value)
    if key in mapping:
        return mapping
    return next((found for each in mapping.values() if (found := _inner(each, key))), None)
