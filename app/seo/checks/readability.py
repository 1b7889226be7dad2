"""Checks 22 and 23: the length of sentences, and how they begin."""

from app.language.readability import first_token
from app.seo.document import count_words
from app.seo.findings import Outcome, check
from app.seo.page import Page


@check("sentence.length", group="readability", lamp="readability")
def sentence_length(page: Page) -> Outcome | None:
    """The share of long sentences; headings count as sentences, as where the thresholds are from."""
    sentences = page.document.counted
    if not page.document.sentences:
        return None
    limit = page.limits.sentence_words
    good, fair = page.limits.long_share
    long = [sentence for sentence in sentences if count_words(sentence.text) > limit]
    share = len(long) / len(sentences)
    values = {
        "count": len(long),
        "total": len(sentences),
        "limit": limit,
        "unit": page.unit,
        "share": share,
        "most": good,
    }
    threshold = f"<= {good:.0%} over {limit}"
    if share <= good:
        return Outcome(
            9,
            round(share, 3),
            threshold,
            "Sentences over {limit} {unit}: {count} of {total} ({share:.0%}).",
            values=values,
        )
    return Outcome(
        6 if share <= fair else 3,
        round(share, 3),
        threshold,
        "Many long sentences: {count} of {total} ({share:.0%}) have more than {limit} {unit}.",
        "Divide the marked ones until at most {most:.0%} are that long.",
        values,
        tuple(sentence.span for sentence in long),
    )


@check("sentence.beginnings", group="readability", lamp="readability")
def sentence_beginnings(page: Page) -> Outcome | None:
    """No three sentences in a row begin with the same word (in Korean, the same morpheme)."""
    sentences = page.document.sentences
    if not sentences:
        return None
    most = page.limits.same_beginnings
    runs: list[tuple[int, int]] = []
    start, previous = 0, ""
    for index, sentence in enumerate(sentences):
        token = first_token(sentence.text, page.language).casefold()
        listed = page.document.blocks[sentence.block].kind == "item"
        # A list's items begin alike on purpose, so they end a run.
        if not token or token != previous or listed:
            runs.append((start, index))
            start = index
        previous = "" if listed else token
    runs.append((start, len(sentences)))
    over = [(first, last) for first, last in runs if last - first >= most]
    longest = max(last - first for first, last in runs)
    values = {"count": len(over), "longest": longest, "most": most}
    threshold = f"< {most}"
    if not over:
        return Outcome(9, longest, threshold, "The sentences begin differently enough.")
    return Outcome(
        3,
        longest,
        threshold,
        "Runs of {most} or more sentences with the same beginning: {count}; the longest: {longest}.",
        "Begin some of the marked sentences with another word.",
        values,
        tuple(sentence.span for first, last in over for sentence in sentences[first:last]),
    )


CHECKS = (sentence_length, sentence_beginnings)
