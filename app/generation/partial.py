"""What a job has written so far, read from the results of its steps: kept also when it never ends well."""

from typing import Any, cast

from app.generation.jobs import Job
from app.generation.schemas import Frozen, Section
from app.infra.durable import Enqueuer

_PART = "draft."


class Part(Frozen):
    """A finished part of an article: 0 is its introduction."""

    n: int
    heading: str
    paragraphs: tuple[str, ...]


async def finished_parts(enqueuer: Enqueuer, job: Job) -> list[Part]:
    """The parts that the job's newest attempt has finished, in order, before they were checked."""
    found: dict[int, Part] = {}
    children: list[str] = []
    for step in await enqueuer.steps(job.workflow_id):
        if step.name.startswith(_PART):
            _take(found, step.name, step.output)
        elif step.child_id is not None:
            children.append(step.child_id)
    for child in dict.fromkeys(children):
        for step in await enqueuer.steps(child):
            if step.name.startswith(_PART):
                _take(found, step.name, step.output)
    return [found[n] for n in sorted(found)]


def _take(found: dict[int, Part], name: str, output: Any) -> None:
    number = name.removeprefix(_PART)
    if not number.isdecimal() or not isinstance(output, dict) or "failed" in output:
        return
    kept = cast("dict[str, Any]", output)
    section = Section.model_validate(
        {key: value for key, value in kept.items() if key in Section.model_fields}
    )
    paragraphs = tuple(
        " ".join(sentence.text for sentence in block.sentences) for block in section.blocks
    )
    found[int(number)] = Part(n=int(number), heading=section.heading, paragraphs=paragraphs)
