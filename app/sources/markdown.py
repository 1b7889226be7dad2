"""Turns any Markdown into the normalised form that snapshots hold (see `domain`)."""

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.footnote import footnote_plugin

from app.sources.characters import clean_characters
from app.sources.inline import as_lines

_FRONT_MATTER = re.compile(
    r"\s*---[ \t]*\n(?P<fields>.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL
)
_FIELD = re.compile(r"(?P<name>[A-Za-z_]+)[ \t]*:[ \t]*(?P<value>.*?)[ \t]*$", re.MULTILINE)

_HIGHEST_NUMBER = 999
"""A list does not count this far; `2024. 3. 5.` at the start of a line is a date."""

_BLOCK_MARK = re.compile(r"(?:#{1,6} +|> ?|\| ?|`{3,}|~{3,})+")
_ALERT = re.compile(r"\[!\w+\]\s*")
_HEADING_TAIL = re.compile(r"(?:\s*\{[#.][^{}]*\}|\s*[¶§])+\s*$")
_FENCE_RUN = re.compile(r"`{3,}")
_HIDDEN_BLOCK = re.compile(
    r"<(?P<tag>\w+)\b[^>]*(?:\bhidden\b|display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE
)

_Kind = Literal["item", "block"]


def split_front_matter(text: str) -> tuple[dict[str, str], str]:
    """Return the `name: value` lines of a YAML head, names in lower case, and the text below it."""
    found = _FRONT_MATTER.match(text)
    if found is None:
        return {}, text
    fields = {
        field["name"].lower(): field["value"].strip("\"'")
        for field in _FIELD.finditer(found["fields"])
    }
    return (fields, text[found.end() :]) if fields else ({}, text)


def normalise_markdown(text: str, *, indented_code: bool = True) -> str:
    """Return `text` with its block marks, without its inline marks (but for inline code).

    Dropped: raw HTML and what it hides, comments, images that stand alone, struck-out words,
    footnotes, rulers, emoji and check marks that open a line, task boxes, unseen characters. Lines
    of one paragraph are joined unless they are lines of their own: broken with intent, or
    `label: value` each. Code, tables and further paragraphs inside a list item follow it at the
    margin. `indented_code=False` takes indented lines for prose, as in plain text.
    """
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.use(footnote_plugin)
    if not indented_code:
        parser.disable("code")
    _, body = split_front_matter(clean_characters(text))
    out = _Out()
    _blocks(SyntaxTreeNode(parser.parse(body)).children, out, indent=0, quoted=False)
    return out.text()


def first_heading(text: str) -> str | None:
    """The words of the first heading of a normalised text."""
    found = re.search(r"^#{1,6} +(\S.*?)\s*$", text, re.MULTILINE)
    return found.group(1) if found else None


class _Out:
    """The blocks written so far."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._last: _Kind = "block"

    def add(self, block: str, kind: _Kind = "block") -> None:
        if block.strip():
            if self._parts:
                self._parts.append("\n" if kind == self._last == "item" else "\n\n")
            self._parts.append(block)
            self._last = kind

    def end_list(self) -> None:
        self._last = "block"

    def text(self) -> str:
        # Entities are read after the first cleaning: &#8238; is a bidi override again.
        return clean_characters("".join(self._parts)).strip("\n") + "\n" if self._parts else ""


def _blocks(nodes: Iterable[SyntaxTreeNode], out: _Out, *, indent: int, quoted: bool) -> None:
    hidden = ""
    for node in nodes:
        if node.type == "html_block":
            hidden = _hidden_after(node.content, hidden)
        elif not hidden:
            _block(node, out, indent=indent, quoted=quoted)


def _hidden_after(html: str, hidden: str) -> str:
    """The tag that hides what follows this piece of raw HTML, or nothing."""
    if not hidden:
        found = _HIDDEN_BLOCK.search(html)
        hidden = found["tag"].lower() if found else ""
    return "" if f"</{hidden}" in html.lower() else hidden


def _block(node: SyntaxTreeNode, out: _Out, *, indent: int, quoted: bool) -> None:
    match node.type:
        case "heading" if not quoted:
            words = _HEADING_TAIL.sub("", " ".join(_lines(node)))
            out.add(f"{'#' * int(node.tag[1])} {words}" if words else "")
        case "paragraph" | "heading":
            lines = _lines(node)
            if quoted:
                words = _ALERT.sub("", " ".join(lines), count=1)
                out.add(f"> {words}" if words else "")
            else:
                out.add("\n".join(_unmarked(lines)))
        case "bullet_list" | "ordered_list":
            for item in node.children:
                _item(item, out, indent=indent, quoted=quoted)
            if indent == 0:
                out.end_list()
        case "blockquote":
            _blocks(node.children, out, indent=0, quoted=True)
        case "fence" | "code_block":
            out.add(_fenced(node.content, node.info.split(maxsplit=1)))
        case "table":
            out.add(_table(node))
        case _:
            pass  # rulers, footnotes


def _item(item: SyntaxTreeNode, out: _Out, *, indent: int, quoted: bool) -> None:
    number = int(item.info) if item.info else None
    prefix, children = _led(item)
    lines = _lines(children[0]) if children and children[0].type == "paragraph" else []
    rest = children[1:] if children and children[0].type == "paragraph" else children
    if prefix:
        lines = [" ".join([prefix.rstrip(), *lines[:1]]), *lines[1:]]
    mark = "-" if number is None else f"{number}{item.markup}"
    inner = indent + len(mark) + 1
    if quoted:
        out.add(f"> {' '.join(lines)}" if lines else "")
    elif number is not None and number > _HIGHEST_NUMBER:
        out.add("\n".join([f"{mark} {' '.join(lines[:1])}", *lines[1:]]))
    elif lines:
        out.add(f"{' ' * indent}{mark} {lines[0]}", "item")
        for line in lines[1:]:
            out.add(f"{' ' * inner}- {line}", "item")
    _blocks(rest, out, indent=inner, quoted=quoted)


def _led(item: SyntaxTreeNode) -> tuple[str, Sequence[SyntaxTreeNode]]:
    """Join list marks that stand on one line (`2024. 3. 5. …`): the inner ones are words."""
    prefix = ""
    children = item.children
    while (
        children
        and children[0].type in {"ordered_list", "bullet_list"}
        and len(children[0].children) == 1
        and children[0].map == item.map
    ):
        inner = children[0].children[0]
        prefix += f"{inner.info}{inner.markup} " if inner.info else ""
        children = [*inner.children, *children[1:]]
    return prefix, children


def _lines(node: SyntaxTreeNode) -> list[str]:
    inline = node.children[0].token if node.children else None
    return as_lines(inline.children or []) if inline else []


def _unmarked(lines: list[str]) -> list[str]:
    """A paragraph must not open like another block, or its words would be read as that."""
    return [
        _BLOCK_MARK.sub("", line, count=1).lstrip() if _BLOCK_MARK.match(line) else line
        for line in lines
    ]


def _fenced(code: str, info: Sequence[str]) -> str:
    code = "\n".join(line.rstrip() for line in code.split("\n")).rstrip()
    if not code:
        return ""
    longest = max((len(run) for run in _FENCE_RUN.findall(code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{info[0] if info else ''}\n{code}\n{fence}"


def _table(node: SyntaxTreeNode) -> str:
    rows: list[str] = []
    for row in (row for part in node.children for row in part.children):
        cells = [re.sub(r" *\| *", "|", " ".join(_lines(cell))) for cell in row.children]
        rows.append(f"| {' | '.join(cells)} |")
        if len(rows) == 1:
            rows.append("|" + " --- |" * len(cells))
    return "\n".join(rows)
