"""An article in HTML as Markdown that keeps what is judged of it: headings, links, images, footnotes.

`html_page` reads a page as a source, whose words alone matter; this reads it as it is shown, to be
analysed. Parses what strangers wrote: runs in the child process only.
"""

# lxml's trees have no types; this file is where they end.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false

import re
from collections.abc import Iterator
from html import escape
from typing import Any

from app.sources.characters import clean_characters
from app.sources.documents import Document, iso_date
from app.sources.errors import Unreadable
from app.sources.html_page import drop_hidden, parse_page

_AROUND = (
    "//script | //style | //nav | //aside | //footer | //form | //button | //iframe | //svg | //object"
    " | //select | //textarea | //head/*[not(self::title or self::meta)]"
)
"""What stands around an article or is no text."""

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BOXES = frozenset(
    "html body main article section header div details summary figure figcaption center hgroup dl"
    " address".split()
)
_MARKS = re.compile(r"[\\`*_\[\]<>&|~#]|(?<=!)(?=\[)")
_LINE_START = re.compile(r"(?:[#+=:-]|\d{1,9}(?=[.)]))")
_NOTE = "data-note"
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_DEPTH = 60


def read_article(page: str, *, name: str) -> Document:
    """The article of a page or of a piece of HTML, as Markdown, with what its head states.

    The article is the longest `article`, else `main`, else all that is shown.

    Raises:
        Unreadable: `empty`, or too complex to be read.
    """
    tree = parse_page(page, name)
    notes = list(_footnotes(tree))
    head = _head(tree)
    drop_hidden(tree)
    for part in tree.xpath(_AROUND):
        if part.getparent() is not None:
            part.drop_tree()
    parts = tree.xpath("//article") or tree.xpath("//main") or [tree]
    root = max(parts, key=lambda part: len(part.text_content()))
    blocks = list(_blocks(root, 0))
    blocks += [f"[^{label}]: {words}" for label, words in notes]
    text = clean_characters("\n\n".join(block for block in blocks if block.strip()))
    if not text.strip():
        raise Unreadable("empty", f"{name} holds no text; give the page that has the article.")
    return Document(text=text + "\n", **head)


def _head(tree: Any) -> dict[str, Any]:
    title = _line("".join(tree.xpath("//head/title/text()")[:1]))
    times = tree.xpath("//article//time/@datetime | //main//time/@datetime")
    return {
        "title": title or _meta(tree, "og:title"),
        "description": _meta(tree, "description", "og:description"),
        "author": _meta(tree, "author", "article:author"),
        "published_on": iso_date(_meta(tree, "article:published_time") or "".join(times[:1])),
        "updated_on": iso_date(_meta(tree, "article:modified_time")),
    }


def _meta(tree: Any, *names: str) -> str:
    for name in names:
        for content in tree.xpath("//meta[@name=$n or @property=$n]/@content", n=name):
            value = _line(str(content))
            if value:
                return value
    return ""


def _line(text: str) -> str:
    return " ".join(clean_characters(text).split())


def _footnotes(tree: Any) -> Iterator[tuple[str, str]]:
    """Turn marks whose target is on the page into notes; answers each note's number and words."""
    numbers: dict[str, int] = {}
    for mark in tree.xpath("//sup[.//a[starts-with(@href, '#')]]"):
        target = str(mark.xpath(".//a/@href")[0])[1:]
        found = tree.xpath("//*[@id=$id]", id=target) if target else []
        if not found:
            continue
        number = numbers.setdefault(target, len(numbers) + 1)
        for child in list(mark):
            mark.remove(child)
        mark.text, mark.tag = None, "span"
        mark.attrib.clear()
        mark.set(_NOTE, str(number))
    for target, number in numbers.items():
        note = tree.xpath("//*[@id=$id]", id=target)[0]
        for back in note.xpath(".//a[starts-with(@href, '#')]"):
            back.drop_tree()
        words = " ".join("".join(_inline(note)).split())
        if note.getparent() is not None:
            note.drop_tree()
        yield str(number), words


def _blocks(element: Any, depth: int) -> Iterator[str]:
    """The blocks below an element, each as Markdown without the blank line after it."""
    run: list[str] = [_escape(element.text or "")]
    for child in element:
        if depth < _DEPTH and _is_block(child):
            yield _paragraph(run)
            yield from _block(child, depth + 1)
            run = []
        else:
            run.extend(_inline_one(child, depth + 1))
        run.append(_escape(child.tail or ""))
    yield _paragraph(run)


def _is_block(element: Any) -> bool:
    tag = element.tag
    if not isinstance(tag, str):
        return False
    return tag in _BOXES or tag in _HEADINGS or tag in _BLOCKS


_BLOCKS = frozenset("p ul ol dt dd blockquote pre table hr".split())


def _block(element: Any, depth: int) -> Iterator[str]:
    tag = element.tag
    if tag in _HEADINGS:
        words = _flat("".join(_inline(element)))
        yield f"{'#' * _HEADINGS[tag]} {words}" if words else ""
    elif tag in {"ul", "ol"}:
        yield "\n".join(_items(element, depth))
    elif tag == "blockquote":
        inner = "\n\n".join(block for block in _blocks(element, depth) if block)
        yield "\n".join(f"> {line}".rstrip() for line in inner.split("\n")) if inner else ""
    elif tag == "pre":
        code = element.text_content().strip("\n")
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", code)), default=0))
        yield f"{fence}\n{code}\n{fence}" if code.strip() else ""
    elif tag == "table":
        yield "\n".join(_rows(element))
    elif tag != "hr":
        yield from _blocks(element, depth)


def _items(element: Any, depth: int) -> Iterator[str]:
    dot, dash = (")", "*") if _goes_on(element) else (".", "-")
    for number, item in enumerate(element.xpath("./li"), 1):
        mark = f"{number}{dot} " if element.tag == "ol" else f"{dash} "
        inner = "\n\n".join(block for block in _blocks(item, depth) if block)
        first, *rest = inner.split("\n")
        yield "\n".join([mark + first, *(" " * len(mark) + line if line else "" for line in rest)])


def _goes_on(element: Any) -> bool:
    """Whether the next mark must differ for a list not to be read as a part of the one before."""
    before = element.getprevious()
    if before is None or before.tag != element.tag or (before.tail or "").strip():
        return False
    return not _goes_on(before)


def _rows(element: Any) -> Iterator[str]:
    rows = element.xpath("./tr | ./thead/tr | ./tbody/tr | ./tfoot/tr")
    cells = [[_flat("".join(_inline(c))) for c in row.xpath("./th | ./td")] for row in rows]
    width = max(map(len, cells), default=0)
    for index, row in enumerate(cells):
        yield "| " + " | ".join(row + [""] * (width - len(row))) + " |"
        if index == 0:
            yield "|" + " --- |" * width


def _inline(element: Any, depth: int = 0) -> Iterator[str]:
    yield _escape(element.text or "")
    for child in element:
        yield from _inline_one(child, depth + 1)
        yield _escape(child.tail or "")


def _inline_one(element: Any, depth: int) -> Iterator[str]:
    tag = element.tag
    if not isinstance(tag, str) or depth > _DEPTH:
        return
    if element.get(_NOTE):
        yield f"[^{element.get(_NOTE)}]"
    elif tag == "br":
        yield "\\\n"
    elif tag == "img":
        yield f"![{_escape(_flat(element.get('alt') or ''))}]({_address(element.get('src'))})"
    elif tag == "a" and (element.get("href") is not None or element.get("onclick") is not None):
        words = _flat("".join(_inline(element, depth)))
        if element.get("rel"):  # Markdown has no way to write it but HTML
            attributes = "".join(
                f' {name}="{escape(_flat(element.get(name)))}"'
                for name in ("href", "rel")
                if element.get(name)
            )
            yield f"<a{attributes}>{words}</a>"
            return
        yield f"[{words}]({_address(element.get('href'))})"
    elif tag in {"code", "kbd", "samp"} and (code := _flat(element.text_content())):
        ticks = "`" * (1 + max((len(run) for run in re.findall(r"`+", code)), default=0))
        pad = " " if code[:1] == "`" or code[-1:] == "`" else ""
        yield f"{ticks}{pad}{code}{pad}{ticks}"
    else:  # emphasis and what means nothing to the checks: its words
        yield from _inline(element, depth)


def _address(address: str | None) -> str:
    bare = re.sub(r"\s", "%20", (address or "").strip())
    return "<" + re.sub(r"[<>\\]", lambda sign: f"%{ord(sign.group()):02X}", bare) + ">"


def _escape(text: str) -> str:
    return _MARKS.sub(r"\\\g<0>", _BLANKS.sub(" ", text))


def _flat(text: str) -> str:
    return " ".join(text.split())


def _paragraph(run: list[str]) -> str:
    """A run of words as one paragraph, its lines guarded against being read as other blocks."""
    lines = [line.strip() for line in re.sub(r"[ \t]+", " ", "".join(run)).strip().split("\n")]
    text = "\n".join(line for line in lines if line and line != "\\").removesuffix("\\")
    found = _LINE_START.match(text)
    if found:
        cut = found.end() if found.group()[0].isdigit() else 0
        text = f"{text[:cut]}\\{text[cut:]}"
    return text
