"""A brief from sources: what they speak of, ask, name and count, where they differ, what is written already.

Everything in it stands in a source or in an own article; nothing is estimated. Pure and blocking, as
`analyse_text`; call it in a thread.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from app.language.detect import detect_language
from app.language.questions import is_question
from app.language.stems import content_stems
from app.language.types import Language
from app.review.brief_schemas import (
    BriefOut,
    CandidateOut,
    OwnArticleOut,
    QuestionOut,
    SourceOut,
    UnreadOut,
)
from app.review.differing import differing
from app.review.naming import find_amounts, names_of
from app.seo.document import Document, parse
from app.seo.suggesting import Phrases, Suggestion, common_form

MOST_KEYPHRASES = 15
MOST_QUESTIONS = 20
MOST_NAMES = 20
MOST_GAPS = 10
_OF_A_SOURCE = 40
"""Suggestions of each source that are held against those of the others."""
_BLANKS = re.compile(r"\s+")
_PER_SOURCE = 0.5
"""How much a phrase gains by each further source that speaks of it."""


@dataclass(frozen=True)
class BriefSource:
    """A source's text in Markdown, parsed once."""

    name: str
    title: str
    text: str
    url: str | None = None
    language: Language = field(default="en")

    @classmethod
    def of(cls, name: str, title: str, text: str, url: str | None = None) -> "BriefSource":
        """A source in the language its letters say."""
        return cls(name, title, text, url, detect_language(text))


@dataclass(frozen=True)
class OwnArticle:
    """An own article and its text."""

    title: str
    keyphrase: str
    language: Language
    address: str
    state: str
    text: str

    @cached_property
    def _stems(self) -> frozenset[str]:
        return frozenset(content_stems(self.text, self.language))

    @cached_property
    def _letters(self) -> str:
        return _BLANKS.sub("", self.text).lower()

    def speaks_of(self, phrase: str) -> bool:
        """Whether all content words of a phrase stand in it; in Korean its letters, whatever the blanks.

        Letters alone find 0.94 of what morphemes do (F1, design notes) in a hundredth of the time, and
        hundreds of articles are asked.
        """
        if self.language == "ko":
            return _BLANKS.sub("", phrase).lower() in self._letters
        stems = set(content_stems(phrase, self.language))
        return bool(stems) and stems <= self._stems

    def told(self) -> OwnArticleOut:
        """What a brief says of it."""
        return OwnArticleOut(
            title=self.title, keyphrase=self.keyphrase, address=self.address, state=self.state
        )


@dataclass(slots=True)
class _Merged:
    """A phrase over all sources."""

    forms: Counter[str]
    words: int
    count: int = 0
    weight: float = 0.0
    said: int = 0
    """Sources that suggest it."""
    in_titles: int = 0
    headings: int = 0
    sources: list[int] = field(default_factory=list[int])

    @property
    def text(self) -> str:
        """As the sources write it most often."""
        return common_form(self.forms)


def make_brief(
    sources: Sequence[BriefSource],
    *,
    language: Language | None = None,
    own: Sequence[OwnArticle] | None = None,
    unread: Sequence[UnreadOut] = (),
) -> BriefOut:
    """The brief of sources, which are numbered from 1. `own` is None where own articles were not looked at.

    Keyphrases come from sources in the language of the article alone: a translated phrase is another one.
    """
    chosen = language or _majority(sources)
    documents = [parse(source.text, source.language) for source in sources]
    merged = _keyphrases(sources, chosen)
    written = None if own is None else [one for one in own if one.language == chosen]
    keyphrases = [_candidate(one, chosen, written) for one in merged[:MOST_KEYPHRASES]]
    return BriefOut(
        language=chosen,
        sources=[
            SourceOut(
                number=number,
                name=source.name,
                title=source.title,
                url=source.url,
                language=source.language,
                words=document.words,
            )
            for number, (source, document) in enumerate(zip(sources, documents, strict=True), 1)
        ],
        unread=list(unread),
        keyphrases=keyphrases,
        questions=_questions(documents)[:MOST_QUESTIONS],
        names=names_of(documents, [one.text for one in keyphrases])[:MOST_NAMES],
        amounts=find_amounts(documents),
        disagreements=differing(documents),
        gaps=_gaps(merged, written),
        own=_on_the_same(keyphrases, chosen, written),
    )


def _majority(sources: Iterable[BriefSource]) -> Language:
    counted = Counter(source.language for source in sources)
    return "ko" if counted["ko"] > counted["en"] else "en"


def _keyphrases(sources: Sequence[BriefSource], language: Language) -> list[_Merged]:
    read = {
        number: Phrases(source.text, language, title=source.title)
        for number, source in enumerate(sources, 1)
        if source.language == language
    }
    found: dict[str, _Merged] = {}
    for phrases in read.values():
        for one in phrases.suggest(_OF_A_SOURCE):
            _add(found, one)
    for key, phrase in found.items():
        # Whoever speaks of it, be it only within a longer phrase.
        counts = {number: phrases.count(key) for number, phrases in read.items()}
        phrase.sources = [number for number, count in counts.items() if count]
        phrase.count = sum(counts.values())
    return sorted(
        (one for one in found.values() if one.sources),
        key=lambda one: -one.weight / one.said * (1 + _PER_SOURCE * (len(one.sources) - 1)),
    )


def _add(found: dict[str, _Merged], one: Suggestion) -> None:
    phrase = found.setdefault(one.key, _Merged(Counter(), one.words))
    phrase.forms[one.text] += max(1, one.count)
    phrase.weight += one.weight
    phrase.said += 1
    phrase.in_titles += one.in_title
    phrase.headings += one.headings


def _candidate(
    one: _Merged, language: Language, written: Sequence[OwnArticle] | None
) -> CandidateOut:
    stems = frozenset(content_stems(one.text, language))
    return CandidateOut(
        text=one.text,
        words=one.words,
        count=one.count,
        sources=one.sources,
        in_titles=one.in_titles,
        headings=one.headings,
        taken_by=[article.told() for article in written or () if _is_its(stems, article)],
        own_articles=None
        if written is None
        else sum(article.speaks_of(one.text) for article in written),
    )


def _is_its(stems: frozenset[str], article: OwnArticle) -> bool:
    """Whether an article already has this keyphrase, inflected or spaced in any way."""
    return bool(stems) and stems == frozenset(content_stems(article.keyphrase, article.language))


def _questions(documents: Sequence[Document]) -> list[QuestionOut]:
    """Each once, those of several sources first, then headings, then in order."""
    found: dict[tuple[str, ...], QuestionOut] = {}
    for number, document in enumerate(documents, 1):
        asked = [(block.text, True) for block in document.headings]
        asked += [(sentence.text, False) for sentence in document.sentences]
        for text, heading in asked:
            if not is_question(text, document.language, heading=heading):
                continue
            key = tuple(sorted(set(content_stems(text, document.language)))) or (text,)
            one = found.setdefault(key, QuestionOut(text=text, heading=heading, sources=[]))
            if number not in one.sources:
                one.sources.append(number)
    return sorted(found.values(), key=lambda one: (-len(one.sources), not one.heading))


def _gaps(merged: Sequence[_Merged], written: Sequence[OwnArticle] | None) -> list[str]:
    """What is worth a word and no own article has one: of several sources, or in a title or heading."""
    if not written:
        return []
    gaps: list[str] = []
    for one in merged:
        weighty = len(one.sources) > 1 or one.in_titles or one.headings
        if weighty and not any(article.speaks_of(one.text) for article in written):
            gaps.append(one.text)
    return gaps[:MOST_GAPS]


def _on_the_same(
    keyphrases: Sequence[CandidateOut], language: Language, written: Sequence[OwnArticle] | None
) -> list[OwnArticleOut]:
    """Own articles whose keyphrase the sources speak of, by the order in which they do."""
    told: dict[str, OwnArticleOut] = {}
    for phrase in keyphrases:
        stems = frozenset(content_stems(phrase.text, language))
        for article in written or ():
            theirs = frozenset(content_stems(article.keyphrase, language))
            if theirs and theirs <= stems:
                told.setdefault(article.address, article.told())
    return list(told.values())
