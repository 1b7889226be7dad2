"""Scores are sums that can be recomputed, and nothing is measured that was not given."""

import json
import time
from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.language.types import Language
from app.seo.analysis import ANALYSER_VERSION, analyse, score
from app.seo.findings import level_of
from app.seo.page import GroundingInput
from app.seo.registry import BY_ID, CHECKS
from bench.remembering import forget
from tests.seo.articles import KOREAN, article, prose


def test_the_registry_holds_each_id_once():
    assert len(BY_ID) == len(CHECKS)


def test_the_registry_holds_its_checks():
    assert set(BY_ID) == {
        "kp.intro", "kp.length", "kp.density", "kp.meta", "kp.headings", "kp.title", "kp.slug",
        "kp.alt", "kp.anchor", "kp.distribution", "kp.functionwords", "title.width", "title.unique",
        "meta.length", "meta.unique", "h1.single", "headings.order", "section.length",
        "paragraph.length", "text.length", "lists.info", "sentence.length", "sentence.beginnings",
        "geo.citation_coverage", "geo.numbers", "geo.quotes", "sentence.transitions", "sentence.passive",
        "ko.passive", "ko.endings", "reading.ease", "ko.measures", "ko.translationese", "ko.spacing",
        "inclusive.words", "links.internal", "links.external", "links.generic", "links.crawlable",
        "links.broken", "site.cannibalisation", "site.duplicate",
        "images.present", "images.alt", "geo.support", "geo.source_quality", "geo.statistics",
        "geo.stuffing", "geo.originality", "geo.answer_first", "geo.freshness", "geo.disclosure",
    }  # fmt: skip


def test_the_seo_score_is_the_share_of_possible_points():
    analysis = analyse(article(prose(320)))

    points = [f.points for f in analysis.findings if f.lamp == "seo" and f.points is not None]
    assert analysis.scores.seo == max(0, round(sum(points) / (9 * len(points)) * 100))


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        (f"## A\n\n{prose(200, sentence=12)[:400]}", 90),
        (prose(160), 90),  # one ok: paragraph
        (prose(320), 60),  # no headings and a long paragraph
        (prose(320, sentence=22), 30),  # long sentences too, that begin alike
    ],
)
def test_readability_falls_with_penalties(markdown: str, expected: int):
    assert analyse(article(markdown)).scores.readability == expected


def test_an_empty_text_has_no_readability_score_and_no_invented_one():
    scores = analyse(article("", title="", slug="", keyphrase="")).scores

    assert scores.readability is None
    assert scores.grounding is None
    assert score(()).overall is None


def test_the_lamps_follow_the_scores():
    analysis = analyse(article(prose(320)))

    assert analysis.lamps["readability"] == "ok"
    assert analysis.lamps["grounding"] == "info"
    assert [level_of(points) for points in (9, 8, 5, 4, -50, None)] == [
        "good", "good", "ok", "bad", "bad", "info",
    ]  # fmt: skip


def test_an_analysis_is_json_and_carries_its_version():
    analysis = analyse(article(prose(50)))

    stored = json.loads(json.dumps(asdict(analysis)))

    assert stored["version"] == ANALYSER_VERSION
    assert stored["findings"][0]["check_id"] == "kp.intro"


def test_a_good_korean_article_is_recognised_as_one():
    given = article(
        KOREAN,
        title="수평 확장이란 무엇인가",
        meta="수평 확장은 서버의 수를 늘려 부하를 나누는 방법입니다. 언제 필요한지, 세션과 파일을 어디에 두어야 하는지 설명합니다.",
        slug="수평-확장",
        keyphrase="수평 확장",
        language="ko",
    )

    found = {f.check_id: f.points for f in analyse(given).findings}

    assert found["kp.intro"] == found["kp.title"] == found["kp.slug"] == found["kp.headings"] == 9
    assert found["meta.length"] == found["kp.meta"] == 9
    assert found["geo.citation_coverage"] == 9


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120), st.text(max_size=30))
def test_any_text_can_be_analysed_and_spans_stay_inside(markdown: str, words: str):
    analysis = analyse(article(markdown, title=words, meta=words, slug=words, keyphrase=words))

    for finding in analysis.findings:
        for span in finding.spans:
            assert 0 <= span.start <= span.end <= len(markdown)


@settings(max_examples=40, deadline=None)
@given(
    st.text(alphabet="가나다한다. 서버 확장이3만12%\n#-*|`[]()!\\&;ㄱ\u1100\u1161😀", max_size=80)
)
def test_any_korean_text_can_be_analysed_and_spans_stay_inside(markdown: str):
    known = GroundingInput(("서버 3대",), others=("서버 확장이3만12%",))

    analysis = analyse(article(markdown, keyphrase="서버 확장", language="ko"), grounding=known)

    for finding in analysis.findings:
        for span in finding.spans:
            assert 0 <= span.start <= span.end <= len(markdown)


@pytest.mark.parametrize("tail", [" ", "\n\n\n", "  \n"])
def test_blanks_at_the_end_change_nothing(tail: str):
    text = f"## Horizontal scaling\n\n{prose(120)}"

    before, after = analyse(article(text)), analyse(article(text + tail))

    assert before.scores == after.scores


def test_an_analysis_takes_milliseconds():
    given = article(f"## Scaling\n\n{prose(600)}")

    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        analyse(given)
        seconds.append(time.perf_counter() - start)

    assert min(seconds) < 0.2  # 0.02 measured; the margin is for a busy machine


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", f"{prose(90)}\n\n## Two\n\nIt was told (a. b.) by Ann."), ("ko", KOREAN)],
)
def test_what_is_remembered_changes_no_finding(language: Language, text: str):
    """Of the same text again, and of one that shares all paragraphs but one."""
    first = article(f"{text}\n\nThree crazy men were seen in 2021.", language=language)
    second = article(f"{text}\n\nHowever, nobody came.", language=language)
    forget()
    cold = analyse(second)
    forget()
    analyse(first)

    assert [analyse(second), analyse(second)] == [cold, cold]
