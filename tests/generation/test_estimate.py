"""An estimate holds against what a job really asks its model."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.config import Settings
from app.generation.facts import facts_of_snapshot
from app.generation.intake import estimate_request
from app.generation.schemas import Brief
from app.generation.spending.tokens import bound_tokens, least_tokens, most_tokens
from app.generation.writers.composer import Composer
from app.generation.writers.model import ModelWriter
from app.infra.llm import Limits
from app.infra.llm.providers import HostedModel, build_compatible
from app.kit.errors import Invalid
from app.sources.readers import parse_source, read_source
from tests.infra.llm.scripted import joins_facts, scripted

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 25, tzinfo=UTC)
KEYWORDS = {"en": "horizontal scaling", "ko": "수평 확장"}
MODEL = "openai:gpt-4o-mini"
SETTINGS = Settings(openai_api_key="k", llm_base_url="http://127.0.0.1:9/v1")


def source_of(language: str) -> str:
    return str(ROOT / "examples" / language / "horizontal-scaling.md")


async def estimated(language: str, model: str = MODEL, **more):
    more.setdefault("arguments", [(source_of(language), None)])
    keyword = KEYWORDS[language]
    return await estimate_request(SETTINGS, keyword=keyword, model=model, now=NOW, **more)


async def written(language: str) -> list[str]:
    """The prompts of a job, as the model's server sees them."""
    snapshot = await read_source(parse_source(source_of(language)), now=NOW)
    facts = {fact.id: fact for fact in facts_of_snapshot(snapshot)}
    brief = Brief(keyword=KEYWORDS[language], language=language)
    with scripted(then=joins_facts) as script:
        model = HostedModel(
            "compatible:scripted",
            build_compatible("scripted", "k", f"{script.url}/v1"),
            limits=Limits(),
            base_url=script.url,
        )
        writer = ModelWriter(model, Composer())
        outline, _ = await writer.outline(brief, list(facts.values()))
        sections = [await writer.section(brief, plan, facts) for plan in outline.plans]
        await writer.snippet(brief, sections)
        await model.aclose()
    return [" ".join(each["content"] for each in call["messages"]) for call in script.asked]


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_a_job_asks_within_its_estimate(language):
    estimate = await estimated(language)

    prompts = await written(language)

    assert estimate.calls.low <= len(prompts) <= estimate.calls.high
    assert estimate.language == language
    least, most = (sum(map(count, prompts)) for count in (least_tokens, most_tokens))
    # Whatever tokeniser the provider has: what it makes of these prompts lies in the band.
    assert estimate.input_tokens.low <= least * 1.2
    assert most <= estimate.input_tokens.high
    assert 0 < estimate.low_usd < estimate.high_usd < 0.1
    assert estimate.price_source.startswith("genai-prices")


async def test_korean_takes_more_tokens_than_english_for_the_same_characters():
    text = {"en": "health checks ", "ko": "상태 확인을 합"}

    english, korean = (
        least_tokens(text[language] * 100) / len(text[language]) for language in text
    )

    assert korean > english


async def test_a_model_without_a_price_has_an_estimate_of_tokens_and_none_of_money():
    estimate = await estimated("en", "compatible:house-made")

    assert estimate.input_tokens.low > 0
    assert (estimate.low_usd, estimate.high_usd) == (None, None)
    assert estimate.price_source == "unknown"


@pytest.mark.parametrize("model", ["composer", "local"])
async def test_what_runs_here_costs_nothing(model):
    estimate = await estimated("en", model)

    assert (estimate.low_usd, estimate.high_usd, estimate.price_source) == (0.0, 0.0, "free")
    assert (estimate.calls.high == 0) == (model == "composer")


async def test_a_page_is_not_fetched_and_widens_the_band(unused_port):
    page = [(f"http://127.0.0.1:{unused_port}/", None, None)]

    known = await estimated("en")
    wider = await estimated("en", sources=page)
    alone = await estimated("en", sources=page, arguments=[])

    assert (known.unread_pages, wider.unread_pages, alone.unread_pages) == (0, 1, 1)
    assert known.high_usd < wider.high_usd
    assert 0 < alone.low_usd < alone.high_usd


async def test_sources_that_hold_too_little_are_refused_as_a_job_would_refuse_them():
    with pytest.raises(Invalid, match="facts"):
        await estimated("en", arguments=[], sources=[(None, "A short note.", None)])


async def test_sources_that_are_too_long_to_wait_for_are_refused():
    with pytest.raises(Invalid, match="400,000 characters"):
        await estimated("en", sources=[(None, "A fact has words. " * 12_000, None)] * 2)


@pytest.mark.parametrize(
    ("language", "characters", "hangul", "tokens"),
    # Counted with Qwen2.5's own vocabulary and merges.
    [("en", 5909, 0, 1157), ("ko", 3464, 2352, 2223)],
)
def test_the_band_holds_what_was_measured(language, characters, hangul, tokens):
    text = Path(source_of(language)).read_text()

    assert len(text) == characters
    assert sum("가" <= sign <= "힣" for sign in text) == hangul
    assert least_tokens(text) <= tokens <= most_tokens(text) <= bound_tokens(text)
