"""Whether a number, a name or a time of a claim stands in the source at something else.

"Lena was born in Paris", where the source has Paris, but at another thing, and at her birth another place. What
competes is of one kind: two amounts in one unit, two names, two weekdays, two subjects.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.language.measures import measure
from app.language.names import find_names
from app.language.numbers import Number, find_numbers
from app.language.types import Language
from app.review.evidence import Clue, Said
from app.review.places import Place
from app.review.thesaurus.lemmas import lemma
from app.review.words import bag_of, nearness, words_of
from app.seo.amounts import Known, amounts

_MARK_WEIGHT = 1.5
_CLEARLY = 0.3
"""How much more of a claim's words another clause must hold. Half of an ordinary verb: hand-set."""

TIMES: dict[Language, dict[str, re.Pattern[str]]] = {
    "en": {
        "weekday": re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day", re.IGNORECASE),
        "month": re.compile(
            r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
        ),
        "season": re.compile(r"\b(?:spring|summer|autumn|winter)\b", re.IGNORECASE),
        "hour": re.compile(
            r"\b(?:morning|afternoon|evening|night|noon|midday|midnight|dawn|dusk)\b", re.IGNORECASE
        ),
    },
    "ko": {
        "weekday": re.compile(r"[월화수목금토일]요일"),
        "month": re.compile(r"(?<!\d)\d{1,2}월"),
        "season": re.compile(r"봄|여름|가을|겨울"),
        "hour": re.compile(r"아침|점심|저녁|새벽|한낮|대낮|정오|자정|한밤"),
    },
}
"""Times of which a sentence means one of a kind."""


_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DAY = re.compile(
    rf"\b(?:(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?(?P<m>{_MONTHS})|(?P<n>{_MONTHS})\s(?P<e>\d{{1,2}})(?!\d))\b"
)
_ORDINALS = {
    name: f"{number}"
    for names in (
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth",
        "1st 2nd 3rd 4th 5th 6th 7th 8th 9th 10th 11th 12th",
        "첫째 둘째 셋째 넷째 다섯째 여섯째 일곱째 여덟째 아홉째 열째",
        "첫번째 두번째 세번째 네번째 다섯번째 여섯번째 일곱번째 여덟번째 아홉번째 열번째",
    )
    for number, name in enumerate(names.split(), 1)
}
_ORDINAL: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:(?:third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth)(?!s)|\d+(?:st|nd|rd|th))\b",
        re.IGNORECASE,
    ),
    "ko": re.compile(
        r"(?:둘|셋|넷|다섯|여섯|일곱|여덟|아홉|열)째|(?:두|세|네|다섯|여섯|일곱|여덟|아홉|열)\s?번째"
    ),
}
"""Not the first: it is said of much that is not counted."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a sentence may not exchange: its kind and how it is known again."""

    kind: str
    text: str
    forms: frozenset[str]
    plain: str = ""
    """The digits of an amount with a unit, which may go without saying: a seat 29."""


@lru_cache(maxsize=8192)
def marks(text: str, language: Language) -> tuple[Mark, ...]:
    """The numbers, names and times of a text."""
    return tuple(_marks(text, language))


def _marks(text: str, language: Language) -> Iterator[Mark]:
    for number, forms in amounts(text, language):
        plain = f"{number.value:f}" if number.value is not None and number.unit else ""
        yield Mark(_kind(number), number.text, forms, plain)
    for kind, pattern in TIMES[language].items():
        for found in map(str, pattern.findall(text)):
            yield Mark(kind, found, frozenset({found.casefold()}))
    for found in map(str, _ORDINAL[language].findall(text)):
        yield Mark("ordinal", found, frozenset({_ORDINALS.get(found.casefold(), found.casefold())}))
    if language == "en":
        for day_found in _DAY.finditer(text):
            day = str(day_found["d"] or day_found["e"])
            month = str(day_found["m"] or day_found["n"])[:3].casefold()
            yield Mark("day", day_found[0], frozenset({f"{day} {month}"}))
    times = {
        found.casefold() for pattern in TIMES[language].values() for found in pattern.findall(text)
    }
    taken = [number.text for number in find_numbers(text, language)]
    for name in find_names(text, language):
        flat = re.sub(r"['’]s?$", "", name).casefold()
        if (
            flat
            and flat not in times
            and not any(name in number for number in taken)
            and not flat.isdigit()
        ):
            yield Mark("name", name, frozenset({flat}))


def _kind(number: Number) -> str:
    if number.unit == "year" and number.normal.isdigit():
        return "date"
    amount = measure(number)
    return f"amount {amount[0]}" if amount is not None else number.normal.partition(":")[0]


def rivals(claim: Said, clues: Sequence[Clue], language: Language) -> list[tuple[str, str]]:
    """Each mark of the claim at whose place the source has another of its kind, with that other one."""
    mine = marks(claim.text, language)
    found: list[tuple[str, str]] = []
    for mark in mine:
        others = [
            other for other in mine if other.text not in mark.text and mark.text not in other.text
        ]
        scored = [(_score(claim, others, clues, at, mark), at) for at in range(len(clues))]
        holding = [score for score, at in scored if _holds(clues[at].place, mark, language)]
        if not holding:
            continue
        best, at = max(scored, key=lambda each: each[0])
        if best < max(holding) + _CLEARLY or _holds(clues[at].place, mark, language):
            continue
        rival = next(
            (
                other
                for other in marks(clues[at].place.whole, language)
                if other.kind == mark.kind and not any(_same(other, each) for each in mine)
            ),
            None,
        )
        if rival is not None:
            found.append((mark.text, rival.text))
    return found


def _same(one: Mark, other: Mark) -> bool:
    if one.kind != other.kind:
        return False
    if one.kind == "name":
        return any(a in b or b in a for a in one.forms for b in other.forms)
    return bool(one.forms & other.forms)


def _score(
    claim: Said, others: Sequence[Mark], clues: Sequence[Clue], at: int, mark: Mark
) -> float:
    """How much of a claim a clause holds beside the mark; what has no verb borrows the words before it."""
    clue, language = clues[at], claim.language
    skip = bag_of(mark.text, language).forms
    shares = [0.0 if turned else share for share, turned in clue.found.words]
    whole = clue.place.whole
    beside = at and clues[at - 1].place.sentence_span == clue.place.sentence_span
    if beside and clues[at - 1].passage == clue.passage and _elliptic(claim, clue.place, language):
        before = clues[at - 1]
        shares = [
            max(one, 0.0 if turned else share)
            for one, (share, turned) in zip(shares, before.found.words, strict=True)
        ]
    words = sum(
        word.weight * share
        for word, share in zip(claim.words, shares, strict=True)
        if word.form not in skip
    )
    place = Place(whole, "", whole)
    return words + _MARK_WEIGHT * sum(_holds(place, other, language) for other in others)


def _elliptic(claim: Said, place: Place, language: Language) -> bool:
    """Whether a clause has no verb and names nothing of its own: "and after six in the United Kingdom"."""
    words = words_of(place.text, language)
    if any(word.kind == "v" for word in words):
        return False
    whole = bag_of(claim.text, language)
    names = {
        part for name in find_names(place.text, language) for part in bag_of(name, language).forms
    }
    return all(nearness(word, whole)[0] or word.form in names for word in words if word.kind == "n")


def _holds(place: Place, mark: Mark, language: Language) -> bool:
    if mark.kind == "name" or mark.kind in TIMES[language]:
        flat = place.whole.casefold()
        return all(form in flat for form in mark.forms)
    return _known(place.whole, language).holds(mark.forms) or any(
        mark.plain
        and number.value is not None
        and not number.unit
        and f"{number.value:f}" == mark.plain
        for number in find_numbers(place.text, language)
    )


@lru_cache(maxsize=4096)
def _known(text: str, language: Language) -> Known:
    return Known([text], language)


def missing_times(claim: Said, clues: Sequence[Clue], language: Language) -> list[str]:
    """Weekdays, days, months and ordinals of the claim that no passage has."""
    there = [mark for clue in clues for mark in marks(clue.place.text, language)]
    return [
        mark.text
        for mark in marks(claim.text, language)
        if mark.kind in _TOLD
        and not any(mark.kind == other.kind and mark.forms & other.forms for other in there)
        and any(mark.kind == other.kind for other in there)
    ]


_TOLD = frozenset({"weekday", "month", "season", "ordinal", "day"})


_SLOT = re.compile(
    r"\b(in|at|from|to|by|for|with|of|on|until|since|after|before|against|through)\s+(?:the\s+|an?\s+)?$",
    re.IGNORECASE,
)
_RELATED = re.compile(
    r"\b(before|after|until|since|during|without|with|above|below|under|over|inside|outside|behind|against"
    r"|favou?r of)\s+(?:the\s+|an?\s+|its\s+|their\s+)?([a-z]\w+)",
    re.IGNORECASE,
)


def other_relation(claim: Said, clues: Sequence[Clue], language: Language) -> str:
    """A word that the claim puts before, after, with something, where the source has it only otherwise."""
    if language != "en":
        return ""
    mine = _relations(claim.text)
    theirs: dict[str, set[str]] = {}
    for clue in clues:
        for noun, words in _relations(clue.place.text).items():
            theirs.setdefault(noun, set()).update(words)
    for noun, words in mine.items():
        if noun in theirs and not words & theirs[noun]:
            return f"{min(words)} {noun}"
    return ""


def _relations(text: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for word, noun in _RELATED.findall(text):
        found.setdefault(lemma(noun.lower(), "en"), set()).add(word.lower())
    return found


def other_slot(claim: Said, clues: Sequence[Clue], language: Language) -> str:
    """A name behind a preposition behind which the source has another one, and this one elsewhere."""
    if language != "en":
        return ""
    for mark in marks(claim.text, language):
        if mark.kind != "name":
            continue
        mine = _slots(claim.text, mark.text)
        for clue in clues:
            theirs = _slots(clue.place.text, mark.text)
            if not mine or not theirs or mine & theirs:
                continue
            others = [
                other
                for other in marks(clue.place.text, language)
                if other.kind == "name"
                and not _same(mark, other)
                and _slots(clue.place.text, other.text) & mine
            ]
            if others and not any(
                _same(other, each) for other in others for each in marks(claim.text, language)
            ):
                return mark.text
    return ""


def _slots(text: str, name: str) -> set[str]:
    return {
        found[1].casefold()
        for place in re.finditer(re.escape(name), text)
        if (found := _SLOT.search(text[max(0, place.start() - 20) : place.start()]))
    }
