"""Checks 39 and 42-48: support, sites, numbers, stuffing, copies, answers, dates, disclosure."""

from dataclasses import replace
from datetime import date

import pytest

from app.language.types import Span
from app.seo.page import GroundingInput
from tests.seo.articles import article, ask, points, prose

_CLAIM = Span(0, 4)


@pytest.mark.parametrize(("supported", "expected"), [(19, 9), (18, 6), (15, 6), (14, 3)])
def test_claims_are_supported(supported: int, expected: int):
    claims = ((_CLAIM, "supported"),) * supported + ((_CLAIM, "unsupported"),) * (20 - supported)
    known = GroundingInput(("Text.",), claims)

    finding = ask("geo.support", article("Text."), grounding=known)

    assert finding is not None
    assert finding.points == expected
    assert len(finding.spans) == 20 - supported


def test_support_is_judged_only_where_there_are_claims():
    assert ask("geo.support", article("Text."), grounding=GroundingInput(("Text.",))) is None


def test_sources_are_of_two_sites():
    one = "[a](https://a.example/1) [b](https://www.a.example/2)"

    assert points("geo.source_quality", article(one)) == 6
    assert points("geo.source_quality", article(f"{one} [c](https://b.example)")) == 9
    assert ask("geo.source_quality", article("No link.")) is None


def test_numbers_are_counted_with_their_sources():
    finding = ask("geo.statistics", article("It took 12 s.[^1]\n\nIt cost 4 USD.\n\n[^1]: A study"))

    assert finding is not None
    assert (finding.level, finding.values["count"], finding.values["cited"]) == ("info", 2, 1)


def test_a_stuffed_stretch_is_found_in_a_text_that_is_not_stuffed():
    stuffed = "Horizontal scaling helps. " * 6 + prose(500)

    finding = ask("geo.stuffing", article(stuffed))

    assert finding is not None
    assert finding.points == 3
    assert len(finding.spans) == 6
    assert points("kp.density", article(stuffed)) == 9
    assert points("geo.stuffing", article("Horizontal scaling helps. " * 5 + prose(500))) == 9
    assert ask("geo.stuffing", article("Horizontal scaling. " * 9)) is None


_SOURCE = prose(60, sentence=10)


def test_what_is_copied_of_others_holds_publishing():
    copied = article(_SOURCE)
    known = GroundingInput((_SOURCE,), others=(_SOURCE,))

    finding = ask("geo.originality", copied, grounding=known)

    assert finding is not None
    assert (finding.points, finding.gate, finding.measured) == (3, True, 1.0)
    own = GroundingInput((_SOURCE,))
    assert ask("geo.originality", copied, grounding=own) is None


def test_quotations_are_no_copies_and_short_runs_are_not():
    known = GroundingInput((_SOURCE,), others=(_SOURCE,))
    words = _SOURCE.split()
    quoted = f"> {_SOURCE}\n\nNothing else of it stands in here at all, on purpose."
    short = " ".join(" ".join(words[n : n + 7]) + " different." for n in range(0, 50, 7))

    assert points("geo.originality", article(quoted), grounding=known) == 9
    assert points("geo.originality", article(short), grounding=known) == 9


def test_answers_stand_under_their_questions():
    text = f"## What is it?\n\nIt is short.\n\n## Why?\n\n{prose(61)}\n\n## Parts\n\nText."

    finding = ask("geo.answer_first", article(text))

    assert finding is not None
    assert (finding.points, finding.measured, finding.values["total"]) == (None, 1, 2)
    korean = ask("geo.answer_first", article("## 언제 필요한가요?\n\n지금입니다.", language="ko"))
    assert korean is not None
    assert korean.measured == 1


@pytest.mark.parametrize(
    ("published", "updated", "expected"),
    [
        (date(2026, 1, 2), date(2026, 1, 3), 9),
        (date(2026, 1, 2), None, 9),
        (date(2026, 1, 2), date(2026, 1, 1), 3),
        (date(2026, 1, 2), date(2026, 2, 2), 3),
    ],
)
def test_dates_can_be_true(published: date, updated: date | None, expected: int):
    given = replace(
        article("Text."), published_on=published, updated_on=updated, today=date(2026, 2, 1)
    )

    assert points("geo.freshness", given) == expected
    assert ask("geo.freshness", article("Text.")) is None


@pytest.mark.parametrize(
    ("text", "language", "told"),
    [
        ("This was drafted with the help of an AI model.", "en", True),
        ("The program was started.", "en", False),
        ("이 글은 AI가 초안을 작성하고 사람이 고쳤습니다.", "ko", True),
        ("서버를 켭니다.", "ko", False),
    ],
)
def test_disclosure_is_told(text: str, language, told: bool):
    nobody = ask("geo.disclosure", replace(article(text, language=language), author=""))
    somebody = ask("geo.disclosure", replace(article(text, language=language), author="Ada"))

    assert nobody is not None
    assert somebody is not None
    assert (nobody.points, nobody.measured, somebody.measured) == (None, int(told), 1 + told)
    assert ask("geo.disclosure", article(text, language=language)) is None
