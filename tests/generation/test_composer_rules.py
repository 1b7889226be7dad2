"""The listed rules: applied again to the source they give the article's words, or the check fails."""

import pytest

from app.generation.schemas import Fact, Sentence
from app.generation.writers.composer import RULES, RuleMisused, apply, replay
from app.generation.writers.composer.rules import link_phrases


def fact(text: str) -> Fact:
    return Fact(
        id="p.0",
        snapshot_id="s",
        passage_id="p",
        start=0,
        end=len(text),
        text=text,
        kind="sentence",
    )


@pytest.mark.parametrize(
    ("rule", "language", "before", "after"),
    [
        ("join_lines", "en", "One line\nand  another", "One line and another"),
        ("drop_reference_marks", "en", "Pools help.[3] They do [4, 5].", "Pools help. They do."),
        ("drop_connective", "en", "However, a pool helps.", "a pool helps."),
        ("drop_connective", "en", "So far it works.", "So far it works."),
        ("drop_connective", "ko", "그러나 풀은 작다.", "풀은 작다."),
        ("drop_connective", "ko", "또한, 풀은 작다.", "풀은 작다."),
        ("capitalise", "en", "a pool helps.", "A pool helps."),
        ("polite", "ko", "풀은 연결을 빌려준다.", "풀은 연결을 빌려줍니다."),
        ("polite", "ko", "다음 줄을 추가한다:", "다음 줄을 추가합니다:"),
        ("drop_answer_mark", "en", "A: It does.", "It does."),
        ("align_cells", "en", " a|b  |  c |", "a | b | c"),
        ("dedent", "en", "  a:\n    b", "a:\n  b"),
    ],
)
def test_a_rule_changes_just_what_it_says(rule, language, before, after) -> None:
    assert rule in RULES
    assert apply(rule, before, language) == after


def test_an_unlisted_rule_is_refused() -> None:
    with pytest.raises(RuleMisused, match="'embellish' is not a listed rule"):
        apply("embellish", "text", "en")


def test_a_register_rule_that_does_not_fit_is_refused() -> None:
    with pytest.raises(RuleMisused, match="does not fit"):
        apply("polite:copula", "풀은 연결을 빌려준다.", "ko")


def test_a_changed_number_is_caught() -> None:
    facts = {"p.0": fact("However, a pool keeps 10 connections.")}
    rules = ("drop_connective", "capitalise")
    honest = Sentence(text="A pool keeps 10 connections.", fact_ids=("p.0",), rules=rules)
    changed = honest.model_copy(update={"text": "A pool keeps 20 connections."})

    assert replay(honest, facts) == honest.text
    assert replay(changed, facts) != changed.text


def test_a_linking_phrase_is_one_of_the_closed_list() -> None:
    phrase = min(link_phrases("ko"))

    assert replay(Sentence(text=phrase, rules=("link",)), {}) == phrase
    with pytest.raises(RuleMisused, match="not one of the linking phrases"):
        replay(Sentence(text="It is proven that:", rules=("link",)), {})


def test_a_sentence_of_no_fact_is_refused() -> None:
    with pytest.raises(RuleMisused, match="exactly one fact"):
        replay(Sentence(text="Pools are fast."), {})
