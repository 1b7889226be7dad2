"""Finds question-and-answer pairs that the sources themselves hold."""

import re
from collections.abc import Mapping, Sequence
from itertools import groupby

from app.generation.schemas import Fact, SectionPlan
from app.generation.writers.composer.headings import kind_of, plain
from app.generation.writers.composer.rules import LEXICONS
from app.language.types import Language

_MOST_PAIRS = 6
_MOST_ANSWER_FACTS = 5

_MARKED_QUESTION = re.compile(r"^(?:Q|Question|질문|문)\s*\d*\s*[:.：]\s*(?P<question>.+?)\s*$")


def questions_of(
    facts: Sequence[Fact], paths: Mapping[str, tuple[str, ...]], language: Language
) -> list[SectionPlan]:
    """Return plans of the pairs that `facts`, questions among them, hold.

    A pair is a question heading with the few sentences below it, or a `Q:` with those right after it.
    """
    plans = [*_headed(facts, paths, language), *_marked(facts)]
    unique: dict[str, SectionPlan] = {}
    for plan in plans:
        unique.setdefault(plan.heading.lower(), plan)
    return list(unique.values())[:_MOST_PAIRS]


def _headed(
    facts: Sequence[Fact], paths: Mapping[str, tuple[str, ...]], language: Language
) -> list[SectionPlan]:
    plans: list[SectionPlan] = []
    for path, group in groupby(facts, key=lambda fact: paths.get(fact.id, ())):
        answer = list(group)
        # The opening "What is …?" of a guide is a section, not one of a list of questions.
        if not path or kind_of(path[-1], LEXICONS[language]) != "question":
            continue
        if len(answer) <= _MOST_ANSWER_FACTS and all(f.kind == "sentence" for f in answer):
            plans.append(SectionPlan(heading=path[-1], fact_ids=tuple(f.id for f in answer)))
    return plans if len(plans) > 1 else []


def _marked(facts: Sequence[Fact]) -> list[SectionPlan]:
    plans: list[SectionPlan] = []
    question = ""
    answer: list[Fact] = []
    source: tuple[str, tuple[str, ...]] | None = None

    def close() -> None:
        if question and 0 < len(answer) <= _MOST_ANSWER_FACTS:
            ids = tuple(fact.id for fact in answer)
            plans.append(SectionPlan(heading=plain(question), fact_ids=ids))

    for fact in facts:
        place = (fact.snapshot_id, fact.headings)
        found = _MARKED_QUESTION.match(fact.text) if fact.kind in ("sentence", "item") else None
        if found or place != source or fact.kind != "sentence":
            close()
            question, answer = (found["question"], []) if found else ("", [])
        elif question:
            answer.append(fact)
        source = place
    close()
    return plans
