"""The log of a model server: every call it was paid for, from arrival to end."""

import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from chaos.answers import Stage

Outcome = Literal["open", "answered", "cut", "replayed"]
"""`cut`: the caller went away first. `replayed`: an `Idempotency-Key` that was answered before; not paid."""


@dataclass(slots=True)
class Call:
    """One call. Moments are of the wall clock, seconds: the database's are compared with them."""

    caller: str
    """Who called, by its key: each start of an instance has one of its own."""
    key: str
    """The prompt: a second paid call of the same key is one too many."""
    stage: Stage
    keyword: str
    heading: str
    arrived_at: float
    latency_s: float
    idempotency_key: str = ""
    ended_at: float | None = None
    outcome: Outcome = "open"
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def paid(self) -> bool:
        """Whether it costs: one that is cut does as well."""
        return self.outcome != "replayed"

    @property
    def until(self) -> float:
        """When it ends for the caller; for one that is open, as far as can be foreseen."""
        return self.ended_at or self.arrived_at + self.latency_s


class CallLog:
    """All calls so far; written by the server's thread, read by others."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[Call] = []

    def add(self, call: Call) -> Call:
        """Keep a call that has arrived; a key of its own that was answered before costs nothing."""
        with self._lock:
            known = call.idempotency_key and any(
                each.idempotency_key == call.idempotency_key and each.outcome == "answered"
                for each in self._calls
            )
            if known:
                call.outcome = "replayed"
            self._calls.append(call)
        return call

    def all(self) -> list[Call]:
        """A copy, in order of arrival."""
        with self._lock:
            return list(self._calls)

    def of(self, keywords: Iterable[str]) -> list[Call]:
        """Those about some keywords."""
        wanted = set(keywords)
        return [call for call in self.all() if call.keyword in wanted]


@dataclass(slots=True)
class Absence:
    """A time in which a caller was paused or cut off: what it has open is counted apart."""

    caller: str
    began_at: float
    ended_at: float | None = None


class Absences:
    """Whoever was away, and when."""

    def __init__(self) -> None:
        self.all: list[Absence] = []

    def begin(self, caller: str) -> Absence:
        """A caller is away from now on; set `ended_at` when it is back."""
        absence = Absence(caller, time.time())
        self.all.append(absence)
        return absence


def most_at_once(spans: Sequence[tuple[float, float]]) -> int:
    """How many of the spans (from, until) there are at the busiest moment; the end of one frees its place."""
    steps = sorted([(begin, 1) for begin, _ in spans] + [(end, -1) for _, end in spans])
    most = now = 0
    for _, change in steps:
        now += change
        most = max(most, now)
    return most


def peak_of(calls: Sequence[Call], absences: Sequence[Absence] = ()) -> tuple[int, int]:
    """Most calls at once of callers that live, and most with those that dead or paused callers left open.

    A call whose caller was killed goes on at a provider that does not notice: it is counted to its natural
    end in the second figure, and not at all after the cut in the first.
    """
    live: list[tuple[float, float]] = []
    every: list[tuple[float, float]] = []
    for call in calls:
        if not call.paid:
            continue
        every.append((call.arrived_at, max(call.until, call.arrived_at + call.latency_s)))
        away = [each for each in absences if each.caller == call.caller]
        until = min(
            [call.until, *(each.began_at for each in away if each.began_at > call.arrived_at)]
        )
        live.append((call.arrived_at, until))
    return most_at_once(live), most_at_once(every)
