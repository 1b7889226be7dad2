"""An article, parsed once: its blocks, sentences, links and images, with spans in the Markdown."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import NamedTuple

from app.language.remembered import Remembered
from app.language.sentences import split_sentences
from app.language.types import Language, Span
from app.seo.blocks import Block, Held, Part, leaves
from app.seo.inline import Citation, Image, Link
from app.seo.parts import parts_of

_COUNTED = re.compile(r"[^\W_]\S*")
"""From the first letter or digit after a blank up to the next: one a word, none of signs alone."""


@dataclass(frozen=True, slots=True)
class Article:
    """What is analysed. Empty strings mean "not given"; checks then say so or stay away."""

    title: str
    meta_description: str
    slug: str
    keyphrase: str
    language: Language
    markdown: str
    url: str = ""
    """Where it stands on the web; tells links to the same site from those to others."""
    author: str | None = None
    """Who the page says wrote it; empty where it names nobody, None where that is not known."""
    published_on: date | None = None
    updated_on: date | None = None
    synonyms: tuple[str, ...] = ()
    """Other phrases for what the keyphrase says; the text may use them in its stead, title and address not."""
    today: date | None = None
    """The day of the analysis; without it no date is called one of the future."""
    exact: bool = False
    """The keyphrase counts only as it is written: no inflected forms, no Korean particles or compounds."""


class Sentence(NamedTuple):  # made in a third of a frozen dataclass's time, 30 an article
    """One sentence of running text. `span` is in the Markdown, `block` counts the blocks."""

    text: str
    span: Span
    block: int
    cited: bool
    """A footnote mark or a link to another site stands in it or right after it."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (None before the first) and the blocks under it, up to the next heading."""

    heading: Block | None
    blocks: tuple[Block, ...]

    @property
    def text(self) -> str:
        return "\n".join(block.text for block in self.blocks)

    @property
    def words(self) -> int:
        """Those of its text; block by block, since blocks are remembered and sections change with each."""
        return sum(count_words(block.text) for block in self.blocks)


@dataclass(frozen=True)
class Document:
    """The parts of one Markdown text. Of footnotes only the links are part of it, as `notes`."""

    markdown: str
    language: Language
    blocks: tuple[Block, ...]
    lists: int
    tables: int
    code: tuple[Span, ...]
    notes: tuple[Link, ...] = ()
    """The links in footnotes."""

    @cached_property
    def headings(self) -> tuple[Block, ...]:
        return tuple(block for block in self.blocks if block.kind == "heading")

    @cached_property
    def paragraphs(self) -> tuple[Block, ...]:
        return tuple(block for block in self.blocks if block.kind == "paragraph")

    @cached_property
    def links(self) -> tuple[Link, ...]:
        return tuple(link for block in self.blocks for link in block.words.links)

    @cached_property
    def images(self) -> tuple[Image, ...]:
        return tuple(image for block in self.blocks for image in block.words.images)

    @cached_property
    def citations(self) -> tuple[Citation, ...]:
        return tuple(mark for block in self.blocks for mark in block.words.citations)

    @cached_property
    def text(self) -> str:
        """All words but code blocks and footnotes, a line a block."""
        return "\n".join(block.text for block in self.blocks if block.text)

    @cached_property
    def words(self) -> int:
        """Words in English, eojeol in Korean: what stands between spaces and holds a letter."""
        return sum(count_words(block.text) for block in self.blocks)

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences of paragraphs and list items, in order."""
        return tuple(self._sentences())

    @cached_property
    def counted(self) -> tuple[Sentence, ...]:
        """Sentences and headings, in order: what the reference's shares of sentences are shares of."""
        headings = (
            Sentence(block.text, block.place(0, len(block.text)), number, block.cited)
            for number, block in enumerate(self.blocks)
            if block.kind == "heading" and block.text.strip()
        )
        return tuple(sorted((*self.sentences, *headings), key=lambda one: one.block))

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        found: list[Section] = []
        heading: Block | None = None
        blocks: list[Block] = []
        for block in self.blocks:
            if block.kind == "heading":
                found.append(Section(heading, tuple(blocks)))
                heading, blocks = block, []
            else:
                blocks.append(block)
        found.append(Section(heading, tuple(blocks)))
        return tuple(section for section in found if section.heading or section.blocks)

    def _sentences(self) -> Iterator[Sentence]:
        for number, block in enumerate(self.blocks):
            if block.kind not in {"paragraph", "item"} or not block.text.strip():
                continue
            spans = split_sentences(block.text, self.language)
            for index, span in enumerate(spans):
                until = spans[index + 1].start if index + 1 < len(spans) else len(block.text) + 1
                place = block.place(*span)
                yield Sentence(
                    text=span.of(block.text),
                    span=place,
                    block=number,
                    cited=any(
                        span.start < m.at < max(until, span.end + 1) for m in block.words.citations
                    )
                    or any(
                        leaves(link) and place.start <= link.span.start < place.end
                        for link in block.words.links
                    ),
                )


def count_words(text: str) -> int:
    """Words (eojeol in Korean): what stands between spaces and holds a letter or digit."""
    return _counted(text)


def _count_words(text: str) -> int:
    return len(_COUNTED.findall(text))


_counted = Remembered(_count_words, characters=300_000)


@lru_cache(maxsize=4)  # whoever judges a text's claims and then its form parses it once
def parse(markdown: str, language: Language) -> Document:
    """Parse CommonMark with tables and footnotes. Whoever asks for the same text shares its document."""
    return put_together(markdown, language, parts_of(markdown))


def put_together(markdown: str, language: Language, parts: Iterable[tuple[int, Part]]) -> Document:
    """The document of a text's parts, given with their places."""
    blocks: list[Block] = []
    held = Held()
    notes: dict[str, tuple[int, Held]] = {}
    cited: dict[str, None] = {}
    for start, part in parts:
        blocks += [block.moved(start) for block in part.blocks] if start else part.blocks
        held.add(part.held, start)
        notes |= {label: (start, note) for label, note in part.notes.items()}
        cited |= dict.fromkeys(part.cited)
    for label in cited:  # a footnote that nobody refers to is not shown
        if label in notes:
            start, note = notes[label]
            held.add(note, start)
    return Document(
        markdown=markdown,
        language=language,
        blocks=tuple(blocks),
        lists=held.lists,
        tables=held.tables,
        code=tuple(held.code),
        notes=tuple(held.links),
    )
