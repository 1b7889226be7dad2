"""Check 36: which other articles of the site a text should link to, and around which of its words.

Retrieval is BM25 (Robertson and Zaragoza 2009) over what each other article is about, normalised by its
length, with the keyphrase or title that stands in the text on top. The weights were chosen on the tuning
half of `tests/seo/links`.
"""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal
from urllib.parse import unquote, urlsplit

from app.language.stems import content_stems
from app.language.types import Language, Span
from app.seo.anchors import Place, Subject, places
from app.seo.document import Document, parse
from app.seo.inline import Link

MOST = 5
"""Links set in one text: a convention; more are overlooked (seo-analysis, check 36)."""

Why = Literal["keyphrase", "words"]

_SATURATION = 1.2
"""BM25's k1, its usual value."""
_KEYPHRASE_WEIGHT, _TITLE_WEIGHT = 3.0, 1.0
_IN_TEXT = 1.0
"""What a keyphrase that stands in the text adds to a share of words, which is 0-1."""
_LEAST_NAMED = 0.6
"""The share of a subject that an anchor has to name: below it readers cannot tell where it leads."""
_LEAST_SHARED = 0.2
"""The share of a subject's words that a text must hold for the two to be called related."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that can be linked to. `terms` are further stems, of its headings, with their weights."""

    id: str
    title: str
    address: str
    """Its path on the site, such as `/en/cold-brew`, percent-encoded."""
    keyphrase: str = ""
    terms: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A link to set around `span` of the Markdown, which reads `anchor`.

    `why` says what was found: the target's keyphrase, or words that name most of its subject. `shared`
    are words that the text and the target have in common, the most telling first.
    """

    target: Candidate
    span: Span
    anchor: str
    why: Why
    shared: tuple[str, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its relevance: the share of its subject in the text, and 1 more for its keyphrase."""

    target: Candidate
    score: float
    shared: tuple[str, ...] = ()


@dataclass(frozen=True)
class Own:
    """What the linking article says of itself: no link leads to it, and none is named like it."""

    address: str = ""
    keyphrase: str = ""


NOBODY = Own()
"""Who has neither an address nor a keyphrase yet."""


class Linker:
    """One article, held against the articles it could link to."""

    def __init__(
        self, document: Document, candidates: Sequence[Candidate], own: Own = NOBODY
    ) -> None:
        self._document = document
        self._language: Language = document.language
        linked = {path_of(link.href) for link in document.links} | {path_of(own.address)}
        self._candidates = [
            each for each in _once(candidates) if path_of(each.address) not in linked
        ]
        inner = frozenset(link for link in document.links if path_of(link.href))
        self._places = places(document, own=inner)
        self._own = frozenset(content_stems(own.keyphrase, self._language))
        self._frequency = Counter(stem for each in candidates for stem in self._terms(each))
        self._number = max(len(candidates), 1)

    def _subject(self, target: Candidate) -> Subject:
        return Subject(target.title, target.keyphrase, self._language)

    def _terms(self, target: Candidate) -> dict[str, float]:
        """What a target is about: the stems of its keyphrase, its title and its further terms, weighted."""
        found: dict[str, float] = dict(target.terms)
        for text, weight in (
            (target.title, _TITLE_WEIGHT),
            (target.keyphrase, _KEYPHRASE_WEIGHT),
        ):
            for stem in content_stems(text, self._language):
                found[stem] = max(found.get(stem, 0.0), weight)
        return found

    def _rarity(self, stem: str) -> float:
        """BM25's inverse document frequency, never below a tenth."""
        among = self._frequency[stem]
        return max(math.log(1 + (self._number - among + 0.5) / (among + 0.5)), 0.1)

    @cached_property
    def _weights(self) -> Mapping[str, float]:
        weights: defaultdict[str, float] = defaultdict(lambda: self._rarity(""))
        weights.update((stem, self._rarity(stem)) for stem in self._frequency)
        return weights

    @cached_property
    def _body(self) -> Counter[str]:
        return Counter(
            stem
            for block in self._document.blocks
            for stem in content_stems(block.text, self._language)
        )

    @cached_property
    def ranked(self) -> tuple[Ranked, ...]:
        """All candidates that share a word with the text, the most relevant first."""
        found = [self._rank(each) for each in self._candidates]
        return tuple(
            sorted(
                (each for each in found if each.score > 0), key=lambda r: (-r.score, r.target.id)
            )
        )

    @property
    def related(self) -> tuple[Ranked, ...]:
        """Those that share a fifth or more of their subject with the text, named in it or not."""
        return tuple(each for each in self.ranked if each.score >= _LEAST_SHARED)

    def _rank(self, target: Candidate) -> Ranked:
        gained = total = 0.0
        shared: list[tuple[float, str]] = []
        for stem, weight in self._terms(target).items():
            worth = weight * self._weights[stem]
            total += worth
            times = self._body[stem]
            if times:
                gained += worth * times / (times + _SATURATION)
                shared.append((worth, stem))
        if not total:
            return Ranked(target, 0.0)
        score = gained / total
        if self._stands(target):
            score += _IN_TEXT
        words = tuple(stem for _worth, stem in sorted(shared, key=lambda w: (-w[0], w[1])))
        return Ranked(target, score, words[:5])

    def _stands(self, target: Candidate) -> bool:
        subject = self._subject(target)
        return any(subject.whole(place) for place in self._places)

    def suggest(self, most: int = MOST) -> tuple[Suggestion, ...]:
        """At most so many links, the best first: one a target, one a paragraph.

        None stands in a heading, a table, a link, code, an image or a quotation; each was tried out and
        changes no word of the text.
        """
        taken: set[int] = set()
        found: list[Suggestion] = []
        for each in self.ranked:
            if len(found) >= most:
                break
            made = self._find(each, taken)
            if made is not None:
                taken.add(made[0])
                found.append(made[1])
        return tuple(found)

    def place(self, ranked: Ranked) -> Suggestion | None:
        """The best place for a link to one target, None where no words name it."""
        made = self._find(ranked, set())
        return made[1] if made else None

    def _find(self, ranked: Ranked, taken: set[int]) -> tuple[int, Suggestion] | None:
        """The first place that names the target whole, else the one that names most of it; with its block."""
        subject = self._subject(ranked.target)
        partial: list[tuple[float, Place, Span]] = []
        for place in self._places:
            if place.number in taken:
                continue
            for span in subject.whole(place):
                made = self._make(ranked, place, span, "keyphrase")
                if made is not None:
                    return place.number, made
            partial += [
                (share, place, span)
                for share, span in subject.parts(place, self._weights, _LEAST_NAMED)
            ]
        if ranked.score < _LEAST_SHARED:
            return None
        for _share, place, span in sorted(partial, key=lambda p: (-p[0], p[1].number)):
            made = self._make(ranked, place, span, "words")
            if made is not None:
                return place.number, made
        return None

    def _make(self, ranked: Ranked, place: Place, span: Span, why: Why) -> Suggestion | None:
        words = span.of(place.block.text)
        stems = set(content_stems(words, self._language))
        if self._own and (stems <= self._own or not stems):
            return None  # an anchor that is the own keyphrase competes with the article itself
        at = place.anchor(span, self._document.markdown)
        if at is None:
            return None
        made = Suggestion(ranked.target, at, words, why, ranked.shared, round(ranked.score, 4))
        return made if holds(self._document, [made]) else None


def _once(candidates: Iterable[Candidate]) -> list[Candidate]:
    return list({each.address: each for each in candidates}.values())


def path_of(href: str) -> str:
    """The path that an address of the own site leads to, decoded; empty for addresses elsewhere."""
    href = href.strip()
    if not href.startswith("/") or href.startswith("//"):
        return ""
    try:
        path = urlsplit(href).path
    except ValueError:
        return ""
    return unicodedata.normalize("NFC", unquote(path)).rstrip("/") or "/"


def insert_links(markdown: str, suggestions: Iterable[Suggestion]) -> str:
    """The Markdown with the links set. Nothing else of it changes."""
    for each in sorted(suggestions, key=lambda s: s.span, reverse=True):
        start, end = each.span
        link = f"[{markdown[start:end]}]({link_target(each.target.address)})"
        markdown = markdown[:start] + link + markdown[end:]
    return markdown


def link_target(address: str) -> str:
    """An address as Markdown reads it between brackets."""
    return re.sub(r"[()<>\s\\]", lambda found: f"%{ord(found[0]):02X}", address)


def holds(document: Document, suggestions: Sequence[Suggestion]) -> bool:
    """Whether the links, once set, are what a reader finds: exactly these more, and every word as it was."""
    made = parse(insert_links(document.markdown, suggestions), document.language)
    if [block.text for block in made.blocks] != [block.text for block in document.blocks]:
        return False
    more = Counter(map(_seen, made.links)) - Counter(map(_seen, document.links))
    wanted = Counter((link_target(each.target.address), each.anchor) for each in suggestions)
    return more == wanted and len(made.images) == len(document.images)


def _seen(link: Link) -> tuple[str, str]:
    return link.href, link.text


def suggest_links(
    document: Document,
    candidates: Sequence[Candidate],
    own: Own = NOBODY,
    *,
    most: int = MOST,
) -> tuple[Suggestion, ...]:
    """At most `most` links that the article should have, the best first. Pure; see `Linker`."""
    return Linker(document, candidates, own).suggest(most)
