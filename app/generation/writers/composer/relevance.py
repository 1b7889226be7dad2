"""How much each fact has to do with the keyword: BM25 over content stems, headings, position, definitions."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.generation.schemas import Fact
from app.generation.writers.composer.rules import LEXICONS
from app.language.keyphrase import Keyphrase
from app.language.stems import content_stems
from app.language.types import Language

_K1, _B = 1.2, 0.75
"""BM25's usual constants."""

_RELATED_TERMS = 40
_RELATED_WEIGHT = 0.5
"""Terms that keep company with the keyword count half of it."""

_TITLE_SHARE = 0.7
_OPENING_FACTS = 3
_NAMING_SHARE = 0.12
"""Of a source's facts: named this often, the keyword is what it is about."""

_LATE = 60
"""Characters from a sentence's start within which a keyphrase can be what the sentence defines."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of each usable fact, by its id."""

    language: Language
    keyword: str
    keyword_stems: frozenset[str]
    stems: Mapping[str, tuple[str, ...]]
    mentioning: frozenset[str]
    """Facts in which all the keyword's words stand."""
    naming: frozenset[str]
    """Those of them in which the words stand side by side."""
    defining: frozenset[str]
    """Facts that say what the keyword is."""
    related: Mapping[str, float]
    """Stems that keep the keyword company, weighted from 0 to 1."""
    about: frozenset[str]
    """Snapshots that are about the keyword as a whole, not only here and there."""
    scores: Mapping[str, float]
    """From 0 (nothing to do with it) to about 2."""

    def names_keyword(self, text: str) -> bool:
        """Say whether a heading or title names the keyword."""
        return self.keyword_stems <= set(content_stems(text, self.language))

    def kinship(self, facts: Iterable[Fact]) -> float:
        """Return how near a group of facts is to the keyword, from 0 to 1.

        It is the mean over its facts of the share of related terms in them.
        """
        shares = [self._kinship(fact) for fact in facts if fact.kind != "code"]
        return sum(shares) / len(shares) if shares else 0.0

    def _kinship(self, fact: Fact) -> float:
        if fact.id in self.mentioning:
            return 1.0
        stems = sorted(set(self.stems[fact.id]))  # a sum's last digits depend on its order
        if not stems:
            return 0.0
        return min(1.0, sum(self.related.get(s, 0.0) for s in stems) / math.sqrt(len(stems)))


def read(facts: Sequence[Fact], keyword: str, language: Language) -> Reading:
    """Read the usable `facts` of all sources against `keyword`."""
    stems = {
        fact.id: () if fact.kind == "code" else tuple(content_stems(fact.text, language))
        for fact in facts
    }
    wanted = frozenset(content_stems(keyword, language)) or frozenset(keyword.lower().split())
    mentioning = frozenset(fact.id for fact in facts if wanted <= set(stems[fact.id]))
    phrase = Keyphrase(keyword, language)
    naming = frozenset(f.id for f in facts if f.id in mentioning and phrase.find(f.text))
    defining = frozenset(
        fact.id
        for fact in facts
        if fact.id in mentioning and fact.kind == "sentence" and _defines(fact, keyword, language)
    )
    words = [fact for fact in facts if fact.kind != "code"]
    frequency = Counter(stem for fact in words for stem in sorted(set(stems[fact.id])))
    rarity = {s: math.log(1 + len(words) / n) for s, n in frequency.items()}
    related = _related(words, stems, mentioning, wanted, rarity)
    mean = sum(len(stems[f.id]) for f in words) / max(1, len(words)) or 1.0
    firsts = _firsts(facts)
    about = _about(facts, mentioning, wanted, language)
    scores: dict[str, float] = {}
    top = 1e-9
    for fact in words:
        terms = Counter(stems[fact.id])
        norm = _K1 * (1 - _B + _B * len(stems[fact.id]) / mean)
        scores[fact.id] = sum(
            (1.0 if s in wanted else _RELATED_WEIGHT * related.get(s, 0.0))
            * rarity[s]
            * n
            * (_K1 + 1)
            / (n + norm)
            for s, n in terms.items()
        )
        top = max(top, scores[fact.id])
    for fact in facts:
        score = scores.get(fact.id, 0.0) / top
        if fact.headings and wanted & set(content_stems(fact.headings[-1], language)):
            score += 0.2
        score += 0.15 if fact.id in firsts else 0.0
        score += 0.5 if fact.id in defining else 0.0
        score += 0.05 if re.search(r"\d", fact.text) and fact.kind != "code" else 0.0
        scores[fact.id] = score
    return Reading(
        language, keyword, wanted, stems, mentioning, naming, defining, related, about, scores
    )


def _related(
    facts: Sequence[Fact],
    stems: Mapping[str, tuple[str, ...]],
    mentioning: frozenset[str],
    wanted: frozenset[str],
    rarity: Mapping[str, float],
) -> dict[str, float]:
    """Weigh the terms near the keyword: those of the facts that name it, and of their passages."""
    near = {fact.passage_id for fact in facts if fact.id in mentioning}
    company = [fact for fact in facts if fact.passage_id in near]
    counts = Counter(s for fact in company for s in sorted(set(stems[fact.id])) if s not in wanted)
    weights = {s: n / len(company) * rarity[s] for s, n in counts.items() if len(s) > 1}
    best = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))[:_RELATED_TERMS]
    highest = best[0][1] if best else 1.0
    return {s: weight / highest for s, weight in best}


def _about(
    facts: Sequence[Fact], mentioning: frozenset[str], wanted: frozenset[str], language: Language
) -> frozenset[str]:
    """Find the sources that are about the keyword.

    Those are the ones whose title names it, or whose first facts and some more do, or a good share.
    """
    total = Counter(fact.snapshot_id for fact in facts)
    naming = Counter(fact.snapshot_id for fact in facts if fact.id in mentioning)
    titles: dict[str, Counter[str]] = {}
    for fact in facts:
        if fact.headings:
            titles.setdefault(fact.snapshot_id, Counter())[fact.headings[0]] += 1
    found: set[str] = set()
    for snapshot, n in total.items():
        title, covered = titles.get(snapshot, Counter({"": 0})).most_common(1)[0]
        first = [fact.id for fact in facts if fact.snapshot_id == snapshot][:_OPENING_FACTS]
        opened = naming[snapshot] > _OPENING_FACTS and not mentioning.isdisjoint(first)
        titled = covered > _TITLE_SHARE * n and wanted <= set(content_stems(title, language))
        if titled or opened or naming[snapshot] >= _NAMING_SHARE * n:
            found.add(snapshot)
    return frozenset(found)


def _firsts(facts: Sequence[Fact]) -> frozenset[str]:
    """Return the ids of the facts that open a passage right below their heading."""
    found: set[str] = set()
    last: tuple[str, tuple[str, ...]] | None = None
    for fact in facts:
        place = (fact.snapshot_id, fact.headings)
        if place != last:
            found.add(fact.id)
        last = place
    return frozenset(found)


def _defines(fact: Fact, keyword: str, language: Language) -> bool:
    at = fact.text.lower().find(keyword.lower())
    if not 0 <= at <= _LATE:
        return False
    if language == "en" and len(fact.text[:at].split()) > 3:  # noqa: PLR2004  # "In software, horizontal scaling is …"
        return False
    tail = LEXICONS[language].definition_tail.match(fact.text, at + len(keyword))
    if tail is None:
        return False
    return language == "en" or bool(
        re.search(
            r"(?:이다|입니다|말한다|말합니다|뜻한다|뜻합니다|의미한다|의미합니다|방식|방법)",
            fact.text,
        )
    )
