"""Chooses how much of each section goes in, within the article's length and the third-party caps."""

from collections import Counter
from collections.abc import Mapping, Sequence

from app.generation.schemas import Fact
from app.generation.writers.composer.caps import DEFAULT_CAPS
from app.generation.writers.composer.coherence import settle, units
from app.generation.writers.composer.relevance import Reading
from app.generation.writers.composer.rules import LEXICONS
from app.generation.writers.composer.structure import Draft, words_of
from app.language.types import Language
from app.sources.domain import Rights

MOST_WORDS: dict[Language, int] = {"en": 1200, "ko": 900}
FEWEST_WORDS: dict[Language, int] = {"en": 300, "ko": 225}
"""An article's length, words and eojeol (0.75 eojeol a word, measured on parallel articles)."""

_MOST_SECTION_WORDS: dict[Language, int] = {"en": 300, "ko": 225}
"""Where a reference analyser begins to ask for a sub-heading."""

_MOST_UNIT_SENTENCES = 6
_SLACK = 1.2
"""Whole sentences do not fill a portion exactly; what one section takes more, the last gets less."""

_MARGIN = 0.9
"""Of a cap: the introduction and the dropped leftovers move the shares a little."""


def allowances(facts: Sequence[Fact], language: Language) -> dict[str, int]:
    """Return how many words each third-party source may give.

    Where several sources make it possible, that keeps it under the cap; else an even split. Empty where
    there is one source only, or none of somebody else's.
    """
    supply: Counter[str] = Counter()
    foreign: set[str] = set()
    for fact in facts:
        supply[fact.snapshot_id] += words_of([fact])
        if fact.rights == Rights.THIRD_PARTY:
            foreign.add(fact.snapshot_id)
    if not foreign or len(supply) == 1:
        return {}
    own = sum(n for source, n in supply.items() if source not in foreign)
    total = float(min(MOST_WORDS[language], supply.total()))
    share = DEFAULT_CAPS.share * _MARGIN
    for _ in range(50):
        total = min(total, own + sum(min(supply[s], share * total) for s in sorted(foreign)))
    if total < FEWEST_WORDS[language]:
        # Too few other sources: an even split keeps the largest share as small as it can be.
        total = float(min(MOST_WORDS[language], supply.total()))
        share = 1 / len(supply)
    return {source: int(share * total) for source in sorted(foreign)}


def choose(drafts: Sequence[Draft], reading: Reading, taken: Sequence[Fact]) -> None:
    """Cut the drafts down to the article's length. `taken` are facts already used elsewhere."""
    language = reading.language
    lexicon = LEXICONS[language]
    used = [fact for draft in drafts for fact in draft.facts]
    allowed = allowances([*taken, *used], language)
    for fact in taken:
        if fact.snapshot_id in allowed:
            allowed[fact.snapshot_id] -= words_of([fact])
    room = MOST_WORDS[language] - words_of(taken)
    if (
        words_of(used) <= room
        and not allowed
        and all(_fits_section(draft, language) for draft in drafts)
    ):
        return
    weights = {id(d): max(0.1, _mean(d.facts, reading)) * min(d.words, 300) for d in drafts}
    whole = sum(weights.values()) or 1.0
    for n, draft in enumerate(drafts):
        share = room if words_of(used) <= room else int(room * weights[id(draft)] / whole)
        if not draft.subheadings:
            share = min(share, _MOST_SECTION_WORDS[language])
        portions = _portions(draft, drafts[n:], allowed)
        kept = _best(units(draft.facts, lexicon, language), share, portions, reading)
        for fact in draft.facts:
            if fact.id in kept and fact.snapshot_id in allowed:
                allowed[fact.snapshot_id] -= words_of([fact])
        draft.facts = settle([fact for fact in draft.facts if fact.id in kept], lexicon, language)
    if allowed:
        for draft in drafts:
            draft.facts = settle(_broken_runs(draft.facts, reading), lexicon, language)


def _fits_section(draft: Draft, language: Language) -> bool:
    return bool(draft.subheadings) or draft.words <= _MOST_SECTION_WORDS[language]


def _mean(facts: Sequence[Fact], reading: Reading) -> float:
    scores = [reading.scores[fact.id] for fact in facts]
    return sum(scores) / len(scores) if scores else 0.0


def _portions(draft: Draft, left: Sequence[Draft], allowed: Mapping[str, int]) -> dict[str, int]:
    """Divide what a source may still give by how much of it each section left could take."""
    portions: dict[str, int] = {}
    for source, words in allowed.items():
        own = words_of([fact for fact in draft.facts if fact.snapshot_id == source])
        later = words_of([f for each in left for f in each.facts if f.snapshot_id == source])
        portions[source] = min(words, int(words * own / later * _SLACK)) if later else 0
    return portions


def _best(
    found: Sequence[Sequence[Fact]], room: int, allowed: dict[str, int], reading: Reading
) -> set[str]:
    def worth(unit: Sequence[Fact]) -> tuple[float, int]:
        top = sorted((reading.scores[fact.id] for fact in unit), reverse=True)[:3]
        return sum(top) / len(top) + 0.2 * len(top), -unit[0].order

    kept: set[str] = set()
    for unit in sorted(found, key=worth, reverse=True):
        trimmed = list(unit)
        if all(fact.kind == "sentence" for fact in unit):
            trimmed = trimmed[:_MOST_UNIT_SENTENCES]
        source = unit[0].snapshot_id
        limit = min(room, allowed.get(source, room))
        while trimmed and words_of(trimmed) > limit and trimmed[-1].kind == "sentence":
            trimmed.pop()
        words = words_of(trimmed)
        # One sentence left of a paragraph says too little.
        if not trimmed or words > limit or len(trimmed) < min(2, len(unit)):
            continue
        kept.update(fact.id for fact in trimmed)
        room -= words
        if source in allowed:
            allowed[source] -= words
    return kept


def _broken_runs(facts: Sequence[Fact], reading: Reading) -> list[Fact]:
    """Let sources take turns, and cut a third-party source's run at the cap."""
    lexicon = LEXICONS[reading.language]
    queues: dict[str, list[list[Fact]]] = {}
    for unit in units(facts, lexicon, reading.language):
        queues.setdefault(unit[0].snapshot_id, []).append(unit)
    ordered: list[Fact] = []
    while any(queues.values()):
        for queue in queues.values():
            if queue:
                ordered += queue.pop(0)
    kept: list[Fact] = []
    run, block = 0, ""
    for fact in ordered:
        fresh = not kept or kept[-1].snapshot_id != fact.snapshot_id
        run = 0 if fresh else run
        same_block = fact.kind != "sentence" and block == fact.kind and not fresh
        if fact.rights == Rights.THIRD_PARTY and not same_block:
            if run >= DEFAULT_CAPS.consecutive:
                continue
            run += 1
        block = fact.kind
        kept.append(fact)
    return kept
