"""Checks 39, 42-44 and 46: do the sources bear the text out, are they several, is it more than their words?"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from app.language.names import find_quotations
from app.language.types import Span
from app.seo.checks.links import host_of, leaves
from app.seo.document import Block
from app.seo.findings import Outcome, check
from app.seo.page import Page
from app.seo.thresholds import EOJEOL_PER_WORD

_WORD = re.compile(r"\w+(?:['’.,:-]\w+)*")


@check("geo.support", group="grounding", lamp="grounding", grade="B")
def support(page: Page) -> Outcome | None:
    """The share of claims that their sources bear out: words, numbers, names, negations, directions."""
    if page.grounding is None or not page.grounding.claims:
        return None
    claims = page.grounding.claims
    good, fair = page.limits.support_share
    supported = sum(verdict == "supported" for _, verdict in claims)
    share = supported / len(claims)
    values = {"count": supported, "total": len(claims), "share": share, "least": good}
    denied = sum(verdict == "contradicted" for _, verdict in claims)
    values["denied"] = denied
    threshold = f">= {good:.0%}"
    spans = tuple(span for span, verdict in claims if verdict != "supported")
    if share >= good:
        return Outcome(
            9,
            round(share, 3),
            threshold,
            "Claims that their sources support: {count} of {total} ({share:.0%}).",
            values=values,
            spans=spans,
        )
    points = 6 if share >= fair else 3
    if denied:
        return Outcome(
            points,
            round(share, 3),
            threshold,
            "Too few claims are supported by their sources: {count} of {total} ({share:.0%}), {least:.0%} are "
            "advised.",
            "A source says otherwise of {denied} of them: correct these first, then what no source speaks of.",
            values,
            spans,
        )
    return Outcome(
        points,
        round(share, 3),
        threshold,
        "Too few claims are supported by their sources: {count} of {total} ({share:.0%}), {least:.0%} are "
        "advised.",
        "Readers trust what they can look up: correct the marked sentences by the sources, or cut them.",
        values,
        spans,
    )


@check("geo.source_quality", group="grounding", lamp="grounding")
def source_quality(page: Page) -> Outcome | None:
    """How many sites the cited pages are from. Whether they answer is not asked: that needs the network."""
    every = (*page.document.links, *page.document.notes)
    sites = sorted({host_of(link.href) for link in every if leaves(link, page)} - {""})
    if not sites:
        return None
    least = page.limits.source_sites
    values = {"count": len(sites), "least": least, "sites": ", ".join(sites[:5])}
    if len(sites) >= least:
        message = "Sites cited: {count}."
        return Outcome(9, len(sites), f">= {least}", message, values=values)
    return Outcome(
        6,
        len(sites),
        f">= {least}",
        "All sources are of one site: {sites}; {least} sites are advised.",
        "One site may be wrong: find somebody else who says it, best the study or document itself.",
        values,
    )


@check("geo.statistics", group="grounding", lamp="grounding", grade="B")
def statistics(page: Page) -> Outcome | None:
    """Numbers per 100 words or eojeol, and how many stand beside a source. Told: no study gives a threshold."""
    words = page.document.words
    sentences = page.document.sentences
    if not sentences or not words:
        return None
    counted = [(s, len(found)) for s, found in zip(sentences, page.numbers, strict=True)]
    total = sum(count for _, count in counted)
    blocks = page.document.blocks
    cited = sum(count for s, count in counted if s.cited or blocks[s.block].cited)
    rate = round(total / words * 100, 1)
    values = {"count": total, "rate": rate, "unit": page.unit, "cited": cited}
    return Outcome(
        None,
        rate,
        "",
        "Numbers: {count}, that is {rate} per 100 {unit}; with a source in their paragraph: {cited}.",
        "A number with its source is what people and answer engines quote.",
        values,
    )


@check("geo.stuffing", group="grounding", grade="A")
def stuffing(page: Page) -> Outcome | None:
    """No stretch of the text is stuffed with the keyphrase, however the whole is.

    Google's spam policies name keyword stuffing, and in a study of answer engines it lost 8 % of what a
    text was quoted (Aggarwal et al. 2024). Density as in `kp.density`, its far edge as the ceiling.
    """
    limit = page.density[2]
    window = page.limits.stuffing_words
    if not page.content or page.english_words < window:
        return None
    size = window * (EOJEOL_PER_WORD if page.language == "ko" else 1)
    factor = 0.7 + len(page.content) / 3
    words = 0
    hits: list[tuple[int, Span]] = []
    for block in page.document.blocks:
        found = page.hits(block.text)
        if not found:  # as in most: their words are counted, their places are not asked for
            words += len(_WORD.findall(block.text))
            continue
        starts = [word.start() for word in _WORD.finditer(block.text)]
        for hit in found:
            place = words + bisect_right(starts, hit.start) - 1
            hits.append((place, block.place(*hit)))  # reads better than one call
        words += len(starts)
    places = [place for place, _ in hits]
    most, at = 0, 0
    for index, place in enumerate(places):
        count = bisect_left(places, place + size) - index
        if count > most:
            most, at = count, index
    percent = most / window * 100 * factor
    values = {
        "count": most,
        "window": round(size),
        "unit": page.unit,
        "percent": round(percent, 1),
        "limit": limit,
        "most": int(limit * window / 100 / factor),
    }
    threshold = f"<= {limit:g} %"
    if percent <= limit:
        message = (
            "The densest {window} {unit} hold the keyphrase {count} times, density {percent} %."
        )
        return Outcome(9, round(percent, 2), threshold, message, values=values)
    return Outcome(
        3,
        round(percent, 2),
        threshold,
        "A stretch of {window} {unit} holds the keyphrase {count} times: density {percent} %, at most {limit} "
        "% is no stuffing.",
        "Search engines take that for spam: leave it at {most} there, and write “it” or a near word.",
        values,
        tuple(span for _, span in hits[at : at + most]),
    )


@check("geo.originality", group="grounding", lamp="grounding", grade="A", gate=True)
def originality(page: Page) -> Outcome | None:
    """No source of others is copied: Google's spam policies name scraped content, law the rest.

    The share of the article's words that stand in runs of `overlap_words` or more in one source.
    Quotations, code and headings are left out.
    """
    if page.grounding is None or not page.grounding.others:
        return None
    size, limit = page.limits.overlap_words, page.limits.overlap_share
    copied = [each for source in page.grounding.others if (each := shared_runs(page, source, size))]
    if not copied:
        return None
    share, spans = max(copied, key=lambda each: each[0])
    values = {"share": share, "most": limit, "run": size}
    threshold = f"<= {limit:.0%}"
    if share <= limit:
        message = "Words copied from one source of others: {share:.0%} (runs of {run} or more)."
        return Outcome(9, round(share, 3), threshold, message, values=values, spans=spans)
    return Outcome(
        3,
        round(share, 3),
        threshold,
        "{share:.0%} of the text stand word for word in one source of others; at most {most:.0%} may.",
        "Copies are not shown in results: say the marked passages in your own words, or quote them.",
        values,
        spans,
    )


def shared_runs(page: Page, other: str, size: int) -> tuple[float, tuple[Span, ...]] | None:
    """The share (0-1) of the article's words in runs of `size` or more that `other` has too, and where.

    None where the article has fewer words than one run.
    """
    parts = [part for block in page.document.blocks if (part := _own_words(block))]
    total = sum(map(len, parts))
    if total < size:
        return None
    known = set(_runs([word for word, _ in _words(other)], size))
    copied = 0
    places: list[Span] = []
    for part in parts:
        held = _held(part, known, size)
        copied += sum(last - first for first, last in held)
        places += [Span(part[a][1].start, part[b - 1][1].end) for a, b in held]
    return copied / total, tuple(places)


def _words(text: str) -> Iterator[tuple[str, Span]]:
    for found in _WORD.finditer(text):
        yield unicodedata.normalize("NFC", found.group()).casefold(), Span(*found.span())


def _own_words(block: Block) -> list[tuple[str, Span]]:
    """A block's words with their places in the Markdown; none of a quotation or heading."""
    if block.quoted or block.kind == "heading":
        return []
    quoted = bytearray(len(block.text))
    for start, end in find_quotations(block.text):
        quoted[start:end] = b"\x01" * (end - start)
    return [
        (word, block.place(*span)) for word, span in _words(block.text) if not quoted[span.start]
    ]


def _runs(words: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    for at in range(len(words) - size + 1):
        yield tuple(words[at : at + size])


def _held(
    part: Sequence[tuple[str, Span]], known: set[tuple[str, ...]], size: int
) -> list[tuple[int, int]]:
    """Ranges of a part's words that lie in runs the source has."""
    found: list[tuple[int, int]] = []
    for at, run in enumerate(_runs([word for word, _ in part], size)):
        if run in known:
            if found and at <= found[-1][1]:
                found[-1] = (found[-1][0], at + size)
            else:
                found.append((at, at + size))
    return found


CHECKS = (support, source_quality, statistics, stuffing, originality)
