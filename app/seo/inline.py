"""Reads one inline run of Markdown into plain words, each character knowing where it stands.

markdown-it gives inline tokens no position. The run is walked once more beside its tokens, so
that every character of the words points back into the source and a finding can be underlined.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from html import unescape
from operator import itemgetter

from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.language.types import Span

_HELPERS = MarkdownIt("commonmark").helpers


@dataclass(frozen=True, slots=True)
class Link:
    """A link with its anchor's words. `span` covers the whole link in the Markdown."""

    href: str
    text: str
    span: Span
    nofollow: bool = False
    """Written as HTML with `rel` nofollow, sponsored or ugc: no recommendation."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image and its alternative text."""

    src: str
    alt: str
    span: Span


@dataclass(frozen=True, slots=True)
class Citation:
    """A footnote mark. `at` is its place in the block's words, `span` in the Markdown."""

    label: str
    at: int
    span: Span


Run = tuple[int, int, int]
"""Characters of words that stand together: the first one's number, where it stands, and where it ends.

`EACH` as the end means that each character stands behind the one before; otherwise all of them stand for what
begins and ends there (an escape, an entity). Most paragraphs are one run: a place a character took 72 bytes of
each and half the time of reading it.
"""
EACH = -1


@dataclass(slots=True)
class Words:
    """The words of one inline run, each character knowing where it stands in the source."""

    text: str = ""
    runs: list[Run] = field(default_factory=list[Run])
    links: list[Link] = field(default_factory=list[Link])
    images: list[Image] = field(default_factory=list[Image])
    citations: list[Citation] = field(default_factory=list[Citation])
    code: list[Span] = field(default_factory=list[Span])
    """Code between the words, with its marks, in the Markdown."""
    at: int = 0
    """Where the text begins whose characters `runs` count, and they alone."""

    def place(self, first: int, last: int) -> Span:
        """Where the characters from one to another stand, both with it."""
        if len(self.runs) == 1 and self.runs[0][2] == EACH:  # most paragraphs
            start = self.runs[0][1] + self.at
            return Span(start + first, start + max(last + 1, first))
        begin = self._one(first)
        return Span(begin.start, max(self._one(last).end, begin.start))

    def _one(self, index: int) -> Span:
        first, start, end = self.runs[bisect_right(self.runs, index, key=itemgetter(0)) - 1]
        if end == EACH:
            start += index - first
            end = start + 1
        return Span(start + self.at, end + self.at)

    def add(self, other: "Words") -> None:
        """Put other words of the same text behind these, with what is in them."""
        self.runs += [(first + len(self.text), start, end) for first, start, end in other.runs]
        self.citations.extend(
            Citation(mark.label, mark.at + len(self.text), mark.span) for mark in other.citations
        )
        self.text += other.text
        self.links.extend(other.links)
        self.images.extend(other.images)

    def moved(self, by: int) -> "Words":
        """The same words in a text that begins `by` characters farther on."""
        return Words(
            self.text,
            self.runs,
            [replace(link, span=link.span.moved(by)) for link in self.links],
            [replace(image, span=image.span.moved(by)) for image in self.images],
            [replace(mark, span=mark.span.moved(by)) for mark in self.citations],
            [span.moved(by) for span in self.code],
            self.at + by,
        )


class _Walker:
    """Walks a run's source and its tokens side by side; `at` is the cursor in `source`."""

    def __init__(self, source: str, offsets: Sequence[int]) -> None:
        self.source = source
        self.offsets = offsets
        self.at = 0
        self.said: list[str] = []
        self.length = 0
        """Characters of `said`."""
        self.words = Words()
        self.open_links: list[tuple[str, int, int]] = []
        self.open_tags: list[tuple[str, int, int, bool]] = []
        """Links written as HTML."""

    def where(self, index: int) -> int:
        """The place in the whole Markdown of a place in the run."""
        if index < len(self.offsets):
            return self.offsets[index]
        return self.offsets[-1] + 1 if self.offsets else 0

    def put(self, text: str, start: int, end: int) -> None:
        """Add words that stand at `source[start:end]`; of equal length, character by character."""
        if not text:
            return
        first = self.length
        self.said.append(text)
        self.length += len(text)
        if end - start != len(text):
            last = self.where(end - 1) + 1 if end > start else self.where(start)
            self.words.runs.append((first, self.where(start), last))
            return
        places = self.offsets[start:end]
        if len(places) == len(text) and _together(places):  # nearly always
            self.words.runs.append((first, places[0], EACH))
            return
        self.words.runs += [
            (first + index, self.where(start + index), EACH) for index in range(len(text))
        ]

    def text(self, token: Token) -> None:
        content = token.content
        if not content:
            return
        start = self.source.find(content, self.at)
        if start < 0:  # markdown-it decoded it (an autolink's percent signs)
            self.put(content, self.at, min(self.at + 1, len(self.source)))
            return
        self.put(content, start, start + len(content))
        self.at = start + len(content)

    def special(self, token: Token) -> None:
        start = max(self.source.find(token.markup, self.at), self.at)
        self.put(token.content, start, start + len(token.markup))
        self.at = start + len(token.markup)

    def skip(self, mark: str) -> int:
        """Step over a mark; answers where it began."""
        start = self.source.find(mark, self.at)
        if start < 0:
            return self.at
        self.at = start + len(mark)
        return start

    def line_end(self, _token: Token) -> None:
        start = self.source.find("\n", self.at)
        if start < 0:
            return
        self.put(" ", start, start + 1)
        self.at = start + 1
        while self.at < len(self.source) and self.source[self.at] in " \t":
            self.at += 1

    def code(self, token: Token) -> None:
        start = self.skip(token.markup)
        length = len(token.markup)
        closing = re.compile(rf"(?<!`)`{{{length}}}(?!`)").search(self.source, self.at)
        end = closing.start() if closing else len(self.source)
        raw = self.source[self.at : end]
        lead = raw.replace("\n", " ").find(token.content) if token.content else 0
        if lead >= 0:
            self.put(token.content, self.at + lead, self.at + lead + len(token.content))
        self.at = closing.end() if closing else end
        self.words.code.append(self.span(start))

    def target(self) -> None:
        """Step over what follows a link's or image's words: `](…)`, `][…]` or `]`."""
        self.skip("]")
        source, size = self.source, len(self.source)
        if source[self.at : self.at + 1] == "(":
            at = self._spaces(self.at + 1)
            found = _HELPERS.parseLinkDestination(source, at, size)
            if found.ok:
                at = self._spaces(found.pos)
                title = _HELPERS.parseLinkTitle(source, at, size)
                at = self._spaces(title.pos) if title.ok else at
            if source[at : at + 1] == ")":
                self.at = at + 1
                return
        if source[self.at : self.at + 1] == "[":
            end = source.find("]", self.at)
            if end >= 0:
                self.at = end + 1

    def _spaces(self, at: int) -> int:
        while at < len(self.source) and self.source[at] in " \t\n":
            at += 1
        return at

    def span(self, start: int) -> Span:
        return Span(self.where(start), max(self.where(self.at - 1) + 1, self.where(start)))

    def walk(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            step = _STEPS.get(token.type)
            if step is not None:
                step(self, token)
            elif token.markup:
                self.skip(token.markup)

    def open_link(self, token: Token) -> None:
        start = self.skip("<" if token.markup == "autolink" else "[")
        self.open_links.append((str(token.attrs.get("href", "")), len(self.said), start))

    def image(self, token: Token) -> None:
        start = self.skip("![")
        self.at = min(self.at + len(token.content), len(self.source))
        self.target()
        found = Image(str(token.attrs.get("src", "")), _plain(token), self.span(start))
        self.words.images.append(found)

    def citation(self, token: Token) -> None:
        label = str(token.meta.get("label", ""))
        start = self.skip(f"[^{label}]")
        self.words.citations.append(Citation(label, self.length, self.span(start)))

    def html(self, token: Token) -> None:
        """Links and images that are written as HTML; of other tags nothing is kept."""
        start = self.skip(token.content)
        tag = token.content
        if _LINK.match(tag):
            nofollow = _UNFOLLOWED.search(_attribute(tag, "rel")) is not None
            self.open_tags.append((_attribute(tag, "href"), len(self.said), start, nofollow))
        elif tag.lower().startswith("</a") and self.open_tags:
            href, began, start, nofollow = self.open_tags.pop()
            words = "".join(self.said[began:])
            self.words.links.append(Link(href, words, self.span(start), nofollow))
        elif _IMAGE.match(tag):
            self.words.images.append(
                Image(_attribute(tag, "src"), _attribute(tag, "alt"), self.span(start))
            )

    def close_link(self, token: Token) -> None:
        if token.markup == "autolink":
            self.skip(">")
        else:
            self.target()
        if self.open_links:
            href, began, start = self.open_links.pop()
            words = "".join(self.said[began:])
            self.words.links.append(Link(href, words, self.span(start)))


_LINK = re.compile(r"<a\s", re.IGNORECASE)
_IMAGE = re.compile(r"<img\s", re.IGNORECASE)
_UNFOLLOWED = re.compile(r"\b(?:nofollow|sponsored|ugc)\b", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\s([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+))""")


def _attribute(tag: str, name: str) -> str:
    """An attribute's value in a tag, entities read; empty without one."""
    for found in _ATTRIBUTE.finditer(tag):
        if found[1].lower() == name:
            return unescape(found[2] or found[3] or found[4] or "")
    return ""


_STEPS: dict[str, Callable[[_Walker, Token], None]] = {
    "text": _Walker.text,
    "text_special": _Walker.special,
    "softbreak": _Walker.line_end,
    "hardbreak": _Walker.line_end,
    "code_inline": _Walker.code,
    "link_open": _Walker.open_link,
    "link_close": _Walker.close_link,
    "image": _Walker.image,
    "html_inline": _Walker.html,
    "footnote_ref": _Walker.citation,
}


def _together(places: Sequence[int]) -> bool:
    """Whether places follow each other without a gap."""
    return isinstance(places, range) or places == list(range(places[0], places[0] + len(places)))


def _plain(image: Token) -> str:
    """An image's alternative text, without marks."""
    if image.children is None:
        return image.content
    return "".join(child.content or " " * (child.type == "softbreak") for child in image.children)


def read_inline(token: Token, offsets: Sequence[int]) -> Words:
    """Read an `inline` token whose content's characters stand at `offsets` of the Markdown."""
    walker = _Walker(token.content, offsets)
    walker.walk(token.children or ())
    walker.words.text = "".join(walker.said)
    return walker.words


def locate(content: str, source: str, start: int) -> list[int]:
    r"""Where each character of a table cell stands in its row, from `start` on.

    The parser takes the backslash from `\|`; nothing else of a cell is changed.
    """
    found = source.find(content, start)
    if found >= 0:
        return list(range(found, found + len(content)))
    places: list[int] = []
    at = start
    for character in content:
        while at < len(source) and source[at] != character:
            at += 1
        places.append(min(at, max(len(source) - 1, 0)))
        at += 1
    return places
