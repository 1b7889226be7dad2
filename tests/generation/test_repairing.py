"""Repairs better an article or leave it as it was, cost its grounding nothing, and change no older job's steps."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.config import WritingSettings
from app.generation import article
from app.generation.progress import progress_of
from app.generation.repairing import Measured, Round, is_better, repair_round
from app.generation.repository import Jobs
from app.generation.retrying import stage_named
from app.generation.schemas import Block, Brief, Section, Sentence, Usage, Written
from app.generation.verifying import verify_sections
from app.generation.workflow import _Pipeline
from app.generation.writers.composer import Composer
from app.generation.writers.model import ModelWriter
from app.generation.writers.repair import Faulty, Mended, Patch, told_faults, worst_sections
from app.infra.db import Database
from app.infra.durable import Enqueuer, migrate_engine
from app.seo.page import Site
from app.seo.thresholds import SiteLimits, limits_for, override
from tests.generation.composing import ENGLISH, KOREAN, SECOND, facts_of
from tests.generation.test_model_writer import model_of
from tests.generation.working import Watched, accept, until_state, working
from tests.infra.llm.scripted import completion, scripted

WRITING = WritingSettings()


@pytest.fixture
async def enqueuer(database: Database) -> AsyncIterator[Enqueuer]:
    await migrate_engine(database.url)
    opened = Enqueuer(database.url)
    yield opened
    opened.close()


class Bench:
    """An article of the composer, and what measures it."""

    def __init__(self, keyword: str, *sources: Any, limits: SiteLimits | None = None) -> None:
        self.sources = sources
        self.brief = Brief(keyword=keyword, language=sources[0].language)
        self.facts = {fact.id: fact for fact in facts_of(*sources)}
        self.ground = article.Ground(
            limits or SiteLimits(), site=Site(linkable=False), has_images=False
        )

    async def written(self) -> Written:
        composer = Composer()
        outline, _ = await composer.outline(self.brief, list(self.facts.values()))
        drafts = [await composer.section(self.brief, plan, self.facts) for plan in outline.plans]
        sections = verify_sections(drafts, self.facts, self.brief.language).sections
        snippet = await composer.snippet(self.brief, sections)
        return Written(sections=sections, questions=len(outline.questions), snippet=snippet)

    def measure(self, written: Written) -> Measured:
        cut = len(written.sections) - written.questions
        assembled = article.assemble(
            brief=self.brief,
            publish=False,
            snippet=written.snippet,
            sections=written.sections[:cut],
            questions=written.sections[cut:],
            facts=self.facts,
            snapshots=self.sources,
            flagged=(),
            spent=Usage(),
        )
        analysis = article.analyse_assembled(assembled, WRITING, self.ground)
        return Measured(
            written, assembled, analysis, article.describe(assembled, analysis, WRITING)["held"]
        )

    async def round(self, written: Written, writer: Any = None) -> Round:
        return await repair_round(
            written,
            writer=writer or Composer(),
            brief=self.brief,
            facts=self.facts,
            limits=self.ground.limits.of(self.brief.language),
            measure=self.measure,
        )


class Mender(Composer):
    """A writer whose repairs a test chooses."""

    def __init__(self, *patches: Patch) -> None:
        self._patches = patches

    async def mend(self, faulty: Faulty) -> Mended:
        del faulty
        return Mended(self._patches, Usage(calls=1, input_tokens=7))


def bare(written: Written) -> Written:
    """The article with headings that name nothing and a snippet that says nothing."""
    sections = tuple(
        section.model_copy(update={"heading": f"Part {n}" if section.heading else ""})
        for n, section in enumerate(written.sections)
    )
    snippet = written.snippet.model_copy(update={"meta_description": "Short.", "title": "A title"})
    return written.model_copy(update={"sections": sections, "snippet": snippet})


@pytest.mark.parametrize(
    ("keyword", "sources"), [("connection pooling", (ENGLISH, SECOND)), ("커넥션 풀", (KOREAN,))]
)
async def test_what_failed_is_repaired_of_the_article_s_own_words(
    keyword: str, sources: Any
) -> None:
    bench = Bench(keyword, *sources)
    written = bare(await bench.written())

    done = await bench.round(written)
    again = await bench.round(written)

    mended = {each["id"] for each in done.repaired}
    assert {"meta.length", "kp.title"} <= mended
    assert done.best.worth > done.first.worth
    assert done.best.analysis.scores.grounding == done.first.analysis.scores.grounding
    assert set(done.best.verdicts.values()) == {0}
    assert done.best.written == again.best.written  # deterministic


async def test_an_article_with_nothing_to_repair_stays_as_it_is() -> None:
    bench = Bench("connection pooling", ENGLISH, SECOND)
    written = await bench.written()
    for _ in range(4):
        done = await bench.round(written)
        written = done.best.written

    assert not done.is_kept
    assert done.best.written is done.first.written


async def test_a_site_s_own_thresholds_are_repaired_to() -> None:
    limits = override(SiteLimits(), {"en": {"meta_characters": [60, 110]}})
    bench = Bench("connection pooling", ENGLISH, SECOND, limits=limits)

    done = await bench.round(await bench.written())

    assert 60 <= len(done.best.written.snippet.meta_description) <= 110


async def test_a_wall_of_text_is_parted_and_loses_no_sentence() -> None:
    bench = Bench("connection pooling", ENGLISH, SECOND)
    written = await bench.written()
    prose = [
        sentence
        for section in written.sections
        for block in section.blocks
        if block.kind == "paragraph"
        for sentence in block.sentences
    ]
    wall = Section(heading="Pooling", blocks=(Block(sentences=tuple(prose)),))
    given = written.model_copy(update={"sections": (written.sections[0], wall), "questions": 0})

    done = await bench.round(given)

    assert "paragraph.length" in {each["id"] for each in done.repaired}
    after = [s for b in done.best.written.sections[1].blocks for s in b.sentences]
    assert len(done.best.written.sections[1].blocks) > 1
    assert [s for s in after if s in prose] == after


async def test_words_that_no_source_bears_out_are_thrown_away_however_well_they_score() -> None:
    bench = Bench("connection pooling", ENGLISH, SECOND)
    written = bare(await bench.written())
    honest = await bench.round(written)
    fact = next(iter(bench.facts))
    invented = Sentence(
        text="Connection pooling makes every query 900 times faster.",
        fact_ids=(fact,),
        rules=("model",),
    )
    section = written.sections[1]
    lie = section.model_copy(update={"blocks": (*section.blocks, Block(sentences=(invented,) * 1))})

    done = await bench.round(written, Mender(Patch(sections={1: lie})))

    assert done.best.written == honest.best.written
    assert "900" not in done.best.assembled.rendered.markdown
    assert done.usage.input_tokens == 7  # paid for, and counted
    assert "did not hold" in done.note


async def test_a_tie_is_the_earlier_s_and_a_lost_verdict_is_no_gain() -> None:
    bench = Bench("connection pooling", ENGLISH)
    one = bench.measure(await bench.written())
    assert not is_better(one, one)
    worse = bench.measure(bare(await bench.written()))
    assert is_better(one, worse)
    held = Measured(one.written, one.assembled, one.analysis, ("something",))
    assert not is_better(held, worse)


async def test_a_model_mends_a_snippet_and_what_it_costs_is_counted() -> None:
    bench = Bench("connection pooling", ENGLISH, SECOND)
    written = bare(await bench.written())
    good = {
        "title": "Connection pooling keeps database connections open",
        "description": "Connection pooling is a way to reuse database connections instead of opening "
        "one for every request. A pool keeps connections open.",
    }
    faulty = bench.measure(written).faulty(bench.facts, limits_for("en"))
    with scripted(then=lambda _call: completion(json.dumps({"candidates": [good]}))) as script:
        model = model_of(script)
        mended = await ModelWriter(model, Composer()).mend(faulty)
        await model.aclose()

    assert "connection pooling" in mended.patches[0].on(written).snippet.title.lower()
    assert mended.usage.calls >= 1
    prompts = [" ".join(each["content"] for each in call["messages"]) for call in script.asked]
    assert any("a description of the wrong length" in prompt for prompt in prompts)


async def test_a_small_model_is_not_asked_again() -> None:
    bench = Bench("connection pooling", ENGLISH)
    faulty = bench.measure(bare(await bench.written())).faulty(bench.facts, limits_for("en"))
    with scripted() as script:
        model = model_of(script, small=True)
        mended = await ModelWriter(model, Composer()).mend(faulty)
        await model.aclose()

    assert mended == Mended()
    assert script.asked == []


async def test_the_worst_sections_are_chosen_and_told_in_words() -> None:
    bench = Bench("connection pooling", ENGLISH)
    written = await bench.written()
    text = written.sections[2].blocks[0].sentences[0].text
    faulty = Faulty(
        bench.brief, written, bench.facts, limits_for("en"), {"sentence.length": frozenset({text})}
    )

    assert worst_sections(faulty) == [2]
    assert (
        told_faults(["kp.alt", "sentence.length"], {"sentence.length": "long ones"}) == "long ones"
    )


class Recorder:
    """An engine that runs steps at once, and a pipeline's steps that say nothing but their names."""

    def __init__(self, brief: dict[str, Any], better: int) -> None:
        self.names: list[str] = []
        self._brief, self._better = brief, better

    async def step(self, name: str, _function: Any, *args: Any) -> Any:
        self.names.append(name)
        if name.startswith("repair"):
            return {"verified": {}, "snippet": {}, "done": args[-1] > self._better}
        return {"brief": self._brief, "outline": {"parts": 1, "paid": False}}.get(
            name, self._brief if name == "sources" else {}
        )

    def __getattr__(self, _name: str) -> Any:
        return None


@pytest.mark.parametrize(
    ("brief", "better", "rounds"),
    [
        ({"model": "composer"}, 9, []),  # an older release's: its steps stay as they were
        ({"model": "composer", "repairs": 0}, 9, []),
        ({"model": "composer", "repairs": 2}, 9, ["repair.1", "repair.2"]),
        ({"model": "composer", "repairs": 3}, 1, ["repair.1", "repair.2"]),
    ],
)
async def test_the_brief_says_how_many_rounds_stand_in_a_job_s_history(
    brief: dict[str, Any], better: int, rounds: list[str]
) -> None:
    engine = Recorder(brief, better)

    await _Pipeline(engine, engine).write_article("j")  # type: ignore[arg-type]  # answers what both do

    assert [name for name in engine.names if name.startswith("repair")] == rounds
    assert engine.names.index("optimise") < engine.names.index("score")


def test_a_round_belongs_to_its_step_in_every_try() -> None:
    assert {stage_named(name) for name in ("repair.1", "repair.2.try3", "repair.1.t2")} == {
        "repair"
    }


@pytest.mark.parametrize("paid", [False, True])
async def test_a_job_tells_what_each_round_repaired(
    database: Database, enqueuer: Enqueuer, paid: bool
) -> None:
    watched = Watched(paid=paid)
    async with working(database, watched):
        job_id = await accept(database, enqueuer)
        job = await until_state(database, job_id, "succeeded")
    async with database.reading() as session:
        events = await Jobs(session).events(job_id)

    told = [event for event in events if event.step == "repair" and event.kind == "finished"]
    assert [event.n for event in told] == list(range(1, len(told) + 1))
    assert told[0].data["before"] <= told[-1].data["after"] == job.result["score"]
    steps = {step.name: step for step in progress_of(events).steps}
    assert steps["repair"].state == "finished"
    assert len(steps["repair"].rounds) == len(told)
