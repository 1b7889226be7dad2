"""How a job stands, from its events: what a page shows of each step."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from app.generation.jobs import STEPS, Event

StepState = Literal["waiting", "started", "finished", "failed"]


@dataclass(slots=True)
class StepProgress:
    """One step of the pipeline. A step in parts (`draft`) is finished when a later one has begun."""

    name: str
    state: StepState = "waiting"
    started_at: datetime | None = None
    ended_at: datetime | None = None
    note: str = ""
    counts: dict[str, int] = field(default_factory=dict[str, int])
    """The note's numbers, for who says it in another language; empty where it has none."""
    parts: set[int] = field(default_factory=set[int])
    done: set[int] = field(default_factory=set[int])
    rounds: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Of repairs: what each round changed, as its event says."""
    troubles: list[str] = field(default_factory=list[str])
    waiting_for: str = ""
    """The model that does not answer, while it is waited for."""
    waiting_until: datetime | None = None
    """When it is asked again."""

    @property
    def seconds(self) -> float | None:
        """From its first start to its last end; None while it lasts."""
        if self.started_at is None or self.ended_at is None or self.state == "started":
            return None
        return (self.ended_at - self.started_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Progress:
    """All steps, and what they have cost so far. `cost_usd` is None where no price is known."""

    steps: Sequence[StepProgress]
    tokens: int
    cost_usd: float | None
    last_seq: int
    by: str

    @property
    def finished(self) -> int:
        """How many steps are done."""
        return sum(step.state == "finished" for step in self.steps)


def progress_of(events: Iterable[Event]) -> Progress:
    """Read a job's events, in order."""
    steps = {name: StepProgress(name) for name in STEPS}
    tokens, cost, last, by = 0, 0.0, 0, ""
    priced = True
    for event in events:
        last = event.seq
        if event.kind == "queued":
            by = str(event.data.get("by", ""))
        if event.kind == "retried":
            _begin_again(steps, str(event.data.get("from", "")))
        step = steps.get(event.step)
        if step is None:
            continue
        tokens += int(event.data.get("tokens") or 0)
        if event.kind == "finished":
            spent = event.data.get("cost_usd", 0.0)
            priced = priced and spent is not None
            cost += spent or 0.0
        _tell(step, event)
    _close_earlier(list(steps.values()))
    if _was_passed_over(steps):
        del steps["repair"]
    if steps["judge"].state == "waiting":  # whether there is a judge is known when it is asked
        del steps["judge"]
    return Progress(tuple(steps.values()), tokens, cost if priced else None, last, by)


def _tell(step: StepProgress, event: Event) -> None:
    match event.kind:
        case "started":
            step.parts.add(event.n)
            step.started_at = step.started_at or event.at
            if step.state != "failed":
                step.state = "started"
        case "finished":
            step.done.add(event.n)
            step.ended_at = event.at
            step.note = str(event.data.get("note") or step.note)
            if "repaired" in event.data:
                step.rounds.append(event.data)
            step.counts = {**step.counts, **event.data.get("counts", {})}
            if step.parts <= step.done:
                step.state = "finished"
                step.waiting_for, step.waiting_until = "", None
        case "waiting":
            step.waiting_for = str(event.data.get("model", ""))
            step.waiting_until = _moment(event.data.get("until"))
            step.troubles = [str(event.data.get("message", ""))]
        case "progress":
            trouble = str(event.data.get("note", ""))
            if trouble not in step.troubles:  # of several questions to one judge the same
                step.troubles.append(trouble)
        case "failed":
            step.state = "failed"
            step.ended_at = event.at
            step.waiting_for, step.waiting_until = "", None
            step.note = str(event.data.get("message", ""))
        case _:
            pass


def _begin_again(steps: dict[str, StepProgress], first: str) -> None:
    """Another attempt: `first` and what is behind it are done again; of a draft, what is good stays done."""
    if first not in steps:
        return
    for name in STEPS[STEPS.index(first) :]:
        before = steps[name]
        steps[name] = StepProgress(name)
        if name == "draft" and first == "draft":
            steps[name].parts, steps[name].done = set(before.done), set(before.done)
            steps[name].counts = before.counts


def _was_passed_over(steps: dict[str, StepProgress]) -> bool:
    """Whether the job went on without repairs: an earlier release's, or the setting wants none."""
    return steps["repair"].state == "waiting" and steps["score"].state != "waiting"


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


def _close_earlier(steps: list[StepProgress]) -> None:
    """A step that a later one followed has ended, though a part's end may have been told out of turn."""
    begun = [n for n, step in enumerate(steps) if step.state != "waiting"]
    for step in steps[: begun[-1] if begun else 0]:
        if step.state == "started":
            step.state = "finished"
