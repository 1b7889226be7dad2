"""Checks 38, 40 and 41: does the text say where it knows things from, and is it true to that?"""

import re
import unicodedata
from collections.abc import Iterator

from app.language.english import small_letters
from app.language.names import find_names, find_quotations
from app.language.numbers import find_numbers
from app.language.types import Language, Span
from app.seo.amounts import amounts
from app.seo.document import Block, Document, Sentence, count_words
from app.seo.findings import Outcome, check
from app.seo.page import Page

_SUPERLATIVES: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:most|least|best|worst|largest|smallest|biggest|highest|lowest|fastest|slowest"
        r"|longest|shortest|oldest|newest|cheapest|first|last|only|never|always)\b"
    ),
    "ko": re.compile(r"가장|최고|최대|최소|최초|최저|최다|유일|항상|언제나|절대"),
}
"""For small letters."""


def factual(sentence: Sentence, language: Language) -> bool:
    """Whether a sentence states something that can be looked up: a number, date, name, superlative."""
    return bool(find_numbers(sentence.text, language)) or _names(sentence, language)


def _names(sentence: Sentence, language: Language) -> bool:
    said = small_letters(sentence.text)
    return bool(_SUPERLATIVES[language].search(said) or find_names(sentence.text, language))


def _passages(document: Document) -> list[int]:
    """For each block the number of its passage: a list or table and what leads in to it are one."""
    numbers: list[int] = []
    for index, block in enumerate(document.blocks):
        above = document.blocks[index - 1].kind if index else None
        goes_on = block.kind in {"item", "row"} and above in {block.kind, "paragraph"}
        numbers.append(numbers[-1] if goes_on else index)
    return numbers


@check("geo.citation_coverage", group="grounding", lamp="grounding", grade="B")
def citation_coverage(page: Page) -> Outcome | None:
    """The share of factual sentences with a citation in the sentence or its paragraph.

    Where the sources are given, a sentence with a number that stands in none of them is not cited by any.
    """
    document = page.document
    facts = [
        sentence
        for sentence, counted in zip(document.sentences, page.numbers, strict=True)
        if counted or _names(sentence, page.language)
    ]
    if not facts:
        return None
    passages = _passages(document)
    cited = {passages[n] for n, block in enumerate(document.blocks) if block.cited}
    bare = [
        s
        for s in facts
        if (not s.cited and passages[s.block] not in cited) or _holds_strange_number(s, page)
    ]
    share = 1 - len(bare) / len(facts)
    good, fair = page.limits.citation_share
    values = {"count": len(facts) - len(bare), "total": len(facts), "share": share, "least": good}
    threshold = f">= {good:.0%}"
    if share >= good:
        return Outcome(
            9,
            round(share, 3),
            threshold,
            "Factual sentences with a source: {count} of {total} ({share:.0%}).",
            values=values,
            spans=tuple(s.span for s in bare),
        )
    return Outcome(
        6 if share >= fair else 3,
        round(share, 3),
        threshold,
        "Too few factual sentences show a source: {count} of {total} ({share:.0%}).",
        "Add a footnote (`[^1]`) or a link to the source in each marked paragraph.",
        values,
        tuple(s.span for s in bare),
    )


def _holds_strange_number(sentence: Sentence, page: Page) -> bool:
    known = page.known
    return known is not None and any(
        not known.holds(forms) for _, forms in amounts(sentence.text, page.language)
    )


@check("geo.numbers", group="grounding", lamp="grounding", grade="B", gate=True)
def numbers(page: Page) -> Outcome | None:
    """Every number stands in a source, or the author answers for it. Title and description too."""
    known = page.known
    if known is None:
        return None
    found = list(_numbers(page))
    if not found:
        return None
    strange = [(text, span) for text, forms, span in found if not known.holds(forms)]
    values = {
        "count": len(strange),
        "total": len(found),
        "numbers": ", ".join(dict.fromkeys(text for text, _ in strange)),
    }
    if not strange:
        message = "Numbers that stand in a source: all {total}."
        return Outcome(9, 0, "0", message, values=values)
    return Outcome(
        3,
        len(strange),
        "0",
        "Numbers that stand in no source: {numbers} ({count} of {total}).",
        "Correct them by the source, cut them, or list them as numbers of your own.",
        values,
        tuple(span for _, span in strange if span is not None),
    )


def _numbers(page: Page) -> Iterator[tuple[str, frozenset[str], Span | None]]:
    """Every number with its readings and its place; None for the title and the description."""
    for text in (page.article.title, page.article.meta_description):
        for number, forms in amounts(text, page.language):
            yield number.text, forms, None
    for block in page.document.blocks:
        for number, forms in amounts(block.text, page.language):
            yield number.text, forms, block.place(*number.span)


@check("geo.quotes", group="grounding", lamp="grounding", grade="B")
def quotes(page: Page) -> Outcome | None:
    """Every quotation stands verbatim in a source, and its paragraph says in which."""
    if page.grounding is None:
        return None
    sources = [_flat(text) for text in page.grounding.sources]
    found = list(_quotations(page))
    if not found:
        return None
    strange = [
        (words, span) for words, _, span in found if not any(_flat(words) in s for s in sources)
    ]
    bare = [span for _, block, span in found if not block.cited]
    values = {"count": len(strange), "total": len(found), "bare": len(bare)}
    if strange:
        return Outcome(
            3,
            len(strange),
            "0",
            "Quotations that stand in no source word for word: {count} of {total}.",
            "Quote exactly, or take the quotation marks away and say it in your own words.",
            values,
            tuple(span for _, span in strange),
        )
    if bare:
        return Outcome(
            6,
            len(bare),
            "0",
            "Quotations without a source in their paragraph: {bare} of {total}.",
            "Say who said it and add the footnote.",
            values,
            tuple(bare),
        )
    return Outcome(
        9, 0, "0", "Quotations that stand word for word in a source: all {total}.", values=values
    )


def _quotations(page: Page) -> Iterator[tuple[str, Block, Span]]:
    """The quotations long enough to be one; quoted terms are not meant."""
    for block in page.document.blocks:
        if block.kind == "heading":
            continue
        for span in find_quotations(block.text):
            words = span.of(block.text)
            if count_words(words) >= page.limits.quotation_words:
                yield words, block, block.place(*span)


def _flat(text: str) -> str:
    """One spelling of quotation marks and spaces, no end mark."""
    text = unicodedata.normalize("NFC", text).replace("“", '"').replace("”", '"')
    text = text.replace("‘", "'").replace("’", "'")
    return " ".join(text.split()).casefold().rstrip(".,!?")


CHECKS = (citation_coverage, numbers, quotes)
