"""The main text of an HTML page. Parses what strangers wrote: runs in the child process only."""

# lxml's and trafilatura's trees have no types; this file is where they end.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false

import re
from collections.abc import Iterator, Sequence
from typing import Any

from lxml import etree, html

from app.sources.characters import clean_characters
from app.sources.documents import Document, iso_date
from app.sources.errors import Unreadable
from app.sources.markdown import first_heading, normalise_markdown

MIN_CHARACTERS = 120
"""Two sentences. A page that gives less is a shell, a notice or a sign-in."""

_BLANK, _INFO, _QUOTE = "\U0001fb00", "\U0001fb01", "\U0001fb02"
"""Carry through the extraction what it would lose. Signs of 1980s screens, which no article holds;
private characters would be cleaned away on the way."""

_CARRIERS = re.compile("[\U0001fb00-\U0001fb02]")

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
"""The parser lets `&#1;` in, but no tree takes it when the text around it is set anew."""

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
    r"display:none|visibility:(?:hidden|collapse)|opacity:(?:0|0?\.0\d*)(?:;|!|$)"
    r"|font-size:(?:[01]?(?:\.\d+)?px|0(?:\.0+)?(?:em|rem|pt|%)?(?:;|!|$))|transform:scale[xy]?\(0[,)]"
    r"|text-indent:-\d{3,}|(?:left|top):-\d{4,}|clip-path:inset\((?:50|100)%|clip:rect\(0"
)
_BLOCKS = frozenset(
    "address article aside blockquote details div dl fieldset figure footer form h1 h2 h3 h4 h5 h6 header "
    "hr main nav ol p pre script section style table ul".split()
)
_BOXES = "self::div or self::section or self::article or self::main or self::body or self::td"
_LONGEST_CELL = 400
"""Characters. A longer one is a column of the page."""
_FLAT = re.compile(r"(?<![\w-])(?:max-)?(?:height|width):0(?:px)?(?:;|!|$)")
_COLOUR = re.compile(r";(color|background(?:-color)?):([^;!]+)")
_SAME_COLOUR = {
    "#fff": "white",
    "#ffffff": "white",
    "rgb(255,255,255)": "white",
    "#000": "black",
    "#000000": "black",
    "rgb(0,0,0)": "black",
}
_SIMPLE_SELECTOR = re.compile(r"[a-z][a-z0-9]*[.#][\w-]+|[.#][\w-]+")
_LANGUAGE = re.compile(
    r"(?:language|lang|highlight-source|highlight-text|brush:?)[-\s:]\s*([\w+#-]{1,20})"
)
_FENCE_INFO = re.compile(rf"^(`{{3,}})\n{_INFO}([\w+#-]+)\n", re.MULTILINE)
_QUOTE_LINE = re.compile(rf"^{_QUOTE}", re.MULTILINE)
_MOST_STYLES = 200_000
_MOST_ELEMENTS = 100_000
"""The longest articles have a tenth; to extract the text of these takes some seconds."""

_OUT_OF_BOUNDS = frozenset({"ERR_NO_MEMORY", "ERR_RESOURCE_LIMIT"})
"""Errors of libxml2 after which it hands over what it has parsed so far, as if that were all."""


def read_html(page: str, url: str | None, *, name: str) -> Document:
    """The page's main text and what it states of itself.

    Raises:
        Unreadable: `empty`, `no_text` or `js_only`.
    """
    import trafilatura  # noqa: PLC0415  # takes longer than what only needs the tree

    tree = parse_page(_CARRIERS.sub("", page), name)
    scripts = len(tree.xpath("//script"))
    mounts = tree.xpath(
        "//*[@id='root' or @id='app' or @id='__next' or @id='__nuxt' or @id='___gatsby']"
    )
    author = _meta(tree, "author", "article:author", "dable:author")
    site = _meta(tree, "og:site_name")
    _drop_claimed_address(tree)
    drop_hidden(tree)
    _keep_code(tree)
    _keep_quotations(tree)
    _keep_tables(tree)
    _keep_breaks(tree)
    found: Any = trafilatura.bare_extraction(
        tree,
        url=url,
        include_comments=False,
        include_formatting=True,
        include_tables=True,
        with_metadata=True,
        # What a page states, not a year that stands in its text.
        date_extraction_params={"original_date": True, "extensive_search": False},
    )
    raw = str(found.text or "") if found is not None else ""
    raw = _QUOTE_LINE.sub("> ", _FENCE_INFO.sub(r"\1\2\n", raw))
    text = normalise_markdown(_CARRIERS.sub("", raw))
    if found is None or len(text) < MIN_CHARACTERS:
        raise _too_little(name, text, scripted=bool(mounts) or scripts > 0)
    return Document(
        title=_line(found.title) or first_heading(text) or "",
        text=text,
        author=_line(found.author) or author,
        published_on=iso_date(found.date or ""),
        site=site or _line(found.sitename) or _line(found.hostname) or None,
    )


def parse_page(page: str, name: str) -> Any:
    """The page's tree, without comments and what no tree takes.

    Raises:
        Unreadable: `empty` or `too_complex`.
    """
    # `huge_tree` allows a depth of 2048 elements for 256: tags that nobody closed nest.
    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True
    )
    data = page.replace("\x00", "").encode("utf-8", "replace")
    try:
        tree = html.document_fromstring(data, parser=parser)
    except (etree.LxmlError, ValueError) as error:
        _check_bounds(parser, name)
        raise Unreadable("empty", f"{name} is empty; check the address in a browser.") from error
    _check_bounds(parser, name)
    elements = tree.xpath("//*")  # with what a broken page puts beside its root
    if len(elements) > _MOST_ELEMENTS:
        raise _too_complex(name)
    for element in elements:
        element.text = _CONTROLS.sub("", element.text or "")
        element.tail = _CONTROLS.sub("", element.tail or "")
    return tree


def _check_bounds(parser: Any, name: str) -> None:
    if any(error.type_name in _OUT_OF_BOUNDS for error in parser.error_log):
        raise _too_complex(name)


def _too_complex(name: str) -> Unreadable:
    return Unreadable(
        "too_complex",
        f"{name} is built of too many parts, or of parts too deep in each other, to be read; copy its "
        "text into a file and give that.",
    )


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
    return " ".join(clean_characters(value or "").split())


def _meta(tree: Any, *names: str) -> str | None:
    for name in names:
        for content in tree.xpath("//meta[@name=$n or @property=$n]/@content", n=name):
            value = _line(str(content))
            if value and "://" not in value:
                return value
    return None


def _drop_claimed_address(tree: Any) -> None:
    """A page may claim the address of any site; where it was read is what counts."""
    for claim in tree.xpath(
        "//link[@rel='canonical'] | //meta[@property='og:url' or @name='twitter:url']"
    ):
        claim.drop_tree()


def drop_hidden(tree: Any) -> None:
    """Take out what the page does not show."""
    hidden = [element for path in _NOT_SHOWN for element in tree.xpath(path)]
    hidden += [element for element in tree.xpath("//*[@style]") if _hides(element.get("style"))]
    rules = frozenset(_hiding_rules(tree))
    hidden += [
        element
        for element in tree.xpath("//*[@id or @class]")
        if rules and not rules.isdisjoint(_selectors(element))
    ]
    for element in hidden:
        if element.getparent() is not None and element.tag not in {"html", "body"}:
            element.drop_tree()
    # What is left is shown; the extraction guesses by the letters of a style (`overflow: hidden`).
    for element in tree.xpath("//*[@style]"):
        del element.attrib["style"]


def _hides(style: str) -> bool:
    style = re.sub(r"\s+", "", style.lower())
    if _HIDING.search(style) or (_FLAT.search(style) and "overflow:hidden" in style):
        return True
    colours = {name: _SAME_COLOUR.get(value, value) for name, value in _COLOUR.findall(f";{style}")}
    ink = colours.get("color")
    return ink is not None and ink in {colours.get("background"), colours.get("background-color")}


def _selectors(element: Any) -> Iterator[str]:
    """The simple selectors that an element answers to."""
    marks = [f".{name}" for name in (element.get("class") or "").split()]
    if element.get("id"):
        marks.append(f"#{element.get('id')}")
    for mark in marks:
        yield mark
        yield f"{element.tag}{mark}"


def _hiding_rules(tree: Any) -> Iterator[str]:
    """Simple selectors that the page's own style sheets hide always, in no @media."""
    sheets = "".join(style.text or "" for style in tree.xpath("//style"))[:_MOST_STYLES]
    depth = 0
    selector = ""
    for piece in re.split(r"([{}])", re.sub(r"/\*.*?(?:\*/|$)", "", sheets, flags=re.DOTALL)):
        if piece == "{":
            depth += 1
        elif piece == "}":
            depth = max(0, depth - 1)
            selector = ""
        elif depth == 0:
            selector = piece
        elif depth == 1 and _hides(piece):
            parts = (part.strip() for part in selector.split(","))
            yield from (part for part in parts if _SIMPLE_SELECTOR.fullmatch(part))


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
    for part in tree.xpath("//blockquote//p | //blockquote[not(.//p)]"):
        part.text = _QUOTE + (part.text or "").lstrip()


def _keep_tables(tree: Any) -> None:
    """A table that lays out the page becomes blocks; one without a header gets its first row as one.

    Rows without a header would come out as lines of one paragraph.
    """
    for caption in tree.xpath("//table/caption"):
        caption.tag = "p"
        caption.getparent().addprevious(caption)
    for table in tree.xpath("//table"):
        cells = table.xpath("./tr/*[self::td or self::th] | ./*/tr/*[self::td or self::th]")
        if len(cells) <= 1 or _lays_out(table, cells):
            for part in [table, *table.xpath("./tr | ./*/tr"), *cells]:
                part.tag = "div"
            for part in table.xpath("./tbody | ./thead | ./tfoot | ./colgroup"):
                part.drop_tag()
        elif not table.xpath("./tr/th | ./*/tr/th"):
            for cell in table.xpath("(./tr | ./*/tr)[1]/td"):
                cell.tag = "th"


def _lays_out(table: Any, cells: Sequence[Any]) -> bool:
    if table.xpath(".//table | .//h1 | .//h2 | .//h3 | .//article"):
        return True
    return any(len(cell.text_content()) > _LONGEST_CELL for cell in cells)


def _keep_breaks(tree: Any) -> None:
    """Words that empty lines divide (`<br><br>`, as news sites write them) become paragraphs."""
    for box in tree.xpath(f"//*[{_BOXES}][br/following-sibling::*[1][self::br]]"):
        paragraph = _paragraph(box.text)
        parts = [paragraph]
        after_break = False
        for child in list(box):
            tail = child.tail
            is_break = child.tag == "br"
            if child.tag in _BLOCKS or (is_break and after_break):
                child.tail = None
                paragraph = _paragraph(tail)
                parts += [paragraph] if is_break else [child, paragraph]
            else:
                paragraph.append(child)  # with its tail
            after_break = is_break and not (tail or "").strip()
        box.text = None
        box[:] = parts


def _paragraph(words: str | None) -> Any:
    paragraph = etree.Element("p")
    paragraph.text = words
    return paragraph
