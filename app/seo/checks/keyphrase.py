"""Checks 1-3, 10 and 11: is there a keyphrase worth a text, and is the text about it?

Points and thresholds are the reference analyser's (see `app.seo.thresholds`). Matching differs on
purpose: inflected forms, Korean particles and compounds count. A synonym counts as the keyphrase does.
"""

from app.seo.findings import Outcome, check
from app.seo.page import Page

_SHORT_TEXT = 100
_TINY_TEXT = 50


@check("kp.intro", group="keyphrase")
def intro(page: Page) -> Outcome | None:
    """All content words of the keyphrase in one sentence of the first paragraph."""
    if not page.content:
        return None
    number = next(
        (n for n, block in enumerate(page.document.blocks) if block.kind == "paragraph"), None
    )
    if number is None:
        return None
    paragraph = page.document.blocks[number]
    sentences = [s for s in page.document.sentences if s.block == number]
    best = max((page.meant_share(sentence.text) for sentence in sentences), default=0.0)
    whole = page.meant_share(paragraph.text)
    threshold = "one sentence of the first paragraph"
    if best >= 1:
        return Outcome(9, best, threshold, "The first paragraph names the keyphrase.")
    if whole >= 1:
        return Outcome(
            6,
            best,
            threshold,
            "The first paragraph holds the keyphrase's words, but in different sentences.",
            "Bring the words of the keyphrase together in one sentence of the first paragraph.",
            spans=(paragraph.span,),
        )
    return Outcome(
        3,
        best,
        threshold,
        "The first paragraph does not name the keyphrase.",
        "Say in the first paragraph what the article is about, with the keyphrase.",
        spans=(paragraph.span,),
    )


@check("kp.length", group="keyphrase")
def length(page: Page) -> Outcome | None:
    """Few content words: people search in few words."""
    if page.keyphrase is None:
        return Outcome(
            0,
            0,
            "1 or more",
            "No keyphrase is set.",
            "Set the words by which people should find this article.",
        )
    good, fair = page.limits.keyphrase_words
    if not page.content:
        return None  # kp.functionwords tells
    words = page.keyphrase.typed
    values = {"words": words, "limit": good}
    if words <= good:
        message = "Content words in the keyphrase: {words} (at most {limit})."
        return Outcome(9, words, f"1-{good}", message, values=values)
    return Outcome(
        6 if words <= fair else 3,
        words,
        f"1-{good}",
        "The keyphrase is long: {words} content words, at most {limit} are advised.",
        "Keep the words that people would type; leave the rest to the title.",
        values,
    )


@check("kp.density", group="keyphrase", grade="A")
def density(page: Page) -> Outcome | None:
    """Not too rare and, above all, not stuffed: Google's spam policies name keyword stuffing.

    d = count / words x 100 x (0.7 + L / 3), L the keyphrase's content words (the reference's
    formula); Korean eojeol are converted to English words first.
    """
    words = page.english_words
    if not page.content or words < 1:
        return None
    spans = tuple(
        block.place(*hit) for block in page.document.blocks for hit in page.meant(block.text)
    )
    count = len(spans)
    if words < _SHORT_TEXT:
        return _short_density(count, words)
    low, high, far = page.density
    factor = 0.7 + len(page.content) / 3
    percent = count / words * 100 * factor
    values = {
        "count": count,
        "percent": round(percent, 1),
        "low": low,
        "high": high,
        "least": max(2, _times(low, words, factor)),
        "most": int(high * words / 100 / factor),
    }
    measured, threshold = round(percent, 2), f"{low:g}-{high:g} %"
    if percent > high:
        return Outcome(
            -10 if percent <= far else -50,
            measured,
            threshold,
            "The keyphrase stands in the text too often: {count} times, density {percent} %.",
            "Use it at most {most} times in a text of this length; write “it” or a near word.",
            values,
            spans,
        )
    few = count < 2  # noqa: PLR2004  # one hit never is enough, two are if no more are needed
    if few or (percent < low and not (count == 2 and values["least"] <= 2)):  # noqa: PLR2004
        return Outcome(
            4,
            measured,
            threshold,
            "The keyphrase stands in the text too rarely: {count} times, density {percent} %.",
            "Use it at least {least} times in a text of this length, where it is meant anyway.",
            values,
            spans,
        )
    return Outcome(
        9, measured, threshold, "Keyphrase in the text: {count} times, density {percent} %.",
        values=values,
    )  # fmt: skip


def _times(percent: float, words: float, factor: float) -> int:
    """How often the keyphrase must stand in so many words to reach a density."""
    needed = percent * words / 100 / factor
    return int(needed) + (needed > int(needed))


def _short_density(count: int, words: float) -> Outcome:
    """Below 100 words a share means nothing, so the hits are counted."""
    most = 1 if words <= _TINY_TEXT else 2
    values = {"count": count, "most": most}
    if 1 <= count <= most:
        message = "Keyphrase in this short text: {count} times."
        return Outcome(9, count, f"1-{most}", message, values=values)
    if count == 0:
        return Outcome(
            4,
            0,
            f"1-{most}",
            "The keyphrase does not stand in the text.",
            "Use it once where it is meant anyway.",
            values,
        )
    return Outcome(
        -10 if count == most + 1 else -50,
        count,
        f"1-{most}",
        "The keyphrase stands {count} times in a short text.",
        "Use it at most {most} times in a text of this length.",
        values,
    )


@check("kp.distribution", group="keyphrase")
def distribution(page: Page) -> Outcome | None:
    """The longest run of sentences without the topic, as a share of all; headings count as sentences."""
    topic = page.topic
    if not page.content or len(topic) < page.limits.distribution_sentences:
        return None
    best = best_start = run = 0
    for index, present in enumerate(topic):
        run = 0 if present else run + 1
        if run > best:
            best, best_start = run, index - run + 1
    share = best / len(topic)
    good, fair = page.limits.distribution
    values = {"share": share, "run": best, "total": len(topic), "limit": good}
    threshold = f"< {good:.0%}"
    if share < good:
        return Outcome(
            9,
            round(share, 2),
            threshold,
            "The topic stays present; the longest stretch without it is {share:.0%} of the text.",
            values=values,
        )
    spans = tuple(s.span for s in page.document.counted[best_start : best_start + best])
    return Outcome(
        6 if share <= fair else 1,
        round(share, 2),
        threshold,
        "{run} of {total} sentences in a row do not touch the topic ({share:.0%} of the text).",
        "Tie the marked stretch to the topic, or cut it; under {limit:.0%} is well spread.",
        values,
        spans,
    )


@check("kp.functionwords", group="keyphrase")
def functionwords(page: Page) -> Outcome | None:
    """A keyphrase without a content word finds nothing. Told, not scored, as in the reference."""
    if page.keyphrase is None or page.content:
        return None
    return Outcome(
        None,
        0,
        "1 or more",
        "The keyphrase has only function words: “{keyphrase}”.",
        "Add the word that names the subject.",
        {"keyphrase": page.article.keyphrase},
    )


CHECKS = (intro, length, density, distribution, functionwords)
