"""Printed lines back to what they were printed from: headings, paragraphs, lists, code."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median, quantiles

_BULLET = re.compile(r"\s*[•‣◦▪▫■□●○–·∙-]\s+(?=\S)")
_NUMBERED = re.compile(r"\s*(?:\d{1,2}[.)]|[①-⑳]|[가-하][.)])\s+\S")
_ENDED = re.compile(r"[.!?…:。][\"'”’)\]]*$")
_INLINE_MARK = re.compile(r"[\\`*_\[\]<&~]")
_LEADER = re.compile(r"(?:\s?[.·…]){4,}\s*[\divxlc]*\s*$")

_PAGE_NUMBER = re.compile(r"[-–—\s]*\d{1,4}[-–—\s]*")

_EDGE_LINES = 2
_FEWEST_PAGES = 3
_SHORT = 0.75
"""A line that ends a sentence and is shorter than this share of a full one ends its paragraph."""
_SPACED = 0.3
_LONG = 0.6
_MOSTLY = 0.6
_LARGER = 1.12
"""From this many times the body's size on, a short line is a heading."""
_LONGEST_HEADING = 120
_DEEPEST = 4
_APART = 1.4
"""From this many times the usual distance on, two lines are two paragraphs."""
_EVEN_WIDTH = 0.6
"""Width of a monospaced character, ems."""


@dataclass(slots=True)
class Line:
    """One printed line. Its place is that of its first words, its size that of its largest; points."""

    text: str = ""
    x: float = 0.0
    y: float = 0.0
    size: float = 0.0
    even: bool = True
    """Whether all of it is set in a monospaced face."""
    page: int = 0

    def add(self, piece: str, *, x: float, y: float, size: float, even: bool) -> None:
        if piece.strip():
            if not self.text.strip():
                self.x, self.y = x, y
            self.size = max(self.size, size)
            self.even = self.even and even
        self.text += piece


def reflow(pages: Sequence[Sequence[Line]]) -> str:
    """Return Markdown: what a reader of the printed pages would say they were made of.

    Dropped: heads, feet and page numbers that return, lines of a table of contents.
    """
    lines = list(_without_running_heads(pages))
    if not lines:
        return ""
    sheet = _Sheet(lines)
    blocks: list[list[str]] = []
    previous: Line | None = None
    kind = ""
    for line in lines:
        now = sheet.kind(line)
        if previous is None or now != kind or sheet.parts(previous, line, now):
            blocks.append([])
        block = blocks[-1]
        if now == "code":
            block.append(sheet.indented(line))
        elif block and previous:
            block[-1] = sheet.joined(block[-1], previous, line)
        else:
            block.append(sheet.opened(line, now))
        previous, kind = line, now
    return "\n\n".join(_written(block, sheet) for block in blocks)


def _written(block: list[str], sheet: "_Sheet") -> str:
    if len(block) > 1 or block[0].startswith(sheet.code_mark):
        code = "\n".join(line.removeprefix(sheet.code_mark) for line in block)
        return f"```\n{code}\n```"
    return block[0]


class _Sheet:
    """What is usual in this document."""

    code_mark = "\x00"

    def __init__(self, lines: Sequence[Line]) -> None:
        sizes: Counter[float] = Counter()
        for line in lines:
            sizes[round(line.size, 1)] += len(line.text)
        self._body = sizes.most_common(1)[0][0]
        larger = {size for size in sizes if size >= self._body * _LARGER}
        self._levels = {size: n for n, size in enumerate(sorted(larger, reverse=True), 1)}
        widths = [len(line.text.strip()) for line in lines if line.text.count(" ") > 1]
        self._full = quantiles(widths, n=4)[2] if len(widths) > 1 else 0.0
        steps = [
            one.y - two.y
            for one, two in pairwise(lines)
            if one.page == two.page and 0 < one.y - two.y < 3 * self._body
        ]
        self._step = median(steps) if steps else 0.0
        even = sum(line.even for line in lines)
        self._has_code = even / len(lines) < _MOSTLY  # else it is a typescript
        self._left = min((line.x for line in lines if line.even), default=0.0)
        self._glued = self._breaks_words(lines)

    def _breaks_words(self, lines: Sequence[Line]) -> bool:
        """Whether Korean lines break inside words: then a line that ends between words ends in a blank."""
        long = [
            line.text
            for line in lines
            if re.search(r"[가-힣]", line.text) and len(line.text) >= self._full * _LONG
        ]
        return bool(long) and sum(text.endswith(" ") for text in long) / len(long) >= _SPACED

    def kind(self, line: Line) -> str:
        words = line.text.strip()
        level = self._levels.get(round(line.size, 1))
        if level is not None and len(words) <= _LONGEST_HEADING and re.search(r"[^\W\d_]", words):
            return "#" * min(level, _DEEPEST)
        return "code" if line.even and self._has_code else ""

    def parts(self, above: Line, line: Line, kind: str) -> bool:
        """Whether a new block begins between two lines of one kind."""
        step = above.y - line.y
        moved = above.page != line.page or step < -self._body  # the next page or column
        apart = not moved and self._step > 0 and step > self._step * _APART
        if kind == "code":
            return False
        if kind:
            return moved or step > line.size * 2
        if _BULLET.match(line.text) or _NUMBERED.match(line.text):
            return True
        ended = _ENDED.search(above.text.rstrip()) is not None
        if moved:
            return ended and len(above.text.strip()) < self._full * _SHORT
        return apart or (ended and len(above.text.strip()) < self._full * _SHORT)

    def opened(self, line: Line, kind: str) -> str:
        words = line.text.strip()
        if kind:
            return f"{kind} {_escaped(words)}"
        bullet = _BULLET.match(line.text)
        if bullet:
            return "- " + _escaped(line.text[bullet.end() :].strip())
        return ("\\" if words.startswith(("#", ">", "|")) else "") + _escaped(words)

    def joined(self, text: str, above: Line, line: Line) -> str:
        words = _escaped(line.text.strip())
        if re.search(r"[a-z]-$", text) and words[:1].islower():
            return text[:-1] + words
        broken = self._glued and not above.text.endswith(" ")
        if broken and re.search(r"[가-힣]$", text) and re.match(r"[가-힣]", words):
            return text + words
        return f"{text} {words}"

    def indented(self, line: Line) -> str:
        columns = round((line.x - self._left) / (_EVEN_WIDTH * line.size)) if line.size else 0
        return self.code_mark + " " * max(0, columns) + line.text.rstrip()


def _escaped(words: str) -> str:
    """Print has no Markdown: what looks like inline marks is words."""
    return _INLINE_MARK.sub(r"\\\g<0>", words)


def _without_running_heads(pages: Sequence[Sequence[Line]]) -> Iterator[Line]:
    edges: Counter[str] = Counter()
    for page in pages:
        edges.update({_unnumbered(line) for line in [*page[:_EDGE_LINES], *page[-_EDGE_LINES:]]})
    many = len(pages) >= _FEWEST_PAGES
    running = {text for text, count in edges.items() if many and count > len(pages) / 2}
    for number, page in enumerate(pages):
        for n, line in enumerate(page):
            at_edge = n < _EDGE_LINES or n >= len(page) - _EDGE_LINES
            if at_edge and (_unnumbered(line) in running or _PAGE_NUMBER.fullmatch(line.text)):
                continue
            if not _LEADER.search(line.text):
                line.page = number
                yield line


def _unnumbered(line: Line) -> str:
    return re.sub(r"\d+", "0", " ".join(line.text.split()))
