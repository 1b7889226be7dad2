"""Checks 16-21: headings, the length of sections, paragraphs and text, lists and tables."""

from itertools import pairwise

from app.seo.document import count_words
from app.seo.findings import Outcome, check
from app.seo.page import Page

_POINTS = (9, 6, 3, -10)


@check("h1.single", group="structure")
def single_h1(page: Page) -> Outcome | None:
    """Fewer than two H1 in the body (the page's own is the title)."""
    tops = [block for block in page.document.headings if block.level == 1]
    if len(tops) < 2:  # noqa: PLR2004  # one is the rule itself
        return Outcome(8, len(tops), "0-1", "The text has at most one top heading.")
    return Outcome(
        1,
        len(tops),
        "0-1",
        "The text has {count} top headings (`#`).",
        "Keep one, or none where the title is shown above; make the others `##`.",
        {"count": len(tops)},
        tuple(block.span for block in tops[1:]),
    )


@check("headings.order", group="structure", grade="A")
def headings_order(page: Page) -> Outcome | None:
    """No level is skipped on the way down: screen readers navigate by them (WCAG technique G141)."""
    headings = page.document.headings
    if not headings:
        return None
    skips = [below for above, below in pairwise(headings) if below.level > above.level + 1]
    if headings[0].level > 2:  # noqa: PLR2004  # the title is level 1, so the text begins with 2
        skips.insert(0, headings[0])
    if not skips:
        return Outcome(9, 0, "0", "The headings follow each other without a skipped level.")
    return Outcome(
        3,
        len(skips),
        "0",
        "Headings that skip a level: {count}.",
        "Go down one level at a time: `##`, then `###`.",
        {"count": len(skips)},
        tuple(block.span for block in skips),
    )


@check("section.length", group="structure", lamp="readability")
def section_length(page: Page) -> Outcome | None:
    """No stretch without a heading is too long to overlook."""
    good, fair = page.limits.section_words
    total = page.document.words
    if not total:
        return None
    threshold = f"<= {good}"
    if not page.document.headings:
        if total <= good:
            message = "The text is short enough to do without headings."
            return Outcome(9, total, threshold, message)
        return Outcome(
            2,
            total,
            threshold,
            "The text has {total} {unit} and no heading.",
            "Divide it with headings (`##`), one at least every {limit} {unit}.",
            {"total": total, "limit": good, "unit": page.unit},
        )
    lengths = [(section, section.words) for section in page.document.sections]
    longest = max(length for _, length in lengths)
    over = tuple(
        (section.heading or section.blocks[0]).span for section, length in lengths if length > good
    )
    values = {"longest": longest, "limit": good, "count": len(over), "unit": page.unit}
    if not over:
        message = "The longest section has {longest} {unit} (at most {limit})."
        return Outcome(9, longest, threshold, message, values=values)
    return Outcome(
        6 if longest <= fair else 3,
        longest,
        threshold,
        "Sections over {limit} {unit}: {count}; the longest has {longest}.",
        "Divide them with headings where the subject changes.",
        values,
        over,
    )


@check("paragraph.length", group="structure", lamp="readability")
def paragraph_length(page: Page) -> Outcome | None:
    """No paragraph is a wall of text."""
    good, fair = page.limits.paragraph_words
    lengths = [(block, count_words(block.text)) for block in page.document.paragraphs]
    longest = max((length for _, length in lengths), default=0)
    if not longest:
        return None
    over = tuple(block.span for block, length in lengths if length > good)
    values = {"longest": longest, "limit": good, "count": len(over), "unit": page.unit}
    threshold = f"<= {good}"
    if not over:
        message = "The longest paragraph has {longest} {unit} (at most {limit})."
        return Outcome(9, longest, threshold, message, values=values)
    return Outcome(
        6 if longest <= fair else 3,
        longest,
        threshold,
        "Paragraphs over {limit} {unit}: {count}; the longest has {longest}.",
        "Divide them; one thought, one paragraph.",
        values,
        over,
    )


@check("text.length", group="structure")
def text_length(page: Page) -> Outcome | None:
    """Enough text to answer a question. Korean counts eojeol, or characters if that is kinder."""
    words = page.document.words
    steps = page.limits.text_words
    values = {"words": words, "least": steps[0], "unit": page.unit}
    threshold = f">= {steps[0]}"
    signs = page.limits.text_signs
    full = words >= steps[0]
    if not full and signs is not None:
        full = sum(not sign.isspace() for sign in page.document.text) >= signs
    if full:
        return Outcome(9, words, threshold, "Text length: {words} {unit}.", values=values)
    points = next((point for point, step in zip(_POINTS, steps, strict=True) if words >= step), -20)
    return Outcome(
        points,
        words,
        threshold,
        "The text is short: {words} {unit}, {least} are advised.",
        "Add what a reader would ask next and your sources answer; do not pad.",
        values,
    )


@check("lists.info", group="structure")
def lists(page: Page) -> Outcome | None:
    """Steps and comparisons read better as lists and tables. Told, not scored."""
    document = page.document
    if not document.blocks:
        return None
    return Outcome(
        None,
        document.lists + document.tables,
        "",
        "Lists: {lists}, tables: {tables}.",
        "Steps read best as a list, comparisons as a table.",
        {"lists": document.lists, "tables": document.tables},
    )


CHECKS = (single_h1, headings_order, section_length, paragraph_length, text_length, lists)
