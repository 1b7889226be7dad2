"""An article, parsed once: its blocks, sentences, links and images, with spans in the Markdown."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from app.language.remembered import Remembered
from app.language.sentences import split_sentences
from app.language.types import Language, Span
from app.seo.inline import Citation, Image, Link, Words, locate, read_inline

BlockKind = Literal["heading", "paragraph", "item", "row"]

_LINE = re.compile(r"\r\n|\r|\n")
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


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of running text. `span` is in the Markdown, `block` counts the blocks."""

    text: str
    span: Span
    block: int
    cited: bool
    """A footnote mark or a link to another site stands in it or right after it."""


@dataclass(frozen=True)
class Block:
    """A heading, paragraph, list item or table row as plain words."""

    kind: BlockKind
    words: Words
    span: Span
    level: int = 0
    """A heading's level, else 0."""
    quoted: bool = False

    @property
    def text(self) -> str:
        return self.words.text

    @property
    def cited(self) -> bool:
        """A footnote mark or a link to another site stands in the block."""
        return bool(self.words.citations) or any(map(_leaves, self.words.links))

    def place(self, start: int, end: int) -> Span:
        """Where `text[start:end]` stands in the Markdown."""
        if not self.words.starts:
            return self.span
        last = len(self.words.starts) - 1
        first = self.words.starts[min(max(start, 0), last)]
        return Span(first, max(self.words.ends[min(max(end - 1, 0), last)], first))


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (None before the first) and the blocks under it, up to the next heading."""

    heading: Block | None
    blocks: tuple[Block, ...]

    @property
    def text(self) -> str:
        return "\n".join(block.text for block in self.blocks)


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
        return count_words(self.text)

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
                        _leaves(link) and place.start <= link.span.start < place.end
                        for link in block.words.links
                    ),
                )


def count_words(text: str) -> int:
    """Words (eojeol in Korean): what stands between spaces and holds a letter or digit."""
    return _counted(text)


def _count_words(text: str) -> int:
    return len(_COUNTED.findall(text))


_counted = Remembered(_count_words, characters=300_000)


def _leaves(link: Link) -> bool:
    return link.href.startswith(("http://", "https://"))


def _any_link(_address: str) -> bool:
    return True


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable("table").use(footnote_plugin)
    # What no crawler can follow is still a link to whoever reads it, and is to be found.
    parser.validateLink = _any_link  # pyright: ignore[reportAttributeAccessIssue]  # the library's own way
    # Escapes and entities stay tokens of their own, so that they can be found in the source.
    return parser.disable(["text_join", "footnote_inline"])


_PARSER = _parser()


@lru_cache(maxsize=4)  # whoever judges a text's claims and then its form parses it once
def parse(markdown: str, language: Language) -> Document:
    """Parse CommonMark with tables and footnotes. Whoever asks for the same text shares its document."""
    return _Reader(markdown).read(language)


class _Reader:
    def __init__(self, markdown: str) -> None:
        self.markdown = markdown
        self.line_starts = [0, *(found.end() for found in _LINE.finditer(markdown))]
        self.blocks: list[Block] = []
        self.code: list[Span] = []
        self.notes: list[Link] = []
        self.depth: Counter[str] = Counter()
        """How many of each kind of container are open."""
        self.seen: Counter[str] = Counter()
        self.cells: list[tuple[Words, Span]] = []
        self.row_at = 0

    def read(self, language: Language) -> Document:
        heading = 0
        for token in _PARSER.parse(self.markdown):
            kind = token.type.removesuffix("_open").removesuffix("_close")
            self.depth[kind] += token.nesting
            self.seen[kind] += token.nesting == 1
            if token.type == "heading_open":
                heading = int(token.tag[1:])
            elif token.type == "tr_open":
                self.cells, self.row_at = [], 0
            elif token.type == "tr_close":
                self.close_row()
            elif kind in {"fence", "code_block"}:
                self.code.append(self.lines(token))
            elif kind == "inline":
                self.inline(token, heading if self.depth["heading"] else 0)
        return Document(
            markdown=self.markdown,
            language=language,
            blocks=tuple(self.blocks),
            lists=self.seen["bullet_list"] + self.seen["ordered_list"],
            tables=self.seen["table"],
            code=tuple(self.code),
            notes=tuple(self.notes),
        )

    def line(self, number: int) -> tuple[int, str]:
        """Where a line begins, and its words without the line end."""
        if number >= len(self.line_starts):
            return len(self.markdown), ""
        start = self.line_starts[number]
        end = self.line_starts[number + 1] if number + 1 < len(self.line_starts) else None
        return start, self.markdown[start:end].rstrip("\r\n")

    def lines(self, token: Token) -> Span:
        first, last = token.map or (0, 0)
        start, _ = self.line(first)
        end, words = self.line(max(last - 1, first))
        return Span(start, end + len(words))

    def inline(self, token: Token, heading: int) -> None:
        if self.depth["footnote_block"]:
            self.notes.extend(read_inline(token, self.offsets(token)).links)
            return
        if self.depth["tr"]:
            self.cell(token)
            return
        words = read_inline(token, self.offsets(token))
        kind: BlockKind = (
            "heading" if heading else "item" if self.depth["list_item"] else "paragraph"
        )
        if words.text.strip() or words.images:
            self.blocks.append(
                Block(kind, words, self.lines(token), heading, self.depth["blockquote"] > 0)
            )

    def offsets(self, token: Token) -> list[int]:
        """Where each character of a block's content stands: a line's content ends its line."""
        first, _ = token.map or (0, 0)
        places: list[int] = []
        for number, content in enumerate(token.content.split("\n")):
            start, source = self.line(first + number)
            bare = content.rstrip()
            at = source.rfind(bare)
            if number == 0 and source.lstrip().startswith("#") and not bare.startswith("#"):
                at = source.find(bare)
            at = max(at, 0)
            size = max(len(source) - 1, 0)
            if at + len(content) <= len(source):
                places.extend(range(start + at, start + at + len(content)))
            else:
                places.extend(start + min(at + index, size) for index in range(len(content)))
            places.append(start + len(source))
        return places

    def cell(self, token: Token) -> None:
        first, _ = token.map or (0, 0)
        start, source = self.line(first)
        places = locate(token.content, source, self.row_at)
        if places:
            self.row_at = places[-1] + 1
        words = read_inline(token, [start + place for place in places])
        self.cells.append((words, Span(start, start + len(source))))

    def close_row(self) -> None:
        cells = self.cells
        if not cells:
            return
        words = _join([words for words, _ in cells])
        if words.text.strip(" |"):
            self.blocks.append(Block("row", words, cells[0][1]))


def _join(cells: Sequence[Words]) -> Words:
    """The cells of a row as one text, split by ` | `."""
    row = Words()
    for number, cell in enumerate(cells):
        if number:
            edge = row.ends[-1] if row.ends else (cell.starts[0] if cell.starts else 0)
            row.text += " | "
            row.starts.extend([edge] * 3)
            row.ends.extend([edge] * 3)
        row.citations.extend(
            Citation(m.label, m.at + len(row.text), m.span) for m in cell.citations
        )
        row.text += cell.text
        row.starts.extend(cell.starts)
        row.ends.extend(cell.ends)
        row.links.extend(cell.links)
        row.images.extend(cell.images)
    return row
