"""What checks look at: the article, its parsed text, its keyphrase, and what the caller knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from app.language.keyphrase import Keyphrase
from app.language.numbers import Number, find_numbers
from app.language.sentences import split_sentences
from app.language.types import Language, Span
from app.seo.amounts import Known
from app.seo.document import Article, Block, Document
from app.seo.thresholds import EOJEOL_PER_WORD, Limits

Unit = Literal["words", "eojeol"]
Verdict = Literal["supported", "partly", "unsupported", "contradicted"]


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
class Other:
    """Another article of the site. What is not known of it is empty, and not compared."""

    title: str
    address: str
    """By which the reader of a finding gets to it."""
    meta_description: str = ""
    keyphrase: str = ""
    topic: frozenset[str] = frozenset()
    """The stems of its title, keyphrase and headings."""
    text: str = ""
    """Its own words, without headings, code and quotations."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A link of this article to an address of the own site that does not serve an article.

    `why` is `missing` where there never was one, `gone` where it was taken down, `unpublished` where it
    waits for publishing, `moved` where `now` is its address.
    """

    href: str
    why: Literal["missing", "gone", "unpublished", "moved"]
    now: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """What the article may collide with: others of its language, itself and its translations not."""

    others: tuple[Other, ...] = ()
    linkable: bool = True
    """Whether there is another article to link to."""
    broken: tuple[Broken, ...] | None = None
    """Its links that lead nowhere; None where nobody looked."""


@dataclass(frozen=True)
class Page:
    """One article with everything that checks ask for, each worked out once."""

    article: Article
    document: Document
    limits: Limits
    site: Site | None = None
    grounding: GroundingInput | None = None
    has_images: bool = True
    """Whether the site has an image to offer; False only where somebody looked and found none."""

    @property
    def language(self) -> Language:
        return self.article.language

    @cached_property
    def keyphrase(self) -> Keyphrase | None:
        """None where no keyphrase was given."""
        words = self.article.keyphrase.strip()
        if not words:
            return None
        return Keyphrase(words, self.language, exact=self.article.exact)

    @cached_property
    def content(self) -> frozenset[str]:
        """The stems of the keyphrase's content words."""
        return frozenset(self.keyphrase.content) if self.keyphrase else frozenset()

    @cached_property
    def synonyms(self) -> tuple[Keyphrase, ...]:
        """Synonyms of the keyphrase that hold a content word; none without a keyphrase."""
        if not self.content:
            return ()
        exact = self.article.exact
        given = (Keyphrase(words, self.language, exact=exact) for words in self.article.synonyms)
        return tuple(one for one in given if one.content)

    def meant(self, text: str) -> Sequence[Span]:
        """Where the keyphrase or a synonym stands in a text, in order, not overlapping; the longer wins."""
        if not self.synonyms:
            return self.hits(text)
        found = [*self.hits(text), *(hit for one in self.synonyms for hit in one.find(text))]
        taken: list[Span] = []
        for span in sorted(found, key=lambda span: (span.start - span.end, span.start)):
            if not any(span.start < other.end and other.start < span.end for other in taken):
                taken.append(span)
        return sorted(taken)

    def meant_share(self, text: str) -> float:
        """The share of the content words that a text holds of the keyphrase or of one synonym, 0-1."""
        if not text.strip():
            return 0.0
        share = self.share(text)
        return (
            max(share, *(one.share_of(text) for one in self.synonyms)) if self.synonyms else share
        )

    def hits(self, text: str) -> Sequence[Span]:
        """Where the whole keyphrase stands in a text."""
        if self.keyphrase is None:
            return ()
        if text not in self._hits:
            self._hits[text] = self.keyphrase.find(text)
        return self._hits[text]

    @cached_property
    def _hits(self) -> dict[str, Sequence[Span]]:
        """What `hits` has found: several checks ask about the same blocks and sentences."""
        return {}

    def share(self, text: str) -> float:
        """The share of the keyphrase's content words that a text holds, 0-1."""
        if not self.content or not text.strip():
            return 0.0
        held = len(self._held(text)) / len(self.content)
        # Joined to others (콜드브루커피) its words are no stems, and yet a hit.
        return 1.0 if held < 1 and self.hits(text) else held

    def only_keyphrase(self, text: str) -> bool:
        """Whether a text holds content words of the keyphrase, or of a synonym, and no others."""
        stems = self.keyphrase.stem_set(text) if self.keyphrase else frozenset[str]()
        phrases = (self.content, *(frozenset(one.content) for one in self.synonyms))
        return bool(stems) and any(stems <= phrase for phrase in phrases)

    def _held(self, text: str) -> frozenset[str]:
        return self.keyphrase.held_in(text) if self.keyphrase else frozenset()

    @property
    def unit(self) -> Unit:
        """What the text's length is counted in."""
        return "eojeol" if self.language == "ko" else "words"

    @property
    def density(self) -> tuple[float, float, float]:
        """The thresholds of the density, by how the keyphrase is matched."""
        return self.limits.density_exact if self.article.exact else self.limits.density

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
        """For each sentence and heading: is it about the keyphrase or a synonym?

        It holds all of its content words, or half of four or more.
        """
        least = 0.5 if len(self.content) >= 4 else 1.0  # noqa: PLR2004  # the reference's rule
        return tuple(self.meant_share(one.text) >= least for one in self.document.counted)

    def matches(self, sentence: str) -> int:
        """How often the keyphrase or a synonym stands in a sentence; once where its words are apart."""
        return max(len(self.meant(sentence)), int(self.meant_share(sentence) >= 1))

    @cached_property
    def meta_sentences(self) -> tuple[str, ...]:
        text = self.article.meta_description
        return tuple(span.of(text) for span in split_sentences(text, self.language))

    @cached_property
    def numbers(self) -> tuple[tuple[Number, ...], ...]:
        """The numbers of each sentence."""
        return tuple(
            tuple(find_numbers(sentence.text, self.language))
            for sentence in self.document.sentences
        )

    @cached_property
    def known(self) -> Known | None:
        """The numbers of the sources, and those that the author answers for; None without sources."""
        if self.grounding is None:
            return None
        return Known((*self.grounding.sources, *self.grounding.own_numbers), self.language)

    @cached_property
    def english_words(self) -> float:
        """The text's length in words, Korean converted to English words."""
        if self.language == "ko":
            return self.document.words / EOJEOL_PER_WORD
        return float(self.document.words)
