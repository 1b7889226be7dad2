"""From facts to an outline: what is usable, what is on topic, what opens, what stands under which heading."""

from collections.abc import Sequence

from app.generation.domain import NotEnoughFacts
from app.generation.schemas import Brief, Fact, Outline, SectionPlan
from app.generation.writers.composer import grouping
from app.generation.writers.composer.headings import kind_of
from app.generation.writers.composer.introduction import choose_introduction
from app.generation.writers.composer.noise import of_other_language, without_noise
from app.generation.writers.composer.questions import questions_of
from app.generation.writers.composer.relevance import Reading, read
from app.generation.writers.composer.repetition import repeated
from app.generation.writers.composer.rules import LEXICONS
from app.generation.writers.composer.selection import choose
from app.generation.writers.composer.structure import Draft, Paths, drafts_of, paths_of, words_of
from app.language.types import Language

FEWEST_FACTS = 8
FEWEST_WORDS: dict[Language, int] = {"en": 120, "ko": 90}
"""Below either there is no article: a stated minimum, half of what counts as a short one."""

_BEHIND = 0.08
"""How far, as a share of its length, a source follows the one that the introduction is from."""

_NAMES: dict[Language, str] = {"en": "English", "ko": "Korean"}


def outline(brief: Brief, facts: Sequence[Fact]) -> Outline:
    """Plan the article. Raises `NotEnoughFacts`, saying what was found and what to add."""
    language = brief.language
    spoken = [fact for fact in facts if not of_other_language(fact, language)]
    _refuse_other_language(brief, facts, spoken)
    usable = without_noise(spoken, language)
    paths = paths_of(usable)
    reading = read(usable, brief.keyword, language)
    _refuse_unmentioned(brief, usable, reading)

    gone = repeated(usable, reading.stems)
    told = [fact for fact in usable if fact.id not in gone]
    drafts = grouping.on_topic(drafts_of(told, paths), paths, reading)
    relevant = [fact for draft in drafts for fact in draft.facts]
    _refuse_too_little(brief, relevant)

    known = {fact.id for fact in relevant}
    asked = [fact for fact in spoken if fact.id in known or _asks(fact, language)]
    questions = questions_of(asked, paths_of(spoken), language)
    answered = {each for plan in questions for each in plan.fact_ids}
    relevant = [fact for fact in relevant if fact.id not in answered]
    introduction = choose_introduction(relevant, _openings(drafts, language), reading)
    taken = {fact.id for fact in introduction} | answered
    lead = introduction[0].snapshot_id if introduction else ""
    for draft in drafts:
        if draft.facts[0].snapshot_id != lead:
            draft.place += _BEHIND
        draft.facts = [fact for fact in draft.facts if fact.id not in taken]
    spent = [*introduction, *(fact for fact in told if fact.id in answered)]
    drafts = _sections(drafts, spent, reading, paths, brief.keyword)
    plans = tuple(_plan(draft) for draft in drafts)
    used = {each for plan in plans for each in (*plan.fact_ids, *plan.heading_fact_ids)} | taken
    return Outline(
        introduction=tuple(fact.id for fact in introduction),
        sections=plans,
        questions=tuple(questions),
        dropped=len(facts) - len(used),
    )


def keyphrase_of(keyword: str, language: Language) -> str:
    """Return the keyword as it stands at a heading's start."""
    return keyword if language == "ko" else keyword[:1].upper() + keyword[1:]


def _sections(
    drafts: Sequence[Draft],
    spent: Sequence[Fact],
    reading: Reading,
    paths: Paths,
    keyword: str,
) -> list[Draft]:
    language = reading.language
    current = grouping.merged([draft for draft in drafts if draft.facts], reading)
    current = grouping.settled(current, language)
    current = grouping.balanced(current, paths, reading)
    current = grouping.named(current, reading, keyword)
    current = sorted(current, key=lambda draft: draft.place)
    current = grouping.distinct(current)
    grouping.with_subheadings(current, paths, reading)
    choose(current, reading, spent)
    current = grouping.settled(current, language)
    grouping.qualified(current, reading, keyword)
    grouping.tied(current, reading, keyword)
    for draft in current:
        if draft.heading.startswith(keyword):
            draft.heading = keyphrase_of(draft.heading, language)
        draft.subheadings.clear()
    grouping.with_subheadings(current, paths, reading)
    return current


def _plan(draft: Draft) -> SectionPlan:
    return SectionPlan(
        heading=draft.heading,
        fact_ids=tuple(fact.id for fact in draft.facts),
        heading_fact_ids=(draft.heading_fact,) if draft.heading_fact else (),
        subheadings=tuple(draft.subheadings.items()),
    )


def _openings(drafts: Sequence[Draft], language: Language) -> frozenset[str]:
    lexicon = LEXICONS[language]
    return frozenset(
        fact.id
        for draft in drafts
        if kind_of(draft.heading, lexicon) in ("none", "opening", "closing")
        for fact in draft.facts
    )


def _asks(fact: Fact, language: Language) -> bool:
    return bool(LEXICONS[language].question.search(fact.text))


def _refuse_other_language(brief: Brief, facts: Sequence[Fact], spoken: Sequence[Fact]) -> None:
    words = words_of(spoken)
    if facts and words < FEWEST_WORDS[brief.language] and words * 2 < words_of(facts):
        name = _NAMES[brief.language]
        raise NotEnoughFacts(
            f"The sources are not in {name}: {len(spoken)} of {len(facts)} facts are. The composer does "
            f"not translate; give {name} sources or choose a model with LLM_MODEL."
        )


def _refuse_unmentioned(brief: Brief, usable: Sequence[Fact], reading: Reading) -> None:
    if reading.mentioning or any(
        reading.names_keyword(heading) for fact in usable for heading in fact.headings
    ):
        return
    raise NotEnoughFacts(
        f"No source names the keyword {brief.keyword!r}: 0 usable facts on it, {FEWEST_FACTS} are needed. "
        "Add a source that is about it with --source, or choose a keyword that the sources use."
    )


def _refuse_too_little(brief: Brief, relevant: Sequence[Fact]) -> None:
    words = words_of(relevant)
    fewest = FEWEST_WORDS[brief.language]
    if len(relevant) >= FEWEST_FACTS and words >= fewest:
        return
    raise NotEnoughFacts(
        f"The sources hold {len(relevant)} usable facts ({words} words) on {brief.keyword!r}; "
        f"{FEWEST_FACTS} facts and {fewest} words are needed. Add sources with whole sentences or lists "
        "about it with --source: pages, .md, .txt or .pdf files."
    )
