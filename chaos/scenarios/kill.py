"""Random SIGKILL of instances under running jobs, and their restart a while later."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from chaos.arena import Arena, Lost
from chaos.report import Result
from chaos.scenarios.losses import judge_losses
from chaos.scenarios.options import Options, chance_of

_SEEDS = 20
_JOBS = 20
_KILLS = 2
_ENDED_S = 120.0


def kill(options: Options) -> Iterator[Result]:
    """Half of the seeds on three instances, half on five; two instances are killed with each."""
    seeds = options.seeds(_SEEDS)
    half = (len(seeds) + 1) // 2
    for size, some in ((3, seeds[:half]), (5, seeds[half:])):
        if some:
            with Arena(size, seed=some[0], latency_s=1.5) as arena:
                for seed in some:
                    yield _round(arena, seed, size, jobs=12 if options.short else _JOBS)


def _round(arena: Arena, seed: int, size: int, *, jobs: int) -> Result:
    chance = chance_of(seed)
    arena.stand_up()
    batch = arena.accept(jobs)
    arena.wait_until(
        lambda all_: sum(job.started_at is not None for job in all_) > jobs // 2, batch, 15
    )
    losses: list[Lost] = []
    with ThreadPoolExecutor(_KILLS) as pool:
        starts: list[Future[None]] = []
        for _ in range(_KILLS):
            time.sleep(chance.uniform(0.2, 4.0))
            back_s = chance.uniform(4.0, 12.0)
            losses.append(arena.kill(chance.choice(arena.busy())))
            starts.append(pool.submit(_start_later, arena, losses[-1], back_s))
        for each in starts:
            each.result()
    ended = arena.wait(batch, _ENDED_S)
    checks, figures = arena.judge(batch, ended)
    more, of_losses = judge_losses(arena, batch, losses)
    return Result("kill", seed, size, [*more, *checks], {**of_losses, **figures})


def _start_later(arena: Arena, lost: Lost, seconds: float) -> None:
    time.sleep(seconds)
    arena.start(lost.instance)
