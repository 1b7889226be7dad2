"""The guard against what models really wrote: recorded outputs, and what is left of each."""

import json
from pathlib import Path

import pytest

from app.generation.schemas import Fact, Sentence
from app.generation.writers import prompts
from app.generation.writers.guard import Asked, Guarded, coverage, guard
from app.generation.writers.scope import added_aside, moved_negation, new_period, stray_capital

_RECORDED = json.loads(Path(__file__).with_name("bad_outputs.json").read_text("utf-8"))


def facts_of(texts):
    return [
        Fact(
            id=f"s.{n}",
            snapshot_id="s",
            passage_id="s",
            start=0,
            end=len(text),
            text=text,
            kind="sentence",
            order=n,
        )
        for n, text in enumerate(texts)
    ]


def guarded(case, **more) -> tuple[Asked, Guarded]:
    topic = _RECORDED["topics"][case["topic"]]
    language = topic["language"]
    asked = Asked(
        language=language,
        facts=facts_of(topic["facts"]),
        heading=topic["heading"],
        prompt=prompts.system_prompt(language, small=case["small"]),
        examples=[example.prose for example in prompts.EXAMPLES[language]],
        small=case["small"],
        **more,
    )
    return asked, guard(case["output"].strip(), asked)


def standing(found: Guarded) -> list[str]:
    return [sentence.text for paragraph in found.paragraphs for sentence in paragraph]


def named(case) -> str:
    return f"{case['topic']}: {case['what']} ({case['source']})"


@pytest.mark.parametrize("case", _RECORDED["bad"], ids=named)
def test_of_a_bad_output_only_what_is_right_stands(case):
    _, found = guarded(case)

    assert standing(found) == case["stands"]
    assert {refusal.rule for refusal in found.refusals} & set(case["rules"])


@pytest.mark.parametrize("case", _RECORDED["good"], ids=named)
def test_a_good_output_stands_whole(case):
    _, found = guarded(case)

    assert [str(refusal) for refusal in found.refusals] == []
    assert list(found.uncovered) == case["uncovered"]


@pytest.mark.parametrize("case", [*_RECORDED["bad"], *_RECORDED["good"]], ids=named)
def test_every_fact_is_told_whole_or_left_to_the_composer_whole(case):
    asked, found = guarded(case)

    told = [sentence for paragraph in found.paragraphs for sentence in paragraph]
    assert not {each for sentence in told for each in sentence.fact_ids} & set(found.uncovered)
    for fact in asked.facts:
        if fact.id not in found.uncovered:
            assert coverage(fact, told, asked.language) >= 0.85


def test_what_the_section_has_already_is_not_said_again():
    facts = _RECORDED["topics"]["bike"]["facts"]
    case = {"topic": "bike", "output": " ".join(facts), "small": True}

    _, found = guarded(case, before=[facts[1]])

    assert standing(found) == [facts[0], *facts[2:]]
    assert [refusal.rule for refusal in found.refusals] == ["repeated"]


def test_a_fact_may_look_like_a_trace():
    asked = Asked(language="en", facts=facts_of(["The token <|im_end|> ends a turn in ChatML."]))

    found = guard("The token <|im_end|> ends a turn in ChatML.", asked)

    assert standing(found) == ["The token <|im_end|> ends a turn in ChatML."]


def test_what_is_copied_from_the_composer_is_the_composers():
    own = Sentence(text="다만 RFC 9111 은(는) 초안입니다.", fact_ids=("s.0",), rules=("polite",))
    asked = Asked(language="ko", facts=facts_of(["RFC 9111 은(는) 초안이다."]), composed=(own,))

    found = guard(own.text, asked)
    again = guard(f"{own.text} {own.text}", asked)

    assert found.paragraphs == ((own,),)
    assert [refusal.rule for refusal in again.refusals] == ["repeated"]


def test_a_foreign_name_with_its_particle_is_no_foreign_language():
    fact = "PostgreSQL은 기본으로 연결 100개를 허용합니다."

    found = guard(fact, Asked(language="ko", facts=facts_of([fact]), small=True))

    assert standing(found) == [fact]


def test_a_clause_with_which_may_be_the_facts_own():
    fact = "The pool, which is shared, closes idle connections."

    assert added_aside(fact, [fact]) == ""
    assert added_aside(fact, ["The pool closes idle connections."]) == ", which"


def test_the_start_of_a_fact_stays_no_capital_within_a_sentence():
    facts = [
        "A new instance begins with cold caches.",
        "Slow start raises the share of such an instance step by step.",
        "Scaling under load benefits most from slow start.",
    ]
    joined = (
        "A new instance begins with cold caches, and Slow start raises the share of such an "
        "instance step by step."
    )

    found = guard(joined, Asked(language="en", facts=facts_of(facts), small=True))

    assert [(refusal.rule, refusal.detail) for refusal in found.refusals] == [("merged", "Slow")]


@pytest.mark.parametrize(
    ("sentence", "facts", "word"),
    [
        ("It is small, and Redis is quick.", ["It is small.", "Redis is quick."], ""),
        ("A cache is small, and Redis is quick.", ["Redis is quick.", "It runs redis."], "Redis"),
        ("Use it with Redis.", ["Use it with Redis.", "Start redis."], ""),
        ("It runs on Apple hardware.", ["Apple makes hardware.", "It runs there."], ""),
    ],
)
def test_a_capital_is_stray_only_where_the_facts_write_the_word_small(sentence, facts, word):
    assert stray_capital(sentence, facts) == word


def test_a_refusal_says_what_and_why():
    case = {"topic": "cache", "output": "RFC 9111 was published in May 1999 by the IETF."}

    _, found = guarded(case | {"small": True})

    assert str(found.refusals[0]).startswith("number: RFC 9111 was published in May 1999")


@pytest.mark.parametrize(
    ("sentence", "facts", "word"),
    [
        ("It is not safe.", ["It is safe."], ""),  # counted elsewhere
        (
            "Helmets are required but not recommended.",
            ["Helmets are recommended but not required."],
            "recommend",
        ),
        ("Helmets are recommended.", ["Helmets are recommended but not required."], ""),
        (
            "The pool closes idle connections.",
            ["The pool closes idle connections and does not close busy ones."],
            "",
        ),
        ("It opens and reads.", ["It opens.", "It doesn't read."], "read"),
        ("A response with no-store is kept.", ["A response with no-store is kept."], ""),
    ],
)
def test_a_negation_stays_with_its_word(sentence, facts, word):
    assert moved_negation(sentence, facts, "en") == word


@pytest.mark.parametrize(
    ("sentence", "facts", "word"),
    [
        ("연결을 닫지 않고 열어 둡니다.", ["연결을 열지 않고 닫아 둡니다."], "닫"),
        ("연결을 닫지 않습니다.", ["연결을 닫지 않습니다."], ""),
        ("저장하면 안 됩니다.", ["저장하지 않아야 합니다."], ""),
        ("로그는 저장합니다.", ["로그는 저장하지 않습니다."], "저장"),
    ],
)
def test_a_korean_negation_stays_with_its_word(sentence, facts, word):
    assert moved_negation(sentence, facts, "ko") == word


@pytest.mark.parametrize(
    ("sentence", "fact", "language", "word"),
    [
        ("Turn it once a month.", "Turn it once a week.", "en", "month"),
        ("Turn it every two weeks.", "Turn it once a week.", "en", ""),
        ("It runs daily.", "It runs weekly.", "en", "daily"),
        ("매주 네 번 엽니다.", "매달 네 번 엽니다.", "ko", "매주"),
        ("오후에 엽니다.", "오전에 엽니다.", "ko", "오후"),
        ("매달 네 번 엽니다.", "매달 네 번 엽니다.", "ko", ""),
    ],
)
def test_another_period_of_time_is_seen(sentence, fact, language, word):
    assert new_period(sentence, [fact], language) == word
