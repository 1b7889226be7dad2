"""The durable workflow: brief → sources → outline → draft → verify → judge → optimise → repair → score → save.

Its body only orders steps and hands small JSON from one to the next; all that can differ between two runs
happens inside steps. Changing their order needs a new application version (docs/decisions/0004); the steps
of a wait stand only where a model was away.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Protocol

from app.generation.jobs import NORMAL
from app.generation.service import WORKFLOW
from app.infra.durable import DEFAULT_PARTITION, Engine

Json = dict[str, Any]
Step = Callable[..., Coroutine[Any, Any, Json]]
Wait = Callable[[], Awaitable[Json]]
"""Of a child that was begun: gives its result."""

SECTION_WORKFLOW = "write_section"
MODEL_WORKFLOW = "ask_model"


class Steps(Protocol):
    """The pipeline's steps. Each takes and gives JSON, may run twice, and keeps to its own events.

    A step that cannot go on answers `{"failed": {"code": …, "message": …}}` instead of raising, so that
    the reason is a checkpoint as well. One that asks a model may answer `{"wait": {…}}`: no model answers
    now; it is then run again, with the number of its try (2, 3, …) as a further argument.
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
        """Takes job_id, brief. May have to wait."""
        ...

    @property
    def draft(self) -> Step:
        """Takes job_id, brief, outline, n: part n, 0 being the introduction. May have to wait."""
        ...

    @property
    def verify(self) -> Step:
        """Takes job_id, brief, outline, drafts."""
        ...

    @property
    def judge(self) -> Step:
        """Takes job_id, brief, verified, n: question n to the judge, from 1. May have to wait."""
        ...

    @property
    def lower(self) -> Step:
        """Takes job_id, brief, verified, answers: those of the judge, which may be late ones' waits."""
        ...

    @property
    def optimise(self) -> Step:
        """Takes job_id, brief, verified. May have to wait."""
        ...

    @property
    def repair(self) -> Step:
        """Takes job_id, brief, verified, snippet, n: round n, from 1."""
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
    def wait(self) -> Step:
        """Takes job_id, and of the wait: step, part, model, attempt, since, billed, reason, needed.

        Says how long to wait, or that the job has waited long enough; `needed` is left out where it is so.
        """
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


class _Patience:
    """A step's waits for its model: each sleeps durably, in the job's own workflow, and holds no paid call."""

    def __init__(
        self,
        engine: Engine,
        steps: Steps,
        job_id: str,
        brief: Json,
        name: str,
        *,
        judge: bool = False,
    ) -> None:
        """With `judge` it is the judge that is waited for, without which the job can go on."""
        self._engine = engine
        self._steps = steps
        self._job_id = job_id
        self._model = brief["judge" if judge else "model"]
        self._name = name
        self._more = {"needed": False} if judge else {}
        self._since: float | None = None
        self._billed = 0
        self.attempt = 1

    @property
    def label(self) -> str:
        """The step's name in this try."""
        return self._name if self.attempt == 1 else f"{self._name}.try{self.attempt}"

    @property
    def part(self) -> str:
        """What the ids of this try's children end in; without a hyphen, which stands before it."""
        return "" if self.attempt == 1 else f".t{self.attempt}"

    @property
    def arguments(self) -> tuple[int, ...]:
        """What the step is told of its try; nothing in the first, as it always was."""
        return () if self.attempt == 1 else (self.attempt,)

    async def wait(self, reason: Json, part: int = 0) -> None:
        """Wait, and count one try more.

        Raises:
            StepFailed: the job has waited long enough.
        """
        asked = {
            "step": self._name.partition(".")[0],
            "part": part,
            "model": self._model,
            "attempt": self.attempt,
            "since": self._since,
            "billed": self._billed,
            "reason": reason,
            **self._more,
        }
        label = f"{self._name}.wait{self.attempt}"
        pause = await self._engine.step(label, self._steps.wait, self._job_id, asked)
        if "failed" in pause:
            raise StepFailed(pause["failed"])
        self._since, self._billed = pause["since"], pause["billed"]
        await self._engine.sleep(f"{self._name}.sleep{self.attempt}", pause["until"])
        self.attempt += 1


class _Pipeline:
    """The workflows' bodies, bound to an engine and to its steps."""

    def __init__(self, engine: Engine, steps: Steps) -> None:
        self._engine = engine
        self._steps = steps

    async def write_article(self, job_id: str) -> Json:
        """All steps in order, or the one that ends the job with its reason."""
        steps = self._steps
        try:
            brief = await self._step("brief", steps.brief, job_id)
            brief = await self._step("sources", steps.sources, job_id, brief)
            outline = await self._patient("outline", steps.outline, job_id, brief)
            drafts = await self._draft(job_id, brief, outline)
            verified = await self._step("verify", steps.verify, job_id, brief, outline, drafts)
            verified = await self._judge(job_id, brief, verified)
            snippet = await self._patient("optimise", steps.optimise, job_id, brief, verified)
            verified, snippet = await self._repair(job_id, brief, verified, snippet)
            score = await self._step("score", steps.score, job_id, brief, verified, snippet)
            return await self._step("save", steps.save, job_id, brief, verified, snippet, score)
        except StepFailed as failed:
            return await self._engine.step("fail", steps.fail, job_id, failed.failure)

    async def write_section(
        self, job_id: str, brief: Json, outline: Json, n: int, attempt: int
    ) -> Json:
        """One part, on the queue of paid calls."""
        patience = _Patience(self._engine, self._steps, job_id, brief, f"draft.{n}")
        patience.attempt = attempt
        more = patience.arguments
        return await self._engine.step(
            patience.label, self._steps.draft, job_id, brief, outline, n, *more
        )

    async def ask_model(
        self, job_id: str, brief: Json, name: str, attempt: int, args: list[Any]
    ) -> Json:
        """A step that is one question to a model, on the queue of paid calls."""
        patience = _Patience(self._engine, self._steps, job_id, brief, name)
        patience.attempt = attempt
        step: Step = getattr(self._steps, name.partition(".")[0])
        return await self._engine.step(
            patience.label, step, job_id, brief, *args, *patience.arguments
        )

    async def _step(self, name: str, function: Step, *args: Any) -> Json:
        result = await self._engine.step(name, function, *args)
        if "failed" in result:
            raise StepFailed(result["failed"])
        return result

    async def _patient(
        self, name: str, function: Step, job_id: str, brief: Json, *args: Any
    ) -> Json:
        """A step that asks a model, run until it need not wait; one that is paid for, on its queue."""
        patience = _Patience(self._engine, self._steps, job_id, brief, name)
        while True:
            more = patience.arguments
            if brief.get(
                "paid"
            ):  # briefs of an earlier release say nothing, and their steps stay steps
                part = f"{name}{patience.part}"
                asked = (job_id, brief, name, patience.attempt, list(args))
                wait = await self._pay(MODEL_WORKFLOW, part, brief, *asked)
                result = await wait()
                if "failed" in result:
                    raise StepFailed(result["failed"])
            else:
                result = await self._step(patience.label, function, job_id, brief, *args, *more)
            if "wait" not in result:
                return result
            await patience.wait(result["wait"])

    async def _judge(self, job_id: str, brief: Json, verified: Json) -> Json:
        """Every question to the judge by a child of its own, all at once; then what its answers lower."""
        # Where no judge is set there is none; an earlier release says nothing, and its steps stay as they were.
        numbers = range(1, int(verified.get("judge", 0)) + 1)
        if not numbers:
            return verified
        patience = _Patience(self._engine, self._steps, job_id, brief, "judge", judge=True)

        def ask(n: int) -> Awaitable[Wait]:
            asked = (job_id, brief, f"judge.{n}", patience.attempt, [verified, n])
            return self._pay(MODEL_WORKFLOW, f"judge.{n}{patience.part}", brief, *asked)

        answers: dict[int, Json] = {}
        late = list(numbers)
        while late:
            late = await self._paid_at_once(late, ask, answers)
            if late:
                try:
                    await patience.wait(_longest([answers[n]["wait"] for n in late]), late[0])
                except StepFailed:  # it has waited long enough, and goes on as it is
                    break
        told = [answers[n] for n in numbers]
        return await self._step("judge", self._steps.lower, job_id, brief, verified, told)

    async def _repair(
        self, job_id: str, brief: Json, verified: Json, snippet: Json
    ) -> tuple[Json, Json]:
        """As many rounds as the brief allows, until one betters nothing; each is a step of its own."""
        # Briefs of an earlier release ask for none, and their steps stay as they were (ADR 27).
        for n in range(1, int(brief.get("repairs", 0)) + 1):
            name, asked = f"repair.{n}", (job_id, brief, verified, snippet, n)
            done = await self._patient(name, self._steps.repair, *asked)
            verified, snippet = done["verified"], done["snippet"]
            if done["done"]:
                break
        return verified, snippet

    async def _paid_at_once(
        self,
        parts: Sequence[int],
        begin: Callable[[int], Awaitable[Wait]],
        results: dict[int, Json],
    ) -> list[int]:
        """Begin a child for each part, in order, and keep what each gives; answers those that have to wait.

        Raises:
            StepFailed: one cannot be done at all; the others have ended by then.
        """
        waits = [await begin(n) for n in parts]
        for n, wait in zip(parts, waits, strict=True):
            results[n] = await wait()
        if failed := [results[n]["failed"] for n in parts if "failed" in results[n]]:
            raise StepFailed(failed[0])
        return [n for n in parts if "wait" in results[n]]

    async def _pay(self, workflow: str, part: str, brief: Json, *args: Any) -> Wait:
        return await self._engine.paid(
            workflow,
            part,
            *args,
            # Briefs of an earlier release name nobody.
            partition=brief.get("person") or DEFAULT_PARTITION,
            priority=brief.get("priority", NORMAL),
        )

    async def _draft(self, job_id: str, brief: Json, outline: Json) -> list[Json]:
        parts = range(int(outline["parts"]))
        if outline["paid"]:
            return await self._draft_paid(job_id, brief, outline, parts)
        draft = self._steps.draft
        free = [self._step(f"draft.{n}", draft, job_id, brief, outline, n) for n in parts]
        return list(await asyncio.gather(*free))

    async def _draft_paid(
        self, job_id: str, brief: Json, outline: Json, parts: Sequence[int]
    ) -> list[Json]:
        """Each part by a child of its own; those that have to wait are asked for again, together."""
        drafts: dict[int, Json] = {}
        patience = _Patience(self._engine, self._steps, job_id, brief, "draft")

        def write(n: int) -> Awaitable[Wait]:
            asked = (job_id, brief, outline, n, *patience.arguments)
            return self._pay(SECTION_WORKFLOW, f"s{n}{patience.part}", brief, *asked)

        late = list(parts)
        while True:
            late = await self._paid_at_once(late, write, drafts)
            if not late:
                return [drafts[n] for n in parts]
            await patience.wait(_longest([drafts[n]["wait"] for n in late]), late[0])


def register_workflows(engine: Engine, steps: Steps) -> None:
    """Make the workflows known to the engine, bound to these steps."""
    pipeline = _Pipeline(engine, steps)

    async def write_section(
        job_id: str, brief: Json, outline: Json, n: int, attempt: int = 1
    ) -> Json:
        return await pipeline.write_section(job_id, brief, outline, n, attempt)

    async def ask_model(job_id: str, brief: Json, name: str, attempt: int, args: list[Any]) -> Json:
        return await pipeline.ask_model(job_id, brief, name, attempt, args)

    async def write_article(job_id: str) -> Json:
        return await pipeline.write_article(job_id)

    engine.register(SECTION_WORKFLOW, write_section, child=True)
    engine.register(MODEL_WORKFLOW, ask_model, child=True)
    engine.register(WORKFLOW, write_article)


def _longest(reasons: Sequence[Json]) -> Json:
    """The reason to wait that asks for the longest pause; billed as soon as one of them may be."""
    longest = max(reasons, key=lambda reason: reason["retry_after_s"] or 0.0)
    return {**longest, "may_be_billed": any(reason["may_be_billed"] for reason in reasons)}
