"""Lays an article out as Markdown with footnotes, and says where every sentence ended up.

What sources say is data: their words are escaped wherever Markdown or HTML would read them as marks,
so that none can open a heading, a list, a link, an image or a tag. `unescape` turns a placed span back
into the sentence's text; most spans need no escape and are equal to it as they stand.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.generation.schemas import Block, Fact, Section, Sentence
from app.language.types import Language
from app.sources.domain import Snapshot

FAQ_HEADING: dict[Language, str] = {"en": "Frequently asked questions", "ko": "자주 묻는 질문"}
"""Over the questions and their answers."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a sentence stands: code points `start` to `end` of the Markdown.

    `unescape(markdown[start:end]) == sentence.text`, and without `unescape` too where nothing had to
    be escaped. `section_index` counts the sections, then the questions.
    """

    start: int
    end: int
    sentence: Sentence
    section_index: int


@dataclass(frozen=True, slots=True)
class Rendered:
    markdown: str
    placed: list[Placed]
    cited: tuple[str, ...] = ()
    """Snapshot ids in the order of their footnotes, which count from 1."""


_PUNCTUATION = re.compile(r"""\\([!-/:-@\[-`{-~])""")
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_MARKS = re.compile(
    r"\\(?=[!-/:-@\[-`{-~])"  # a backslash that would escape what follows
    r"|[*`\[\]]"  # emphasis, code, links, images, footnotes
    r"|(?<![^\W_])_|_(?![^\W_])"  # underscores that are not inside a word
    r"|<(?=[A-Za-z/!?])"  # tags, comments, autolinks
    r"|&(?=#?\w+;)"  # entities
    r"|~(?=~)|(?<=~)~|\$(?=\$)"
)
_LINE_START = re.compile(r"(?:[#>+=~|:-]|\d{1,9}(?=[.)])|\t)")


def escape(text: str, *, line_start: bool = False, in_table: bool = False) -> str:
    """Return one line of prose with a backslash before whatever Markdown would read as a mark.

    Balanced code spans stay code. `line_start` guards against headings, quotations, lists and rules.
    """
    line = " ".join(text.split("\n"))
    parts: list[str] = []
    at = 0
    for span in _CODE_SPAN.finditer(line):
        parts += [_MARKS.sub(r"\\\g<0>", line[at : span.start()]), span.group()]
        at = span.end()
    parts.append(_MARKS.sub(r"\\\g<0>", line[at:]))
    escaped = "".join(parts)
    if line_start:
        found = _LINE_START.match(escaped)
        if found:
            # A number is escaped at its dot: a backslash before a digit would be a backslash.
            cut = found.end() if found.group()[0].isdigit() else 0
            escaped = f"{escaped[:cut]}\\{escaped[cut:]}"
    if in_table:
        escaped = re.sub(r"(?<!\\)\|", r"\\|", escaped)
    return escaped


def unescape(markdown: str) -> str:
    """Turn a placed span of prose back into its sentence.

    Backslashes before punctuation go, outside code spans.
    """
    parts: list[str] = []
    at = 0
    for span in _CODE_SPAN.finditer(markdown):
        if span.start() and markdown[span.start() - 1] == "\\":
            continue
        parts += [_PUNCTUATION.sub(r"\1", markdown[at : span.start()]), span.group()]
        at = span.end()
    return "".join(parts) + _PUNCTUATION.sub(r"\1", markdown[at:])


@dataclass(slots=True)
class _Page:
    """The Markdown so far, and what was placed in it."""

    facts: Mapping[str, Fact]
    text: str = ""
    placed: list[Placed] = field(default_factory=list[Placed])
    cited: list[str] = field(default_factory=list[str])

    def write(self, text: str) -> None:
        self.text += text

    def place(self, shown: str, sentence: Sentence, section: int) -> None:
        start = len(self.text)
        self.text += shown
        self.placed.append(Placed(start, len(self.text), sentence, section))

    def sources(self, sentence: Sentence) -> tuple[str, ...]:
        ids = (self.facts[each].snapshot_id for each in sentence.fact_ids if each in self.facts)
        return tuple(dict.fromkeys(ids))

    def mark(self, sources: Sequence[str]) -> str:
        for source in sources:
            if source not in self.cited:
                self.cited.append(source)
        return "".join(f"[^{self.cited.index(source) + 1}]" for source in sources)


def render_article(
    sections: Sequence[Section],
    faq: Sequence[Section],
    facts: Mapping[str, Fact],
    snapshots: Mapping[str, Snapshot],
    language: Language,
) -> Rendered:
    """Return the article without its title: H2 sections, questions as H3 under one H2, footnotes.

    A mark `[^n]` stands at the end of each run of sentences of the same source inside a block; code
    that no cited sentence precedes in its section gets a line of its own. Raises `KeyError` for a
    cited snapshot that is not given.
    """
    page = _Page(facts)
    for index, section in enumerate(sections):
        if section.heading:
            page.write(f"## {_heading(section.heading)}\n\n")
        _blocks(page, section.blocks, index, language, level=3)
    if faq:
        page.write(f"## {FAQ_HEADING[language]}\n\n")
        for index, section in enumerate(faq, len(sections)):
            page.write(f"### {_heading(section.heading)}\n\n")
            _blocks(page, section.blocks, index, language, level=4)
    for number, source in enumerate(page.cited, 1):
        page.write(f"[^{number}]: {_citation(snapshots[source], language)}\n")
    return Rendered(page.text.rstrip("\n") + "\n", page.placed, tuple(page.cited))


def _heading(text: str) -> str:
    return escape(text.strip()).rstrip("#").rstrip()


def _blocks(
    page: _Page, blocks: Sequence[Block], section: int, language: Language, *, level: int
) -> None:
    shown = [block for block in blocks if block.sentences]
    cited: set[str] = set()
    steps = 0
    for n, block in enumerate(shown):
        if block.heading or block.kind in ("paragraph", "table"):
            steps = 0
        if block.heading:
            page.write(f"{'#' * level} {_heading(block.heading)}\n\n")
        following = shown[n + 1] if n + 1 < len(shown) else None
        after: tuple[str, ...] = ()
        if following is not None and not following.heading:
            after = page.sources(following.sentences[0])
        match block.kind:
            case "paragraph":
                # A lead-in's mark would stand right above its list's own.
                marked_below = following is not None and following.kind in ("list", "table")
                _paragraph(page, block, section, after if marked_below else ())
            case "list":
                steps = _list(page, block, section, steps)
            case "table":
                _table(page, block, section)
            case "code":
                _code(page, block, section)
                _cite_code(page, block, language, cited | set(after))
        for sentence in block.sentences:
            cited.update(page.sources(sentence))


def _mark_after(
    page: _Page, sentences: Sequence[Sentence], n: int, after: tuple[str, ...] = ()
) -> str:
    """Return the marks for sentence `n`, none if the next one, or what comes `after` all, has them."""
    sources = page.sources(sentences[n])
    following = page.sources(sentences[n + 1]) if n + 1 < len(sentences) else after
    return page.mark(sources) if sources and sources != following else ""


def _paragraph(page: _Page, block: Block, section: int, after: tuple[str, ...]) -> None:
    for n, sentence in enumerate(block.sentences):
        if n:
            page.write(" ")
        page.place(escape(sentence.text, line_start=n == 0), sentence, section)
        page.write(_mark_after(page, block.sentences, n, after))
    page.write("\n\n")


def _list(page: _Page, block: Block, section: int, steps: int) -> int:
    """Lay items out as they were: nested by their indentation, numbered anew where they were numbered.

    Numbers go on from `steps`, those of a list that only code has parted from this one; answers the last.
    """
    marks = block.marks or ("-",) * len(block.sentences)
    open_at: list[tuple[int, str, int]] = []
    for n, sentence in enumerate(block.sentences):
        depth = len(marks[n]) - len(marks[n].lstrip())
        while open_at and open_at[-1][0] > depth:
            open_at.pop()
        numbered = marks[n].strip()[:1].isdigit()
        first = 1 if open_at else steps + 1
        count = open_at[-1][2] + 1 if open_at and open_at[-1][0] == depth else first
        if open_at and open_at[-1][0] == depth:
            open_at.pop()
        inside = "".join(blanks for _depth, blanks, _count in open_at)
        shown = f"{count}. " if numbered else "- "
        open_at.append((depth, " " * len(shown), count))
        page.write(inside + shown)
        page.place(escape(sentence.text, line_start=True), sentence, section)
        page.write(_mark_after(page, block.sentences, n) + "\n")
    page.write("\n")
    return open_at[0][2] if marks[0].strip()[:1].isdigit() else 0


def _table(page: _Page, block: Block, section: int) -> None:
    rows = [sentence.text.split(" | ") for sentence in block.sentences]
    width = max(len(row) for row in rows)
    for n, sentence in enumerate(block.sentences):
        shown = " | ".join(escape(cell, in_table=True) for cell in rows[n])
        page.write("| ")
        page.place(shown, sentence, section)
        page.write(_mark_after(page, block.sentences, n))
        page.write(" |" * (width - len(rows[n])) + " |\n")
        if n == 0:
            page.write("|" + " --- |" * width + "\n")
    page.write("\n")


def _code(page: _Page, block: Block, section: int) -> None:
    for sentence in block.sentences:
        ticks = max((len(run) for run in re.findall(r"`+", sentence.text)), default=0)
        fence = "`" * max(3, ticks + 1)
        name = re.sub(r"[^A-Za-z0-9+#.-]", "", block.language)[:20]
        page.write(f"{fence}{name}\n")
        page.place(sentence.text, sentence, section)
        page.write(f"\n{fence}\n\n")


def _cite_code(page: _Page, block: Block, language: Language, cited: set[str]) -> None:
    """Name the source of code in a line of its own, where no sentence around it does."""
    sources = page.sources(block.sentences[-1])
    if not set(sources) <= cited:
        said = "Source:" if language == "en" else "출처:"
        page.write(f"{said} {page.mark(sources)}\n\n")


_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"'\\`]+")


def _citation(snapshot: Snapshot, language: Language) -> str:
    """`Title, site or author, date, address or file name, accessed date`."""
    day = f"{snapshot.fetched_at:%Y-%m-%d}"
    address = snapshot.url or ""
    where = (
        f"<{address}>"
        if _WEB_ADDRESS.fullmatch(address)
        else escape((address or snapshot.origin).rsplit("/", 1)[-1])
    )
    parts = [
        escape(snapshot.title.strip()),
        escape(snapshot.author or ""),
        escape(snapshot.site or ""),
        escape(snapshot.published_on or ""),
        where,
        f"accessed {day}" if language == "en" else f"{day} 확인",
    ]
    return ", ".join(dict.fromkeys(part for part in parts if part)) + "."
