"""Turns an article's Markdown into HTML that is safe to show whoever wrote it.

markdown-it reads CommonMark, tables and footnotes with raw HTML off; nh3 then lets through a closed
list of elements, so that a hole in the one is not yet a hole in the page.
"""

import gettext
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.footnote import footnote_plugin

from app.kit.slugs import make_slug

_TAGS = frozenset(
    """a abbr blockquote br code dd del dl dt em h2 h3 h4 hr li ol p pre s section strong sub sup
    table tbody td th thead tr ul""".split()
)
_ATTRIBUTES = {
    "a": {"href", "id", "class", "aria-label", "role"},
    "code": {"class"},
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "li": {"id", "class"},
    "ol": {"class", "start"},
    "section": {"class", "role", "aria-labelledby"},
    "sup": {"id", "class"},
    "td": {"style"},
    "th": {"style", "scope"},
}

_TAKEN = ("sources", "claims", "content")
"""Ids that the page itself uses."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A second-level heading, for the table of contents."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Body:
    """An article as HTML. `html` is sanitised and may be shown as it is."""

    html: str
    headings: tuple[Heading, ...]


def render_markdown(markdown: str, words: gettext.NullTranslations) -> Body:
    """Render an article. `words` names what the text itself does not: the sources' heading, back links."""
    reader = _reader()
    env: dict[str, Any] = {"words": words}
    tokens = reader.parse(markdown, env)
    headings = _name_headings(tokens)
    html = reader.renderer.render(tokens, reader.options, env)
    return Body(_clean(html), headings)


def plain_text(markdown: str) -> str:
    """The words of one line of Markdown, without its marks."""
    tokens = _reader().parseInline(markdown)
    return _text(tokens[0]) if tokens else ""


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    reader.use(footnote_plugin, inline=False)
    for rule in (footnote_block_open, footnote_ref, footnote_anchor, table_open, table_close):
        reader.add_render_rule(rule.__name__, rule)
    return reader


def _name_headings(tokens: Sequence[Token]) -> tuple[Heading, ...]:
    """Give every heading an id of its own, and lower a first-level one: the page's is the title."""
    found: list[Heading] = []
    used: set[str] = set(_TAKEN)
    for opening, inline in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        level = min(max(int(opening.tag[1]), 2), 4)
        text = _text(inline)
        name = base = make_slug(text)
        n = 1
        while name in used:
            n += 1
            name = f"{base}-{n}"
        used.add(name)
        opening.tag = f"h{level}"
        opening.attrSet("id", name)
        if level == 2:  # noqa: PLR2004  # the level of a section
            found.append(Heading(name, text))
    for token, closing in _closings(tokens):
        closing.tag = token.tag
    return tuple(found)


def _closings(tokens: Sequence[Token]) -> list[tuple[Token, Token]]:
    pairs: list[tuple[Token, Token]] = []
    opening: Token | None = None
    for token in tokens:
        if token.type == "heading_open":
            opening = token
        elif token.type == "heading_close" and opening is not None:
            pairs.append((opening, token))
    return pairs


def _text(inline: Token) -> str:
    parts = [
        child.content
        for child in inline.children or ()
        if child.type in {"text", "code_inline", "text_special"}
    ]
    return "".join(parts).strip()


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=set(_TAGS) | {"div"},
        attributes={**_ATTRIBUTES, "div": {"class", "role", "tabindex"}},
        attribute_filter=_harmless,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
        strip_comments=True,
    )


def _harmless(element: str, attribute: str, value: str) -> str | None:
    """Let styles through only where a table aligns its cells, and links elsewhere only as such."""
    if attribute == "style":
        return (
            value
            if value in {f"text-align:{side}" for side in ("left", "right", "center")}
            else None
        )
    if element == "a" and attribute == "href" and value.startswith(("//", "\\")):
        return None
    return value


# The renderer finds these by their names, which are those of markdown-it's and the plugin's tokens.


def footnote_block_open(
    _renderer: RendererHTML,
    _tokens: Sequence[Token],
    _index: int,
    _options: OptionsDict,
    env: EnvType,
) -> str:
    """The sources under a heading of their own, instead of a rule."""
    heading = env["words"].gettext("Sources")
    return (
        '<section class="footnotes" role="doc-endnotes" aria-labelledby="sources">'
        f'<h2 id="sources">{escape(heading)}</h2>\n<ol class="footnotes-list">\n'
    )


def footnote_ref(
    _renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    _options: OptionsDict,
    env: EnvType,
) -> str:
    """A bare number; a screen reader hears what it leads to."""
    meta = tokens[index].meta
    number = int(meta["id"]) + 1
    again = int(meta["subId"])
    own = f"fnref{number}" if again == 0 else f"fnref{number}-{again + 1}"
    label = escape(env["words"].gettext("Source {number}").format(number=number))
    return (
        f'<sup class="footnote-ref"><a href="#fn{number}" id="{own}" role="doc-noteref"'
        f' aria-label="{label}">{number}</a></sup>'
    )


def footnote_anchor(
    _renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    _options: OptionsDict,
    env: EnvType,
) -> str:
    """One way back, to the first mention: a source named thirty times would have thirty arrows."""
    meta = tokens[index].meta
    if meta.get("subId", 0) != 0:
        return ""
    label = escape(env["words"].gettext("Back to the text"))
    number = int(meta["id"]) + 1
    return (
        f' <a href="#fnref{number}" class="footnote-backref" role="doc-backlink"'
        f' aria-label="{label}">↩\ufe0e</a>'
    )


def table_open(
    _renderer: RendererHTML,
    _tokens: Sequence[Token],
    _index: int,
    _options: OptionsDict,
    _env: EnvType,
) -> str:
    """A frame that scrolls by itself, so that a wide table does not widen a phone's page."""
    return '<div class="wide" tabindex="0" role="group"><table>\n'


def table_close(
    _renderer: RendererHTML,
    _tokens: Sequence[Token],
    _index: int,
    _options: OptionsDict,
    _env: EnvType,
) -> str:
    """The end of the frame."""
    return "</table></div>\n"
