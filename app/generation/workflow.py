"""The durable workflow: brief → sources → outline → draft → verify → optimise → score → save.

Its body only orders steps and hands small JSON from one to the next; all that can differ between two runs
happens inside steps. Changing their order needs a new application version (docs/decisions/0004).
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from app.generation.jobs import NORMAL
from app.generation.service import WORKFLOW
from app.infra.durable import DEFAULT_PARTITION, Engine

Json = dict[str, Any]
Step = Callable[..., Coroutine[Any, Any, Json]]

SECTION_WORKFLOW = "write_section"


class Steps(Protocol):
    """The pipeline's steps. Each takes and gives JSON, may run twice, and keeps to its own events.

    A step that cannot go on answers `{"failed": {"code": …, "message": …}}` instead of raising, so that
    the reason is a checkpoint as well.
    """

    @property
    def brief(self) -> Step:
        """Takes the job's id."""
        ...

    @property
    def sources(self) -> Step:
        """Takes job_id, brief."""
        ...

    @property
    def outline(self) -> Step:
        """Takes job_id, brief."""
        ...

    @property
    def draft(self) -> Step:
        """Takes job_id, brief, outline, n: part n, 0 being the introduction."""
        ...

    @property
    def verify(self) -> Step:
        """Takes job_id, brief, outline, drafts."""
        ...

    @property
    def optimise(self) -> Step:
        """Takes job_id, brief, verified."""
        ...

    @property
    def score(self) -> Step:
        """Takes job_id, brief, verified, snippet."""
        ...

    @property
    def save(self) -> Step:
        """Takes job_id, brief, verified, snippet, score."""
        ...

    @property
    def fail(self) -> Step:
        """Takes job_id, failure."""
        ...


class StepFailed(Exception):
    """A step answered that the job cannot go on."""

    def __init__(self, failure: Json) -> None:
        super().__init__(failure.get("message", ""))
        self.failure = failure


def register_workflows(engine: Engine, steps: Steps) -> None:
    """Make both workflows known to the engine, bound to these steps."""

    async def step(name: str, function: Step, *args: Any) -> Json:
        result = await engine.step(name, function, *args)
        if "failed" in result:
            raise StepFailed(result["failed"])
        return result

    async def write_section(job_id: str, brief: Json, outline: Json, n: int) -> Json:
        return await engine.step(f"draft.{n}", steps.draft, job_id, brief, outline, n)

    async def draft(job_id: str, brief: Json, outline: Json) -> list[Json]:
        count = int(outline["parts"])
        if not outline["paid"]:
            return list(
                await asyncio.gather(
                    *(
                        step(f"draft.{n}", steps.draft, job_id, brief, outline, n)
                        for n in range(count)
                    )
                )
            )
        waits = [
            await engine.paid(
                SECTION_WORKFLOW,
                f"s{n}",
                job_id,
                brief,
                outline,
                n,
                # Briefs of an earlier release name nobody.
                partition=brief.get("person") or DEFAULT_PARTITION,
                priority=brief.get("priority", NORMAL),
            )
            for n in range(count)
        ]
        drafts = [await wait() for wait in waits]
        for result in drafts:
            if "failed" in result:
                raise StepFailed(result["failed"])
        return drafts

    async def write_article(job_id: str) -> Json:
        try:
            brief = await step("brief", steps.brief, job_id)
            brief = await step("sources", steps.sources, job_id, brief)
            outline = await step("outline", steps.outline, job_id, brief)
            drafts = await draft(job_id, brief, outline)
            verified = await step("verify", steps.verify, job_id, brief, outline, drafts)
            snippet = await step("optimise", steps.optimise, job_id, brief, verified)
            score = await step("score", steps.score, job_id, brief, verified, snippet)
            return await step("save", steps.save, job_id, brief, verified, snippet, score)
        except StepFailed as failed:
            return await engine.step("fail", steps.fail, job_id, failed.failure)

    engine.register(SECTION_WORKFLOW, write_section, child=True)
    engine.register(WORKFLOW, write_article)
