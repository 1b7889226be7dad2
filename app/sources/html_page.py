"""The main text of an HTML page. Parses what strangers wrote: runs in the child process only."""

# lxml's and trafilatura's trees have no types; this file is where they end.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false

import re
from collections.abc import Iterator
from typing import Any

import trafilatura
from lxml import etree, html

from app.sources.documents import Document
from app.sources.errors import Unreadable
from app.sources.markdown import first_heading, normalise_markdown

MIN_CHARACTERS = 120
"""Two sentences. A page that gives less is a shell, a notice or a sign-in."""

_BLANK, _INFO, _QUOTE = "\U0001fb00", "\U0001fb01", "\U0001fb02"
"""Carry through the extraction what it would lose. Signs of 1980s screens, which no article holds;
private characters would be cleaned away on the way."""

_CARRIERS = re.compile("[\U0001fb00-\U0001fb02]")

_NOT_SHOWN = (
    "//*[@hidden or @aria-hidden='true']",
    "//noscript | //template | //dialog[not(@open)]",
    "//sup[contains(@class,'reference') or contains(@class,'footnote')]",
    "//a[contains(@class,'headerlink') or contains(@class,'anchor')][string-length(normalize-space()) < 3]",
    "//a[contains(@class,'footnote-back')]",
    "//span[contains(@class,'mw-editsection')]",
    "//td[contains(@class,'lineno') or contains(@class,'gutter')]",
    "//*[contains(concat(' ',@class,' '),' sr-only ')]",
    "//*[contains(concat(' ',@class,' '),' visually-hidden ')]",
)
_HIDING = re.compile(
    r"display:none|visibility:hidden|opacity:0(?:\.0+)?(?:;|!|$)|font-size:0(?:px|em|rem|%)?(?:;|!|$)"
    r"|text-indent:-\d{3,}|(?:left|top):-\d{4,}|clip-path:inset\((?:50|100)%|clip:rect\(0"
)
_SIMPLE_SELECTOR = re.compile(r"([.#])([\w-]+)")
_LANGUAGE = re.compile(
    r"(?:language|lang|highlight-source|highlight-text|brush:?)[-\s:]\s*([\w+#-]{1,20})"
)
_FENCE_INFO = re.compile(rf"^(`{{3,}})\n{_INFO}([\w+#-]+)\n", re.MULTILINE)
_QUOTE_LINE = re.compile(rf"^{_QUOTE}", re.MULTILINE)
_MOST_STYLES = 200_000
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_html(page: str, url: str | None, *, name: str) -> Document:
    """The page's main text and what it states of itself.

    Raises:
        Unreadable: `empty`, `no_text` or `js_only`.
    """
    tree = _parsed(_CARRIERS.sub("", page), name)
    scripts = len(tree.xpath("//script"))
    mounts = tree.xpath(
        "//*[@id='root' or @id='app' or @id='__next' or @id='__nuxt' or @id='___gatsby']"
    )
    author = _meta(tree, "author", "article:author", "dable:author")
    site = _meta(tree, "og:site_name")
    _drop_hidden(tree)
    _keep_code(tree)
    _keep_quotations(tree)
    found: Any = trafilatura.bare_extraction(
        tree,
        url=url,
        include_comments=False,
        include_formatting=True,
        include_tables=True,
        with_metadata=True,
    )
    raw = str(found.text or "") if found is not None else ""
    raw = _QUOTE_LINE.sub("> ", _FENCE_INFO.sub(r"\1\2\n", raw))
    text = normalise_markdown(_CARRIERS.sub("", raw))
    if found is None or len(text) < MIN_CHARACTERS:
        raise _too_little(name, text, scripted=bool(mounts) or scripts > 0)
    date = _DATE.match(found.date or "")
    return Document(
        title=_line(found.title) or first_heading(text) or "",
        text=text,
        author=_line(found.author) or author,
        published_on=date.group() if date else None,
        site=site or _line(found.sitename) or _line(found.hostname) or None,
    )


def _parsed(page: str, name: str) -> Any:
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    data = page.replace("\x00", "").encode("utf-8", "replace")
    try:
        return html.document_fromstring(data, parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise Unreadable("empty", f"{name} is empty; check the address in a browser.") from error


def _too_little(name: str, text: str, *, scripted: bool) -> Unreadable:
    if not scripted:
        return Unreadable(
            "no_text",
            f"{name} holds no text to speak of ({len(text)} characters); give the page that has the article.",
        )
    return Unreadable(
        "js_only",
        f"{name} holds no text of its own: scripts put it together in the browser, and scripts are not "
        "run; save the page from the browser as HTML or PDF and give the file.",
    )


def _line(value: str | None) -> str:
    return " ".join(normalise_markdown(value or "").split())


def _meta(tree: Any, *names: str) -> str | None:
    for name in names:
        for content in tree.xpath("//meta[@name=$n or @property=$n]/@content", n=name):
            value = " ".join(str(content).split())
            if value and "://" not in value:
                return value[:200]
    return None


def _drop_hidden(tree: Any) -> None:
    hidden = [element for path in _NOT_SHOWN for element in tree.xpath(path)]
    hidden += [
        element
        for element in tree.xpath("//*[@style]")
        if _HIDING.search(re.sub(r"\s+", "", element.get("style").lower()))
    ]
    for mark, name in _hiding_rules(tree):
        path = (
            "//*[@id=$n]"
            if mark == "#"
            else "//*[contains(concat(' ',normalize-space(@class),' '),$n)]"
        )
        hidden += tree.xpath(path, n=name if mark == "#" else f" {name} ")
    for element in hidden:
        if element.getparent() is not None and element.tag not in {"html", "body"}:
            element.drop_tree()


def _hiding_rules(tree: Any) -> Iterator[tuple[str, str]]:
    """Classes and ids that the page's own style sheets hide always: by a simple selector, in no @media."""
    sheets = "".join(style.text or "" for style in tree.xpath("//style"))[:_MOST_STYLES]
    depth = 0
    selector = ""
    for piece in re.split(r"([{}])", re.sub(r"/\*.*?\*/", "", sheets, flags=re.DOTALL)):
        if piece == "{":
            depth += 1
        elif piece == "}":
            depth = max(0, depth - 1)
            selector = ""
        elif depth == 0:
            selector = piece
        elif depth == 1 and _HIDING.search(re.sub(r"\s+", "", piece.lower())):
            for part in selector.split(","):
                simple = _SIMPLE_SELECTOR.fullmatch(part.strip())
                if simple:
                    yield simple.group(1), simple.group(2)


def _keep_code(tree: Any) -> None:
    """A code block keeps its blank lines and its language."""
    for block in tree.xpath("//pre[not(ancestor::pre)]"):
        for broken in block.xpath(".//br"):
            broken.tail = "\n" + (broken.tail or "")
        code = block.text_content().strip("\n")
        named = " ".join(block.xpath(".//code/@class | @class | ../@class | ../../@class"))
        language = _LANGUAGE.search(named)
        lines = [line if line.strip() else _BLANK for line in code.split("\n")]
        if language and code.strip():
            lines.insert(0, _INFO + language.group(1).lower())
        tail = block.tail
        block.clear()
        block.tail = tail
        inner = etree.SubElement(block, "code")
        inner.text = "\n".join(lines)


def _keep_quotations(tree: Any) -> None:
    for quotation in tree.xpath("//blockquote"):
        for part in quotation.xpath(".//p") or [quotation]:
            part.text = _QUOTE + (part.text or "").lstrip()
