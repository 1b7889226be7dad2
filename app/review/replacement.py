"""A word of the source put away for another: learned to swim, where the source says learned to skate.

Only what stands between the same neighbours is seen. It may be a synonym that no list knows, so it takes
a sentence its support and no more.
"""

from app.language.stems import content_stems
from app.language.types import Language
from app.review.places import Place
from app.review.synonyms import synonyms
from app.review.wording import known, without_numbers


def replaced(
    sentence: str, stems: set[str], covered: set[str], place: Place, language: Language
) -> list[tuple[str, str]]:
    """Each word that stands where the clause has another, with that one.

    `stems` are the claim's content words and `covered` those that the clause has.
    """
    mine = content_stems(without_numbers(sentence, language), language)
    theirs = content_stems(without_numbers(place.whole, language), language)
    there = known(set(mine), place.whole, language) | covered | (set(mine) - stems)
    claimed = {other for word in mine for other in synonyms(word, language)}
    found: list[tuple[str, str]] = []
    for at, word in enumerate(mine):
        before = mine[at - 1] if at else ""
        after = mine[at + 1] if at + 1 < len(mine) else ""
        if word in there or not {before, after} - {""} <= there:
            continue
        for n, other in enumerate(theirs):
            left = theirs[n - 1] if n else ""
            right = theirs[n + 1] if n + 1 < len(theirs) else ""
            same = (not before or _same(before, left, language)) and (
                not after or _same(after, right, language)
            )
            if other not in claimed and same and (before or after):
                found.append((word, other))
                break
    return found


def _same(one: str, other: str, language: Language) -> bool:
    return one == other or bool(other and other in synonyms(one, language))
