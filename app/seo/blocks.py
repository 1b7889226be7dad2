"""A part of a Markdown text, parsed: its blocks, its code, its footnotes, and what it defines for all parts."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from app.language.types import Span
from app.seo.inline import EACH, Link, Words, locate, read_inline

BlockKind = Literal["heading", "paragraph", "item", "row"]
References = Mapping[str, Mapping[str, str]]
"""Link reference definitions: the address and title of each label."""

_LINE = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Block:
    """A heading, paragraph, list item or table row as plain words."""

    kind: BlockKind
    words: Words
    span: Span
    level: int = 0
    """A heading's level, else 0."""
    quoted: bool = False

    def moved(self, by: int) -> "Block":
        """The block, with its text standing `by` characters farther on."""
        return Block(self.kind, self.words.moved(by), self.span.moved(by), self.level, self.quoted)

    @property
    def text(self) -> str:
        return self.words.text

    @property
    def cited(self) -> bool:
        """A footnote mark or a link to another site stands in the block."""
        return bool(self.words.citations) or any(map(leaves, self.words.links))

    def place(self, start: int, end: int) -> Span:
        """Where `text[start:end]` stands in the Markdown."""
        if not self.words.text:
            return self.span
        last = len(self.words.text) - 1
        return self.words.place(min(max(start, 0), last), min(max(end - 1, 0), last))


@dataclass(slots=True)
class Held:
    """What a part holds besides its blocks, or the body of one footnote."""

    lists: int = 0
    tables: int = 0
    code: list[Span] = field(default_factory=list[Span])
    links: list[Link] = field(default_factory=list[Link])
    """Of a footnote only: other links are in the blocks."""

    def add(self, other: "Held", by: int) -> None:
        """Add what another holds, which stands `by` characters farther on."""
        self.lists += other.lists
        self.tables += other.tables
        self.code += [span.moved(by) for span in other.code]
        self.links += [replace(link, span=link.span.moved(by)) for link in other.links]


@dataclass(frozen=True, slots=True)
class Part:
    """Some lines of a text, parsed by themselves; spans count from their start. Not to be changed."""

    blocks: tuple[Block, ...]
    held: Held
    notes: Mapping[str, Held]
    """The footnotes it defines, by label."""
    labels: tuple[str, ...]
    """Those and the ones it was told of."""
    cited: tuple[str, ...]
    """The labels of the footnotes it refers to, in order."""
    references: References
    """The link references that were known to it, its own among them."""


def leaves(link: Link) -> bool:
    """Whether a link leads to another site, as far as its address alone tells."""
    return link.href.startswith(("http://", "https://"))


def _any_link(_address: str) -> bool:
    return True


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable("table")
    parser.use(footnote_plugin, inline=False, move_to_end=False)
    # What no crawler can follow is still a link to whoever reads it, and is to be found.
    parser.validateLink = _any_link  # pyright: ignore[reportAttributeAccessIssue]  # the library's own way
    # Escapes and entities stay tokens of their own, so that they can be found in the source.
    return parser.disable(["text_join"])


_PARSER = _parser()
_BLOCKS_ALONE = _parser()
_BLOCKS_ALONE.core.ruler.enableOnly(["normalize", "block"])

_OPENS = re.compile(r"```|~~~|<")
"""One stands in front of whatever goes on over blank lines: code between fences, HTML."""
_BEHIND = "x"
_TOKENS_BEHIND = ("paragraph_open", "inline", "paragraph_close")


def stays_open(text: str) -> bool:
    """Whether what a text ends with, which is a blank line, lies in code or HTML that goes on behind it.

    The parser is asked: a paragraph put behind the text is one, or it is not.
    """
    if _OPENS.search(text) is None:
        return False
    behind = _BLOCKS_ALONE.parse(text + _BEHIND)[-len(_TOKENS_BEHIND) :]
    is_one = tuple(token.type for token in behind) == _TOKENS_BEHIND
    return not (is_one and behind[0].level == 0 and behind[1].content == _BEHIND)


_PLAIN = re.compile(
    r"(?:(?P<marks>\#{1,6})\ +(?=[^\W_]) | (?=[^\W\d_]|[“‘\"'(]))"
    r"(?P<words>[^\\`*_\[<&\#\r\n\0]++)[\ \t\r\n]*+\Z",
    re.VERBOSE,
)
"""One line of words: a heading, or a paragraph that begins as no list does. No sign of it means anything."""


def plain_part(text: str) -> Part | None:
    """A part of one plain line as `read_part` reads it; None for all that has to be parsed.

    Four parts of five are such, and this takes 3 µs where the parser and its reader take 27.
    """
    found = _PLAIN.match(text)
    if found is None:
        return None
    marks = found["marks"] or ""
    said = found["words"].strip()
    words = Words(said, [(0, found.start("words"), EACH)])
    block = Block(
        "heading" if marks else "paragraph", words, Span(0, found.end("words")), len(marks)
    )
    return Part(blocks=(block,), held=Held(), notes={}, labels=(), cited=(), references={})


def read_part(text: str, *, references: References, labels: Sequence[str]) -> Part:
    """Parse CommonMark with tables and footnotes.

    `references`, and the footnotes of these `labels`, are what other parts define.
    """
    known: dict[str, Any] = {
        "references": dict(references),
        "footnotes": {"refs": {f":{label}": -1 for label in labels}, "list": {}},
    }
    tokens = _PARSER.parse(text, known)
    reader = _Reader(text)
    reader.read(tokens)
    notes = known["footnotes"]
    return Part(
        blocks=tuple(reader.blocks),
        held=reader.held,
        notes=reader.notes,
        labels=tuple(label.removeprefix(":") for label in notes["refs"]),
        cited=tuple(str(each["label"]) for each in notes["list"].values()),
        references={
            label: {"href": found["href"], "title": found["title"]}
            for label, found in known["references"].items()
        },
    )


class _Reader:
    def __init__(self, markdown: str) -> None:
        self.markdown = markdown
        self.line_starts = [0, *(found.end() for found in _LINE.finditer(markdown))]
        self.blocks: list[Block] = []
        self.held = Held()
        self.notes: dict[str, Held] = {}
        self.note: Held | None = None
        """The footnote whose definition is being read."""
        self.latest, self.label = Held(), ""
        self.depth: Counter[str] = Counter()
        """How many of each kind of container are open."""
        self.cells: list[tuple[Words, Span]] = []
        self.row_at = 0

    def read(self, tokens: Sequence[Token]) -> None:
        heading = 0
        for token in tokens:
            kind = token.type.removesuffix("_open").removesuffix("_close")
            self.depth[kind] += token.nesting
            if token.nesting == 1 and kind in {"bullet_list", "ordered_list", "table"}:
                self.count(kind)
            if kind == "footnote_reference":
                self.footnote(token)
            elif token.type == "heading_open":
                heading = int(token.tag[1:])
            elif token.type == "tr_open":
                self.cells, self.row_at = [], 0
            elif token.type == "tr_close":
                self.close_row()
            elif kind in {"fence", "code_block"}:
                (self.held if self.note is None else self.note).code.append(self.lines(token))
            elif kind == "inline":
                self.inline(token, heading if self.depth["heading"] else 0)

    def count(self, kind: str) -> None:
        held = self.held if self.note is None else self.note
        if kind == "table":
            held.tables += 1
        else:
            held.lists += 1

    def footnote(self, token: Token) -> None:
        """A definition begins or ends; of one within another only the inner is kept, as renderers do."""
        if token.nesting == 1:
            self.note = self.latest = Held()
            self.label = str(token.meta["label"])
        else:
            self.note = None
            self.notes[self.label] = self.latest

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
        if self.note is not None:
            self.note.links.extend(read_inline(token, self.offsets(token)).links)
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

    def offsets(self, token: Token) -> Sequence[int]:
        """Where each character of a block's content stands: a line's content ends its line."""
        first, _ = token.map or (0, 0)
        start, source = self.line(first)
        if (
            source.endswith(token.content) and token.content == token.content.rstrip()
        ):  # nearly always
            return range(start + len(source) - len(token.content), start + len(source) + 1)
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
            last = row if row.text else cell
            edge = last.place(at := len(last.text) - 1, at) if last.text else Span(0, 0)
            place = edge.end if row.text else edge.start
            row.add(Words(" | ", [(0, place, place)]))
        row.add(cell)
    return row
