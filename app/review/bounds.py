"""Bounds of numbers: at least 12, up to 70 %, 이상, 까지. Whether a claim turns one round, or leaves it out.

"Not more than 6 months", "up to 6 months" and "must not be older than 6 months" are one bound; what says it is
taken out of the text, so that its words are no negations and no comparisons of their own.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from app.language.numbers import find_numbers
from app.language.types import Language

Side = Literal["<", ">"]

_MORE = (
    r"(?:more|older|longer|later|higher|greater|larger|bigger|farther|further|heavier|taller|faster|hotter)\s+than|over|above|"
    r"exceed(?:s|ed|ing)?|beyond"
)
_LESS = r"(?:less|fewer|younger|shorter|earlier|lower|smaller|lighter|slower|cheaper)\s+than|under|below"
_NOT = r"\b(?:no|not|never|cannot|without|n['’]t|must not|may not)\b[^,.;:]{0,40}?"
_AT_MOST = r"up to|at most|at the most|(?:a )?maximum(?: of)?|as (?:many|much|long) as|no later than|within"
_WORDS_BEFORE_EN: tuple[tuple[Side, str], ...] = (
    ("<", rf"(?:{_NOT}|n['’]t\b[^,.;:]{{0,40}}?)\b(?:{_MORE})"),
    (">", rf"{_NOT}\b(?:{_LESS})"),
    ("<", rf"\b(?:{_AT_MOST})"),
    (">", r"\b(?:at least|at the least|(?:a )?minimum(?: of)?)"),
    (">", rf"\b(?:{_MORE})"),
    ("<", rf"\b(?:{_LESS})"),
)
_BEFORE_EN: tuple[tuple[Side, re.Pattern[str]], ...] = tuple(
    (side, re.compile(rf"(?:{words})\s+(?:an?\s|the\s|about\s|age\sof\s)*$", re.IGNORECASE))
    for side, words in _WORDS_BEFORE_EN
)
_AFTER_EN: tuple[tuple[Side, re.Pattern[str]], ...] = (
    (
        ">",
        re.compile(
            r"\s(?:\w+\s)?(?:or|and)\s(?:more|older|longer|over|above|higher|upwards?)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "<",
        re.compile(
            r"\s(?:\w+\s)?(?:or|and)\s(?:less|fewer|younger|shorter|under|below|lower)\b",
            re.IGNORECASE,
        ),
    ),
    (">", re.compile(r"\s(?:\w+\s)?at (?:the )?least\b", re.IGNORECASE)),
    ("<", re.compile(r"\s(?:\w+\s)?at (?:the )?most\b", re.IGNORECASE)),
)
_UNIT_KO = r"\s?(?:[가-힣a-zA-Z㎡]{1,5}?)?(?:이|가|을|를)?\s?"
_AFTER_KO: tuple[tuple[Side, re.Pattern[str]], ...] = (
    (
        "<",
        re.compile(
            _UNIT_KO
            + r"(?:넘|초과)[가-힣]*(?:\s[가-힣]+){0,2}?\s?(?:안\s?[되된돼됩]|않|못|말)[가-힣]*"
        ),
    ),
    (">", re.compile(_UNIT_KO + r"(?:이상|초과|넘[가-힣]*|보다 (?:많|길|크|높|오래)[가-힣]*)")),
    (
        "<",
        re.compile(
            _UNIT_KO
            + r"(?:이하|미만|이내|까지만|까지|안에|보다 (?:적|짧|작|낮)[가-힣]*|(?:도|이)? 안 [되된돼]\w*)"
        ),
    ),
)
_BEFORE_KO: tuple[tuple[Side, re.Pattern[str]], ...] = (
    ("<", re.compile(r"(?:최대|최고|많아야|길어야|기껏해야)\s?$")),
    (">", re.compile(r"(?:최소|적어도|최소한)\s?$")),
)
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Bounded:
    """The bounds of a text's numbers by normal form, and the text without the words that say them."""

    sides: dict[str, Side]
    rest: str


@lru_cache(maxsize=4096)
def bounds(text: str, language: Language) -> Bounded:
    """Find every number's bound."""
    sides: dict[str, Side] = {}
    cut: list[tuple[int, int]] = []
    in_front, behind = (_BEFORE_KO, _AFTER_KO) if language == "ko" else (_BEFORE_EN, _AFTER_EN)
    for number in find_numbers(text, language):
        found: tuple[Side, re.Match[str]] | None
        start, end = number.span.start, number.span.end
        head, tail = text[max(0, start - _LONGEST) : start], text[end : end + _LONGEST]
        found = next(((side, m) for side, pattern in in_front if (m := pattern.search(head))), None)
        if found is not None:
            sides[number.normal] = found[0]
            cut.append((start - len(head) + found[1].start(), start))
            continue
        found = next(((side, m) for side, pattern in behind if (m := pattern.match(tail))), None)
        if found is not None:
            sides[number.normal] = found[0]
            cut.append((end, end + found[1].end()))
    rest = text
    for start, end in sorted(cut, reverse=True):
        rest = f"{rest[:start]} {rest[end:]}"
    return Bounded(sides, rest)
