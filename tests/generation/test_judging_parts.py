"""Who the judge is, what it is asked about, what it may cost, and what it does to repairs."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import Settings
from app.generation.assembling import assembled_of
from app.generation.intake import estimate_request
from app.generation.jobs import JobState
from app.generation.judging import Asked, Judged, doubts_of, judge_of, why_unjudged
from app.generation.repairing import repair_round
from app.generation.schemas import Block, Fact, Section, Sentence, Snippet, Written
from app.generation.verifying import key_of, verify_sections
from app.generation.writers.repair import Patch
from app.infra.db import Database, open_database
from app.infra.ports import utc_now
from app.kit.errors import Invalid
from app.review.judging import Objection
from tests.generation.composing import ENGLISH, SECOND
from tests.generation.judged import (
    JUDGE,
    Judge,
    accept,
    objects,
    rewords,
    settings_of,
    steps_paid,
    supports,
    write,
)
from tests.generation.test_repairing import Bench, Mender
from tests.generation.working import SOURCE
from tests.infra.llm.scripted import Answer, scripted


@pytest.fixture
async def one_database(new_database: Callable[[str], str]) -> AsyncIterator[Database]:
    """Where the kind of database makes no difference."""
    opened = open_database(new_database("sqlite"))
    yield opened
    await opened.close()


@pytest.mark.parametrize(
    ("setting", "model", "judge", "why"),
    [
        ("off", "openai:m", "", ""),
        ("writer", "openai:m", "openai:m", ""),
        ("writer", "local", "", "local is too small to be one"),
        ("writer", "local:qwen", "", "local:qwen is too small to be one"),
        ("openai:j", "local", "openai:j", ""),
        ("openai:j", "composer", "", "composer keeps"),
    ],
)
def test_the_judge_is_whom_the_setting_names_and_never_a_small_model(
    setting: str, model: str, judge: str, why: str
) -> None:
    settings = Settings(writing={"judge": setting})

    assert judge_of(model, settings) == judge
    assert why in why_unjudged(model, settings)
    assert bool(why) == bool(why_unjudged(model, settings))


@pytest.mark.parametrize(
    "value", ["on", "true", "composer", "local", "local:qwen", "openai:", ":x"]
)
def test_a_setting_that_names_no_judge_is_refused_and_says_what_to_write(value: str) -> None:
    with pytest.raises(ValueError, match=r"APP_WRITING__JUDGE=.*openai:gpt-5-mini"):
        Settings(writing={"judge": value})


async def test_a_judge_without_a_key_is_refused_when_the_article_is_asked_for(
    one_database: Database,
) -> None:
    with scripted() as script:
        settings = settings_of(one_database.url, script, "anthropic:judge")
        with pytest.raises(
            Invalid, match=r"APP_WRITING__JUDGE=anthropic:judge .*ANTHROPIC_API_KEY"
        ):
            await accept(one_database, settings)


@pytest.mark.parametrize("judge", ["writer", "openai:gpt-4o"])
async def test_the_estimate_has_what_the_judge_may_take(one_database: Database, judge: str) -> None:
    server = Judge(objects)
    with scripted(then=server) as script:
        settings = settings_of(one_database.url, script, "writer")
        job, _ = await write(one_database, settings)

    async def estimated(chosen: str) -> Any:
        return await estimate_request(
            Settings(openai_api_key="k", writing={"judge": chosen, "repair_rounds": 0}),
            keyword="horizontal scaling",
            sources=[(None, SOURCE, None)],
            language="en",
            model="openai:gpt-4o-mini",
            now=utc_now(),
        )

    alone, judged = await estimated("off"), await estimated(judge)

    assert judged.calls.low == alone.calls.low <= job.usage.calls <= judged.calls.high
    assert judged.calls.high - alone.calls.high >= len(server.questions)
    assert judged.low_usd == alone.low_usd
    assert judged.high_usd > alone.high_usd * (1 if judge == "writer" else 5)


async def test_a_judge_without_a_price_makes_the_estimate_unknown() -> None:
    estimate = await estimate_request(
        Settings(
            openai_api_key="k",
            llm_base_url="http://127.0.0.1:9/v1",
            writing={"judge": "compatible:house-made"},
        ),
        keyword="horizontal scaling",
        sources=[(None, SOURCE, None)],
        language="en",
        model="openai:gpt-4o-mini",
        now=utc_now(),
    )

    assert (estimate.low_usd, estimate.high_usd) == (None, None)
    assert estimate.price_source.endswith("; compatible:house-made: unknown")


JOINED = Sentence(
    text="Opening a connection takes time, and a pool keeps connections open.",
    fact_ids=("f.1", "f.2"),
    rules=("model",),
)
POOL = {
    fact.id: fact
    for fact in (
        Fact(
            id=f"f.{n}",
            snapshot_id="s",
            passage_id="s",
            start=0,
            end=len(words),
            text=words,
            kind="sentence",
            order=n,
        )
        for n, words in (
            (1, "Opening a connection takes time."),
            (2, "A pool keeps connections open."),
        )
    )
}


def test_only_what_a_model_worded_and_the_rules_let_pass_is_asked_about() -> None:
    copied = Sentence(text=POOL["f.1"].text, fact_ids=("f.1",))
    wrong = JOINED.model_copy(update={"text": "Opening a connection takes 900 seconds."})
    section = Section(blocks=(Block(sentences=(JOINED, copied, wrong, JOINED)),))

    asked = doubts_of([section], POOL, "en")

    assert [each.key for each in asked] == [(JOINED.text, ("f.1", "f.2"))]
    assert asked[0].passages == tuple(fact.text for fact in POOL.values())


def test_a_section_of_which_the_judge_leaves_nothing_keeps_its_best_sentence_and_flags_it() -> None:
    section = Section(heading="Pools", blocks=(Block(sentences=(JOINED,)),))
    objection = Objection(status="contradicted", quote="takes time")

    found = verify_sections([section], POOL, "en", {(JOINED.text, JOINED.fact_ids): objection})

    assert found.removed == ()
    assert found.sections[0].blocks[0].sentences == (JOINED,)
    assert "lowered by the judge: the source says “takes time”" in found.flagged[0]


@given(
    status=st.sampled_from(["partly", "unsupported", "contradicted"]),
    quote=st.one_of(st.text(max_size=20), st.sampled_from([each.text for each in POOL.values()])),
    other=st.booleans(),
)
def test_objections_take_sentences_away_or_flag_them_and_never_bring_one_back(
    status: Any, quote: str, other: bool
) -> None:
    wrong = JOINED.model_copy(update={"text": "Opening a connection takes 900 seconds."})
    copied = Sentence(text=POOL["f.1"].text, fact_ids=("f.1",))
    section = Section(blocks=(Block(sentences=(copied, JOINED, wrong)),))
    objection = Objection(status=status, quote=quote)
    against = wrong if other else JOINED

    before = verify_sections([section], POOL, "en")
    after = verify_sections([section], POOL, "en", {key_of(against): objection})

    gone, goes = ({each.partition(" — ")[0] for each in one.removed} for one in (before, after))
    assert gone <= goes
    assert after.kept <= before.kept
    assert len(after.removed) + len(after.flagged) >= len(before.removed) + len(before.flagged)
    texts = [[s.text for b in each.blocks for s in b.sentences] for each in after.sections]
    assert set(texts[0]) <= {copied.text, JOINED.text}
    assert copied.text in texts[0], "a source's own words are not the judge's"


def test_a_flag_on_a_sentence_that_a_repair_left_out_holds_nothing_any_more() -> None:
    flags = [f"{JOINED.text} — lowered by the judge: …", "Another one. — coverage: more"]

    def flagged(*sentences: Sentence) -> tuple[str, ...]:
        sections = (Section(blocks=(Block(sentences=sentences),)),)
        snippet = Snippet(title="t", meta_description="d", slug="s")
        return assembled_of(
            {"keyword": "k", "language": "en", "model": "m", "snapshots": [], "publish": False},
            {"flagged": flags, "spent": {}},
            Written(sections=sections, questions=0, snippet=snippet),
            {},
            (),
        ).flagged

    assert flagged(JOINED) == (flags[0],)
    assert flagged(JOINED.model_copy(update={"text": "Another one."})) == (flags[1],)


class Reads:
    """A judge of the repairs, which answers as a test says."""

    def __init__(self, judged: Judged) -> None:
        self.asked: list[str] = []
        self._judged = judged

    async def __call__(self, asked: Sequence[Asked], *, may_wait: bool = False) -> Judged:
        assert not may_wait, "a repair is not waited for"
        self.asked += [each.sentence for each in asked]
        return self._judged


@pytest.mark.parametrize(
    ("judged", "kept", "said"),
    [
        (Judged(), True, ""),
        (
            Judged({("x", ()): Objection(status="partly", quote="takes time")}),
            False,
            "the judge objected to the model's wording",
        ),
        (
            Judged(unanswered=1, note="the verdicts stay: away"),
            False,
            "the judge did not read the model's wording: the verdicts stay: away",
        ),
    ],
)
async def test_a_model_s_repair_is_kept_only_if_the_judge_read_it_and_has_nothing_against_it(
    judged: Judged, kept: bool, said: str
) -> None:
    bench = Bench("connection pooling", ENGLISH, SECOND)
    written = (await bench.round(await bench.written())).best.written
    one, two = list(bench.facts.values())[:2]
    joined = f"{one.text.rstrip('.')}, and {two.text[0].lower()}{two.text[1:]}"
    new = Sentence(text=joined, fact_ids=(one.id, two.id), rules=("model",))
    fresh = written.sections[1].model_copy(update={"blocks": (Block(sentences=(new,)),)})
    judge = Reads(judged)

    done = await repair_round(
        written,
        writer=Mender(Patch(sections={1: fresh})),
        brief=bench.brief,
        facts=bench.facts,
        limits=bench.ground.limits.of("en"),
        measure=bench.measure,
        judge=judge,
    )

    assert judge.asked == [joined]
    assert done.tried >= 1
    assert (said in done.note) if said else ("judge" not in done.note)
    if not kept:
        assert joined not in done.best.assembled.rendered.markdown


async def test_a_model_s_repairs_are_read_by_the_judge_and_paid_as_the_round_s(
    one_database: Database,
) -> None:
    judge = Judge(supports)

    def answer(asked: dict[str, Any]) -> Answer:
        """Another wording where a repair asks for one."""
        if "The text as it stands has:" in str(asked.get("messages")):
            words = rewords(asked).body.replace(b", and ", b", and so ")
            return Answer(200, words, {"content-type": "application/json"})
        return judge(asked)

    with scripted(then=answer) as script:
        settings = settings_of(one_database.url, script, JUDGE)
        writing = settings.writing.model_copy(update={"repair_rounds": 1})
        settings = settings.model_copy(update={"writing": writing})
        job, _events = await write(one_database, settings)
        paid = await steps_paid(one_database, job.id)

    assert job.state is JobState.SUCCEEDED, job.error
    assert "repair.1.judge.c1" in paid
