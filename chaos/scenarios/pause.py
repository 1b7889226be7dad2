"""SIGSTOP past the lease, then SIGCONT; also with row locks held: the zombie pays for nothing and ends."""

import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from app.cluster import Instance
from chaos import holding
from chaos.arena import Arena, Lost
from chaos.judging import Check, none
from chaos.report import Result
from chaos.scenarios.losses import judge_losses
from chaos.scenarios.options import TAKEN_S, TTL_S, Options, chance_of

_SEEDS = 3
_JOBS = 18
_FENCED = 75
"""How a fenced instance ends (EX_TEMPFAIL)."""
_ENDS_S = 20.0
_ROOT = Path(__file__).resolve().parents[2]


class HoldingInstance(Instance):
    """An instance that can be told to freeze with its rows locked."""

    def command(self) -> list[str]:
        """By the test entry point."""
        return [sys.executable, str(Path(holding.__file__)), *super().command()[3:]]

    def environment(self) -> Mapping[str, str]:
        """The entry point is none of the program's modules."""
        return {**super().environment(), "PYTHONPATH": str(_ROOT)}

    def freeze(self) -> None:
        """Give the word and wait until it is frozen."""
        (self.data / holding.WORD).touch()
        until = time.monotonic() + 10
        while _state_of(self.pid or 0) != "T":
            if time.monotonic() > until:
                raise TimeoutError("the instance did not freeze with its rows locked")
            time.sleep(0.01)


def pause(options: Options) -> Iterator[Result]:
    """Freeze one at a random instant."""
    with Arena(3, seed=options.seed, latency_s=1.5) as arena:
        for seed in options.seeds(_SEEDS):
            yield _round("pause", arena, seed, jobs=12 if options.short else _JOBS)


def locks(options: Options) -> Iterator[Result]:
    """Freeze one while a transaction of its own holds the rows of its running jobs."""
    with Arena(3, seed=options.seed, latency_s=1.5, kind=HoldingInstance) as arena:
        for seed in options.seeds(_SEEDS):
            yield _round("locks", arena, seed, jobs=12 if options.short else _JOBS)


def _round(scenario: str, arena: Arena, seed: int, *, jobs: int) -> Result:
    chance = chance_of(seed)
    arena.stand_up()
    batch = arena.accept(jobs)
    arena.wait_until(
        lambda all_: sum(job.started_at is not None for job in all_) > jobs // 2, batch, 15
    )
    time.sleep(chance.uniform(0.2, 3.0))
    victim = chance.choice(arena.busy())
    lost = _freeze(arena, victim)
    # As long as a take-over may last at most, so that what locks delayed is seen.
    time.sleep(max(TTL_S, TAKEN_S) + chance.uniform(0.0, 2.0))
    woken_at = time.time()
    lost.absence.ended_at = woken_at
    victim.resume()
    code = arena.exit_of(victim, _ENDS_S)
    ended = arena.wait(batch, 120)
    checks, figures = arena.judge(batch, ended)
    new = [
        call
        for call in arena.calls(batch)
        if call.caller == lost.absence.caller and call.arrived_at > woken_at
    ]
    more, of_losses = judge_losses(arena, batch, [lost])
    mine = [
        none("calls that the woken one began", len(new)),
        Check("exit code of the woken one", str(code), str(_FENCED), code == _FENCED),
    ]
    if victim.running:
        arena.kill(victim)
    return Result(scenario, seed, 3, [*mine, *more, *checks], {**of_losses, **figures})


def _freeze(arena: Arena, victim: Instance) -> Lost:
    if not isinstance(victim, HoldingInstance):
        return arena.pause(victim)
    executor = arena.executor_of(victim)
    victim.freeze()
    return Lost(victim, executor, time.time(), arena.absences.begin(arena.caller_of(victim)))


def _state_of(pid: int) -> str:
    """The letter of a process's state: T is stopped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""
