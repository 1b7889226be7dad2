"""What checks look at: the article, its parsed text, its keyphrase, and what the caller knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from app.language.keyphrase import Keyphrase
from app.language.sentences import split_sentences
from app.language.stems import content_stems
from app.language.types import Language, Span
from app.seo.document import Article, Block, Document
from app.seo.thresholds import EOJEOL_PER_WORD, Limits

Verdict = Literal["supported", "partly", "unsupported"]


@dataclass(frozen=True, slots=True)
class GroundingInput:
    """What the article stands on. `sources` are the sources' texts, `claims` the claim table.

    A claim is its span in the Markdown and its verdict. `own_numbers` are numbers, as written,
    that the author answers for (a calculation of his own).
    """

    sources: tuple[str, ...]
    claims: tuple[tuple[Span, Verdict], ...] = ()
    own_numbers: frozenset[str] = frozenset()
    others: tuple[str, ...] = ()
    """Those of the sources' texts that are somebody else's words."""


@dataclass(frozen=True, slots=True)
class Site:
    """Other articles' titles and descriptions, this one's not among them."""

    titles: tuple[str, ...] = ()
    meta_descriptions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """One article with everything that checks ask for, each worked out once."""

    article: Article
    document: Document
    limits: Limits
    site: Site | None = None
    grounding: GroundingInput | None = None

    @property
    def language(self) -> Language:
        return self.article.language

    @cached_property
    def keyphrase(self) -> Keyphrase | None:
        """None where no keyphrase was given."""
        words = self.article.keyphrase.strip()
        return Keyphrase(words, self.language) if words else None

    @cached_property
    def content(self) -> frozenset[str]:
        """The stems of the keyphrase's content words."""
        return frozenset(self.keyphrase.content) if self.keyphrase else frozenset()

    @cached_property
    def synonyms(self) -> tuple[Keyphrase, ...]:
        """Synonyms of the keyphrase that hold a content word; none without a keyphrase."""
        if not self.content:
            return ()
        given = (Keyphrase(words, self.language) for words in self.article.synonyms)
        return tuple(one for one in given if one.content)

    def meant(self, text: str) -> Sequence[Span]:
        """Where the keyphrase or a synonym stands in a text, in order, not overlapping; the longer wins."""
        found = [*self.hits(text), *(hit for one in self.synonyms for hit in one.find(text))]
        if not self.synonyms:
            return found
        taken: list[Span] = []
        for span in sorted(found, key=lambda span: (span.start - span.end, span.start)):
            if not any(span.start < other.end and other.start < span.end for other in taken):
                taken.append(span)
        return sorted(taken)

    def meant_share(self, text: str) -> float:
        """The share of the content words that a text holds of the keyphrase or of one synonym, 0-1."""
        if not text.strip():
            return 0.0
        return max([self.share(text), *(one.share_of(text) for one in self.synonyms)])

    def hits(self, text: str) -> Sequence[Span]:
        """Where the whole keyphrase stands in a text."""
        return self.keyphrase.find(text) if self.keyphrase else ()

    def share(self, text: str) -> float:
        """The share of the keyphrase's content words that a text holds, 0-1."""
        if not self.content or not text.strip():
            return 0.0
        if self.hits(text):
            return 1.0
        return len(self.content & set(content_stems(text, self.language))) / len(self.content)

    def only_keyphrase(self, text: str) -> bool:
        """Whether a text holds content words of the keyphrase, or of a synonym, and no others."""
        stems = set(content_stems(text, self.language))
        phrases = (self.content, *(frozenset(one.content) for one in self.synonyms))
        return bool(stems) and any(stems <= phrase for phrase in phrases)

    @cached_property
    def heading_shares(self) -> tuple[tuple[Block, float], ...]:
        """H2 and H3 headings with the share of the keyphrase or a synonym they hold."""
        return tuple(
            (block, self.meant_share(block.text))
            for block in self.document.headings
            if block.level in {2, 3}
        )

    @cached_property
    def topic(self) -> tuple[bool, ...]:
        """For each sentence: does it hold at least half of the content words of the keyphrase or a synonym?"""
        return tuple(self.meant_share(sentence.text) >= 0.5 for sentence in self.document.sentences)  # noqa: PLR2004  # half, as the docstring says

    @cached_property
    def meta_sentences(self) -> tuple[str, ...]:
        text = self.article.meta_description
        return tuple(span.of(text) for span in split_sentences(text, self.language))

    @cached_property
    def english_words(self) -> float:
        """The text's length in words, Korean converted to English words."""
        if self.language == "ko":
            return self.document.words / EOJEOL_PER_WORD
        return float(self.document.words)
