"""What ages in an article, and when it is due."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from app.language.types import Language
from app.seo.ageing import LASTS, Ageing, find_ageing
from app.seo.document import parse

WRITTEN = date(2026, 11, 28)
CASES: list[dict[str, Any]] = [
    case
    for case in yaml.safe_load((Path(__file__).parent / "ageing.yaml").read_text(encoding="utf-8"))
    if case["half"] == "tune"
]


def _found(text: str, language: Language = "en", title: str = "") -> tuple[Ageing, ...]:
    return find_ageing(parse(text, language), WRITTEN, title)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:40])
def test_what_ages_is_told_by_its_kind(case: dict[str, Any]):
    found = _found(case["text"], case["language"])

    assert [each.kind for each in found] == ([case["kind"]] if case["kind"] else [])


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("Rents rose this year.", date(2027, 1, 1)),
        ("The bridge opens on 3 March 2027.", date(2027, 3, 4)),
        ("The bridge opens in March 2027.", date(2027, 3, 1)),
        ("It will be final by 2028.", date(2028, 1, 1)),
        ("As of March 2026 there are four.", date(2027, 3, 31)),
        ("It costs $12.", date(2027, 5, 29)),
        ("It is currently closed.", date(2027, 11, 28)),
    ],
)
def test_a_sentence_is_due_when_it_may_be_wrong(text: str, due: date):
    (found,) = _found(text)

    assert found.due_on == due


def test_what_is_due_first_decides():
    (found,) = _found("It currently costs $12, and next week it will cost more.")

    assert (found.kind, found.due_on) == ("day", date(2026, 12, 5))


def test_the_sentence_is_found_in_the_markdown():
    text = "# Rents\n\nThey rose. All **rents** rose [again](/x) this year. They fell."
    (found,) = _found(text)

    assert found.span is not None
    assert found.span.of(text) == "All **rents** rose [again](/x) this year."


def test_a_title_with_this_year_is_due_at_new_year():
    (found,) = _found("Nothing here.", title="The best grinders of 2026")

    assert (found.kind, found.span, found.due_on) == ("year", None, date(2027, 1, 1))
    assert not _found("Nothing here.", title="The Olympic year 1988")


@pytest.mark.parametrize(
    "text", ["> It is currently closed.", "```\ncurrently\n```", "Move 2048 tiles."]
)
def test_words_of_others_code_and_amounts_do_not_age(text: str):
    assert _found(text) == ()


@settings(deadline=None)  # the first Korean text loads the morphemes
@given(st.text(max_size=300), st.sampled_from(["ko", "en"]))
def test_any_text_is_read_and_every_place_is_in_it(text: str, language: Language):
    for each in _found(text, language, title=text[:50]):
        assert each.kind in LASTS
        assert each.span is None or 0 <= each.span.start < each.span.end <= len(text)
        assert each.due_on >= date(1900, 1, 1)
