"""What every step of the pipeline shares: its events, its retries, and failures as results."""

import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

import structlog

from app.generation.domain import CapReached, NotEnoughFacts, WriterAway, WriterRefused
from app.generation.repository import Jobs
from app.generation.tracing import step_span, tell_step, trace_of
from app.infra.db import Database, waits_for_database
from app.infra.logs import working_on
from app.infra.traces import trace_id_of
from app.kit.errors import Conflict, Invalid, NotFound

Json = dict[str, Any]
P = ParamSpec("P")

_CODES: dict[type[Exception], str] = {
    NotEnoughFacts: "not_enough_facts",
    WriterRefused: "model_refused",
    CapReached: "over_cap",
    Invalid: "invalid",
    NotFound: "not_found",
    Conflict: "conflict",
}

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
    waited for, however long, and the step is run again: what is written after a model was asked waits by
    itself. A model that is away becomes `{"wait": {"message", "retry_after_s", …}}`: the workflow tries
    again later. `part` tells parallel parts of one step apart by their number.
    """

    def decorate(
        function: Callable[Concatenate[S, str, P], Awaitable[Json]],
    ) -> Callable[Concatenate[S, str, P], Coroutine[Any, Any, Json]]:
        @wraps(function)
        async def run(self: S, job_id: str, *args: P.args, **kwargs: P.kwargs) -> Json:
            n = part(args)
            trace = await trace_of(self.database, job_id, args)
            await note(self.database, job_id, step, "started", n=n)
            about = {"request_id": _request_of(args), "trace_id": trace_id_of(trace)}
            began = time.perf_counter()
            with (
                working_on(job_id=job_id, step=step, **about),
                step_span(trace, job_id, step, n) as running,
            ):
                result = await _attempt(partial(function, self, job_id, *args, **kwargs), step)
                tell_step(running, result)
            # The first step's brief is what it answers.
            about["request_id"] = _request_of((*args, result))
            with working_on(job_id=job_id, step=step, **about):
                _tell(result, n, time.perf_counter() - began)
            if "wait" in result:
                return result
            told: Json = {"note": result.pop("note", "")}
            if "counts" in result:
                told["counts"] = result.pop("counts")
            told |= result.pop("told", {})
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


def _tell(result: Json, n: int, seconds: float) -> None:
    """One line a step, so that a request can be followed to the instance that worked on its job."""
    part = {"part": n} if n else {}
    ms = round(seconds * 1000, 1)
    if "wait" in result:
        log.info("step_put_off", **part, ms=ms, reason=result["wait"]["message"])
    elif "failed" in result:
        log.info("step_gave_up", **part, ms=ms, code=result["failed"]["code"])
    else:
        log.info("step_finished", **part, ms=ms)


def _request_of(arguments: tuple[Any, ...]) -> str:
    """The request that the job came from, as its brief says; the brief is the first argument of most steps."""
    brief = arguments[0] if arguments else None
    return str(cast("Json", brief).get("request_id", "")) if isinstance(brief, dict) else ""


async def _attempt(function: Callable[[], Awaitable[Json]], step: str) -> Json:
    try:
        return await waits_for_database(function)()
    except WriterAway as error:
        reason = {"retry_after_s": error.retry_after_s, "may_be_billed": error.may_be_billed}
        return {"wait": {"message": str(error), **reason}}
    except tuple(_CODES) as error:
        return {"failed": {"code": _CODES[type(error)], "message": str(error)}}
    except Exception as error:
        log.exception("step_failed")
        message = (
            f"A defect of the program ended the job at the step {step} "
            f"({type(error).__name__}); the log has the details."
        )
        return {"failed": {"code": "internal", "message": message}}


@waits_for_database
async def requested_by(database: Database, job_id: str) -> str:
    """Who asked for a job: whose money its models cost."""
    async with database.reading() as session:
        return await Jobs(session).requested_by(job_id)


@waits_for_database
async def note(
    database: Database, job_id: str, step: str, kind: str, *, n: int = 0, data: Json | None = None
) -> Json:
    """Keep one event of a job; one that is there already stays as it is. Answers what it says."""
    async with database.unit() as session:
        return await Jobs(session).record(
            job_id, step=step, kind=kind, n=n, data=data or {}, now=datetime.now(UTC)
        )
