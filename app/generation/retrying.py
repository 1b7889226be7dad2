"""Where a job's next attempt starts, read from the steps that its last workflow has finished."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.generation.jobs import STEPS
from app.generation.schemas import Frozen
from app.infra.durable import StepDone
from app.kit.errors import Conflict, Invalid


class Plan(Frozen):
    """From which step to go on, its number in the workflow, and which children must be made anew."""

    step: str
    start: int
    children: tuple[str, ...] = ()

    def made_into(self, workflow_id: str, *, of: str) -> "Retry":
        """The fork of workflow `of` that this plan asks for, named `workflow_id`."""
        anew = {
            child: f"{workflow_id}-{child.rsplit('-', 1)[1]}"
            for child in dict.fromkeys(self.children)
        }
        return Retry(workflow_id=workflow_id, of=of, start=self.start, children=anew)


class Retry(Frozen):
    """A fork to be made."""

    workflow_id: str
    of: str
    start: int
    children: dict[str, str]
    """The children that are made anew, and as what."""


def plan_retry(steps: Sequence[StepDone], children: Mapping[str, str], wanted: str | None) -> Plan:
    """Plan the next attempt after `steps`, whose children the engine knows in these states.

    Without a `wanted` step it starts at the first that failed, or after the last if none did: sections
    that were paid for and are good stay. With one, that step and all behind it are done again.

    Raises:
        Invalid: there is no such step in the pipeline.
        Conflict: the job never came to it.
    """
    if wanted is not None:
        if wanted not in STEPS:
            raise Invalid(f"There is no step {wanted[:40]}; the steps are {', '.join(STEPS)}.")
        first = next((step for step in steps if stage_of(step) == wanted), None)
        if first is None:
            raise Conflict(f"The job never came to the step {wanted}.")
        return Plan(step=wanted, start=first.id)
    broken = next((step for step in steps if step.name != "fail" and _failed(step)), None)
    if broken is None:
        last = [step for step in steps if step.name != "fail"]
        start = last[-1].id + 1 if last else 1
        stage = stage_of(last[-1]) if last else STEPS[0]
    else:
        start, stage = broken.id, stage_of(broken)
    unusable = {step.child_id for step in steps if step.child_id and _failed(step)}
    anew = [
        step.child_id
        for step in steps
        if step.id < start
        and step.child_id
        and (step.child_id in unusable or children.get(step.child_id) not in _USABLE)
    ]
    return Plan(step=stage or STEPS[0], start=start, children=tuple(dict.fromkeys(anew)))


_USABLE = {"SUCCESS", "ENQUEUED", "PENDING", "DELAYED"}
"""States of a child that a new attempt can wait for."""


def stage_of(step: StepDone) -> str:
    """The pipeline's step that a step of the workflow belongs to; empty for one that is none of them.

    What is paid for is two of them: a child is enqueued, and waited for. Its id ends in the step's name, or in
    the number of its section.
    """
    return stage_named(step.child_id.rpartition("-")[2] if step.child_id else step.name)


def stage_named(name: str) -> str:
    """The pipeline's step of this name, of a try or a part of it, or of a section's number."""
    stage = name.partition(".")[0]
    if stage in STEPS:
        return stage
    return "" if name == "fail" else "draft"


def _failed(step: StepDone) -> bool:
    """Whether it raised, or answered that the job cannot go on."""
    output: Any = step.output
    return step.raised or (isinstance(output, dict) and "failed" in output)
