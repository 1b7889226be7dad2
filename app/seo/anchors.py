"""Words of an article that may become a link, and where those of a subject stand among them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.language.english import FUNCTION_WORDS, stem
from app.language.keyphrase import Keyphrase
from app.language.korean import morphemes
from app.language.names import find_quotations
from app.language.stems import content_stems
from app.language.types import Language, Span
from app.seo.document import Block, Document
from app.seo.inline import Link

_ENGLISH_WORD = re.compile(r"[A-Za-zÀ-ɏ0-9]+(?:['’][a-z]+)?")
_STOPS = re.compile(r"[.!?;:,()\[\]{}“”\"「」『』—–|/\n]")
"""What parts one phrase from another."""
_MARKS = re.compile(r"[\[\]<>`|\\]")
"""What is not plain words in Markdown."""
_KOREAN_CONTENT = ("NN", "NR", "XR", "SL", "SN", "SH", "SW", "W_", "VV", "VA")
_KOREAN_END = ("NN", "NR", "XR", "SL", "SN", "SH", "SW", "W_", "XSN", "ETN")
"""What an anchor ends with, so that no particle or ending is part of it."""
_KOREAN_GOES_ON = ("NN", "NR", "XR", "SL", "SN", "SH", "XSN")
"""What, joined to a word, makes another word of it: 커피 in 커피숍."""
_PLURAL = "들"
_LONGEST = 6
"""Words of an anchor: longer ones are read as sentences."""
_LONGEST_KOREAN_CHARACTERS = 30

_FRAME: Mapping[Language, frozenset[str]] = {
    "en": frozenset(
        """guide tip tips beginner step best good new home work start first way reason example
        list year day time explain review basics introduction complete ultimate""".split()
    ),
    "ko": frozenset(
        "방법 법 가이드 안내 정리 추천 이유 까닭 처음 초보 시작 소개 총정리 비교 때 것 하루 만들".split()
    ),
}
"""Stems of titles that say nothing of their subject."""


@dataclass(frozen=True, slots=True)
class Word:
    """A content word of a block: its stem and its place in the block's text."""

    stem: str
    span: Span
    ends: bool = True
    """An anchor may end with it."""


@dataclass(frozen=True)
class Place:
    """A paragraph or list item that may get a link."""

    number: int
    """Counts the document's blocks."""
    block: Block
    language: Language

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """Its content words, in order."""
        read = _korean_words if self.language == "ko" else _english_words
        return tuple(read(self.block.text))

    @cached_property
    def stems(self) -> frozenset[str]:
        return frozenset(word.stem for word in self.words)

    @cached_property
    def letters(self) -> str:
        """Its text in small letters without blanks, to tell fast what does not stand in it."""
        return "".join(self.block.text.lower().split())

    @cached_property
    def _closed(self) -> tuple[Span, ...]:
        """Places in the Markdown that no link may touch."""
        words = self.block.words
        return tuple(
            [each.span for each in (*words.links, *words.images, *words.citations)] + words.code
        )

    @cached_property
    def _quoted(self) -> tuple[Span, ...]:
        return tuple(find_quotations(self.block.text))

    def anchor(self, span: Span, markdown: str) -> Span | None:
        """Where the words stand in the Markdown, None where a link may not stand around them."""
        text = self.block.text
        place = self.block.place(*span)
        said = markdown[place.start : place.end]
        if " ".join(said.split()) != " ".join(span.of(text).split()) or _MARKS.search(said):
            return None
        if "\n\n" in said or markdown[max(place.start - 1, 0) : place.start] in {
            "!",
            "\\",
            "[",
            "]",
        }:
            return None
        if any(place.start < one.end and one.start < place.end for one in self._closed):
            return None
        if any(span.start < one.end and one.start < span.end for one in self._quoted):
            return None
        return None if _in_address_or_compound(text, span, self.language) else place


def _in_address_or_compound(text: str, span: Span, language: Language) -> bool:
    before, after = text[: span.start], text[span.end :]
    around = before.rsplit(None, 1)[-1] if before and not before[-1].isspace() else ""
    rest = after.split(None, 1)[0] if after and not after[0].isspace() else ""
    if any(mark in around + rest for mark in ("://", "@", "/", "_")) or around.endswith("."):
        return True
    if language == "en":
        return bool(re.search(r"[\w-]$", before) or re.match(r"-?\w", after))
    return bool(re.search(r"[\w-]$", before)) or _goes_on(text, span.end)


def _goes_on(text: str, at: int) -> bool:
    following = text[at : at + 1]
    if not following or not (following.isalnum() or following == "-"):
        return False
    if following == "-":
        return True
    found = next((each for each in morphemes(text) if each.span.end > at), None)
    if found is None:
        return False
    inside = found.span.start < at
    return inside or (found.tag.startswith(_KOREAN_GOES_ON) and found.form != _PLURAL)


def _english_words(text: str) -> Iterator[Word]:
    for match in _ENGLISH_WORD.finditer(text):
        word = match.group().lower().replace("’", "'")
        bare = re.sub(r"'(?:s|re|ve|ll|d|m)$", "", word)
        if bare not in FUNCTION_WORDS:
            yield Word(stem(bare), Span(*match.span()))


def _korean_words(text: str) -> Iterator[Word]:
    found = [each for each in morphemes(text) if each.span.start < each.span.end]
    for each in found:
        if each.tag.startswith(_KOREAN_CONTENT):
            yield Word(each.form.lower(), each.span, each.tag.startswith(_KOREAN_END))


def places(document: Document, *, own: frozenset[Link] = frozenset()) -> tuple[Place, ...]:
    """Where a link may be set: paragraphs and list items, no quotations, that hold none of the `own` links."""
    return tuple(
        Place(number, block, document.language)
        for number, block in enumerate(document.blocks)
        if block.kind in {"paragraph", "item"}
        and not block.quoted
        and block.text.strip()
        and not own.intersection(block.words.links)
    )


@dataclass(frozen=True)
class Subject:
    """What another article is about: its keyphrase, or its title where it has none."""

    title: str
    keyphrase: str
    language: Language

    @cached_property
    def phrase(self) -> Keyphrase:
        words = self.keyphrase.strip() or self.title
        # English is written with and without the hyphen: cold-brew coffee, cold brew coffee.
        return Keyphrase(words.replace("-", " ") if self.language == "en" else words, self.language)

    @cached_property
    def topic(self) -> frozenset[str]:
        """Its stems, without those that only frame a title."""
        stems = frozenset(self.phrase.content)
        return (stems - _FRAME[self.language]) or stems

    @cached_property
    def titled(self) -> frozenset[str]:
        """The stems of its title, without those that only frame it."""
        return frozenset(content_stems(self.title, self.language)) - _FRAME[self.language]

    @cached_property
    def _letters(self) -> str:
        return "".join(self.phrase.text.lower().split())

    def whole(self, place: Place) -> list[Span]:
        """Where its keyphrase stands, in this or another form."""
        if not self.phrase.content:
            return []
        if self.language == "en":
            return self.phrase.find(place.block.text) if self.topic <= place.stems else []
        near = self._letters in place.letters or self.topic <= place.stems
        words = self.phrase.text.split()
        spread = len(words) > 1 and all(word.lower() in place.letters for word in words)
        return self.phrase.find(place.block.text) if near or spread else []

    def parts(
        self, place: Place, weight: Mapping[str, float], least: float
    ) -> list[tuple[float, Span]]:
        """Where its words stand side by side in any order, with the share of its subject they name.

        `weight` says how much a stem tells; a place counts from `least`, 0-1, of the subject on.
        """
        if len(self.topic) < 2 or not self.topic & place.stems:  # noqa: PLR2004  # one word is found whole or not at all
            return []
        total = sum(weight[each] for each in self.topic)
        found: list[tuple[float, Span]] = []
        wanted = self.topic if self.keyphrase else self.topic | self.titled
        for run in _runs(place, wanted):
            share = sum(weight[each] for each in {word.stem for word in run} & self.topic) / total
            if share >= least and len(run) > 1:
                found.append((share, Span(run[0].span.start, run[-1].span.end)))
        return found


def _runs(place: Place, wanted: frozenset[str]) -> Iterator[Sequence[Word]]:
    """Content words that follow each other, all of them wanted, none twice, with no stop between them."""
    run: list[Word] = []
    text = place.block.text
    for word in (*place.words, None):
        follows = (
            word is not None
            and word.stem in wanted
            and word.stem not in {each.stem for each in run}
            and not (run and _STOPS.search(text[run[-1].span.end : word.span.start]))
        )
        if follows and word is not None:
            run.append(word)
            continue
        while run and not run[-1].ends:
            run.pop()
        if run and _short(text[run[0].span.start : run[-1].span.end], place.language):
            yield run
        run = [word] if word is not None and word.stem in wanted else []


def _short(words: str, language: Language) -> bool:
    return len(words.split()) <= _LONGEST and (
        language == "en" or len(words) <= _LONGEST_KOREAN_CHARACTERS
    )
