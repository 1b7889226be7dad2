"""What an article states, held against sources it was not made from: the claims of a text of anybody's."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from app.language.detect import detect_language
from app.language.stems import content_stems
from app.language.types import Language, Span
from app.review.grounding import ground
from app.review.verdict import Verdict as Judgement
from app.seo.checks.grounding import factual
from app.seo.document import Document
from app.seo.page import Verdict

_NEAREST = 3
"""Passages that a sentence is held against: those that share most words with it."""
_COMMONEST = 1000
"""A word of more passages tells them no longer apart, and would make long sources slow."""
_GAP = re.compile(r"\n\s*\n")


def find_claims(document: Document, sources: Sequence[str]) -> tuple[tuple[Span, Verdict], ...]:
    """Each sentence that cites or states something, with what the sources' nearest passages say of it.

    Sources in another language than the article's bear nothing out and are passed over; where none is
    left, nothing is judged.
    """
    return tuple((span, verdict.status) for span, verdict in judge_sentences(document, sources))


def judge_sentences(
    document: Document, sources: Sequence[str], *, known: Sequence[Span] = ()
) -> list[tuple[Span, Judgement]]:
    """As `find_claims`, with what is wrong with each; sentences at places of `known` are passed over."""
    language = document.language
    passages = _Passages(
        [
            passage
            for source in sources
            if detect_language(source) == language
            for passage in _GAP.split(source)
            if passage.strip()
        ],
        language,
    )
    if not passages.texts:
        return []
    return [
        (sentence.span, ground(sentence.text, passages.nearest(sentence.text), language))
        for sentence in document.sentences
        if (sentence.cited or factual(sentence, language)) and not _shares(sentence.span, known)
    ]


def _shares(span: Span, known: Sequence[Span]) -> bool:
    return any(span.start < other.end and other.start < span.end for other in known)


class _Passages:
    """The sources' paragraphs, to be asked for those that speak of a sentence."""

    def __init__(self, texts: Sequence[str], language: Language) -> None:
        self.texts = texts
        self._language: Language = language
        self._with: defaultdict[str, list[int]] = defaultdict(list)
        for number, text in enumerate(texts):
            for stem in set(content_stems(text, language)):
                self._with[stem].append(number)

    def nearest(self, sentence: str) -> list[str]:
        """Those that share most words with it, the first of equals first; the first of all if none does."""
        shared: Counter[int] = Counter()
        for stem in sorted(set(content_stems(sentence, self._language))):
            found = self._with.get(stem, ())
            if len(found) <= _COMMONEST:
                shared.update(found)
        best = sorted(shared, key=lambda number: (-shared[number], number))[:_NEAREST]
        return [self.texts[number] for number in best or (0,)]
