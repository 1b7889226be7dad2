"""An independent check that an article repeats its sources: letter by letter, and nothing besides.

It shares no code with what composes articles nor with the replay of its rules, and it does not
read sentences or morphemes. It takes the Markdown, the claims and the snapshots' texts, and allows
only what the composer may do to a sentence: another register of the final Korean predicate, a
dropped leading connective, reference mark or answer mark, the first letter's case, white space,
Markdown escapes, inline marks, and links to the own site around words as they are.
"""

import html
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.language.types import Language
from app.review.claims import Claim
from app.review.endings import FINAL_WORD, same_predicate

ViolationKind = Literal["snapshot", "quote", "sentence", "words", "span", "uncovered"]


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that is not as a claim says. `start` and `end` are in the Markdown."""

    kind: ViolationKind
    detail: str
    start: int
    end: int


DROPPABLE: Mapping[Language, tuple[str, ...]] = {
    "ko": (
        "그럼에도 불구하고",
        "그렇기 때문에",
        "그러므로",
        "그럼에도",
        "그렇지만",
        "뿐만 아니라",
        "무엇보다도",
        "무엇보다",
        "마지막으로",
        "아울러",
        "더불어",
        "게다가",
        "더욱이",
        "하지만",
        "그러나",
        "따라서",
        "그래서",
        "그리고",
        "그런데",
        "다만",
        "또한",
        "한편",
        "물론",
        "특히",
        "먼저",
        "우선",
        "사실",
        "결국",
        "참고로",
    ),
    "en": (
        "as a result",
        "as a consequence",
        "in addition to that",
        "in addition",
        "on the other hand",
        "on top of that",
        "having said that",
        "that said",
        "even so",
        "of course",
        "in fact",
        "in short",
        "in practice",
        "in general",
        "in particular",
        "in contrast",
        "in turn",
        "for this reason",
        "first of all",
        "last but not least",
        "at the same time",
        "above all",
        "to begin with",
        "besides",
        "however",
        "therefore",
        "moreover",
        "furthermore",
        "additionally",
        "consequently",
        "nevertheless",
        "nonetheless",
        "meanwhile",
        "hence",
        "thus",
        "accordingly",
        "also",
        "yet",
        "but",
        "and",
        "so",
        "plus",
        "now",
        "finally",
        "firstly",
        "first",
        "secondly",
        "second",
        "thirdly",
        "third",
        "lastly",
        "then",
        "indeed",
        "similarly",
        "likewise",
        "again",
    ),
}
"""Connectives that may be missing at a sentence's start. Longest first within a shared beginning."""

_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_FOOTNOTE_MARK = re.compile(r"\[\^[^\]\s]+\](?!:)")
_OWN_LINK = re.compile(r"(?<![!\\])\[([^\[\]]*)\]\(/(?!/)[^()\s<>]*\)")
"""A link to a page of the own site, which adds no word. One to elsewhere would be the source's business."""
_NAMED = r"\[(?:\\.|[^\[\]\\])*\]\(/(?!/)[^()\s<>]*\)"
_RELATED = re.compile(rf"^(?:Related|관련 글): {_NAMED}(?: · {_NAMED})*$")
"""A line that names other articles of the site by their titles."""
_INLINE_MARK = re.compile(r"[*`]+|(?<![^\W_])_+|_+(?![^\W_])")
_REFERENCE = re.compile(r"\s*\[(?:\d{1,3}(?:[,–-]\s?\d{1,3})*|[a-z]|citation needed)\](?!\()")
_ANSWER = re.compile(r"^(?:A|Answer|답변?)\s*\d*\s*[:.：]\s+")
_LAST_BRACKET = re.compile(r"(?<=[가-힣])\((?=[^()]*\)[.!…。]*(?:\s|$))")
_CELL = re.compile(r"\s*\|\s*")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"^ {0,3}#{1,6}(?:\s|$)")
_FOOTNOTE = re.compile(r"^ {0,3}\[\^[^\]\s]+\]:")
_BLOCK_MARK = re.compile(r"^\s*(?:>\s*)*(?:(?:[-*+]|\d{1,9}[.)])\s+)?")
_RULE_ROW = re.compile(r"^\s*\|?(?:\s*:?-+:?\s*\|)+\s*(?::?-+:?\s*)?\|?\s*$")


def verbatim(
    markdown: str,
    claims: Sequence[Claim],
    snapshots: Mapping[str, str],
    language: Language,
    *,
    linking_phrases: Collection[str] = (),
) -> list[Violation]:
    """List everything in which an article does not repeat its sources; empty if nothing.

    `snapshots` are the sources' texts by id; `linking_phrases` is the closed list of sentences that
    need no source (a disclosure line belongs to it). Headings and footnotes are not looked at.
    """
    lines = _Lines(markdown)
    found = [
        violation
        for claim in claims
        for violation in _claim(markdown, claim, snapshots, language, lines)
    ]
    found.extend(_uncovered(markdown, claims, frozenset(map(_plain, linking_phrases)), lines))
    return found


class _Lines:
    """Which parts of the Markdown are code, headings and footnotes, told line by line."""

    def __init__(self, markdown: str) -> None:
        self.code: list[tuple[int, int]] = []
        self.silent: list[tuple[int, int]] = []
        at, fence, began, footnote = 0, "", 0, False
        for line in markdown.splitlines(keepends=True):
            mark = _FENCE.match(line)
            if fence:
                if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                    self.code.append((began, at))
                    self.silent.append((at, at + len(line)))
                    fence = ""
            elif mark:
                fence, began, footnote = mark[1], at + len(line), False
                self.silent.append((at, at + len(line)))
            elif _HEADING.match(line):
                self.silent.append((at, at + len(line)))
                footnote = False
            elif _FOOTNOTE.match(line) or (footnote and line.startswith(("    ", "\t"))):
                self.silent.append((at, at + len(line)))
                footnote = True
            elif _RULE_ROW.match(line.rstrip("\n")) or _RELATED.match(line.rstrip("\n")):
                self.silent.append((at, at + len(line)))
            elif line.strip():
                footnote = False
            at += len(line)
        if fence:
            self.code.append((began, at))

    def is_code(self, start: int, end: int) -> bool:
        return any(first <= start and end <= last + 4 for first, last in self.code)


def _claim(
    markdown: str,
    claim: Claim,
    snapshots: Mapping[str, str],
    language: Language,
    lines: _Lines,
) -> Iterator[Violation]:
    def wrong(kind: ViolationKind, detail: str) -> Violation:
        return Violation(kind, detail, claim.start, claim.end)

    source = snapshots.get(claim.snapshot_id)
    if source is None:
        yield wrong("snapshot", f"there is no snapshot {claim.snapshot_id}")
    elif source[claim.quote_start : claim.quote_end] != claim.quote:
        yield wrong("quote", f"the source does not say {claim.quote!r} there")
    if not 0 <= claim.start < claim.end <= len(markdown):
        yield wrong("span", "the claim stands outside the article")
        return
    said = markdown[claim.start : claim.end]
    if lines.is_code(claim.start, claim.end) or _FENCE.match(said):
        if _code(said) != _code(claim.quote):
            yield wrong("words", f"the code is not the source's: {said!r}")
        return
    if _plain(said) != _plain(claim.sentence):
        yield wrong("sentence", f"the article says {_plain(said)!r}, the claim {claim.sentence!r}")
    if not _same(_plain(said), claim.quote, language):
        yield wrong("words", f"the article says {_plain(said)!r}, the source {claim.quote!r}")


def _code(text: str) -> list[str]:
    """Code's lines without a fence around them and blanks at their ends."""
    kept = text.strip("\n").split("\n")
    if kept and _FENCE.match(kept[0]):
        kept = kept[1:-1] if len(kept) > 1 and _FENCE.match(kept[-1]) else kept[1:]
    return [line.rstrip() for line in kept]


def _plain(text: str) -> str:
    """Words without Markdown's escapes, inline marks, footnote marks and extra blanks."""
    text = _FOOTNOTE_MARK.sub("", unicodedata.normalize("NFC", text))
    text = _OWN_LINK.sub(r"\1", text)
    text = html.unescape(_ESCAPE.sub(r"\1", text))
    text = _INLINE_MARK.sub("", text)
    if "|" in text:
        text = _CELL.sub(" | ", text.strip().strip("|").strip())
    return " ".join(text.split())


def _same(said: str, quote: str, language: Language) -> bool:
    """Whether the words are the quote's but for what is allowed."""
    return any(
        _matches(said, variant, language)
        for variant in _variants(_REFERENCE.sub("", quote), language)
    ) or _matches(said, _plain(quote), language)


def _variants(quote: str, language: Language) -> Iterator[str]:
    """The quote, and the quote without what may be dropped at its start."""
    bare = _plain(quote)
    yield bare
    answer = _ANSWER.sub("", bare)
    for text in dict.fromkeys((bare, answer)):
        yield text
        folded = text.casefold()
        for connective in DROPPABLE[language]:
            rest = text[len(connective) :]
            if folded.startswith(connective) and rest[:1] in {",", " "}:
                yield rest.lstrip(", ")


def _matches(said: str, quote: str, language: Language) -> bool:
    mine, theirs = _words(said), _words(quote)
    if mine == theirs:
        return True
    if language != "ko" or len(mine) != len(theirs):
        return False
    places = _final_places(mine)
    return all(
        one == other or (index in places and _one_predicate(one, other))
        for index, (one, other) in enumerate(zip(mine, theirs, strict=True))
    )


def _words(text: str) -> list[str]:
    """The words, the first letter's case away, and a bracket at a sentence's end a word of its own."""
    return _LAST_BRACKET.sub(" (", text[:1].casefold() + text[1:]).split(" ")


def _final_places(words: Sequence[str]) -> frozenset[int]:
    """Which words may be a predicate that ends a sentence.

    The last one, those with an end mark, and what stands right before a bracket that ends it.
    """
    places: set[int] = set()
    for index, word in enumerate(words):
        found = FINAL_WORD.match(word)
        if index < len(words) - 1 and not (found and found[2].strip("\"'”’」』)]")):
            continue
        places.add(index)
        if found and ")" in found[2]:
            opened = next((n for n in range(index, 0, -1) if words[n].startswith("(")), 0)
            if opened:
                places.add(opened - 1)
    return frozenset(places)


def _one_predicate(one: str, other: str) -> bool:
    mine, theirs = FINAL_WORD.match(one), FINAL_WORD.match(other)
    if mine is None or theirs is None:
        return False
    return mine[2] == theirs[2] and same_predicate(mine[1], theirs[1])


def _uncovered(
    markdown: str, claims: Sequence[Claim], phrases: frozenset[str], lines: _Lines
) -> Iterator[Violation]:
    """What stands in the article and belongs to no claim and no closed list."""
    covered = bytearray(len(markdown))
    for start, end in [*lines.silent, *((claim.start, claim.end) for claim in claims)]:
        first, last = max(start, 0), min(end, len(markdown))
        covered[first:last] = b"\x01" * max(last - first, 0)
    at = 0
    for line in markdown.splitlines(keepends=True):
        for start, end in _gaps(covered, at, at + len(line)):
            rest = markdown[start:end]
            if start == at:
                rest = _BLOCK_MARK.sub("", rest)
            words = _plain(rest).strip(" |")
            if any(map(str.isalnum, words)) and words not in phrases:
                yield Violation("uncovered", f"no claim covers {words!r}", start, end)
        at += len(line)


def _gaps(covered: bytearray, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    while at < end:
        if covered[at]:
            at += 1
            continue
        until = covered.find(1, at, end)
        until = end if until < 0 else until
        yield at, until
        at = until
