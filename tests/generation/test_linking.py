"""Links to own articles in new ones: set around the sentences' own words, which stay proven."""

from dataclasses import replace
from typing import Any

import pytest

from app.generation.article import Assembled, assemble
from app.generation.linking import choose_links, set_links
from app.generation.markdown import unescape
from app.generation.schemas import Brief, Usage
from app.generation.writers.composer.rules import link_phrases
from app.posts.anchoring import anchored
from app.posts.schemas import ClaimIn
from app.review.verbatim import verbatim
from app.seo.document import parse
from app.seo.linking import Candidate
from app.sources.domain import Snapshot
from tests.generation.composing import ENGLISH, KOREAN, SECOND, compose

OTHERS = {
    "en": [
        Candidate("1", "PgBouncer in front of PostgreSQL", "/en/pgbouncer", "PgBouncer"),
        Candidate("2", "Reading a slow query", "/en/slow-queries", "slow queries"),
        Candidate("3", "How many processor cores?", "/en/processor-cores", "processor cores"),
        Candidate("4", "Tax forms", "/en/tax", "tax forms"),
    ],
    "ko": [
        Candidate("1", "느린 쿼리 찾기", "/ko/%EB%8A%90%EB%A6%B0-%EC%BF%BC%EB%A6%AC", "느린 쿼리"),
        Candidate("2", "데이터베이스 서버 고르기", "/ko/db-server", "데이터베이스 서버"),
        Candidate("3", "세금 신고", "/ko/tax", "세금 신고"),
    ],
}
SOURCE_LABELS = {"Source:", "출처:"}


async def _assembled(*sources: Snapshot) -> Assembled:
    language = sources[0].language
    keyword = "커넥션 풀" if language == "ko" else "connection pooling"
    made = await compose(keyword, *sources)
    return assemble(
        brief=Brief(keyword=keyword, language=language),
        publish=False,
        snippet=made.snippet,
        sections=made.sections,
        questions=(),
        facts=made.facts,
        snapshots=sources,
        flagged=(),
        spent=Usage(),
    )


def _wrong(assembled: Assembled) -> list[str]:
    language = assembled.brief.language
    return [
        f"{one.kind}: {one.detail}"
        for one in verbatim(
            assembled.rendered.markdown,
            assembled.claims,
            {snapshot.id: snapshot.text for snapshot in assembled.snapshots},
            language,
            linking_phrases=link_phrases(language) | SOURCE_LABELS,
        )
    ]


def _inline(links: dict[str, Any]) -> list[str]:
    return [each["anchor"] for each in links["inline"]]


@pytest.mark.parametrize("sources", [(ENGLISH, SECOND), (KOREAN,)], ids=["en", "ko"])
async def test_links_are_set_and_every_sentence_stays_proven(sources: tuple[Snapshot, ...]):
    plain = await _assembled(*sources)
    links = choose_links(plain, OTHERS[sources[0].language], most=5)

    linked = set_links(plain, links)

    assert len(_inline(links)) >= 2
    found = {link.href for link in parse(linked.rendered.markdown, sources[0].language).links}
    assert {each["address"] for each in links["inline"]} <= found
    assert not any("tax" in address for address in found)
    assert _wrong(plain) == _wrong(linked) == []
    assert linked.counts == plain.counts
    assert linked.counts.supported == linked.counts.total


@pytest.mark.parametrize("sources", [(ENGLISH, SECOND), (KOREAN,)], ids=["en", "ko"])
async def test_setting_links_changes_nothing_else(sources: tuple[Snapshot, ...]):
    plain = await _assembled(*sources)
    links = choose_links(plain, OTHERS[sources[0].language], most=5)

    linked = set_links(plain, links).rendered.markdown

    for each in links["inline"]:
        linked = linked.replace(f"[{each['anchor']}]({each['address']})", each["anchor"])
    assert linked == plain.rendered.markdown


async def test_a_changed_word_inside_a_link_is_caught():
    plain = await _assembled(ENGLISH, SECOND)
    linked = set_links(plain, choose_links(plain, OTHERS["en"], most=5))
    markdown = linked.rendered.markdown
    assert "[processor cores](" in markdown

    forged = replace(
        linked,
        rendered=replace(
            linked.rendered, markdown=markdown.replace("[processor cores]", "[processor tores]")
        ),
    )

    assert any(each.startswith(("words", "sentence")) for each in _wrong(forged))


async def test_where_no_words_name_a_related_article_a_line_does():
    plain = await _assembled(ENGLISH, SECOND)
    near = Candidate("9", "Alerts, [loud] and frameworks", "/en/alerts", "alerts frameworks")
    links = choose_links(plain, [near, OTHERS["en"][3]], most=5)

    linked = set_links(plain, links)

    assert links["inline"] == []
    line = "Related: [Alerts, \\[loud\\] and frameworks](/en/alerts)\n"
    assert line in linked.rendered.markdown
    assert _wrong(linked) == []
    for each in linked.rendered.placed:
        assert unescape(linked.rendered.markdown[each.start : each.end]) == each.sentence.text


async def test_nothing_is_linked_where_nothing_is_related():
    plain = await _assembled(ENGLISH, SECOND)

    links = choose_links(plain, [OTHERS["en"][3]], most=5)

    assert links == {"inline": [], "related": []}
    assert set_links(plain, links) == plain


async def test_links_of_another_text_are_left_out():
    plain = await _assembled(ENGLISH, SECOND)
    stale = {
        "inline": [{"start": 5, "end": 9, "anchor": "zzzz", "address": "/en/x"}],
        "related": [],
    }

    assert set_links(plain, stale) == plain


async def test_a_title_with_a_number_is_not_named_below():
    plain = await _assembled(ENGLISH, SECOND)
    near = Candidate("9", "7 alerts of frameworks", "/en/alerts", "alerts frameworks")

    assert choose_links(plain, [near], most=5)["related"] == []


@pytest.mark.parametrize(
    "text",
    [
        "Some before. A [pool](/en/pool) keeps a few. More.",
        "Some before. [A pool](/en/pool) keeps a few. More.",
        "Some before. A pool keeps [a few.](/en/few) More.",
    ],
)
def test_a_claim_is_found_again_through_a_link(text: str):
    (claim,) = anchored([_claim("A pool keeps a few.")], text)

    assert claim.verdict == "supported"
    assert text[claim.start : claim.end].replace("(/en/", "").startswith(("A ", "[A "))
    assert text[: claim.start] == "Some before. "
    assert text[claim.end :] == " More."


@pytest.mark.parametrize(
    "text",
    [
        "A [pool](https://example.com) keeps a few.",
        "A [pond](/en/pool) keeps a few.",
        "A ![pool](/en/pool) keeps a few.",
    ],
)
def test_other_changes_make_a_claim_stale(text: str):
    (claim,) = anchored([_claim("A pool keeps a few.")], text)

    assert claim.verdict == "stale"


def test_a_claim_is_found_again_through_escapes():
    text = "Other. \\# 5 \\* 4 is [twenty](/en/x)."
    (claim,) = anchored([_claim("# 5 * 4 is twenty.")], text)

    assert text[claim.start : claim.end] == "\\# 5 \\* 4 is [twenty](/en/x)."


def _claim(sentence: str) -> ClaimIn:
    return ClaimIn(
        start=0, end=len(sentence), sentence=sentence, snapshot_id="s", passage_id="p", quote=sentence,
        quote_start=0, quote_end=len(sentence), verdict="supported",
    )  # fmt: skip
