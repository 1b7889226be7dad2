"""PostgreSQL restarted at once, its connections cut again and again, and PostgreSQL away for a while."""

import signal
import time
from collections.abc import Iterator

from chaos.arena import Arena, Lost
from chaos.judging import none
from chaos.report import Result
from chaos.scenarios.losses import judge_losses
from chaos.scenarios.options import TTL_S, Options, chance_of

_SEEDS = 3
_JOBS = 20
_RESTARTS = 3
_CUTTING_S = 25.0
_OUTAGES_S = (15.0, 60.0)
_UNDER_OUTAGE = 50


def restarts(options: Options) -> Iterator[Result]:
    """Immediate restarts at random instants, the last one while a killed instance's jobs are taken over."""
    with Arena(3, seed=options.seed, latency_s=1.5) as arena:
        for seed in options.seeds(_SEEDS):
            chance = chance_of(seed)
            arena.stand_up()
            batch = arena.accept(12 if options.short else _JOBS)
            for _ in range(_RESTARTS - 1):
                time.sleep(chance.uniform(1.0, 4.0))
                _restart(arena)
            time.sleep(chance.uniform(0.5, 2.0))
            lost: Lost = arena.kill(chance.choice(arena.busy()))
            time.sleep(TTL_S + chance.uniform(0.0, 1.5))
            away_s = _restart(arena)
            ended = arena.wait(batch, 120)
            checks, figures = arena.judge(batch, ended)
            more, of_losses = judge_losses(arena, batch, [lost], without_database_s=away_s)
            yield Result("restarts", seed, 3, [*more, *checks], {**of_losses, **figures})


def connections(options: Options) -> Iterator[Result]:
    """All connections terminated every second or two."""
    with Arena(3, seed=options.seed, latency_s=1.5) as arena:
        for seed in options.seeds(_SEEDS):
            chance = chance_of(seed)
            arena.stand_up()
            batch = arena.accept(12 if options.short else _JOBS)
            until = time.monotonic() + (10.0 if options.short else _CUTTING_S)
            cut = times = 0
            while time.monotonic() < until:
                time.sleep(chance.uniform(0.5, 2.5))
                cut += arena.ledger.cut_all_connections()
                times += 1
            ended = arena.wait(batch, 120)
            checks, figures = arena.judge(batch, ended)
            figures |= {"times all were cut": times, "connections cut": cut}
            yield Result("connections", seed, 3, checks, figures)


def outage(options: Options) -> Iterator[Result]:
    """PostgreSQL stopped under running jobs: nobody ends, nothing is taken over, all jobs end."""
    jobs = 20 if options.short else _UNDER_OUTAGE
    size = 3 if options.short else 5
    with Arena(size, seed=options.seed, latency_s=1.5) as arena:
        for seconds in _OUTAGES_S[:1] if options.short else _OUTAGES_S:
            arena.stand_up()
            batch = arena.accept(jobs)
            arena.wait_until(
                lambda all_: sum(job.started_at is not None for job in all_) == jobs, batch, 30
            )
            running = arena.ledger.running(batch.ids)
            arena.postgres.stop()
            time.sleep(seconds)
            arena.postgres.start()
            ended = arena.wait(batch, 240)
            checks, figures = arena.judge(batch, ended)
            checks.append(none("workflows begun a second time", arena.ledger.attempts(batch.ids)))
            figures |= {"outage, s": seconds, "jobs running when it began": running}
            yield Result("outage", options.seed, size, checks, figures)


def _restart(arena: Arena) -> float:
    """As after a crash: nobody is told, nothing is flushed. Answers how long there was no database, seconds."""
    began = time.monotonic()
    arena.postgres.signal(signal.SIGQUIT)
    until = time.monotonic() + 20
    while arena.postgres.running and time.monotonic() < until:
        time.sleep(0.02)
    arena.postgres.start()
    return time.monotonic() - began
