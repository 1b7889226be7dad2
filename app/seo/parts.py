"""Cuts a Markdown text into parts that mean the same by themselves, and remembers the parts it has parsed.

An editor's text comes back with one paragraph changed, and parsing all of it took a third of its analysis
(0.35 of 1.25 ms for 300 English words; from memory 0.05). A part begins after a blank line with a line
that is not indented and continues no list: there CommonMark closes every paragraph, table, list and footnote.
Only code between fences and some HTML go on, so a part that may hold such is shown to the parser with a
paragraph behind it. Two things act across parts and are handed on: link reference definitions and the labels
of footnotes.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from app.language.remembered import Remembered
from app.seo.blocks import Part, plain_part, read_part, stays_open

_GAP = re.compile(r"(?:\r\n?+|\n)(?:[ \t]*+(?:\r\n?+|\n))++")
"""A line's end with the blank lines behind it."""
_GOES_ON = re.compile(r"[ \t]|(?:[-+*]|\d{1,9}[.)])(?:[ \t\r\n]|\Z)")
"""A line that may belong to the list, code or footnote before it: indented, or an item."""
_DEFINES = "]:"
_REFERS = "["
_MOST_DEFINED = 4_000
"""Characters of definitions that are handed on to parts. A text with more is parsed whole: handing 5,000 of
them to 5,000 parts would take quadratic time."""
_REMEMBERED = 300_000
"""Characters of parts that are kept. Some 3 MiB when full."""


def parts_of(markdown: str) -> Iterator[tuple[int, Part]]:
    """The parts of a text with their places, in order. All know what any of them defines."""
    cut = list(_cut(markdown))
    defined = _defined([text for _, text in cut])
    if len(defined) > _MOST_DEFINED:
        yield 0, read_part(markdown, references={}, labels=())
        return
    for start, text in cut:
        if defined and _REFERS in text:
            yield start, _knowing(f"{defined}\0{text}")
        else:
            yield start, _alone(text)


def _cut(markdown: str) -> Iterator[tuple[int, str]]:
    start = least = 0
    for gap in _GAP.finditer(markdown):
        end = gap.end()
        if end < least or _GOES_ON.match(markdown, end):
            continue
        text = markdown[start:end]
        if _open(text):
            least = end + len(text)  # at least twice as long, so that all attempts take linear time
            continue
        yield start, text
        start = end
    if start < len(markdown):
        yield start, markdown[start:]


def _defined(texts: Iterable[str]) -> str:
    """What the parts define for each other, as JSON; empty where none defines anything."""
    references: dict[str, Mapping[str, str]] = {}
    labels: set[str] = set()
    for text in texts:
        if _DEFINES in text:
            part = _alone(text)
            for label, found in part.references.items():
                references.setdefault(label, found)  # of two for one label the first counts
            labels.update(part.labels)
    if not references and not labels:
        return ""
    return json.dumps([references, sorted(labels)], sort_keys=True)


def _read_alone(text: str) -> Part:
    return plain_part(text) or read_part(text, references={}, labels=())


def _read_knowing(text: str) -> Part:
    defined, _, words = text.partition("\0")  # which JSON never holds
    references, labels = json.loads(defined)
    return read_part(words, references=references, labels=labels)


_open = Remembered(stays_open, characters=_REMEMBERED)
_alone = Remembered(_read_alone, characters=_REMEMBERED)
_knowing = Remembered(_read_knowing, characters=_REMEMBERED)
