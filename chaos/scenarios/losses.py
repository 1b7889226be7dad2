"""What became of the work of instances that were lost."""

from collections.abc import Sequence

from chaos.arena import Arena, Batch, Lost
from chaos.judging import Check, below, first_calls, percentile, take_overs
from chaos.scenarios.options import TAKEN_S


def judge_losses(
    arena: Arena, batch: Batch, losses: Sequence[Lost], *, without_database_s: float = 0.0
) -> tuple[list[Check], dict[str, float | str]]:
    """Whether everything that lost instances ran went on elsewhere in time.

    For `without_database_s` after the loss there was no database: nobody could take over, which is added.
    """
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
    if without_database_s:
        figures["without a database meanwhile, s"] = without_database_s
    longest_s = TAKEN_S + without_database_s
    return [below("take-over, the slowest of all", max(running), longest_s)], figures
