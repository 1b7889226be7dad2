"""Chooses the sentences that open an article: what the keyword is, in two to four sentences."""

import re
from collections.abc import Collection, Sequence

from app.generation.schemas import Fact
from app.generation.writers.composer.coherence import adjoins, hangs_on_previous, settle
from app.generation.writers.composer.relevance import Reading
from app.generation.writers.composer.rules import LEXICONS, leading_connective
from app.language.types import Language

_FEWEST_SENTENCES = 2
_MOST_SENTENCES = 4
_ENOUGH_SENTENCES = 3
_MOST_WORDS: dict[Language, int] = {"en": 90, "ko": 70}
_MOST_FIRST_WORDS: dict[Language, int] = {"en": 35, "ko": 25}
_EARLY = 12
"""Facts from a source's start that count as its opening."""


def choose_introduction(
    facts: Sequence[Fact], openings: Collection[str], reading: Reading
) -> list[Fact]:
    """Return the introduction's facts; none if no sentence stands on its own.

    `openings` are the ids of facts that open or close their source: below no heading, or below one
    like "Overview".
    """
    candidates = [fact for fact in facts if _stands(fact, reading.language)]
    if not candidates:
        return []
    subject = re.compile(rf"(?:an? |the )?{re.escape(reading.keyword)}", re.IGNORECASE)
    kinds = {fact.order: fact.kind for fact in facts}
    starts = {fact.snapshot_id: fact.order for fact in reversed(facts)}

    def worth(fact: Fact) -> tuple[float, int]:
        score = reading.scores[fact.id]
        score += 3 * (fact.id in reading.defining) + (fact.id in reading.mentioning)
        score += 1.5 * (fact.id in reading.naming)
        score += 1.0 * bool(subject.match(fact.text))
        score += 1.0 * (fact.id in openings)
        score += 0.5 * (fact.order - starts[fact.snapshot_id] < _EARLY)
        # News says its point first; a definition elsewhere still stands over it.
        score += 1.5 * (fact.order == starts[fact.snapshot_id] and fact.id in reading.mentioning)
        # What stands right above a list or code speaks of that.
        score -= 1.0 * (kinds.get(fact.order + 1, "sentence") != "sentence")
        score -= 1.0 * (leading_connective(fact.text, reading.language) > 0)
        score -= 1.0 * (len(fact.text.split()) > _MOST_FIRST_WORDS[reading.language])
        return score, -fact.order

    first = _start_of_passage(max(candidates, key=worth), candidates, reading)
    chosen = [first]
    passage = [fact for fact in facts if fact.passage_id == first.passage_id]
    whole = len(passage) <= _MOST_SENTENCES and passage[0] == first
    _follow(chosen, facts, reading.language, _MOST_SENTENCES if whole else _ENOUGH_SENTENCES)
    beside = [fact for fact in candidates if fact.id in openings]
    beside.sort(
        key=lambda fact: (fact.snapshot_id == first.snapshot_id, -worth(fact)[0], fact.order)
    )
    # Only a lone sentence takes another one out of its own section.
    named = [fact for fact in candidates if fact.id in reading.mentioning]
    for fact in (*beside, *sorted(named, key=worth, reverse=True)):
        enough = _ENOUGH_SENTENCES if fact.id in openings else _FEWEST_SENTENCES
        passages = {each.passage_id for each in chosen}
        if len(chosen) >= enough or fact.passage_id in passages:
            continue
        if _fits(chosen, fact, reading.language):
            chosen.append(fact)
            _follow(chosen, facts, reading.language, _ENOUGH_SENTENCES)
    return settle(chosen[:_MOST_SENTENCES], LEXICONS[reading.language], reading.language)


def _start_of_passage(best: Fact, candidates: Sequence[Fact], reading: Reading) -> Fact:
    """Prefer the passage's first sentence where it names the keyword too: the best may lean on it."""
    before = [
        fact
        for fact in candidates
        if fact.passage_id == best.passage_id and fact.order < best.order
    ]
    if before and before[0].id in reading.mentioning and best.order - before[0].order <= 1:
        return before[0]
    return best


def _stands(fact: Fact, language: Language) -> bool:
    lexicon = LEXICONS[language]
    return (
        fact.kind == "sentence"
        and not lexicon.announces.search(fact.text)
        and bool(lexicon.whole_sentence.search(fact.text))
        and not hangs_on_previous(fact.text, lexicon, language)
    )


def _fits(chosen: Sequence[Fact], fact: Fact, language: Language) -> bool:
    words = sum(len(each.text.split()) for each in (*chosen, fact))
    return words <= _MOST_WORDS[language]


def _follow(chosen: list[Fact], facts: Sequence[Fact], language: Language, enough: int) -> None:
    """Take the sentences that follow the last one in its passage, while they fit."""
    after = {fact.order: fact for fact in facts}
    while len(chosen) < enough:
        fact = after.get(chosen[-1].order + 1)
        if (
            fact is None
            or fact.kind != "sentence"
            or fact.passage_id != chosen[-1].passage_id
            or not adjoins(chosen[-1], fact)
            or LEXICONS[language].announces.search(fact.text)
            or not _fits(chosen, fact, language)
        ):
            return
        chosen.append(fact)
