"""What a claim compares with what, how many of what it counts, and the order of its numbers."""

import re
from collections.abc import Sequence
from itertools import pairwise

from app.language.numbers import find_numbers
from app.language.types import Language
from app.review.evidence import Clue, Said
from app.review.words import bag_of, nearness, words_of
from app.seo.amounts import amounts

_COMPARAND: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"(?<!rather )(?<!other )\bthan\s+(?:the\s+|an?\s+)?([^\W\d_]+(?:\s+[^\W\d_]+){0,3})",
        re.IGNORECASE,
    ),
    "ko": re.compile(r"([^\s\d]+?)보다(?![가-힣])"),
}
"""What something is compared with: the words after "than", the word before 보다."""


def compared_otherwise(claim: Said, clues: Sequence[Clue], language: Language) -> str:
    """The claim's second of two where the source has it for the first."""
    pattern = _COMPARAND[language]
    mine = pattern.search(claim.text)
    if mine is None or find_numbers(mine[1], language):
        return ""
    second = words_of(mine[1], language)
    for clue in clues:
        theirs = pattern.search(clue.place.text)
        if theirs is None or not second:
            continue
        behind = bag_of(theirs[1], language)
        before = bag_of(clue.place.text.replace(theirs[0], " "), language)
        first = bag_of(claim.text.replace(mine[0], " "), language)
        told = words_of(theirs[1], language)
        # Told apart by what only one of the two has: exports to China, exports to Japan.
        swapped = [
            word for word in second if not nearness(word, behind)[0] and nearness(word, before)[0]
        ]
        other = [
            word
            for word in told
            if nearness(word, first)[0] and word.form not in {each.form for each in second}
        ]
        if swapped and other:
            return mine[1]
    return ""


_NEXT = re.compile(r"\s+(?:of\s+(?:the\s+)?)?([A-Za-z][\w-]+)")


def counted_otherwise(claim: Said, clues: Sequence[Clue]) -> str:
    """English: a number that the claim has of one thing and the source of another, of which it has one more."""
    mine = _counted(claim.text)
    for clue in clues:
        theirs = _counted(clue.place.text)
        for forms, noun in mine:
            same = [other for other_forms, other in theirs if forms & other_forms]
            others = [other for other_forms, other in theirs if not forms & other_forms]
            if (
                same
                and not any(_near(other, noun) for other in same)
                and any(_near(other, noun) for other in others)
            ):
                return noun
    return ""


def _near(one: str, other: str) -> bool:
    words = words_of(other, "en")
    return bool(words) and all(nearness(word, bag_of(one, "en"))[0] for word in words)


def _counted(text: str) -> list[tuple[frozenset[str], str]]:
    """Each number with the noun behind it."""
    return [
        (forms, found[1])
        for number, forms in amounts(text, "en")
        if not number.unit and (found := _NEXT.match(text, number.span.end)) is not None
    ]


_DIGITS = "-.0123456789"


def in_another_order(sentence: str, nearest: str, language: Language) -> str:
    """Two numbers of one unit that the source names the other way round: from 5 to 10."""
    mine = [(number.text, max(forms, key=len)) for number, forms in amounts(sentence, language)]
    theirs = [max(forms, key=len) for _, forms in amounts(nearest, language)]
    for (first, one), (second, two) in pairwise(mine):
        alike = one != two and one.lstrip(_DIGITS) == two.lstrip(_DIGITS)
        if not alike or not {one, two} <= set(theirs):
            continue
        if theirs.index(one) > len(theirs) - 1 - theirs[::-1].index(two):
            return f"{first}, {second}"
    return ""
