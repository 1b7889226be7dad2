"""A hog with 500 jobs in the queue, and another person who wants one article."""

import time
from collections.abc import Iterator

from chaos.arena import CONCURRENCY, LIMIT, Arena
from chaos.judging import Check, below
from chaos.report import Result
from chaos.scenarios.options import Options

_HOG = 500
_FIRST_S = 5.0
"""In how long the other person's first step starts (issue 4)."""


def fairness(options: Options) -> Iterator[Result]:
    """The hog first, then the other one, whose first step must not wait for the hog's."""
    number = 100 if options.short else _HOG
    with Arena(3, seed=options.seed, latency_s=1.0) as arena:
        other = arena.person("other@example.org", "editor")
        hog = arena.accept(number)
        waiting = sum(job.started_at is None for job in arena.ledger.jobs(hog.ids))
        asked_at = time.time()
        one = arena.accept(1, key=other)
        ended = arena.wait(one, 180)
        begun = ended[0].started_at or float("inf")
        first = min((call.arrived_at for call in arena.calls(one)), default=float("inf"))
        checks = [
            # Without a queue in front of it nothing is proved.
            Check("jobs of the hog that wait", waiting, "> 0", waiting > 0),
            below("the other's first step", begun - ended[0].created_at, _FIRST_S),
        ]
        figures = {
            "jobs of the hog": number,
            "the other's first paid call after, s": first - asked_at,
            "the other's article after, s": (ended[0].ended_at or float("inf")) - asked_at,
            "limits": f"{CONCURRENCY} articles an instance, {LIMIT} paid calls over all",
        }
        yield Result("fairness", options.seed, 3, checks, figures)
