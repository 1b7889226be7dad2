"""Checks 45, 47 and 48: answers right under their questions, dates that can be true, who wrote it and how."""

import re
from datetime import date
from itertools import pairwise

from app.language.types import Language
from app.seo.document import count_words
from app.seo.findings import Outcome, check
from app.seo.page import Page

_QUESTION: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\?\s*$|^(?:how|what|why|when|where|who|which|can|should|is|are|do|does)\b", re.IGNORECASE
    ),
    "ko": re.compile(
        r"\?\s*$|(?:까|까요|나요|[은인]가요?|는가|무엇|란)\s*$|^(?:왜|어떻게|언제|무엇|어디|누가)"
    ),
}
_DISCLOSURE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:AI|artificial intelligence|language model|LLM|ChatGPT|program)\b[^.\n]{0,60}"
        r"\b(?:wrote|written|write|drafted|assist\w*|generated|worded|composed|helped)\b"
        r"|\b(?:written|drafted|generated|worded|composed|assisted)\b[^.\n]{0,60}"
        r"\b(?:AI|artificial intelligence|language model|LLM|ChatGPT|program)\b",
        re.IGNORECASE,
    ),
    "ko": re.compile(
        r"(?:AI|인공지능|인공 지능|언어 모델|챗GPT|ChatGPT|프로그램)[^.\n]{0,30}"
        r"(?:작성|생성|초안|도움|썼|쓴|엮)"
    ),
}


@check("geo.answer_first", group="grounding")
def answer_first(page: Page) -> Outcome | None:
    """Under a question the first paragraph answers, shortly. Told: only vendors' studies speak for it."""
    blocks = page.document.blocks
    asked = [
        (above, below)
        for above, below in pairwise(blocks)
        if above.kind == "heading" and _QUESTION[page.language].search(above.text)
    ]
    if not asked:
        return None
    most = page.limits.answer_words
    short = [
        below for _, below in asked if below.kind == "paragraph" and count_words(below.text) <= most
    ]
    spans = tuple(above.span for above, below in asked if below not in short)
    return Outcome(
        None,
        len(short),
        "",
        "Question headings with a short paragraph right below: {count} of {total} (up to {most} {unit}).",
        "Answer first, in a sentence or two that stand by themselves; explain after.",
        {"count": len(short), "total": len(asked), "most": most, "unit": page.unit},
        spans,
    )


@check("geo.freshness", group="grounding", grade="A")
def freshness(page: Page) -> Outcome | None:
    """The dates that the page states can be true (Google, Article: datePublished, dateModified)."""
    published, updated = page.article.published_on, page.article.updated_on
    latest = max((day for day in (published, updated) if day), default=None)
    if latest is None:
        return None
    today = page.article.today
    values = {"published": _shown(published), "updated": _shown(updated)}
    threshold = "published <= updated <= today"
    if published and updated and updated < published:
        return Outcome(
            3,
            None,
            threshold,
            "The article says it was updated ({updated}) before it was published ({published}).",
            "Search engines show dates and distrust wrong ones: correct it.",
            values,
        )
    if today is not None and latest > today:
        return Outcome(
            3,
            None,
            threshold,
            "A date lies in the future: published {published}, updated {updated}.",
            "Search engines show dates and distrust wrong ones: state the day on which it happened.",
            values,
        )
    message = "The dates can be true: published {published}, updated {updated}."
    return Outcome(9, None, threshold, message, values=values)


def _shown(day: date | None) -> str:
    return day.isoformat() if day else "–"


@check("geo.disclosure", group="grounding")
def disclosure(page: Page) -> Outcome | None:
    """Whether an author is named and the help of AI told. Told only: the author knows if it is due."""
    author = page.article.author
    if author is None:
        return None
    told = bool(_DISCLOSURE[page.language].search(page.document.text))
    if author and told:
        message = "The article names its author and says how AI helped."
        return Outcome(None, 2, "", message)
    if author:
        return Outcome(
            None,
            1,
            "",
            "The article names its author and says nothing of AI.",
            "If AI helped to write it, say so where readers see it.",
        )
    if told:
        return Outcome(
            None,
            1,
            "",
            "The article says how AI helped and names no author.",
            "Name who answers for it.",
        )
    return Outcome(
        None,
        0,
        "",
        "The article names no author and says nothing of AI.",
        "Name who answers for it, and say so if AI helped to write it.",
    )


CHECKS = (answer_first, freshness, disclosure)
