"""Words and phrases that say the same, and those that say the opposite, in both languages.

The lists are our own, general, and beside this file: a line a sense, the opposite behind `<>`. What is done is
marked `v`, how something is `a`, what it is `n`, and what relates two things
`r`. Related words are given generously; a claim's numbers, names
and negations are compared by other rules, and no sense bears a claim out by itself.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal, cast

from app.language.types import Language
from app.review.thesaurus.lemmas import lemma

Kind = Literal["v", "a", "n", "r"]


@dataclass(frozen=True, slots=True)
class Thesaurus:
    """Senses by word.

    A sense is a number; the opposite sense is the number with its last bit turned. `phrases` holds the
    phrases by their first word, the longest first, each with the one word that stands for it.
    """

    senses: dict[str, frozenset[int]]
    kinds: dict[str, frozenset[Kind]]
    opposed: frozenset[int]
    phrases: dict[str, tuple[tuple[str, ...], ...]]


@lru_cache(maxsize=2)
def thesaurus(language: Language) -> Thesaurus:
    """The lists of a language, read once a process."""
    text = files(__name__).joinpath(f"{language}.txt").read_text(encoding="utf-8")
    senses: dict[str, set[int]] = {}
    kinds: dict[str, set[Kind]] = {}
    opposed: set[int] = set()
    phrases: dict[str, set[tuple[str, ...]]] = {}
    for number, line in enumerate(text.splitlines()):
        kind, mark, rest = line.partition(": ")
        if line.startswith("#") or not mark:
            continue
        sides = rest.split(" <> ")
        for side, words in enumerate(sides):
            sense = 2 * number + side
            if len(sides) > 1:
                opposed.add(sense)
            for written in words.split():
                parts = tuple(lemma(part, language) for part in re.split("_", written) if part)
                word = "_".join(parts)
                senses.setdefault(word, set()).add(sense)
                kinds.setdefault(word, set()).add(cast("Kind", kind))
                if len(parts) > 1:
                    phrases.setdefault(parts[0], set()).add(parts)
    return Thesaurus(
        {word: frozenset(found) for word, found in senses.items()},
        {word: frozenset(found) for word, found in kinds.items()},
        frozenset(opposed),
        {first: tuple(sorted(found, key=len, reverse=True)) for first, found in phrases.items()},
    )
