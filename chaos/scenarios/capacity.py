"""Articles a minute with one, two, three and five instances while the model's latency dominates."""

import os
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from chaos.arena import Arena
from chaos.judging import Check, none, percentile
from chaos.ledger import Event
from chaos.report import Result
from chaos.scenarios.options import Options, chance_of

_SIZES = (1, 2, 3, 5)
_JOBS_EACH = 12
_AT_ONCE = 4
_LATENCY_S = 3.0
_LIMIT = 64
"""Paid calls at once: more than the largest fleet can have open, so that this limit is not what is measured."""
_SINGLE = 30
"""Jobs one after another, for the time until a job begins in a fleet that has nothing else to do."""
_BUSY = 0.85
"""From this share on the processors, not the instances, are what limits: the ratio says nothing then."""


def capacity(options: Options) -> Iterator[Result]:
    """Grow one fleet; each size has twelve jobs an instance, of which four run at once."""
    sizes = _SIZES[:2] if options.short else _SIZES
    each = 4 if options.short else _JOBS_EACH
    settings = {"APP_JOBS__CONCURRENCY": str(_AT_ONCE)}
    with Arena(1, seed=options.seed, latency_s=0.0, settings=settings, limit=_LIMIT) as arena:
        checks: list[Check] = []
        figures: dict[str, float | str] = {
            "cores": len(os.sched_getaffinity(0)),
            "latency of the model, s": _LATENCY_S,
            **_single(arena, options),
        }
        arena.model.latency_s = _LATENCY_S
        alone = 0.0
        for size in sizes:
            while len(arena.instances) < size:
                arena.add()
            batch = arena.accept(each * size)
            before = _processors()
            jobs = arena.wait(batch, 240)
            busy = _busy_between(before, _processors())
            begun = [job.started_at for job in jobs if job.started_at]
            over = [job.ended_at for job in jobs if job.ended_at]
            checks.append(
                none(
                    f"jobs without success, {size} instances",
                    sum(job.state != "succeeded" for job in jobs),
                )
            )
            rate = 60 * len(over) / (max(over) - min(begun)) if over and begun else 0.0
            alone = alone or rate
            figures |= {
                f"articles a minute, {size} instances": round(rate, 1),
                f"ratio to one, {size} instances": round(rate / alone, 2) if alone else 0.0,
                f"processors busy, {size} instances": f"{busy:.0%}"
                + (" (they limit: the ratio says nothing)" if busy > _BUSY else ""),
                f"between steps, ms (p50), {size} instances": 1000
                * percentile(gaps(arena.ledger.events(batch.ids)), 0.5),
                f"paid child waits, s (p50), {size} instances": percentile(
                    arena.ledger.children_waited(batch.ids), 0.5
                ),
            }
        yield Result("capacity", options.seed, max(sizes), checks, figures)


def _single(arena: Arena, options: Options) -> dict[str, float | str]:
    """One job after another, at random moments of the queue's polls, by a model that answers at once."""
    chance = chance_of(options.seed)
    waits: list[float] = []
    between: list[float] = []
    for _ in range(5 if options.short else _SINGLE):
        time.sleep(chance.uniform(0.0, 0.5))
        batch = arena.accept(1)
        job = arena.wait(batch, 60)[0]
        events = arena.ledger.events(batch.ids)
        begun = next((event.at for event in events if event.kind == "started"), float("inf"))
        waits.append(begun - job.created_at)
        between += gaps(events)
    return {
        "jobs one after another": len(waits),
        "enqueued until the first step, s (p50)": percentile(waits, 0.5),
        "enqueued until the first step, s (p99)": percentile(waits, 0.99),
        "engine between two steps, ms (p50)": 1000 * percentile(between, 0.5),
        "engine between two steps, ms (p99)": 1000 * percentile(between, 0.99),
    }


def gaps(events: Sequence[Event]) -> list[float]:
    """Seconds from the end of one step to the start of the next within a job; parts of a step are left out."""
    found: list[float] = []
    for before, after in pairwise(events):
        if (
            before.job_id == after.job_id
            and before.kind == "finished"
            and after.kind == "started"
            and "draft" not in {before.step, after.step}
        ):
            found.append(after.at - before.at)
    return found


def _processors() -> tuple[float, float]:
    """Busy and all time of the machine's processors so far, in ticks."""
    line = Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
    ticks = [float(each) for each in line]
    return sum(ticks) - ticks[3] - ticks[4], sum(ticks)


def _busy_between(before: tuple[float, float], after: tuple[float, float]) -> float:
    return (after[0] - before[0]) / max(1.0, after[1] - before[1])
