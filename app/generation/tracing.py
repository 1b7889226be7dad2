"""The spans of jobs: one a job, from its acceptance to its end, and one a step beneath it.

A job's span is told by whoever ends the job, and its id is made of the trace and the job's own, so that steps
on other instances stand beneath it, also after a take-over. A job that goes on after its end (resumed, tried
again) tells it once more, longer.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

from app.generation.jobs import Job, JobState
from app.generation.repository import Jobs
from app.infra.db import Database, waits_for_database
from app.infra.traces import Span, beneath, span, tell_past, tracing

Json = dict[str, Any]


async def trace_of(database: Database, job_id: str, arguments: tuple[Any, ...]) -> str:
    """The trace of a step's job: in its brief, the first argument of all steps but the one that makes it."""
    brief = arguments[0] if arguments else None
    if isinstance(brief, dict):
        return str(cast("Json", brief).get("trace", ""))
    return await _read_trace(database, job_id) if tracing() else ""


@contextmanager
def step_span(trace: str, job_id: str, step: str, part: int) -> Generator[Span]:
    """One run of a step; `tell_step` says how it ended."""
    about = {"blogger.job.id": job_id, "blogger.step.name": step, "blogger.step.part": part}
    with span(f"step {step}", parent=beneath(trace, job_id), attributes=about) as running:
        yield running


def tell_step(running: Span, result: Json) -> None:
    """How a run of a step ended, by what it answers."""
    outcome = next((each for each in ("failed", "wait") if each in result), "finished")
    running.set({"blogger.step.outcome": outcome})
    if outcome == "failed":
        running.fail(str(result["failed"]["code"]))


def tell_job(job: Job) -> None:
    """A job has ended: tell its span. Does nothing for one that has not, or was accepted untraced."""
    trace = job.request.trace
    if not trace or job.ended_at is None:
        return
    about: dict[str, str | int | float] = {
        "blogger.job.id": job.id,
        "blogger.job.state": job.state.value,
        "blogger.job.attempt": job.attempt,
        "blogger.job.language": job.request.language,
        "blogger.job.model": job.request.model,
        "gen_ai.usage.input_tokens": job.usage.input_tokens,
        "gen_ai.usage.output_tokens": job.usage.output_tokens,
    }
    if job.usage.cost_usd is not None:
        about["blogger.llm.cost_usd"] = job.usage.cost_usd
    if job.started_at is not None:
        about["blogger.job.waited_s"] = (job.started_at - job.created_at).total_seconds()
    if job.batch_id is not None:
        about["blogger.batch.id"] = job.batch_id
    tell_past(
        "job",
        beneath(trace, job.id),
        trace,
        began=job.created_at,
        ended=job.ended_at,
        attributes=about,
        failure="" if job.state is JobState.SUCCEEDED else job.error_code or job.state.value,
    )


@waits_for_database
async def _read_trace(database: Database, job_id: str) -> str:
    async with database.reading() as session:
        return (await Jobs(session).read(job_id)).request.trace
