"""The pipeline's steps: each takes small JSON, does one thing, gives small JSON, and may run twice."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from app.config import Settings
from app.generation import article
from app.generation.assembling import assembled_of, brief_of, written_of
from app.generation.jobs import JobState, Request
from app.generation.judging import (
    TRIES,
    AskJudge,
    ask,
    count_questions,
    judge_of,
    lower_verified,
    question_of,
    told,
)
from app.generation.linking import choose_links, set_links
from app.generation.materials import Materials
from app.generation.recording import Json, note, recorded, requested_by
from app.generation.repairing import Measured, repair_round
from app.generation.repository import Jobs
from app.generation.schemas import Outline, Section, Usage, Written
from app.generation.spending.domain import Caps
from app.generation.spending.purse import Purse
from app.generation.tracing import tell_job
from app.generation.verifying import verify_sections
from app.generation.waiting import Asked, Patience
from app.generation.writers import Writer
from app.generation.writers.choice import Writers, longest_call_s, open_writers
from app.infra.db import Database
from app.infra.durable import Workflows
from app.infra.http.errors import FetchError
from app.infra.http.fetch import Fetcher, FetchLimits
from app.infra.kv import Store
from app.infra.ports import utc_now
from app.kit.errors import Invalid
from app.posts.upkeep.linking import candidates_for
from app.sources.readers import SourceRef, read_source
from app.sources.repository import Snapshots


class PipelineSteps:
    """The steps, with what they need of the outside world."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        writers: Writers,
        fetcher: Fetcher,
        may_pay: Callable[[], Awaitable[bool]],
    ) -> None:
        """`may_pay` says whether this process may still pay for a model: whether its lease holds."""
        self.database = database
        self._may_pay = may_pay
        self._settings = settings
        self._writers = writers
        self._fetcher = fetcher
        self._materials = Materials(database, settings)

    @recorded("brief")
    async def brief(self, job_id: str) -> Json:
        """What was asked for, as the other steps are handed it."""
        async with self.database.unit() as session:
            jobs = Jobs(session)
            job = await jobs.read(job_id)
            await jobs.set_state(job_id, JobState.RUNNING, now=datetime.now(UTC))
        asked = job.request
        judge = judge_of(asked.model, self._settings)
        return {
            **asked.model_dump(mode="json"),
            "person": job.requested_by,
            "priority": job.priority,
            "paid": self._writers.is_paid(asked.model),
            "repairs": self._settings.writing.repair_rounds,
            "judge": judge,
            "note": f"“{asked.keyword}” · {asked.model}" + (f" · judge {judge}" if judge else ""),
        }

    @recorded("sources")
    async def sources(self, job_id: str, brief: Json) -> Json:
        """Read the pages; keep each as a snapshot. Some may fail, as long as one is left."""
        request = _request(brief)
        ids: list[str] = []
        unread: list[str] = []
        for n, source in enumerate(request.sources, 1):
            if source.snapshot_id is not None:
                ids.append(source.snapshot_id)
                continue
            try:
                snapshot = await read_source(
                    SourceRef("url", source.url or "", source.rights),
                    fetcher=self._fetcher,
                    now=datetime.now(UTC),
                )
            except (FetchError, Invalid) as error:
                unread.append(str(error))
                await note(
                    self.database, job_id, "sources", "progress", n=n, data={"note": str(error)}
                )
                continue
            async with self.database.unit() as session:
                await Snapshots(session).keep(snapshot)
            ids.append(snapshot.id)
        if not ids:
            reasons = " ".join(unread)
            return _failed("no_sources", f"None of the sources could be read. {reasons}")
        read = f"{len(ids)} read" + (f", {len(unread)} not" if unread else "")
        counts = {"read": len(ids), "unread": len(unread)}
        return {**brief, "snapshots": ids, "unread": unread, "note": read, "counts": counts}

    @recorded("outline")
    async def outline(self, job_id: str, brief: Json, attempt: int = 1) -> Json:
        """Choose and group the facts."""
        facts = await self._materials.facts(brief)
        writer = await self._writer(job_id, brief, "outline", attempt)
        outline, usage = await writer.outline(brief_of(brief), list(facts.values()))
        used = len(outline.introduction) + sum(len(plan.fact_ids) for plan in outline.plans[1:])
        return {
            "outline": outline.model_dump(mode="json"),
            "parts": len(outline.plans),
            "paid": self._writers.is_paid(brief["model"]),
            "usage": usage.model_dump(mode="json"),
            "note": f"{len(outline.sections)} sections from {used} of {len(facts)} facts",
            "counts": {"sections": len(outline.sections), "used": used, "facts": len(facts)},
        }

    @recorded("draft", part=lambda arguments: int(arguments[2]))
    async def draft(
        self, job_id: str, brief: Json, outline: Json, n: int, attempt: int = 1
    ) -> Json:
        """Write one part: 0 is the introduction, then the sections, then the questions."""
        plan = Outline.model_validate(outline["outline"]).plans[n]
        facts = await self._materials.facts(brief)
        writer = await self._writer(job_id, brief, f"draft.{n}", attempt)
        section = await writer.section(brief_of(brief), plan, facts)
        return {
            **section.model_dump(mode="json"),
            "note": f"part {n + 1} of {outline['parts']}",
            "counts": {"parts": outline["parts"]},
        }

    @recorded("verify")
    async def verify(self, _job_id: str, brief: Json, outline: Json, drafts: list[Json]) -> Json:
        """Hold every sentence against its source; remove or flag what does not stand there."""
        facts = await self._materials.facts(brief)
        sections = [Section.model_validate(draft) for draft in drafts]
        questions = len(Outline.model_validate(outline["outline"]).questions)
        result = await asyncio.to_thread(verify_sections, sections, facts, brief["language"])
        spent = sum((section.usage for section in sections), Usage(**outline["usage"]))
        asked, unasked = await asyncio.to_thread(
            count_questions, brief, result.sections, facts, self._settings
        )
        return {
            "judge": asked,
            "sections": [section.model_dump(mode="json") for section in result.sections],
            "questions": questions,
            "removed": list(result.removed),
            "flagged": list(result.flagged),
            "spent": spent.model_dump(mode="json"),
            "note": f"{result.kept} sentences kept, {len(result.removed)} removed, "
            f"{len(result.flagged)} flagged" + (f"; {unasked}" if unasked else ""),
            "counts": {
                "kept": result.kept,
                "removed": len(result.removed),
                "flagged": len(result.flagged),
            },
        }

    @recorded("judge", part=lambda arguments: int(arguments[2]))
    async def judge(
        self, job_id: str, brief: Json, verified: Json, n: int, attempt: int = 1
    ) -> Json:
        """Ask the judge question `n` about what a model worded and the rules let pass."""
        facts, language = await self._materials.facts(brief), brief["language"]
        asked = await asyncio.to_thread(question_of, verified, n, facts, language)
        ask_judge = await self._judge(job_id, brief, f"judge.{n}", attempt)
        judged = await ask_judge(asked, may_wait=attempt < TRIES)
        if judged.why:
            data = {"note": judged.why}
            await note(self.database, job_id, "judge", "progress", n=n, data=data)
        return told(judged, len(asked))

    @recorded("judge")
    async def lower(self, _job_id: str, brief: Json, verified: Json, answers: list[Json]) -> Json:
        """Lower what the judge objects to; remove or flag it as if the rules had."""
        facts = await self._materials.facts(brief)
        return await asyncio.to_thread(lower_verified, verified, answers, facts, brief["language"])

    @recorded("optimise")
    async def optimise(self, job_id: str, brief: Json, verified: Json, attempt: int = 1) -> Json:
        """Title, description and slug."""
        sections = [Section.model_validate(section) for section in verified["sections"]]
        writer = await self._writer(job_id, brief, "optimise", attempt)
        snippet = await writer.snippet(brief_of(brief), sections)
        return {**snippet.model_dump(mode="json"), "note": snippet.title}

    @recorded("repair", part=lambda arguments: int(arguments[3]))
    async def repair(  # noqa: PLR0917  # the engine gives a step's arguments by position
        self, job_id: str, brief: Json, verified: Json, snippet: Json, n: int, attempt: int = 1
    ) -> Json:
        """Round `n` of mending what failed; answers the better article, and whether there is more to do."""
        writer = await self._writer(job_id, brief, f"repair.{n}", attempt)
        ground = await self._materials.ground(
            await self._materials.assemble(brief, verified, snippet)
        )
        writing = self._settings.writing
        facts, snapshots = (
            await self._materials.facts(brief),
            await self._materials.snapshots(brief),
        )

        def measure(written: Written) -> Measured:
            assembled = assembled_of(brief, verified, written, facts, snapshots)
            analysis = article.analyse_assembled(assembled, writing, ground)
            held = article.describe(assembled, analysis, writing)["held"]
            return Measured(written, assembled, analysis, held)

        done = await repair_round(
            written_of(verified, snippet),
            writer=writer,
            brief=brief_of(brief),
            facts=facts,
            limits=ground.limits.of(brief["language"]),
            measure=measure,
            judge=await self._judge(job_id, brief, f"repair.{n}.judge", attempt)
            if brief.get("judge")
            else None,
        )
        best = done.best.written
        spent = Usage(**verified["spent"]) + done.usage
        return {
            "verified": {
                **verified,
                "sections": [section.model_dump(mode="json") for section in best.sections],
                "spent": spent.model_dump(mode="json"),
            },
            "snippet": {**snippet, **best.snippet.model_dump(mode="json")},
            "done": not done.is_kept,
            "usage": done.usage.model_dump(mode="json"),
            "note": done.note,
            "told": done.told(n),
        }

    @recorded("score")
    async def score(self, _job_id: str, brief: Json, verified: Json, snippet: Json) -> Json:
        """Link it to own articles and measure it; collect what holds it back from being published."""
        assembled = await self._materials.assemble(brief, verified, snippet)
        links = await self._links(assembled)
        assembled = set_links(assembled, links)
        ground = await self._materials.ground(assembled)
        # Nothing that it could link to: as on a blog's first article.
        if ground.site and self._settings.writing.links and not any(links.values()):
            ground = replace(ground, site=replace(ground.site, linkable=False))
        score = await asyncio.to_thread(article.measure, assembled, self._settings.writing, ground)
        lamps = score["scores"]
        shown = " · ".join(f"{name} {value}" for name, value in lamps.items() if value is not None)
        return {**score, "links": links, "note": shown}

    async def _links(self, assembled: article.Assembled) -> Json:
        """The links to own articles that it gets. They are asked for here, where no model is paid for."""
        most = self._settings.writing.links
        if not most:
            return {}
        candidates = await candidates_for(
            self.database, assembled.rendered.markdown, assembled.brief.language
        )
        return await asyncio.to_thread(choose_links, assembled, candidates, most=most)

    @recorded("save")
    async def save(
        self, job_id: str, brief: Json, verified: Json, snippet: Json, score: Json
    ) -> Json:
        """Keep the article, publish it if that was asked and nothing holds it, end the job."""
        assembled = await self._materials.assemble(brief, verified, snippet)
        # Measurements of an earlier release have no links.
        assembled = set_links(assembled, score.get("links", {}))
        score = {name: value for name, value in score.items() if name != "links"}
        now = datetime.now(UTC)
        async with self.database.unit() as session:
            state = (await Jobs(session).locked(job_id)).state
            if state.ended and state is not JobState.SUCCEEDED:
                return _failed(state.value, f"The job has {state.value} before it was kept.")
            result = await article.save(session, job_id, assembled, score, self._settings, now=now)
            jobs = Jobs(session)
            job = await jobs.read(job_id)
            started = job.started_at or now
            result["seconds"] = round((now - started).total_seconds(), 3)
            await jobs.set_state(
                job_id,
                JobState.SUCCEEDED,
                now=now,
                post_id=result["post_id"],
                usage=assembled.usage,
                result=result,
            )
            await jobs.record(job_id, step="job", kind="succeeded", now=now, data=result)
            ended = await jobs.read(job_id)
        tell_job(ended)
        return {**result, "note": result["state"]}

    async def wait(self, job_id: str, asked: Json) -> Json:
        """Say until when a job waits for its model, and tell who watches; or that it waited long enough."""
        wanted = Asked.model_validate(asked)
        spread = random.uniform(0.8, 1.2)  # noqa: S311  # jobs that stopped together should not come together
        models = self._settings.models
        patience = Patience(
            models.wait_first_s, models.wait_most_s, models.wait_s, models.wait_timeouts
        )
        now = datetime.now(UTC)
        pause = patience.pause_of(wanted, now=now, spread=spread)
        if pause is None:
            failure = {"code": "model_away", "message": patience.given_up(wanted)}
            if not wanted.needed:
                return {"failed": failure}
            await note(self.database, job_id, wanted.step, "failed", n=wanted.part, data=failure)
            return {"failed": failure}
        until = now + timedelta(seconds=pause)
        data = wanted.told(until)
        told = await note(self.database, job_id, wanted.step, "waiting", n=wanted.event, data=data)
        workflows = Workflows(sqlite=self.database.is_sqlite)
        async with self.database.unit() as session:
            job = await Jobs(session).read(job_id)
            await session.execute(workflows.survived([job.workflow_id]))
        return {
            "since": wanted.since or now.timestamp(),
            "billed": wanted.billed_now,
            # What was told before a process died stands: people watch the clock.
            "until": datetime.fromisoformat(told["until"]).timestamp(),
        }

    async def fail(self, job_id: str, failure: Json) -> Json:
        """End the job with its reason."""
        now = datetime.now(UTC)
        async with self.database.unit() as session:
            jobs = Jobs(session)
            await jobs.set_state(
                job_id,
                JobState.FAILED,
                now=now,
                error_code=failure["code"],
                error=failure["message"],
            )
            await jobs.record(job_id, step="job", kind="failed", now=now, data=failure)
            ended = await jobs.read(job_id)
        if ended.state is JobState.FAILED:  # not where somebody was first, and has told it
            tell_job(ended)
        return {"failed": failure}

    async def _writer(self, job_id: str, brief: Json, step: str, attempt: int) -> Writer:
        """The job's writer; the calls of its model are paid for as this try of this step."""
        spec = brief["model"]
        if not self._writers.is_paid(spec):
            return self._writers.of(spec)
        purse = await self._purse(job_id, step, attempt)
        return self._writers.of(spec, purse.meter)

    async def _judge(self, job_id: str, brief: Json, step: str, attempt: int) -> AskJudge:
        """How the job's judge is asked; its calls are paid for as this try of this step."""
        purse = await self._purse(job_id, step, attempt)
        return partial(ask, lambda: self._writers.model_of(brief["judge"], purse.meter))

    async def _purse(self, job_id: str, step: str, attempt: int) -> Purse:
        return Purse(
            self.database,
            self._writers.prices,
            Caps(**self._settings.caps.model_dump()),
            job_id=job_id,
            step=step if attempt == 1 else f"{step}.try{attempt}",
            principal=await requested_by(self.database, job_id),
            longest_s=longest_call_s(self._settings),
            now=utc_now,
            may_pay=self._may_pay,
        )


@asynccontextmanager
async def open_steps(
    database: Database,
    settings: Settings,
    store: Store | None = None,
    *,
    may_pay: Callable[[], Awaitable[bool]],
) -> AsyncGenerator[PipelineSteps]:
    """The steps with the writers and the fetcher that the settings say; `store` is what the fleet shares."""
    async with open_writers(settings, store) as writers:
        limits = FetchLimits(**settings.fetch.model_dump())
        fetcher = Fetcher(limits, allow=settings.fetch_allow)
        yield PipelineSteps(database, settings, writers, fetcher, may_pay)


def _request(brief: Json) -> Request:
    # Briefs of an earlier release lack what is new.
    return Request.model_validate(
        {name: brief[name] for name in Request.model_fields if name in brief}
    )


def _failed(code: str, message: str) -> Json:
    return {"failed": {"code": code, "message": message}}
