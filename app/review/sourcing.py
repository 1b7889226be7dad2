"""What an article states, held against sources it was not made from: the claims of a text of anybody's."""

import re
from collections.abc import Sequence
from heapq import nlargest

from app.language.detect import detect_language
from app.language.stems import content_stems
from app.language.types import Language, Span
from app.review.grounding import ground
from app.seo.checks.grounding import factual
from app.seo.document import Document
from app.seo.page import Verdict

_NEAREST = 3
"""Passages that a sentence is held against: those that share most words with it."""
_GAP = re.compile(r"\n\s*\n")


def find_claims(document: Document, sources: Sequence[str]) -> tuple[tuple[Span, Verdict], ...]:
    """Each sentence that cites or states something, with what the sources' nearest passages say of it.

    Sources in another language than the article's bear nothing out and are passed over; where none is
    left, nothing is judged.
    """
    language = document.language
    passages = [
        (passage, frozenset(content_stems(passage, language)))
        for source in sources
        if detect_language(source) == language
        for passage in _GAP.split(source)
        if passage.strip()
    ]
    if not passages:
        return ()
    return tuple(
        (sentence.span, _verdict(sentence.text, passages, language))
        for sentence in document.sentences
        if sentence.cited or factual(sentence, language)
    )


def _verdict(
    sentence: str, passages: Sequence[tuple[str, frozenset[str]]], language: Language
) -> Verdict:
    stems = frozenset(content_stems(sentence, language))
    near = nlargest(_NEAREST, passages, key=lambda passage: len(stems & passage[1]))
    return ground(sentence, [text for text, _ in near], language).status
