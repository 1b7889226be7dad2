"""Whether the numbers of a claim stand in the clause that it is about, in any of their writings."""

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from app.language.measures import is_rounded, measure
from app.language.numbers import Number, find_numbers
from app.language.types import Language
from app.review.places import Place
from app.review.verdict import Problem
from app.seo.amounts import Known, amounts

_UNIT_WORDS = re.compile(
    r"(?<=\d)\s?(inch(?:es)?|yards?|pounds?|ounces?|tons?|tonnes?|gallons?|degrees?|points?|watts?|volts?"
    r"|피트|마일|인치|톤|파운드|갤런|와트|볼트|포인트)",
    re.IGNORECASE,
)
"""Units after digits beyond those that numbers carry; one that the source never uses is wrong."""

_DIMENSIONS = {
    language: tuple(re.compile(words, re.IGNORECASE) for words in groups)
    for language, groups in {
        "en": (
            r"\b(?:high|tall|height)\b",
            r"\b(?:long|length|distance|stretch\w*)\b",
            r"\b(?:wide|width|broad|breadth)\b",
            r"\b(?:deep|depth)\b",
            r"\b(?:weigh\w*|weight|heavy)\b",
        ),
        "ko": (r"높이|높다", r"길이|거리", r"너비|폭", r"깊이|깊은", r"무게"),
    }.items()
}
"""What may be measured of one thing in one unit: a lake is not as deep as it is long."""


def wrong_numbers(sentence: str, places: Sequence[Place], language: Language) -> list[Problem]:
    """The claim's numbers, units and dimensions that none of the places bears out."""
    texts = [place.whole for place in places]
    stands = Known(texts, language)
    theirs = [number for text in texts for number in find_numbers(text, language)]
    found = [
        Problem("number", number.text)
        for number, forms in amounts(sentence, language)
        if not stands.holds(forms)
        and not any(is_rounded(sentence, number, other, language) for other in theirs)
        and not (number.unit == "×" and _grew(number, places, language))
    ]
    evidence = "\n".join(texts)
    found.extend(_other_times(sentence, evidence, language))
    folded = evidence.casefold()
    units = _UNIT_WORDS.findall(sentence)
    found.extend(Problem("number", unit) for unit in units if unit.casefold() not in folded)
    if any(
        measure(number) is not None and number.unit for number in find_numbers(sentence, language)
    ):
        found.extend(_other_dimension(sentence, evidence, language))
    return found


_TIMES: dict[Language, tuple[re.Pattern[str], ...]] = {
    "en": (
        re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day", re.IGNORECASE),
        re.compile(r"\b(?:spring|summer|autumn|winter)\b", re.IGNORECASE),
        re.compile(r"\b(?:morning|afternoon|evening|night)\b", re.IGNORECASE),
    ),
    "ko": (
        re.compile(r"[월화수목금토일]요일"),
        re.compile(r"봄|여름|가을|겨울"),
        re.compile(r"아침|점심|저녁|새벽"),
        re.compile(r"오전|오후"),
    ),
}
"""Days, seasons and hours of which a sentence means one: another of the same kind is another time."""


def _other_times(sentence: str, evidence: str, language: Language) -> list[Problem]:
    found: list[Problem] = []
    for times in _TIMES[language]:
        theirs = {word.casefold() for word in times.findall(evidence)}
        mine = {word.casefold() for word in times.findall(sentence)}
        if theirs:
            found.extend(Problem("number", word) for word in sorted(mine - theirs))
    return found


def _other_dimension(sentence: str, evidence: str, language: Language) -> list[Problem]:
    mine = {group.pattern for group in _DIMENSIONS[language] if group.search(sentence)}
    theirs = {group.pattern for group in _DIMENSIONS[language] if group.search(evidence)}
    return [Problem("number", "another dimension")] if mine and theirs and not mine & theirs else []


def _grew(ratio: Number, places: Sequence[Place], language: Language) -> bool:
    """Whether two numbers of one kind, one after the other in a source sentence, grow so many times."""
    if ratio.value is None:
        return False
    for sentence in {place.sentence for place in places}:
        counted = [
            amount
            for number in find_numbers(sentence, language)
            if (amount := measure(number)) is not None and number.unit != "×"
        ]
        for (base, one), (other, two) in pairwise(counted):
            if base == other and one and two / one == Decimal(ratio.value):
                return True
    return False
