"""Figures and verdicts out of logs: what must be counted is, and what must not be is not."""

import json
import math

from chaos.articles import CALLS_A_JOB
from chaos.calls import Absence, Call, peak_of
from chaos.judging import bill_of, in_vain, judge_work, overlaps, percentile, take_overs
from chaos.ledger import Event, JobEnd, Kept, Owned
from chaos.scenarios.capacity import gaps

JOB = "0" * 36


def call(key: str, at: float, until: float | None, *, caller: str = "a", **more) -> Call:
    fields = {"stage": "section", "keyword": "Bako pool", "heading": "", "latency_s": 1.0, **more}
    outcome = fields.pop("outcome", "open" if until is None else "answered")
    return Call(caller, key, arrived_at=at, ended_at=until, outcome=outcome, **fields)


def job(**more) -> JobEnd:
    fields = {"keyword": "Bako pool", "state": "succeeded", "error": "", "created_at": 0.0}
    fields |= {"started_at": 1.0, "ended_at": 9.0, "articles": 1, **more}
    return JobEnd(job_id=JOB, **fields)


def outline_of(*headings: str) -> str:
    """As the engine keeps it: JSON of the step's answer."""
    plans = [{"heading": heading, "fact_ids": []} for heading in headings]
    return json.dumps({"outline": {"introduction": [], "sections": plans, "questions": []}})


def test_the_end_of_one_call_frees_its_place() -> None:
    assert peak_of([call("x", 0, 1), call("y", 1, 2), call("z", 1.5, 3)]) == (2, 2)


def test_what_a_dead_caller_left_open_is_counted_apart() -> None:
    cut = call("x", 0.0, 0.2, outcome="cut", latency_s=2.0)
    later = call("x", 1.0, 3.0, caller="b")

    assert peak_of([cut, later]) == (1, 2)


def test_what_a_paused_caller_has_open_is_counted_apart() -> None:
    calls = [call("x", 0.0, 3.0), call("y", 1.0, 2.0, caller="b")]

    assert peak_of(calls, [Absence("a", 0.5, 2.5)]) == (1, 2)
    assert peak_of(calls, [Absence("b", 5.0)]) == (2, 2)


def test_a_call_answered_twice_and_one_cut_are_on_the_bill() -> None:
    calls = [
        call("x", 0, 1),
        call("x", 2, 3),
        call("y", 0, 0.5, outcome="cut"),
        call("y", 1, 2),
        call("y", 4, 4, outcome="replayed"),
    ]

    bill = bill_of(calls, 2)

    assert (bill.needed, bill.paid, bill.repeated, bill.cut, bill.replayed) == (2, 4, 1, 1, 1)
    assert bill.ratio == 2.0


def test_only_two_live_callers_overlap() -> None:
    calls = [call("x", 0, 2), call("x", 1, 3, caller="b"), call("x", 2.5, 4, caller="a")]

    assert overlaps(calls, []) == 2
    assert overlaps(calls, [Absence("a", 0.5)]) == 0


def test_a_call_that_arrives_after_its_checkpoint_is_in_vain() -> None:
    kept = [
        Kept(f"{JOB}-outline", "outline", 1.0, outline_of("How it waits", "How it ends")),
        Kept(f"{JOB}-s2", "draft.2", 5.0, "{}"),
        Kept(f"{JOB}-optimise", "optimise", 7.0, "{}"),
    ]
    early = call("x", 4.9, 5.0, heading="How it ends")
    late = call("x", 5.1, 6.0, heading="How it ends")
    again = call("t", 7.1, 8.0, stage="snippet")
    first = call("h", 0.5, 0.9, stage="headings")
    unknown = call("z", 9.0, 9.5, heading="How it waits")  # its part has no checkpoint yet

    found, matched = in_vain([first, early, late, again, unknown], kept, [job()])

    assert found == [late, again]
    assert matched == 4


def test_a_workflow_is_taken_over_when_it_runs_under_another() -> None:
    owners = [
        Owned(1.0, f"{JOB}", "PENDING", "dead", 1),
        Owned(1.0, f"{JOB}-s1", "PENDING", "live", 1),
        Owned(1.5, f"{JOB}-s2", "PENDING", "dead", 1),
        Owned(1.8, f"{JOB}-s2", "SUCCESS", "dead", 1),
        Owned(1.9, f"{JOB}-s3", "PENDING", "dead", 1),
        Owned(9.0, f"{JOB}", "ENQUEUED", "dead", 1),
        Owned(9.5, f"{JOB}", "PENDING", "live", 2),
    ]

    taken = {each.workflow_id: each for each in take_overs(owners, "dead", 2.0)}

    assert set(taken) == {JOB, f"{JOB}-s3"}
    assert (taken[JOB].requeued_s, taken[JOB].running_s) == (7.0, 7.5)
    assert taken[f"{JOB}-s3"].running_s == math.inf


def test_a_lost_a_failed_and_a_doubled_job_are_each_told() -> None:
    def broken(jobs, accepted: int = 1, limit: int = 8, calls=()):
        kept = [Kept(f"{JOB}-outline", "outline", 9.0, outline_of())]
        made = calls or [call(f"{n}", n, n + 1, stage="headings") for n in range(CALLS_A_JOB)]
        checks, _ = judge_work(jobs, accepted, made, kept, [], limit=limit)
        return [check.name for check in checks if not check.holds]

    assert broken([job()]) == []
    assert broken([job()], accepted=2) == ["jobs lost", "different prompts"]
    assert broken([job(ended_at=None)]) == ["jobs lost"]
    assert broken([job(state="failed")]) == ["jobs that ended without success"]
    assert broken([job(articles=2)]) == ["jobs with another number of articles than 1"]
    many = [call(f"{n}", 0, 2, stage="headings") for n in range(CALLS_A_JOB)]
    assert broken([job()], limit=5, calls=many) == ["most paid calls at once"]
    assert broken([job()], calls=many[1:]) == ["different prompts"]
    assert broken([job(keyword="Other pool")]) == ["calls matched with a checkpoint"]


def test_gaps_are_between_the_steps_of_one_job() -> None:
    events = [
        Event("a", 1, "brief", "started", 0, 0.0),
        Event("a", 2, "brief", "finished", 0, 1.0),
        Event("a", 3, "sources", "started", 0, 1.25),
        Event("a", 4, "sources", "finished", 0, 2.0),
        Event("b", 1, "brief", "started", 0, 9.0),
    ]

    assert gaps(events) == [0.25]


def test_a_percentile_is_a_value_that_was_seen() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([3.0, 1.0, 2.0], 0.99) == 3.0
    assert math.isnan(percentile([], 0.5))
