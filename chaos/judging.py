"""What the logs show: pure functions from calls, owners and checkpoints to figures and verdicts."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chaos.articles import CALLS_A_JOB
from chaos.calls import Absence, Call, peak_of
from chaos.ledger import JobEnd, Kept, Owned, parts_of

ENDED = frozenset({"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})


_STEPS = {"headings": "outline", "section": "draft", "snippet": "optimise", "mend": "repair"}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold. `measured` is what was seen, `wanted` what is asked for, in words."""

    name: str
    measured: float | str
    wanted: str
    holds: bool


def none(name: str, count: int) -> Check:
    """A check that there is none of something."""
    return Check(name, count, "0", count == 0)


def below(name: str, seconds: float, limit_s: float) -> Check:
    """A check that something takes less than so long; what never happened took for ever."""
    return Check(name, round(seconds, 2), f"< {limit_s:g} s", seconds < limit_s)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all do not exceed; NaN where there is none."""
    if not values:
        return math.nan
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


@dataclass(frozen=True, slots=True)
class TakeOver:
    """A workflow of an instance that went away, and when others had it, in seconds from then."""

    workflow_id: str
    requeued_s: float
    running_s: float
    """Infinite where nobody took it."""


def take_overs(owners: Sequence[Owned], victim: str, gone_at: float) -> list[TakeOver]:
    """What the victim ran at `gone_at`, and when it ran under another executor."""
    by_workflow: dict[str, list[Owned]] = defaultdict(list)
    for each in owners:
        by_workflow[each.workflow_id].append(each)
    found: list[TakeOver] = []
    for workflow_id, history in by_workflow.items():
        before = [each for each in history if each.at <= gone_at]
        if not before or before[-1].status != "PENDING" or before[-1].executor_id != victim:
            continue
        after = [each for each in history if each.at > gone_at]
        requeued = next((each.at for each in after if each.status == "ENQUEUED"), math.inf)
        running = next(
            (
                each.at
                for each in after
                if each.status in ENDED or (each.status == "PENDING" and each.executor_id != victim)
            ),
            math.inf,
        )
        found.append(TakeOver(workflow_id, requeued - gone_at, running - gone_at))
    return found


def first_calls(
    taken: Iterable[TakeOver], calls: Sequence[Call], keywords: Mapping[str, str], gone_at: float
) -> list[float]:
    """Seconds from the loss to each lost job's first paid call elsewhere, where one was left to be made."""
    found: list[float] = []
    for job_id in {each.workflow_id[:36] for each in taken}:
        later = [
            call.arrived_at
            for call in calls
            if call.keyword == keywords.get(job_id) and call.arrived_at > gone_at
        ]
        if later:
            found.append(min(later) - gone_at)
    return found


@dataclass(frozen=True, slots=True)
class Bill:
    """What was paid and what was needed."""

    needed: int
    paid: int
    repeated: int
    """Prompts that were answered more than once."""
    cut: int
    """Calls whose caller went away before the answer: started in vain, and paid."""
    replayed: int
    peak: int
    """Most at once of callers that live."""
    peak_with_lost: int
    """The same with what dead, paused or cut-off callers had open."""

    @property
    def ratio(self) -> float:
        """Paid to needed."""
        return round(self.paid / self.needed, 3) if self.needed else math.nan


def bill_of(calls: Sequence[Call], needed: int, absences: Sequence[Absence] = ()) -> Bill:
    """Add a log up, against what is needed."""
    paid = [call for call in calls if call.paid]
    answered = Counter(call.key for call in paid if call.outcome == "answered")
    peak, with_lost = peak_of(calls, absences)
    return Bill(
        needed=needed,
        paid=len(paid),
        repeated=sum(count - 1 for count in answered.values()),
        cut=sum(call.outcome == "cut" for call in paid),
        replayed=len(calls) - len(paid),
        peak=peak,
        peak_with_lost=with_lost,
    )


def overlaps(calls: Sequence[Call], absences: Sequence[Absence]) -> int:
    """How often two callers, neither of them ever away, had the same prompt open at once."""
    away = {absence.caller for absence in absences}
    by_key: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        if call.paid and call.caller not in away:
            by_key[call.key].append(call)
    return sum(
        second.arrived_at < first.until and first.caller != second.caller
        for same in by_key.values()
        for n, first in enumerate(same)
        for second in same[n + 1 :]
    )


def in_vain(
    calls: Sequence[Call], kept: Sequence[Kept], jobs: Sequence[JobEnd]
) -> tuple[list[Call], int]:
    """The calls that arrived after their step's checkpoint was committed; and how many could be matched.

    A check that matches nothing proves nothing: the second figure belongs to the first.
    """
    ids = {job.keyword: job.job_id for job in jobs}
    parts = parts_of(kept)
    committed = {(each.workflow_id, each.step): each.at for each in kept}
    late: list[Call] = []
    matched = 0
    for call in calls:
        job_id = ids.get(call.keyword, "")
        n = parts.get((job_id, call.heading))
        at = {
            "headings": committed.get((f"{job_id}-outline", "outline")),
            "snippet": committed.get((f"{job_id}-optimise", "optimise")),
            "section": committed.get((f"{job_id}-s{n}", f"draft.{n}")),
            "mend": committed.get((f"{job_id}-repair.1", "repair.1")),
        }.get(call.stage)
        if at is None:
            continue
        matched += 1
        if call.arrived_at > at:
            late.append(call)
    return late, matched


def judge_work(
    jobs: Sequence[JobEnd],
    accepted: int,
    calls: Sequence[Call],
    kept: Sequence[Kept],
    absences: Sequence[Absence],
    *,
    limit: int,
) -> tuple[list[Check], dict[str, float | str]]:
    """What holds in every scenario, with its figures. `limit` is the fleet's for paid calls."""
    bill = bill_of(calls, CALLS_A_JOB * accepted, absences)
    prompts = len({call.key for call in calls})
    late, matched = in_vain(calls, kept, jobs)
    unended = sum(not job.ended for job in jobs) + accepted - len(jobs)
    failed = [job for job in jobs if job.ended and job.state != "succeeded"]
    checks = [
        none("jobs lost", unended),
        none("jobs that ended without success", len(failed)),
        none("jobs with another number of articles than 1", sum(job.articles != 1 for job in jobs)),
        none("calls started after their step's checkpoint", len(late)),
        none("same call open on two live instances", overlaps(calls, absences)),
        # More of them: a job taken over asks something else than before, which hides what it pays twice.
        Check("different prompts", prompts, str(bill.needed), prompts == bill.needed),
        Check("most paid calls at once", bill.peak, f"<= {limit}", bill.peak <= limit),
        Check(
            "calls matched with a checkpoint",
            matched,
            f"> {len(calls) // 2} of {len(calls)}",
            matched > len(calls) // 2,
        ),
    ]
    figures: dict[str, float | str] = {
        "jobs": accepted,
        "calls needed": bill.needed,
        "calls paid": bill.paid,
        "paid to needed": bill.ratio,
        "answered twice": bill.repeated,
        "cut before the answer": bill.cut,
        "replayed by idempotency key": bill.replayed,
        "most at once, with calls of lost callers": bill.peak_with_lost,
        # Which step a breach of the limit comes from.
        **{
            f"most at once, {step}": peak_of([c for c in calls if c.stage == stage], absences)[0]
            for stage, step in _STEPS.items()
        },
    }
    if failed:
        figures["first failure"] = failed[0].error[:200]
    return checks, figures
