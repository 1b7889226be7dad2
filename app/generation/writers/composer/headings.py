"""Headings: their bare words, what kind they are of, and which two are the same."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from app.generation.writers.composer.lexicon import Lexicon
from app.language.stems import content_stems
from app.language.types import Language

HeadingKind = Literal["none", "opening", "closing", "vague", "question", "own"]

_SAME = 0.6
"""Shared share of two headings' stems (Jaccard) from which they head the same subject."""


@lru_cache(maxsize=4096)
def plain(heading: str) -> str:
    """Return a heading without numbering, emoji and closing marks: what is left are its words."""
    words = re.sub(r"[^\w\s.,:;/()&'’+#%*~“”‘’\"?!|·–—-]", "", heading.replace("`", ""))
    words = re.sub(r"\s+", " ", words).strip()
    words = _NUMBERING.sub("", words)
    return words.strip(" \t:：.-–—*#·|").strip()


_NUMBERING = re.compile(
    r"^(?:\(?\d{1,2}(?:\.\d{1,2})*[.)]\s*|\d{1,2}(?:\.\d{1,2})+\s+|[IVX]{1,5}[.)]\s+|[A-Z][.)]\s+|#\d+:?\s+"
    r"|(?:step|part|chapter|section|tip|rule)\s+\d{1,2}\s*[:.)–—-]\s*"
    r"|제?\s?\d{1,2}\s?(?:장|절|단계|편|부)\s*[:.)–—-]?\s+|[가-하][.)]\s+|[①-⑳]\s*)",
    re.IGNORECASE,
)


def kind_of(heading: str, lexicon: Lexicon) -> HeadingKind:
    """Say what a plain heading is good for."""
    lowered = heading.lower()
    if not heading:
        return "none"
    if lowered in lexicon.opening_headings:
        return "opening"
    if lowered in lexicon.closing_headings:
        return "closing"
    if lowered in lexicon.vague_headings:
        return "vague"
    if lexicon.question.search(heading):
        return "question"
    return "own"


def same_heading(one: str, other: str, keyword_stems: frozenset[str], language: Language) -> bool:
    """Say whether two plain headings head the same subject; the keyword's own words say nothing."""
    if one.lower() == other.lower():
        return True
    first = set(content_stems(one, language)) - keyword_stems
    second = set(content_stems(other, language)) - keyword_stems
    if not first or not second:
        return False
    return len(first & second) >= _SAME * len(first | second)


def unique(heading: str, taken: Sequence[str], parents: Sequence[str]) -> str:
    """Return `heading`, with the nearest parent before it where it is taken; empty if all are."""
    lowered = {each.lower() for each in taken}
    if heading.lower() not in lowered:
        return heading
    for parent in reversed(parents):
        longer = f"{parent}: {heading}"
        if parent.lower() != heading.lower() and longer.lower() not in lowered:
            return longer
    return ""
