"""Whether the numbers of a claim stand in the clause that it is about, in any of their writings."""

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from app.language.measures import is_marked, is_rounded, measure
from app.language.numbers import Number, find_numbers
from app.language.types import Language
from app.review.evidence import Evidence
from app.review.places import Place
from app.review.verdict import Problem

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


def wrong_numbers(evidence: Evidence, language: Language) -> list[Problem]:
    """The claim's numbers that no passage has in any writing, and units and dimensions that are others."""
    sentence = evidence.said.text
    theirs = [
        number for clue in evidence.every for number in find_numbers(clue.place.text, language)
    ]
    found = [
        Problem("number", number.text)
        for (number, _), holds in zip(
            evidence.said.numbers, evidence.everywhere.numbers, strict=True
        )
        if (not holds and not _stands(number, sentence, theirs, evidence, language))
        or (holds and _denied(number, evidence, language))
    ]
    there = evidence.around
    folded = "\n".join(clue.place.text for clue in evidence.every).casefold()
    found.extend(
        Problem("number", unit)
        for unit in _UNIT_WORDS.findall(sentence)
        if unit.casefold() not in folded
    )
    if any(measure(number) is not None and number.unit for number, _ in evidence.said.numbers):
        found.extend(_other_dimension(sentence, there, language))
    return found


_DENYING: dict[Language, tuple[re.Pattern[str], re.Pattern[str]]] = {
    "en": (
        re.compile(r"\b(?:not|instead of|rather than)\s+(?:in\s|on\s|at\s)?$"),
        re.compile(r"(?!)"),
    ),
    "ko": (re.compile(r"(?!)$"), re.compile(r"\s?(?:이|가)?\s?아니라|\s?대신")),
}


def _denied(number: Number, evidence: Evidence, language: Language) -> bool:
    """Whether the source names a number only to say that it is another."""
    before, behind = _DENYING[language]
    found: list[bool] = []
    for clue in evidence.every:
        text = clue.place.text
        for other in find_numbers(text, language):
            if other.normal == number.normal:
                head, tail = text[: other.span.start], text[other.span.end :]
                found.append(bool(before.search(head) or behind.match(tail)))
    return bool(found) and all(found)


_ONE = frozenset({"", "개", "명", "대", "번", "회"})


def _stands(
    number: Number, sentence: str, theirs: Sequence[Number], evidence: Evidence, language: Language
) -> bool:
    """Whether a number is only said in another way: one of something, rounded, without its unit, reckoned."""
    if number.value == 1 and number.unit in _ONE:
        return True
    places = [clue.place for clue in evidence.every]
    return (
        (
            number.unit == "share"
            and number.text.casefold().split()[-1] == "half"
            and any("half" in place.text.casefold() for place in places)
        )
        or any(_nearly_share(number, other, sentence, language) for other in theirs)
        or any(is_rounded(sentence, number, other, language) for other in theirs)
        or any(
            _without_unit(number, other)
            for other in theirs
            if _bare(number, sentence, other, evidence)
        )
        or (number.unit == "×" and _grew(number, places, language))
        or _part(number, theirs)
    )


def _without_unit(one: Number, other: Number) -> bool:
    """The same digits, one of them without the unit that goes without saying: a berth 69 euros, a seat 29."""
    same = one.value is not None and one.value == other.value
    return same and (not one.unit) != (not other.unit)


_NOUN_BEHIND = re.compile(
    r"\s?(?!(?:and|or|but|to|in|on|at|by|for|of|from|with|than|when|while|as|is|are|was|were)\b)[^\W\d_]"
)


def _bare(one: Number, sentence: str, other: Number, evidence: Evidence) -> bool:
    """Whether nothing that is counted follows the one without a unit."""
    if not one.unit:
        return _NOUN_BEHIND.match(sentence, one.span.end) is None
    return any(
        (at := clue.place.text.find(other.text)) >= 0
        and _NOUN_BEHIND.match(clue.place.text, at + len(other.text)) is None
        for clue in evidence.every
    )


_SHARE_OFF = Decimal("0.035")


def _nearly_share(one: Number, other: Number, sentence: str, language: Language) -> bool:
    """A fraction in words, marked as rounded, for a share in digits: nearly two thirds for 64 percent."""
    mine, theirs = measure(one), measure(other)
    if mine is None or theirs is None or one.unit != "share" or theirs[0] != "share":
        return False
    return is_marked(sentence, one, language) and abs(mine[1] - theirs[1]) <= _SHARE_OFF


_NEARLY = Decimal("0.05")


def _part(number: Number, theirs: Sequence[Number]) -> bool:
    """A share that the source gives of a number that it gives: a third of 60,000 is 20,000."""
    amount = measure(number)
    if amount is None or not amount[1] or number.unit == "%":
        return False
    counted = [each for other in theirs if (each := measure(other)) is not None]
    shares = [value for base, value in counted if base == "share" and 0 < value < 1]
    return any(
        base == amount[0] and abs(value * share - amount[1]) <= amount[1] * _NEARLY
        for base, value in counted
        for share in shares
        if base != "share"
    )


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
