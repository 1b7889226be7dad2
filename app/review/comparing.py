"""What a claim compares with what."""

import re
from collections.abc import Sequence

from app.language.numbers import find_numbers
from app.language.types import Language
from app.review.evidence import Clue, Said
from app.review.words import bag_of, nearness, words_of

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
