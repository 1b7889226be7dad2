"""What became of the work of instances that were lost."""

from collections.abc import Sequence

from chaos.arena import Arena, Batch, Lost
from chaos.judging import Check, below, first_calls, percentile, take_overs
from chaos.scenarios.options import TAKEN_S


def judge_losses(
    arena: Arena, batch: Batch, losses: Sequence[Lost]
) -> tuple[list[Check], dict[str, float | str]]:
    """Whether everything that lost instances ran went on elsewhere in time."""
    owners = arena.ledger.owners(batch.ids)
    calls = arena.calls(batch)
    running: list[float] = []
    requeued: list[float] = []
    first: list[float] = []
    for lost in losses:
        taken = take_overs(owners, lost.executor_id, lost.at)
        running += [each.running_s for each in taken]
        requeued += [each.requeued_s for each in taken]
        first += first_calls(taken, calls, batch.keywords, lost.at)
    figures: dict[str, float | str] = {
        "instances lost": len(losses),
        "workflows that they ran": len(running),
    }
    if not running:
        # Nothing was lost with it: a chance of the seed, and no proof of anything.
        return [Check("workflows taken over", 0, "> 0", holds=False)], figures
    figures |= {
        "re-queued after, s (p50)": percentile(requeued, 0.5),
        "re-queued after, s (all)": max(requeued),
        "running elsewhere after, s (p50)": percentile(running, 0.5),
        "first paid call elsewhere after, s (all)": max(first, default=float("nan")),
    }
    return [below("take-over, the slowest of all", max(running), TAKEN_S)], figures
