"""Suggested keyphrases: their order, their places, and what speaks for them."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from app.language.types import Language
from app.seo.suggesting import suggest_keyphrases
from bench.keyphrases import labelled, read_labels

TEXT = """Cold brew coffee takes time. A jar of cold brew coffee keeps for a week.

## Ratio of cold brew coffee

The ratio of grounds to water decides. Cold **brew** coffee likes a ratio of one to ten.
"""


def test_a_phrase_that_stands_almost_nowhere_else_takes_its_parts_in() -> None:
    found = suggest_keyphrases(TEXT, "en", title="Cold brew coffee at home")

    texts = [one.text for one in found]
    assert texts[0].lower() == "cold brew coffee"
    assert not {"brew coffee", "cold brew", "coffee", "brew"} & {text.lower() for text in texts}


def test_what_speaks_for_a_phrase_is_counted() -> None:
    best = suggest_keyphrases(TEXT, "en", title="Cold brew coffee at home")[0]

    assert (best.count, best.in_title, best.headings, best.in_opening) == (4, True, 1, True)
    assert (best.sections, best.of_sections, best.words) == (2, 2, 3)
    assert [TEXT[span.start : span.end] for span in best.spans] == [
        "Cold brew coffee",
        "cold brew coffee",
        "cold brew coffee",
        "Cold **brew** coffee",
    ]


def test_korean_spacing_and_particles_are_one_phrase() -> None:
    text = "로드 밸런서는 서버를 고릅니다. 로드밸런서가 멈추면 요청이 밀립니다. 로드 밸런서를 둘 둡니다."

    best = suggest_keyphrases(text, "ko")[0]

    assert (best.text, best.count) == ("로드 밸런서", 3)


def test_a_text_without_nouns_has_no_keyphrase() -> None:
    for text in ("", "   \n", "!!! ???", "```\ncode only\n```", "and of the"):
        assert suggest_keyphrases(text, "en") == ()
    for text in ("", "   \n", "!!! ???", "```\n코드\n```", "그리고 또는", "빠르게 달립니다."):
        assert suggest_keyphrases(text, "ko") == ()


def test_the_tuning_half_is_found_as_well_as_when_the_rules_were_made() -> None:
    found = labelled(read_labels("tune"), tell=False)

    assert found["en"]["p_at_5"] >= 0.75
    assert found["ko"]["p_at_5"] >= 0.85
    assert min(found[language]["r_at_10"] for language in found) >= 0.5


def test_a_long_text_takes_time_in_proportion() -> None:
    text = (
        "The load balancer of the north region picks a healthy server for every request.\n\n" * 3000
    )

    start = time.perf_counter()
    best = suggest_keyphrases(text, "en")[0]

    assert best.count == 3000
    assert time.perf_counter() - start < 20


@settings(deadline=None)  # the first Korean text loads the analyser
@given(st.text(max_size=300), st.sampled_from(["ko", "en"]))
def test_any_text_is_read_and_every_place_is_in_it(text: str, language: Language) -> None:
    for one in suggest_keyphrases(text, language, title=text[:40]):
        assert all(0 <= span.start <= span.end <= len(text) for span in one.spans)
