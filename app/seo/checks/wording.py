"""Checks 27-29, told and not scored: reading ease, translated Korean, spacing, words that exclude."""

import re
from collections import Counter

from app.language.inclusive import find_exclusive
from app.language.korean import morphemes
from app.language.korean_spacing import missing_blanks
from app.language.korean_style import translationese
from app.language.syllables import reading_ease
from app.language.types import Span
from app.seo.document import count_words
from app.seo.findings import Outcome, check
from app.seo.page import Page

_LATIN = re.compile(r"[A-Za-z]+")
_SHOWN = 5


@check("reading.ease", group="readability", lamp="readability", languages=("en",))
def ease(page: Page) -> Outcome | None:
    """Flesch reading ease. Not scored: what is easy enough depends on the reader."""
    value = reading_ease([sentence.text for sentence in page.document.sentences])
    if value is None:
        return None
    shown = round(value)
    return Outcome(
        None,
        shown,
        "",
        "Flesch reading ease: {value} of 100; 60 to 70 is plain English, below 30 is for specialists.",
        "Shorter sentences and shorter words raise it.",
        {"value": shown},
    )


@check("ko.measures", group="readability", lamp="readability", languages=("ko",))
def measures(page: Page) -> Outcome | None:
    """Length of sentences and share of foreign words. Korean has no open formula of reading ease."""
    sentences = page.document.sentences
    words = sum(count_words(sentence.text) for sentence in sentences)
    if not words:
        return None
    per_sentence = words / len(sentences)
    tokens = [token for s in sentences for token in morphemes(s.text)]
    nouns = [form for form, tag, _span in tokens if tag.startswith(("NNG", "NNP", "XR", "SL"))]
    latin = sum(bool(_LATIN.fullmatch(form)) for form in nouns)
    share = latin / len(nouns) if nouns else 0.0
    return Outcome(
        None,
        round(per_sentence, 1),
        "",
        "A sentence has {length} eojeol on average; nouns in Latin letters: {share:.0%}.",
        "Divide long sentences, and say foreign words in Korean where readers know the Korean one.",
        {"length": round(per_sentence, 1), "share": share},
    )


@check("ko.translationese", group="readability", lamp="readability", languages=("ko",))
def translated(page: Page) -> Outcome | None:
    """Phrases of translated Korean: counted, since each is right at times."""
    if not page.document.sentences:
        return None
    found = [
        (name, block.place(*span))
        for block in page.document.blocks
        for name, span in translationese(block.text)
    ]
    counts = Counter(name for name, _ in found)
    most = ", ".join(f"{name} {count}" for name, count in counts.most_common(_SHOWN))
    if not found:
        return Outcome(None, 0, "", "Phrases of translated Korean: none.")
    return Outcome(
        None,
        len(found),
        "",
        "Phrases of translated Korean: {count} ({most}).",
        "Say the marked ones more directly where that reads as well.",
        {"count": len(found), "most": most},
        tuple(span for _, span in found),
    )


@check("ko.spacing", group="readability", lamp="readability", languages=("ko",))
def spacing(page: Page) -> Outcome | None:
    """Blanks missing after particles and before bound nouns, where the rules leave no choice. Told only."""
    if not page.document.sentences:
        return None
    spans = tuple(
        block.place(at, at + 1)
        for block in page.document.blocks
        if block.kind != "row"
        for at in missing_blanks(block.text)
    )
    if not spans:
        return Outcome(None, 0, "", "Places where a blank is missing: none.")
    return Outcome(
        None,
        len(spans),
        "",
        "Places where a blank is missing: {count}.",
        "Put a blank before the marked syllables: a particle ends a word, and 것, 수 and 줄 stand apart.",
        {"count": len(spans)},
        spans,
    )


@check("inclusive.words", group="readability", lamp="readability")
def inclusive(page: Page) -> Outcome | None:
    """Words that public bodies advise against. Told only: a text about the word needs the word."""
    if not page.document.blocks:
        return None
    found: list[tuple[str, Span]] = []
    advice: dict[str, None] = {}
    for block in page.document.blocks:
        for word, span in find_exclusive(block.text, page.language):
            found.append((span.of(block.text), block.place(*span)))
            advice[f"{span.of(block.text)} → {word.better} ({word.source})"] = None
    if not found:
        return Outcome(None, 0, "", "Words that may leave people out: none of the list.")
    return Outcome(
        None,
        len(found),
        "",
        "Words that may leave people out: {count}.",
        "Better, and who says so: {advice}.",
        {"count": len(found), "advice": "; ".join(advice)},
        tuple(span for _, span in found),
    )


CHECKS = (ease, measures, translated, spacing, inclusive)
