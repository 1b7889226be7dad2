"""The network between one instance and the database cut, or silent: others take over, it ends once back."""

import time
from collections.abc import Iterator

from chaos.arena import Arena, Lost
from chaos.judging import Check, none, take_overs
from chaos.report import Result
from chaos.scenarios.losses import judge_losses
from chaos.scenarios.options import TAKEN_S, Options, chance_of

_JOBS = 18
_CUT_OFF = 1
_FENCED = 75
_ENDS_S = 30.0


def network(options: Options) -> Iterator[Result]:
    """Once refused with a word, once without any."""
    for kind in ("hangs",) if options.short else ("cut", "hangs"):
        with Arena(3, seed=options.seed, latency_s=1.5, cut_off=_CUT_OFF) as arena:
            yield _round(arena, options.seed, kind, jobs=12 if options.short else _JOBS)


def _round(arena: Arena, seed: int, kind: str, *, jobs: int) -> Result:
    if arena.line is None:
        raise ValueError("no instance of this arena is behind a line")
    chance = chance_of(seed)
    batch = arena.accept(jobs)
    arena.wait_until(
        lambda all_: sum(job.started_at is not None for job in all_) > jobs // 2, batch, 15
    )
    time.sleep(chance.uniform(0.2, 3.0))
    victim = arena.fleet.instances[_CUT_OFF]
    executor, caller = arena.executor_of(victim), arena.caller_of(victim)
    lost = Lost(victim, executor, time.time(), arena.absences.begin(caller))
    if kind == "hangs":
        arena.line.hangs.set()
    else:
        arena.line.break_off()
    time.sleep(TAKEN_S + chance.uniform(0.0, 2.0))
    arena.line.heal()
    lost.absence.ended_at = time.time()
    code = arena.exit_of(victim, _ENDS_S)
    ended = arena.wait(batch, 120)
    checks, figures = arena.judge(batch, ended)
    more, of_losses = judge_losses(arena, batch, [lost])
    taken = take_overs(arena.ledger.owners(batch.ids), executor, lost.at)
    first_taken = lost.at + min((each.running_s for each in taken), default=float("inf"))
    theirs = [call for call in arena.calls(batch) if call.caller == caller]
    mine = [
        none(
            "calls that it began once others had its jobs",
            sum(call.arrived_at > first_taken for call in theirs),
        ),
        Check("exit code of the one that came back", str(code), str(_FENCED), code == _FENCED),
    ]
    figures |= {
        "kind": kind,
        "when the cut-off one began calls, s from the cut": [
            f"{call.stage} {call.arrived_at - lost.at:.2f}"
            for call in theirs
            if call.arrived_at > lost.at
        ],
        "healed after, s": (lost.absence.ended_at or lost.at) - lost.at,
    }
    return Result("network", seed, 3, [*mine, *more, *checks], {**of_losses, **figures})
