"""Finds facts that say again what another fact says, and keeps the fuller one."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from math import ceil

from app.generation.schemas import Fact
from app.sources.domain import Rights

_SAME = 0.7
"""Shared share of all stems (Jaccard) from which two facts say the same."""
_WITHIN = 0.85
"""Share of the shorter one's stems in the longer from which it adds nothing."""
_FEWEST_STEMS = 4
"""Below this many stems only equal words count as repetition; items of lists share words by nature."""

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_NEGATION = re.compile(
    r"\b(?:not|no|none|nobody|nothing|never|without|cannot|can't|don't|doesn't|isn't|aren't|won't|nor)\b|않|못|없|아니|금지",
    re.IGNORECASE,
)


def repeated(facts: Sequence[Fact], stems: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """Return the ids of the facts to leave out. Different numbers or a negation more are no repetition.

    Of two that say the same the user's own stays before a licensed or third-party one, then the
    fuller, then the earlier.
    """
    gone: set[str] = set()
    seen: set[str] = set()
    bags = [frozenset(stems[fact.id]) for fact in facts]
    index = _Index(bags)
    for n, fact in enumerate(facts):
        key = fact.text if fact.kind == "code" else _letters(fact.text)
        if key in seen:
            gone.add(fact.id)
            continue
        seen.add(key)
        if fact.kind != "sentence" or len(bags[n]) < _FEWEST_STEMS:
            continue
        for other in index.near(n):
            if facts[other].id in gone or not _same_claims(facts, bags, n, other):
                continue
            loser = _fuller(n, other, facts, bags)[1]
            gone.add(facts[loser].id)
            if loser == n:
                break
        if fact.id not in gone:
            index.add(n)
    return frozenset(gone)


class _Index:
    """Finds sets that share most of their stems without comparing each with each.

    Two that do share at least one of the rarest stems of the smaller one, so only those are looked up.
    """

    def __init__(self, bags: Sequence[frozenset[str]]) -> None:
        self._bags = bags
        self._frequency = Counter(stem for bag in bags for stem in bag)
        self._holders: dict[str, list[int]] = {}
        self._rare_holders: dict[str, list[int]] = {}

    def _rarest(self, bag: frozenset[str]) -> list[str]:
        ranked = sorted(bag, key=lambda stem: (self._frequency[stem], stem))
        return ranked[: len(bag) - ceil(_SAME * len(bag)) + 1]

    def add(self, n: int) -> None:
        for stem in self._bags[n]:
            self._holders.setdefault(stem, []).append(n)
        for stem in self._rarest(self._bags[n]):
            self._rare_holders.setdefault(stem, []).append(n)

    def near(self, n: int) -> list[int]:
        bag = self._bags[n]
        candidates = {other for s in self._rarest(bag) for other in self._holders.get(s, ())}
        candidates |= {other for s in bag for other in self._rare_holders.get(s, ())}
        found: list[int] = []
        for other in sorted(candidates):
            common = len(bag & self._bags[other])
            union = len(bag) + len(self._bags[other]) - common
            small = min(len(bag), len(self._bags[other]))
            if common >= _SAME * union or common >= _WITHIN * small:
                found.append(other)
        return found


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().lower()


def _same_claims(facts: Sequence[Fact], bags: Sequence[frozenset[str]], n: int, other: int) -> bool:
    winner, loser = (facts[each] for each in _fuller(n, other, facts, bags))
    numbers = [set(_NUMBER.findall(fact.text)) for fact in (loser, winner)]
    return numbers[0] <= numbers[1] and _negations(winner) == _negations(loser)


def _negations(fact: Fact) -> int:
    return len(_NEGATION.findall(fact.text))


def _fuller(
    n: int, other: int, facts: Sequence[Fact], bags: Sequence[frozenset[str]]
) -> tuple[int, int]:
    def rank(at: int) -> tuple[bool, int, int]:
        return facts[at].rights == Rights.OWN, len(bags[at]), -at

    return (n, other) if rank(n) > rank(other) else (other, n)
