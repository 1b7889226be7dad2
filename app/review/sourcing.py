"""What an article states, held against sources it was not made from: the claims of a text of anybody's."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from app.language.detect import detect_language
from app.language.stems import content_stems
from app.language.types import Language, Span
from app.review.grounding import ground
from app.review.verdict import Verdict as Judgement
from app.seo.checks.grounding import factual
from app.seo.document import Document

_NEAREST = 3
"""Passages that a sentence is held against: those that share most words with it."""
_COMMONEST = 1000
"""A word of more passages tells them no longer apart, and would make long sources slow."""
_GAP = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Held:
    """A sentence of a text, its verdict, and what it was held against.

    `source` counts the sources that were given, from 0; `passage` is a paragraph of that one, `said` the
    words of it that the sentence was held against, "" where no source has a word of it.
    """

    span: Span
    sentence: str
    verdict: Judgement
    source: int
    passage: str
    said: str


def judge_sentences(
    document: Document, sources: Sequence[str], *, known: Sequence[Span] = ()
) -> list[Held]:
    """Each sentence that cites or states something, with what the sources' nearest passages say of it.

    Sources in another language than the article's bear nothing out and are passed over; where none is
    left, nothing is judged. Neither are sentences at places of `known`.
    """
    language = document.language
    passages = _Passages(
        [
            (number, passage.strip())
            for number, source in enumerate(sources)
            if detect_language(source) == language
            for passage in _GAP.split(source)
            if passage.strip()
        ],
        language,
    )
    if not passages.texts:
        return []
    return [
        _held(sentence.span, sentence.text, passages)
        for sentence in document.sentences
        if (sentence.cited or factual(sentence, language)) and not _shares(sentence.span, known)
    ]


def _held(span: Span, sentence: str, passages: "_Passages") -> Held:
    nearest = passages.nearest(sentence)
    verdict = ground(sentence, [text for _, text in nearest], passages.language)
    at = verdict.clause.passage if verdict.clause else 0
    source, passage = nearest[at]
    said = verdict.clause.text if verdict.clause else passage
    stems = set(content_stems(sentence, passages.language))
    if not stems & set(content_stems(said, passages.language)) and verdict.status == "unsupported":
        said = ""
    return Held(span, sentence, verdict, source, passage, " ".join(said.split()))


def _shares(span: Span, known: Sequence[Span]) -> bool:
    return any(span.start < other.end and other.start < span.end for other in known)


class _Passages:
    """The sources' paragraphs with their sources' numbers, to be asked for those that speak of a sentence."""

    def __init__(self, texts: Sequence[tuple[int, str]], language: Language) -> None:
        self.texts = texts
        self.language: Language = language
        self._with: defaultdict[str, list[int]] = defaultdict(list)
        for number, (_, text) in enumerate(texts):
            for stem in set(content_stems(text, language)):
                self._with[stem].append(number)

    def nearest(self, sentence: str) -> list[tuple[int, str]]:
        """Those that share most words with it, the first of equals first; the first of all if none does."""
        shared: Counter[int] = Counter()
        for stem in sorted(set(content_stems(sentence, self.language))):
            found = self._with.get(stem, ())
            if len(found) <= _COMMONEST:
                shared.update(found)
        best = sorted(shared, key=lambda number: (-shared[number], number))[:_NEAREST]
        return [self.texts[number] for number in best or (0,)]
