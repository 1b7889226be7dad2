"""A rolling deployment: a new instance comes, an old one is told to end, until none of the old is left."""

import time
from collections.abc import Iterator

from chaos.arena import Arena
from chaos.judging import Check, below, none, percentile, take_overs
from chaos.report import Result
from chaos.scenarios.options import Options, chance_of

_SEEDS = 2
_JOBS = 50
_START_S = 3.0
"""In how long survivors run what an instance handed over when it was told to end (issue 4)."""


def rolling(options: Options) -> Iterator[Result]:
    """Replace all three under 50 running jobs. Old and new are the same program under two revisions' names."""
    jobs = 20 if options.short else _JOBS
    for seed in options.seeds(_SEEDS):
        old_ = {"APP_FLEET__GIT_REVISION": "old"}
        with Arena(3, seed=seed, latency_s=2.5, settings=old_) as arena:
            yield _round(arena, seed, jobs=jobs)


def _round(arena: Arena, seed: int, *, jobs: int) -> Result:
    chance = chance_of(seed)
    batch = arena.accept(jobs)
    arena.wait_until(
        lambda all_: sum(job.started_at is not None for job in all_) >= min(jobs, 40), batch, 20
    )
    told: list[tuple[str, float]] = []
    codes: list[int] = []
    took: list[float] = []
    for old in list(arena.fleet.instances):
        arena.add(APP_FLEET__GIT_REVISION="new")
        time.sleep(chance.uniform(0.2, 1.5))
        told.append((arena.executor_of(old), time.time()))
        codes.append(arena.stop(old))
        took.append(time.time() - told[-1][1])
        arena.fleet.instances.remove(old)
        old.close()
    ended = arena.wait(batch, 180)
    checks, figures = arena.judge(batch, ended)
    owners = arena.ledger.owners(batch.ids)
    waits = [
        each.running_s - each.requeued_s
        for executor, at in told
        for each in take_overs(owners, executor, at)
        if each.requeued_s < each.running_s
    ]
    twice = int(figures["answered twice"]) + int(figures["cut before the answer"])
    mine = [
        none("calls paid twice", twice),
        Check("exit codes", str(codes), "all 0", not any(codes)),
        # Where nothing was handed over, nothing is proved.
        Check("workflows handed over", len(waits), "> 0", bool(waits)),
        below("handed over until elsewhere, the slowest", max(waits, default=0.0), _START_S),
    ]
    figures |= {
        "handed over until elsewhere, s (p50)": percentile(waits, 0.5),
        "told to end until the end, s (the slowest)": max(took),
    }
    return Result("rolling", seed, 3, [*mine, *checks], figures)
