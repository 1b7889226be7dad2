"""Where sentences begin and end, by rules, in both languages."""

import itertools
import re
from functools import partial

from app.language.remembered import Remembered
from app.language.types import Language, Span

_ABBREVIATIONS = frozenset(
    {
        *("dr", "mr", "mrs", "ms", "prof", "st", "sr", "jr", "vs", "e.g", "i.e", "cf", "etc", "al"),
        *("fig", "eq", "sec", "ch", "no", "vol", "pp", "p", "inc", "ltd", "co", "corp", "approx"),
        *("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"),
        *("u.s", "u.k", "u.n", "a.m", "p.m", "ph.d", "est", "dept", "gen", "col", "rev", "gov"),
    }
)
_SHELTERED = re.compile(
    # The last: 2025. 4. 21.
    r"```.*?```|`[^`\n]+`|https?://[^\s)\]>]*[^\s)\]>.,;:!?]|\d{4}\. ?\d{1,2}\. ?\d{1,2}",
    re.DOTALL,
)
_END = re.compile(r"[.!?…。！？]+")
_CLOSERS = "\"'”’)]」』》〉*_"
_OPENERS = {"(": ")", "[": "]", "“": "”", "「": "」", "『": "』", "《": "》"}
_OPENING = re.compile("[" + re.escape("".join(_OPENERS)) + '"]')
_BEFORE_WORDS = frozenset("([“\"'‘")
_KOREAN_LINE_ENDS = frozenset("다요죠까음함됨임")

_LONGEST_WORD = 40
"""No abbreviation is longer; whoever looks back farther takes quadratic time in a text without blanks."""
_LOOK_AHEAD = 80
"""Blanks between two sentences of a paragraph are fewer."""
_LONGEST_SHELTER = 400
"""A bracket or quotation longer than this is taken for one that nobody closed."""


def split_sentences(text: str, language: Language) -> list[Span]:
    """The sentences of `text` as trimmed spans, in order; together they cover all but white space.

    A sentence ends at `.`, `!`, `?` or `…` and what closes with it, unless it stands in code, an
    address, a number, an abbreviation, an initial, or inside brackets or quotation marks that close
    later; and at a blank line. A Korean one ends at a line's end too, after a final ending.
    """
    return list(_remembered[language](text))


def _split(text: str, language: Language) -> tuple[Span, ...]:
    spans: list[Span] = []
    for start, end in _paragraphs(text):
        cuts = [start, *_cuts(text, start, end, language), end]
        for left, right in itertools.pairwise(cuts):
            span = _trimmed(text, left, right)
            if span.start < span.end:
                spans.append(span)
    return tuple(spans)


_remembered = {
    "en": Remembered(partial(_split, language="en"), characters=300_000),
    "ko": Remembered(partial(_split, language="ko"), characters=300_000),
}


def _paragraphs(text: str) -> list[tuple[int, int]]:
    places = [0]
    for gap in re.finditer(r"\n\s*\n", text):
        places += [gap.start(), gap.end()]
    places.append(len(text))
    return list(zip(places[::2], places[1::2], strict=True))


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


def _cuts(text: str, start: int, end: int, language: Language) -> list[int]:
    sheltered = bytearray(end - start)
    for left, right in _shelters(text, start, end):
        sheltered[left - start : right - start] = b"\x01" * (right - left)
    cuts: list[int] = []
    for mark in _END.finditer(text, start, end):
        at = mark.end()
        if sheltered[mark.start() - start]:
            continue
        while at < end and text[at] in _CLOSERS:
            at += 1
        if at < end and _ends_here(text, start, mark.start(), mark.group(), at, language):
            cuts.append(at)
    if language == "ko":
        for newline in re.finditer(r"\n", text[start:end]):
            at = start + newline.start()
            last = _trimmed(text, start, at).end - 1
            if not sheltered[at - start] and last >= start and text[last] in _KOREAN_LINE_ENDS:
                cuts.append(at)
    return sorted(set(cuts))


def _ends_here(  # noqa: PLR0917  # one return a rule reads better than one expression
    text: str, start: int, mark: int, marks: str, after: int, language: Language
) -> bool:
    following = text[after] if after < len(text) else ""
    if not following.isspace():
        # `다.그리고`: Korean written without the blank.
        return (
            language == "ko"
            and mark > start
            and bool(re.match(r"[가-힣]", text[mark - 1]))
            and bool(re.match(r"[가-힣A-Z“\"(]", following))
        )
    if marks[0] != "." or len(marks) > 1:
        rest = text[after : after + _LOOK_AHEAD].lstrip()
        return not (marks[0] in ".…" and rest[:1].islower())
    word = _word_before(text, start, mark).lower().rstrip(".")
    if word in _ABBREVIATIONS or (
        len(word) == 1 and word.isalpha() and word != "i" and word.isascii()
    ):
        rest = text[after : after + _LOOK_AHEAD].lstrip()
        # `etc.` and the like end a sentence when a new one clearly begins.
        return word in {"etc", "inc", "ltd", "co", "a.m", "p.m"} and rest[:1].isupper()
    if word.isdigit() and mark - len(word) == start:
        return False  # `1. First`: a number that counts
    rest = text[after : after + _LOOK_AHEAD].lstrip()
    return not rest[:1].islower() or language == "ko"


def _word_before(text: str, start: int, mark: int) -> str:
    """The letters before a mark back to a blank, bracket or quotation mark."""
    at = mark
    while at > max(start, mark - _LONGEST_WORD):
        if text[at - 1].isspace() or text[at - 1] in _BEFORE_WORDS:
            break
        at -= 1
    return text[at:mark]


def _shelters(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Ranges in which no sentence ends: code, addresses, and closed brackets and quotations."""
    ranges = [match.span() for match in _SHELTERED.finditer(text, start, end)]
    after = start
    while (opener := _OPENING.search(text, after, end)) is not None:
        at = opener.start()
        if opener.group() == '"':
            closing = text.find('"', at + 1, min(end, at + _LONGEST_SHELTER))
            found = closing if closing > 0 else None
        else:
            found = _closing(text, at, _OPENERS[opener.group()], end)
        if found is not None:
            ranges.append((at, found))
        after = (at if found is None else found) + 1
    return ranges


def _closing(text: str, at: int, closer: str, end: int) -> int | None:
    depth = 0
    for place in range(at, min(end, at + _LONGEST_SHELTER)):
        if text[place] == text[at]:
            depth += 1
        elif text[place] == closer:
            depth -= 1
            if depth == 0:
                return place
    return None
