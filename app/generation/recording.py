"""What every step of the pipeline shares: its events, its retries, and failures as results."""

from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import stamina
import structlog
from sqlalchemy.exc import DBAPIError

from app.generation.domain import NotEnoughFacts, WriterAway
from app.generation.repository import Jobs
from app.infra.db import AWAY, Database
from app.kit.errors import Conflict, Invalid, NotFound

Json = dict[str, Any]
P = ParamSpec("P")

_CODES: dict[type[Exception], str] = {
    NotEnoughFacts: "not_enough_facts",
    WriterAway: "model_away",
    Invalid: "invalid",
    NotFound: "not_found",
    Conflict: "conflict",
}

_LONGEST_PAUSE_S = 5.0
"""Between two tries of a database that is away."""

log = structlog.get_logger()


class HasDatabase(Protocol):
    """Steps that keep events."""

    @property
    def database(self) -> Database: ...


S = TypeVar("S", bound=HasDatabase)


def recorded(
    step: str, *, part: Callable[[tuple[Any, ...]], int] = lambda _arguments: 0
) -> Callable[
    [Callable[Concatenate[S, str, P], Awaitable[Json]]],
    Callable[Concatenate[S, str, P], Coroutine[Any, Any, Json]],
]:
    """Keep `started` and `finished` (or `failed`) events around a step.

    What people can mend becomes `{"failed": {"code", "message"}}`; so does a defect of ours, with its
    traceback in the log: a job must end with a reason, not stand for ever. A database that is away is
    waited for, however long, and the step is run again: no model is asked after a step's last query.
    `part` tells parallel parts of one step apart by their number.
    """

    def decorate(
        function: Callable[Concatenate[S, str, P], Awaitable[Json]],
    ) -> Callable[Concatenate[S, str, P], Coroutine[Any, Any, Json]]:
        @wraps(function)
        async def run(self: S, job_id: str, *args: P.args, **kwargs: P.kwargs) -> Json:
            n = part(args)
            await note(self.database, job_id, step, "started", n=n)
            result = await _attempt(partial(function, self, job_id, *args, **kwargs), job_id, step)
            told: Json = {"note": result.pop("note", "")}
            if "counts" in result:
                told["counts"] = result.pop("counts")
            if "failed" in result:
                await note(self.database, job_id, step, "failed", n=n, data=result["failed"])
                return result
            usage: Json = result.get("usage") or {}
            told["tokens"] = usage.get("input_tokens", 0) + usage.get("output_tokens", 0)
            told["cost_usd"] = usage.get("cost_usd", 0.0)
            await note(self.database, job_id, step, "finished", n=n, data=told)
            return result

        return run

    return decorate


def _is_away(error: Exception) -> bool:
    """Whether the database is, rather than the statement wrong."""
    return isinstance(error, AWAY) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    )


_waits_for_database = stamina.retry(
    on=_is_away, attempts=None, timeout=None, wait_max=_LONGEST_PAUSE_S
)


async def _attempt(function: Callable[[], Awaitable[Json]], job_id: str, step: str) -> Json:
    try:
        return await _waits_for_database(function)()
    except tuple(_CODES) as error:
        return {"failed": {"code": _CODES[type(error)], "message": str(error)}}
    except Exception as error:
        log.exception("step_failed", job_id=job_id, step=step)
        message = (
            f"A defect of the program ended the job at the step {step} "
            f"({type(error).__name__}); the log has the details."
        )
        return {"failed": {"code": "internal", "message": message}}


@_waits_for_database
async def note(
    database: Database, job_id: str, step: str, kind: str, *, n: int = 0, data: Json | None = None
) -> None:
    """Keep one event of a job; one that is there already stays as it is."""
    async with database.unit() as session:
        await Jobs(session).record(
            job_id, step=step, kind=kind, n=n, data=data or {}, now=datetime.now(UTC)
        )
