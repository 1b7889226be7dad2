"""Cuts passages into facts: the smallest pieces of a source that an article may repeat."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from app.generation.schemas import Fact, FactKind
from app.language.sentences import split_sentences
from app.language.types import Language
from app.sources.domain import Passage, Rights, Snapshot
from app.sources.passages import split_passages

_KEPT_SYMBOLS = frozenset("❌✗✘✖❎🚫⛔👎°©®™№℃℉")
"""Symbols whose loss would turn a sentence into its opposite, or that are units and signs of words."""

_CHECKBOX = re.compile(r"\[[ xX]\]\s+")

_LABEL_LINE = re.compile(r"\S[^:：\n]{0,30}[:：]\s+\S.*")
"""`현재: 메모리 세션`: a short label, a colon, a value; two such lines or more are a list in disguise."""

_INLINE_LIST = re.compile(r"(?P<lead>[^·•]{2,80}[:：])\s+(?P<rest>\S.*)", re.DOTALL)
_INLINE_MARK = re.compile(r"\s+[·•]\s+")
_FEWEST_INLINE_ITEMS = 3

_FEWEST_PROSE_WORDS = 5

_JOINER, _VARIATION, _KEYCAP = "\u200d", "\ufe0f", "\u20e3"


def extract_facts(
    passages: Sequence[Passage],
    language: Language,
    rights: Rights,
    *,
    first: int = 0,
    title: str = "",
    fences: Mapping[str, str] | None = None,
    marks: Mapping[str, str] | None = None,
) -> list[Fact]:
    """Return the facts of one source's passages, in reading order, `order` counting from `first`.

    `title`, if given, becomes the outermost heading; `fences` are the languages of code passages by
    their ids, `marks` what stands before items. None has to be known; an article is better for each.

    A paragraph or quotation gives one fact a sentence, an item, row or code block one fact. Lines
    of `label: value` and ` · ` enumerations after a colon become items. Decoration (emoji, check
    boxes, the blank around) is left out by narrowing the span, so `text` stays verbatim.
    """
    facts: list[Fact] = []
    for passage in passages:
        for n, (start, end, kind) in enumerate(_pieces(passage, language)):
            facts.append(
                Fact(
                    id=f"{passage.id}.{n}",
                    snapshot_id=passage.snapshot_id,
                    passage_id=passage.id,
                    start=passage.start + start,
                    end=passage.start + end,
                    text=passage.text[start:end],
                    kind=kind,
                    headings=_under(title, passage.headings),
                    rights=rights,
                    order=first + len(facts),
                    mark=(marks or {}).get(passage.id, ""),
                    code_language=(fences or {}).get(passage.id, ""),
                )
            )
    return facts


def _under(title: str, headings: tuple[str, ...]) -> tuple[str, ...]:
    return (title, *headings) if title and headings[:1] != (title,) else headings


def facts_of_snapshot(snapshot: Snapshot, *, first: int = 0) -> list[Fact]:
    """Return a snapshot's facts with all that is known of them: title, fences, rights."""
    passages = split_passages(snapshot)
    return extract_facts(
        passages,
        snapshot.language,
        snapshot.rights,
        first=first,
        # A text without a title goes by its opening words, which are no heading but the first fact.
        title="" if snapshot.title.endswith((".", "…")) else snapshot.title,
        fences={p.id: _fence(snapshot, p) for p in passages if p.kind == "code"},
        marks={p.id: _mark(snapshot, p) for p in passages if p.kind == "item"},
    )


def _fence(snapshot: Snapshot, passage: Passage) -> str:
    line = snapshot.text[: passage.start].rstrip("\n").rsplit("\n", 1)[-1]
    found = re.fullmatch(r"\s*`{3,}\s*(\S*)", line)
    return found[1] if found else ""


def _mark(snapshot: Snapshot, passage: Passage) -> str:
    return snapshot.text[snapshot.text.rfind("\n", 0, passage.start) + 1 : passage.start].rstrip()


def _pieces(passage: Passage, language: Language) -> Iterator[tuple[int, int, FactKind]]:
    text = passage.text
    match passage.kind:
        case "code" if _is_prose(text):
            yield from _of_paragraph(text, language)
        case "code":
            start, end = _without_blank_lines(text)
            if end > start:
                yield start, end, "code"
        case "row":
            start, end = _without_blank(text, 0, len(text))
            if end > start:
                yield start, end, "row"
        case "item":
            start, end = _without_decoration(text, 0, len(text))
            if end > start:
                yield start, end, "item"
        case "paragraph" | "quotation":
            yield from _of_paragraph(text, language)


def _is_prose(code: str) -> bool:
    """Say whether somebody fenced a sentence to make it stand out: words, and nothing of code."""
    words = re.findall(r"[^\W\d_]+", code)
    signs = re.search(r"[{}\[\]<>=;$#|\\@/]|\w\(|\w[._]\w|^\s+\S|:\s*$|--", code, re.MULTILINE)
    enough = len(words) >= _FEWEST_PROSE_WORDS
    return (
        enough and not signs and (bool(re.search(r"[가-힣]", code)) or code.rstrip().endswith("."))
    )


def _of_paragraph(text: str, language: Language) -> Iterator[tuple[int, int, FactKind]]:
    items = _label_lines(text) or []
    kinds: list[tuple[int, int, FactKind]] = [(start, end, "item") for start, end in items]
    if not kinds:
        kinds = _inline_list(text)
    if not kinds:
        kinds = [(s.start, s.end, "sentence") for s in split_sentences(text, language)]
    for start, end, kind in kinds:
        narrowed = _without_decoration(text, start, end)
        if narrowed[1] > narrowed[0]:
            yield *narrowed, kind


def _label_lines(text: str) -> list[tuple[int, int]] | None:
    lines = [(m.start(), m.end()) for m in re.finditer(r"[^\n]+", text) if m.group().strip()]
    if len(lines) > 1 and all(_LABEL_LINE.fullmatch(text[a:b].strip()) for a, b in lines):
        return lines
    return None


def _inline_list(text: str) -> list[tuple[int, int, FactKind]]:
    found = _INLINE_LIST.fullmatch(text)
    if found is None:
        return []
    start, end = found.span("rest")
    edges = [(m.start(), m.end()) for m in _INLINE_MARK.finditer(text, start, end)]
    if len(edges) + 1 < _FEWEST_INLINE_ITEMS:
        return []
    starts = [start, *(b for _, b in edges)]
    stop = end - 1 if text[end - 1] == "." else end
    ends = [*(a for a, _ in edges), stop]
    lead: list[tuple[int, int, FactKind]] = [(*found.span("lead"), "sentence")]
    return lead + [(a, b, "item") for a, b in zip(starts, ends, strict=True)]


def _is_decoration(character: str) -> bool:
    if character in _KEPT_SYMBOLS:
        return False
    if character in {_JOINER, _VARIATION, _KEYCAP, "¶", "•", "●", "■", "▶", "►", "※"}:
        return True
    return character.isspace() or unicodedata.category(character) in {"So", "Cf"}


def _without_decoration(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end:
        box = _CHECKBOX.match(text, start, end)
        if box:
            start = box.end()
        elif _is_decoration(text[start]):
            start += 1
        else:
            break
    while end > start and _is_decoration(text[end - 1]):
        end -= 1
    return start, end


def _without_blank(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _without_blank_lines(text: str) -> tuple[int, int]:
    """Keep the first line's indentation: it is part of the code."""
    lead = re.match(r"(?:[ \t]*\n)*", text)
    start = lead.end() if lead else 0
    return start, max(start, len(text.rstrip()))
