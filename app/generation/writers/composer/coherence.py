"""Keeps a sentence only where what it hangs on stands beside it."""

from collections.abc import Sequence

from app.generation.schemas import Fact
from app.generation.writers.composer.lexicon import Lexicon
from app.generation.writers.composer.rules import leading_connective
from app.language.types import Language


def hangs_on_previous(text: str, lexicon: Lexicon, language: Language) -> bool:
    """Say whether the sentence means nothing without the one before it."""
    rest = text[leading_connective(text, language) :]
    return bool(lexicon.needs_previous.match(rest)) and not lexicon.stands_alone.match(rest)


def adjoins(one: Fact, other: Fact) -> bool:
    """Say whether `other` directly follows `one` in their source."""
    return one.snapshot_id == other.snapshot_id and other.order == one.order + 1


def settle(facts: Sequence[Fact], lexicon: Lexicon, language: Language) -> list[Fact]:
    """Return the facts that can stand in this order, and nothing that dangles.

    Until nothing changes, drop each sentence whose antecedent does not directly precede it, and each
    lead-in whose list, table or code is gone.
    """
    kept = list(facts)
    while True:
        left = [fact for n, fact in enumerate(kept) if _can_stand(kept, n, lexicon, language)]
        if len(left) == len(kept):
            return kept
        kept = left


def _can_stand(facts: Sequence[Fact], n: int, lexicon: Lexicon, language: Language) -> bool:
    fact = facts[n]
    if fact.kind != "sentence":
        return True
    if lexicon.announces.search(fact.text):
        following = facts[n + 1] if n + 1 < len(facts) else None
        if following is None or not _announced(fact, following):
            return False
    if hangs_on_previous(fact.text, lexicon, language):
        return n > 0 and adjoins(facts[n - 1], fact)
    return True


_FIRST_ITEMS = 3
"""How many of the first items may have been left out before a lead-in loses its list."""


def _announced(lead_in: Fact, following: Fact) -> bool:
    if following.snapshot_id != lead_in.snapshot_id or following.kind == "sentence":
        return False
    gap = following.order - lead_in.order
    return gap == 1 or (gap <= _FIRST_ITEMS and following.kind in ("item", "row"))


def units(facts: Sequence[Fact], lexicon: Lexicon, language: Language) -> list[list[Fact]]:
    """Cut facts into what can be taken or left as a whole.

    That is a passage's sentences, a list or table with its lead-in, code with what is said before it.
    """
    found: list[list[Fact]] = []
    for fact in facts:
        if found and _belongs(found[-1][-1], fact, lexicon, language):
            found[-1].append(fact)
        else:
            found.append([fact])
    return found


def _belongs(last: Fact, fact: Fact, lexicon: Lexicon, language: Language) -> bool:
    if last.snapshot_id != fact.snapshot_id or last.headings != fact.headings:
        return False
    if last.passage_id == fact.passage_id:
        return True
    match fact.kind:
        case "item" | "row":
            announces = last.kind == "sentence" and lexicon.announces.search(last.text)
            return last.kind == fact.kind or (bool(announces) and _announced(last, fact))
        case "code":
            return adjoins(last, fact)
        case "sentence":
            return adjoins(last, fact) and hangs_on_previous(fact.text, lexicon, language)
