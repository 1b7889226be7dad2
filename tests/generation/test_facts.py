"""Facts: verbatim pieces of passages, one a sentence, item, row or code block."""

from datetime import UTC, datetime

from app.generation.facts import facts_of_snapshot
from app.sources.domain import Rights
from app.sources.readers import SourceRef, read_source
from tests.generation.composing import ENGLISH, KOREAN, SECOND, facts_of, snapshot

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def test_every_fact_is_verbatim_at_its_place() -> None:
    for source in (ENGLISH, SECOND, KOREAN):
        for fact in facts_of(source):
            assert source.text[fact.start : fact.end] == fact.text


def test_order_counts_over_all_sources() -> None:
    facts = facts_of(ENGLISH, SECOND)

    assert [fact.order for fact in facts] == list(range(len(facts)))
    assert len({fact.id for fact in facts}) == len(facts)


def test_a_paragraph_gives_its_sentences_and_an_item_one_fact() -> None:
    facts = facts_of(snapshot("One is here. Two is there.\n\n- First item. With two sentences.\n"))

    assert [(fact.kind, fact.text) for fact in facts] == [
        ("sentence", "One is here."),
        ("sentence", "Two is there."),
        ("item", "First item. With two sentences."),
    ]


def test_label_lines_become_items() -> None:
    facts = facts_of(snapshot("현재: 메모리 세션\n권장: Redis 세션\n", language="ko"))

    assert [(fact.kind, fact.text) for fact in facts] == [
        ("item", "현재: 메모리 세션"),
        ("item", "권장: Redis 세션"),
    ]


def test_an_enumeration_after_a_colon_becomes_a_list() -> None:
    facts = facts_of(snapshot("Before deploying: one database · one cache · shared sessions.\n"))

    assert [(fact.kind, fact.text) for fact in facts] == [
        ("sentence", "Before deploying:"),
        ("item", "one database"),
        ("item", "one cache"),
        ("item", "shared sessions"),
    ]


def test_check_boxes_and_emoji_are_left_outside_the_span() -> None:
    facts = facts_of(snapshot("- [x] ✅ Sessions are shared 🎉\n- ⚠️ Logs are local\n"))

    assert [fact.text for fact in facts] == ["Sessions are shared", "Logs are local"]


def test_a_mark_that_says_no_stays() -> None:
    facts = facts_of(snapshot("- ❌ Sessions in memory\n"))

    assert facts[0].text == "❌ Sessions in memory"


def test_code_keeps_its_indentation_and_loses_blank_lines_around() -> None:
    facts = facts_of(snapshot("```yaml\n\n  a: 1\n  b: 2\n\n```\n"))

    assert [(fact.kind, fact.text) for fact in facts] == [("code", "  a: 1\n  b: 2")]


async def test_the_opening_words_of_a_text_without_a_title_are_no_heading() -> None:
    steeping = "Cold brew is steeped for 12 hours. Coarse grounds make it easy to filter it."

    async def headings(text: str) -> set[tuple[str, ...]]:
        read = await read_source(SourceRef("text", text, Rights.OWN), now=NOW)
        return {fact.headings for fact in facts_of_snapshot(read)}

    assert await headings(steeping) == {()}
    assert await headings(steeping * 3) == {()}
    assert await headings(f"# Cold brew\n\n{steeping}") == {("Cold brew",)}
