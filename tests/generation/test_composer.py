"""The composer's articles: what they hold, what they leave out, in which order, in which words."""

import os
import re
import subprocess
import sys
import time

import pytest

from app.generation.domain import NotEnoughFacts
from app.generation.schemas import Brief
from app.generation.writers.composer import Composer, replay
from app.language.register import register_of
from app.language.sentences import split_sentences
from tests.generation.composing import ENGLISH, KOREAN, SECOND, compose, facts_of, snapshot

ARTICLES = [
    pytest.param("connection pooling", (ENGLISH,), id="en"),
    pytest.param("connection pooling", (ENGLISH, SECOND), id="en, two sources"),
    pytest.param("커넥션 풀", (KOREAN,), id="ko"),
]


def headings(markdown: str) -> list[str]:
    return re.findall(r"^#{2,4} (.+)$", markdown, re.MULTILINE)


@pytest.mark.parametrize(("keyword", "sources"), ARTICLES)
async def test_every_sentence_is_its_fact_changed_by_the_rules_it_names(keyword, sources) -> None:
    article = await compose(keyword, *sources)

    placed = article.rendered.placed
    assert len(placed) > 15
    for each in placed:
        assert replay(each.sentence, article.facts) == each.sentence.text


@pytest.mark.parametrize(("keyword", "sources"), ARTICLES)
async def test_no_heading_and_no_sentence_stands_twice(keyword, sources) -> None:
    article = await compose(keyword, *sources)

    found = [each.lower() for each in headings(article.markdown)]
    assert len(set(found)) == len(found)
    texts = [each.sentence.text for each in article.rendered.placed]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(("keyword", "sources"), ARTICLES)
async def test_no_section_is_empty_and_there_are_not_too_many(keyword, sources) -> None:
    article = await compose(keyword, *sources)

    assert 3 <= len(article.outline.sections) <= 8
    assert all(section.blocks for section in article.sections)


@pytest.mark.parametrize(("keyword", "sources"), ARTICLES)
async def test_the_same_facts_give_the_same_bytes(keyword, sources) -> None:
    one, other = [await compose(keyword, *sources) for _ in range(2)]

    assert one.markdown == other.markdown
    assert one.snippet == other.snippet
    assert one.outline == other.outline


def test_another_process_gives_the_same_bytes() -> None:
    program = (
        "import asyncio; from tests.generation.composing import *; "
        "print(asyncio.run(compose('connection pooling', ENGLISH, SECOND)).markdown)"
    )

    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert len(outputs) == 1


@pytest.mark.parametrize(("keyword", "sources"), ARTICLES)
async def test_the_introduction_says_first_what_the_keyword_is(keyword, sources) -> None:
    article = await compose(keyword, *sources)

    sentences = [s for block in article.sections[0].blocks for s in block.sentences]
    assert 2 <= len(sentences) <= 4
    assert sentences[0].text.lower().startswith(keyword)


async def test_boilerplate_questions_and_talk_about_the_text_are_left_out() -> None:
    english = (await compose("connection pooling", ENGLISH)).markdown
    korean = (await compose("커넥션 풀", KOREAN)).markdown

    for gone in ("cookies", "this guide", "figure", "Do you know", "Ten tips", "Thanks", "Related"):
        assert gone not in english
    for gone in (
        "안녕하세요",
        "알아보겠습니다",
        "쓰고 계신가요",
        "쿼리 튜닝",
        "무단 전재",
        "관련 글",
    ):
        assert gone not in korean


async def test_numbering_is_gone_from_headings() -> None:
    article = await compose("connection pooling", ENGLISH)

    assert headings(article.markdown) == [
        "How a pool works",
        "Choosing the size",
        "Several instances",
    ]


async def test_a_list_keeps_its_lead_in_and_a_table_its_header() -> None:
    markdown = (await compose("connection pooling", ENGLISH)).markdown

    assert "The settings are:\n\n- `pool_size`: 10 connections kept open\n" in markdown
    assert (
        "| Instances | Pool size | Connections |\n| --- | --- | --- |\n| 2 | 10 | 20 |\n"
        in markdown
    )
    assert "Run it next to the database:[^1]\n\n```" in markdown


async def test_sources_with_near_the_same_heading_share_a_section() -> None:
    article = await compose("connection pooling", ENGLISH, SECOND)

    section = next(each for each in article.sections if each.heading == "How a pool works")
    ids = [i for block in section.blocks for s in block.sentences for i in s.fact_ids]
    assert {article.facts[each].snapshot_id for each in ids} == {ENGLISH.id, SECOND.id}
    assert "How pools work" not in article.markdown


async def test_what_two_sources_say_alike_stands_once() -> None:
    markdown = (await compose("connection pooling", ENGLISH, SECOND)).markdown

    assert markdown.count("A request asks the pool for a connection") == 1


async def test_question_headings_become_questions_with_their_answers() -> None:
    article = await compose("connection pooling", ENGLISH, SECOND)

    assert [plan.heading for plan in article.outline.questions] == [
        "Does a pool make queries faster?",
        "Should every process have a pool?",
    ]
    assert (
        "### Does a pool make queries faster?\n\nA pool does not make a query faster."
        in article.markdown
    )


async def test_there_are_no_questions_where_the_sources_have_none() -> None:
    assert (await compose("connection pooling", ENGLISH)).outline.questions == ()


async def test_a_sentence_that_hangs_on_another_is_dropped_without_it() -> None:
    text = ENGLISH.text.replace(
        "When the request is done, the connection goes back to the pool.",
        "In this guide we will see when the connection goes back to the pool.",
    )

    markdown = (await compose("connection pooling", snapshot(text))).markdown

    assert "This means" in ENGLISH.text
    assert "This means" not in markdown


async def test_a_sentence_that_hangs_on_another_stays_beside_it() -> None:
    markdown = (await compose("connection pooling", ENGLISH)).markdown

    assert "goes back to the pool. This means that ten connections" in markdown


async def test_a_lead_in_without_its_list_is_dropped() -> None:
    text = re.sub(r"- `pool_size`.*?before an error\n", "", ENGLISH.text, flags=re.DOTALL)

    markdown = (await compose("connection pooling", snapshot(text))).markdown

    assert "The settings are" not in markdown


async def test_a_lead_in_keeps_a_list_whose_first_item_is_gone() -> None:
    text = ENGLISH.text.replace("- `pool_size`", "- Subscribe to our newsletter\n- `pool_size`")

    markdown = (await compose("connection pooling", snapshot(text))).markdown

    assert "newsletter" not in markdown
    assert "The settings are:\n\n- `pool_size`" in markdown


async def test_steps_stay_numbered() -> None:
    text = ENGLISH.text.replace("- `pool_size`", "1. `pool_size`").replace("- `max", "2. `max")
    text = text.replace("- `pool_timeout", "3. `pool_timeout")

    markdown = (await compose("connection pooling", snapshot(text))).markdown

    assert "1. `pool_size`: 10 connections kept open\n2. `max_overflow`" in markdown


async def test_a_section_holds_only_what_stood_under_its_heading() -> None:
    article = await compose("connection pooling", ENGLISH, SECOND)

    for section in article.outline.sections:
        if section.heading.startswith("Monitoring"):
            assert {article.facts[each].headings[-1] for each in section.fact_ids} == {"Monitoring"}
            break
    else:
        pytest.fail("the section on monitoring is gone")


async def test_a_connective_goes_where_the_sentence_before_is_gone() -> None:
    article = await compose("connection pooling", ENGLISH)

    hides = next(each for each in article.rendered.placed if "hides slow" in each.sentence.text)
    assert hides.sentence.text == "A pool hides slow queries."
    assert hides.sentence.rules == ("drop_connective", "capitalise")


async def test_korean_prose_is_polite_throughout_and_names_its_rules() -> None:
    article = await compose("커넥션 풀", KOREAN)

    prose = [
        sentence
        for section in article.sections
        for block in section.blocks
        if block.kind == "paragraph"
        for sentence in block.sentences
    ]
    assert len(prose) > 10
    for sentence in prose:
        for span in split_sentences(sentence.text, "ko"):
            assert register_of(span.of(sentence.text)) == "polite"
    assert any(rule.startswith("polite:") for sentence in prose for rule in sentence.rules)


async def test_label_lines_of_a_korean_source_are_a_list() -> None:
    markdown = (await compose("커넥션 풀", KOREAN)).markdown

    assert "- 현재: 인스턴스마다 따로 여는 풀\n- 권장: 데이터베이스 앞의 프록시 하나" in markdown


async def test_a_section_off_the_keyword_is_left_out() -> None:
    cooking = snapshot(
        "# Soup of the week\n\n## Onions\n\nPeel six onions and cut them into thin rings. Butter melts in "
        "a heavy pot over low heat. Onions turn golden after forty minutes.\n\n## Bread\n\nStale bread "
        "soaks up the broth. Grated cheese covers each bowl before baking.\n",
        origin="soup.md",
    )

    markdown = (await compose("connection pooling", ENGLISH, cooking)).markdown

    assert "onions" not in markdown.lower()
    assert "Stale bread" not in markdown


@pytest.mark.parametrize(("keyword", "sources"), ARTICLES)
async def test_the_snippet_names_the_keyword_and_cuts_no_word(keyword, sources) -> None:
    article = await compose(keyword, *sources)

    snippet = article.snippet
    korean = sources[0].language == "ko"
    assert snippet.title.lower().startswith(keyword)
    assert len(snippet.title) <= (45 if korean else 60)
    low, high = (60, 85) if korean else (121, 156)
    assert low <= len(snippet.meta_description) <= high
    assert keyword in snippet.meta_description.lower()
    assert snippet.meta_description.endswith(".")
    assert "…" not in snippet.meta_description
    assert snippet.slug.startswith(keyword.replace(" ", "-"))


async def test_too_few_facts_are_refused_with_what_is_missing() -> None:
    short = snapshot("# Notes\n\nConnection pooling reuses database connections.\n")

    with pytest.raises(NotEnoughFacts, match=r"1 usable facts .* 8 facts and 120 words are needed"):
        await compose("connection pooling", short)


async def test_a_keyword_that_no_source_names_is_refused() -> None:
    with pytest.raises(NotEnoughFacts, match="No source names the keyword 'quantum chess'"):
        await compose("quantum chess", ENGLISH)


async def test_the_composer_says_that_it_does_not_translate() -> None:
    brief = Brief(keyword="커넥션 풀", language="ko")

    with pytest.raises(NotEnoughFacts, match=r"does not translate; give Korean .* LLM_MODEL"):
        await Composer().outline(brief, facts_of(ENGLISH))


def long_text(words: str) -> str:
    """More than 10,000 words; `words` keeps one such text apart from another."""
    parts = [
        f"## Part {n} on {words}{n}\n\n"
        + " ".join(
            f"Connection pooling rule {n * 44 + m} says that {words}{n} keeps {words}item{m} and "
            f"value{n + m} apart."
            for m in range(44)
        )
        for n in range(20)
    ]
    return "# Connection pooling\n\n" + "\n\n".join(parts)


async def test_ten_thousand_words_are_composed_within_half_a_second() -> None:
    brief = Brief(keyword="connection pooling", language="en")
    seconds: list[float] = []
    for words in ("alpha", "beta", "gamma"):  # a new text each time, so that no cache helps
        facts = facts_of(snapshot(long_text(words)))
        assert sum(len(fact.text.split()) for fact in facts) > 10_000
        started = time.process_time()
        outline, _ = await Composer().outline(brief, facts)
        seconds.append(time.process_time() - started)

    assert min(seconds) < 0.5
    used = {each for plan in outline.sections for each in plan.fact_ids}
    assert 300 <= sum(len(fact.text.split()) for fact in facts if fact.id in used) <= 1200
