"""The verify step: every sentence held against the facts it names, by the path that made it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from app.generation.schemas import Block, Fact, Section, Sentence
from app.generation.writers.composer.rules import LINK, apply, link_phrases
from app.language.types import Language
from app.review.claims import check_claim
from app.review.judging import Objection, lower
from app.review.repair import Judged, repair
from app.review.verdict import Verdict

MODEL = "model"
"""The rule of a sentence that a model worded: it is grounded, not replayed."""

Key = tuple[str, tuple[str, ...]]
"""A sentence's text and the facts it names: what a judge's objection to it is found by."""

NO_OBJECTIONS: Mapping[Key, Objection] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Verified:
    """The sections without what does not stand in the sources, and what was done."""

    sections: tuple[Section, ...]
    kept: int
    removed: tuple[str, ...]
    """Sentence and reasons, for the job's log."""
    flagged: tuple[str, ...]
    """Sentences that stay and hold the article as a draft, with reasons."""


def key_of(sentence: Sentence) -> Key:
    """What an objection to the sentence is found by."""
    return sentence.text, sentence.fact_ids


def verdict_on(
    sentence: Sentence,
    facts: Mapping[str, Fact],
    language: Language,
    objections: Mapping[Key, Objection] = NO_OBJECTIONS,
) -> Verdict | None:
    """The verdict on one sentence; None for a linking phrase of the closed list."""
    if sentence.rules == (LINK,) and sentence.text in link_phrases(language):
        return None
    quotes = [facts[each].text for each in sentence.fact_ids if each in facts]
    if MODEL in sentence.rules:
        verdict = check_claim(sentence.text, quotes, language)
        objection = objections.get(key_of(sentence))
        return lower(verdict, objection, quotes) if objection else verdict

    def replay(source: str, rules: tuple[str, ...]) -> str:
        for rule in rules:
            source = apply(rule, source, language)
        return source

    return check_claim(sentence.text, quotes, language, rules=sentence.rules, replay=replay)


def verify_sections(
    sections: Sequence[Section],
    facts: Mapping[str, Fact],
    language: Language,
    objections: Mapping[Key, Objection] = NO_OBJECTIONS,
) -> Verified:
    """Judge all sentences; take out what is unsupported or contradicted, keep and flag what is partly so."""
    places = [
        (s, b, n, sentence)
        for s, section in enumerate(sections)
        for b, block in enumerate(section.blocks)
        for n, sentence in enumerate(block.sentences)
    ]
    judged = [
        Judged(sentence.text, s, verdict_on(sentence, facts, language, objections))
        for s, _b, _n, sentence in places
    ]
    done = repair(judged)
    gone = {places[decision.index][:3] for decision in done.removed}
    return Verified(
        sections=tuple(_without(section, s, gone) for s, section in enumerate(sections)),
        kept=len(done.kept),
        removed=tuple(_told(each.sentence, each.reasons) for each in done.removed),
        flagged=tuple(_told(each.sentence, each.reasons) for each in done.flagged),
    )


def _without(section: Section, s: int, gone: set[tuple[int, int, int]]) -> Section:
    blocks: list[Block] = []
    for b, block in enumerate(section.blocks):
        left = tuple(
            sentence for n, sentence in enumerate(block.sentences) if (s, b, n) not in gone
        )
        if any(sentence.rules != (LINK,) for sentence in left):
            blocks.append(block.model_copy(update={"sentences": left}))
    return section.model_copy(update={"blocks": tuple(blocks)})


def _told(sentence: str, reasons: Sequence[str]) -> str:
    return f"{sentence} — {'; '.join(reasons)}"
