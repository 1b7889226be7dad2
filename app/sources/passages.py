"""Cuts a snapshot's normalised Markdown into passages, each an exact span of it."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from app.language.types import Span
from app.sources.domain import Passage, PassageKind, Snapshot

_FENCE = re.compile(r"`{3,}|~{3,}")
_HEADING = re.compile(r"(?P<marks>#{1,6}) +(?P<words>\S.*?)\s*$")
_MARKED: tuple[tuple[PassageKind, re.Pattern[str]], ...] = (
    ("item", re.compile(r" *(?:[-*+]|\d{1,3}[.)]) +(?P<words>\S.*?)\s*$")),
    ("quotation", re.compile(r" *> ?(?P<words>\S.*?)\s*$")),
    ("row", re.compile(r"\| ?(?P<words>.*?) ?\|\s*$")),
)


class _Heading(NamedTuple):
    level: int
    words: str


class _Block(NamedTuple):
    kind: PassageKind
    start: int
    end: int


def split_passages(snapshot: Snapshot) -> list[Passage]:
    """Return the passages in reading order; `snapshot.text[p.start:p.end] == p.text` for each.

    Headings are no passages but are carried by those below them. A table's header is its first
    row; a row's text is its cells, split by ` | `. A code block's text is what stands between its
    fences. A list item is one passage, its sub-items are others.
    """
    above: list[_Heading] = []
    passages: list[Passage] = []
    for block in _blocks(snapshot.text):
        if isinstance(block, _Heading):
            above = [heading for heading in above if heading.level < block.level]
            above.append(block)
            continue
        kind, start, end = block
        passages.append(
            Passage(
                id=Passage.id_of(snapshot.id, start),
                snapshot_id=snapshot.id,
                kind=kind,
                start=start,
                end=end,
                text=snapshot.text[start:end],
                headings=tuple(heading.words for heading in above),
            )
        )
    return passages


def _blocks(text: str) -> Iterator[_Heading | _Block]:
    lines = iter(_lines(text))
    paragraph: _Block | None = None
    for line in lines:
        words = line.of(text)
        fence = _FENCE.match(words)
        block = None if fence else _block(words, line.start)
        if fence is None and block is None and words.strip():
            start = line.start + len(words) - len(words.lstrip())
            end = line.start + len(words.rstrip())
            paragraph = _Block("paragraph", paragraph.start if paragraph else start, end)
            continue
        if paragraph:
            yield paragraph
            paragraph = None
        if fence:
            code = _code(lines, text, fence.group(), line.end + 1)
            if text[code.start : code.end].strip():
                yield code
        elif block and not _is_empty(block, text):
            yield block
    if paragraph:
        yield paragraph


def _lines(text: str) -> Iterator[Span]:
    start = 0
    for line in text.split("\n"):
        yield Span(start, start + len(line))
        start += len(line) + 1


def _code(lines: Iterator[Span], text: str, fence: str, start: int) -> _Block:
    """Take lines up to the closing fence, or to the end of the text where there is none."""
    end = start
    for line in lines:
        if line.of(text).rstrip() == fence:
            break
        end = line.end
    return _Block("code", start, end)


def _block(line: str, offset: int) -> _Heading | _Block | None:
    """What a marked line is; None for a paragraph's line and for a blank one."""
    heading = _HEADING.match(line)
    if heading:
        return _Heading(len(heading["marks"]), heading["words"])
    for kind, pattern in _MARKED:
        found = pattern.match(line)
        if found:
            return _Block(kind, offset + found.start("words"), offset + found.end("words"))
    return None


def _is_empty(block: _Heading | _Block, text: str) -> bool:
    """Whether it is a row of a table that holds nothing, or only the ruler below the header."""
    if isinstance(block, _Heading) or block.kind != "row":
        return False
    return not text[block.start : block.end].strip("|-: ")
