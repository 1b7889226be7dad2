"""From single requests to availability: pure functions, so that tests can hold them to what they must count."""

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Any

from chaos.availability.orders import Asked
from chaos.judging import Check, none, percentile

READERS = frozenset({"kept", "page", "list"})
PAGES = frozenset({"kept", "page"})
WRITERS = frozenset({"edit", "job"})

_REASONS = 5


def share_good(asked: Sequence[Asked]) -> float:
    """Good answers of all; 0 where nobody asked: what was not measured is not available."""
    return sum(each.good for each in asked) / len(asked) if asked else 0.0


def longest_gap(asked: Sequence[Asked]) -> float:
    """The longest time without a good answer, seconds, between the first request and the last end."""
    if not asked:
        return 0.0
    begin = min(each.due_at for each in asked)
    end = max(each.ended_at for each in asked)
    ends = sorted(each.ended_at for each in asked if each.good)
    moments = [begin, *ends, end]
    return max(b - a for a, b in pairwise(moments))


def recovery_s(asked: Sequence[Asked], fault_at: float) -> float:
    """How long after the fault the last request was due that got no good answer; 0 where all did, seconds."""
    late = [each.due_at - fault_at for each in asked if not each.good and each.due_at > fault_at]
    return max(late, default=0.0)


def split(asked: Sequence[Asked], fault_at: float) -> tuple[list[Asked], list[Asked]]:
    """Those that had ended before the fault, and all others: what was under way met it, too."""
    before = [each for each in asked if each.ended_at < fault_at]
    return before, [each for each in asked if each.ended_at >= fault_at]


def of(asked: Sequence[Asked], kinds: Collection[str]) -> list[Asked]:
    """Those of some kinds."""
    return [each for each in asked if each.kind in kinds]


def steady(before: Sequence[Asked], per_s: float, seconds: float) -> list[Check]:
    """Whether there was a steady state to be broken. A false one proves nothing, so it fails the run."""
    kinds = Counter(each.kind for each in before if each.good)
    hits = sum(each.cache == "HIT" for each in of(before, {"kept"}))
    past = sum(bool(each.cache) and each.cache != "BYPASS" for each in of(before, {"page"}))
    rate = len(before) / seconds if seconds else 0.0
    return [
        none("not good before the fault", sum(not each.good for each in before)),
        Check(
            "asked before the fault, of those planned",
            round(rate / per_s, 3),
            "0.8 to 1.2",
            0.8 <= rate / per_s <= 1.2,
        ),
        Check("kinds answered before the fault", len(kinds), "all 5", len(kinds) == 5),
        Check("answers of the micro-cache before the fault", hits, "> 0", hits > 0),
        none("answers of a cache that must be off", past),
    ]


def at_least(name: str, share: float, wanted: float) -> Check:
    """A check of an availability, to four places after the per cent's point."""
    return Check(name, f"{share * 100:.4f} %", f">= {wanted * 100:g} %", share >= wanted)


def figures_of(asked: Sequence[Asked], fault_at: float) -> dict[str, Any]:
    """What is told of each group, whatever is asked of it."""
    told: dict[str, Any] = {"requests": len(asked)}
    for group, kinds in (("pages", PAGES), ("lists", {"list"}), ("writers", WRITERS)):
        mine = of(asked, kinds)
        if not mine:
            continue
        waits = [each.latency_s for each in mine if each.good]
        told |= {
            f"{group}: requests": len(mine),
            f"{group}: not good": sum(not each.good for each in mine),
            f"{group}: good, %": f"{share_good(mine) * 100:.4f}",
            f"{group}: longest gap, s": longest_gap(mine),
            f"{group}: recovered after, s": recovery_s(mine, fault_at),
            f"{group}: latency, s (p50)": percentile(waits, 0.5),
            f"{group}: latency, s (p99)": percentile(waits, 0.99),
            f"{group}: latency, s (p99.9)": percentile(waits, 0.999),
        }
    wrong = Counter(f"{each.kind}: {each.wrong}" for each in asked if not each.good)
    if wrong:
        reasons = (f"{count} × {reason}" for reason, count in wrong.most_common(_REASONS))
        told["what was wrong"] = "; ".join(reasons)
    late = percentile([each.sent_at - each.due_at for each in asked], 0.99)
    return told | {"sent late, s (p99)": late}
