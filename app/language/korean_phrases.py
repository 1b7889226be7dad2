"""A Korean keyphrase found by its letters, at the borders of morphemes, whatever is joined to it."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache

from app.language.compounds import names_part
from app.language.korean import Morpheme, morphemes
from app.language.types import Span

_JOINS = ("NN", "NR", "NP", "SL", "XR", "SN", "XPN", "J", "SH", "SW")
"""After these a word may follow without a blank."""
_VERBAL = ("VV", "VA", "VX", "E")
_PARTICLE = r"(?:(?P<{name}>[가-힣]{{1,4}})\s+)?"
"""Between two words a particle may stand: 데이터베이스를 백업하다."""
_BETWEEN = r"[\s\-‐·]*"
"""Blanks are free in Korean, and so are hyphens: K-팝, K팝."""


def find_phrase(phrase: str, text: str) -> list[Span]:
    """Where `phrase` stands in `text`, in order, not overlapping; before every particle and ending."""
    matches = list(_pattern(phrase).finditer(text))
    if not matches:
        return []
    tokens = [token for token in morphemes(text) if token.span.start < token.span.end]
    starts = {token.span.start for token in tokens}
    ends = {token.span.end for token in tokens}
    verbal = is_verbal(phrase)
    found: list[Span] = []
    for match in matches:
        span = Span(*match.span())
        if not all(_is_particle(match.span(name), tokens) for name in match.groupdict()):
            continue
        within = list(_within(span, tokens))
        if not verbal and _is_form_of_verb(within):
            continue  # 가지 is no form of 가다
        if span.start in starts and span.end in ends:
            if _begins_word(text, span.start, tokens):
                found.append(span)
        elif _is_in_compounds(span, starts, ends, within):
            found.append(span)
    return found


@lru_cache(maxsize=256)
def _pattern(phrase: str) -> re.Pattern[str]:
    words = [
        _BETWEEN.join(re.escape(letter) for letter in word if letter.isalnum() or letter in "+#.")
        for word in phrase.lower().split()
    ]
    words = [word for word in words if word]
    pattern = words[0] if words else r"(?!)"
    for at, word in enumerate(words[1:]):
        pattern += _PARTICLE.format(name=f"p{at}") + _BETWEEN + word
    return re.compile(pattern, re.IGNORECASE)


@lru_cache(maxsize=256)
def is_verbal(phrase: str) -> bool:
    """Whether it is a verb or adjective in the form of dictionaries, or ends with one: 살을 빼다."""
    return phrase.endswith("다") and morphemes(phrase)[-1].tag.startswith("E")


def _is_form_of_verb(within: Sequence[Morpheme]) -> bool:
    """Whether it is a verb's form in the sentence; one that is used as a noun (글쓰기) is none."""
    verbal = any(token.tag.startswith(_VERBAL) for token in within)
    return verbal and within[-1].tag != "ETN"


def _is_particle(place: tuple[int, int], tokens: Sequence[Morpheme]) -> bool:
    """Whether nothing is there, or particles alone."""
    if place[0] < 0:
        return True
    within = list(_within(Span(*place), tokens))
    return (
        bool(within)
        and all(token.tag.startswith("J") for token in within)
        and within[0].span.start == place[0]
    )


def _within(span: Span, tokens: Sequence[Morpheme]) -> Iterator[Morpheme]:
    """The morphemes that share letters with a place."""
    at = bisect_left(tokens, span.start, key=lambda token: token.span.end)
    while at < len(tokens) and tokens[at].span.start < span.end:
        if tokens[at].span.end > span.start:
            yield tokens[at]
        at += 1


def _begins_word(text: str, at: int, tokens: Sequence[Morpheme]) -> bool:
    """At a word's start, or after a noun it is joined to; never inside a syllable run of another word."""
    if at == 0 or not text[at - 1].isalnum():
        return True
    number = bisect_left(tokens, at, key=lambda token: token.span.end)
    while number < len(tokens) and tokens[number].span.end == at:
        if tokens[number].tag.startswith(_JOINS):
            return True
        number += 1
    return False


def _is_in_compounds(
    span: Span, starts: set[int], ends: set[int], within: Sequence[Morpheme]
) -> bool:
    """Whether it begins and ends at borders of morphemes, or of the parts of a noun that is a compound."""
    first, last = (within[0], within[-1]) if within else (None, None)
    if first is None or last is None:
        return False
    begins = span.start in starts or _is_edge(first, span.start, last.span.end, span)
    return begins and (span.end in ends or _is_edge(last, first.span.start, span.end, span))


def _is_edge(noun: Morpheme, start: int, end: int, span: Span) -> bool:
    if not noun.tag.startswith("NN"):
        return False
    low = max(start, span.start, noun.span.start) - noun.span.start
    high = min(end, span.end, noun.span.end) - noun.span.start
    return names_part(noun.form, low, high)
