"""Checks 12-15: what a search result shows of the article."""

import unicodedata

from app.seo.findings import Outcome, check
from app.seo.font_metrics import full_width_signs, width_px
from app.seo.page import Page


@check("title.width", group="snippet")
def title_width(page: Page) -> Outcome | None:
    """At most 600 px: more is cut off in a result list."""
    limit = page.limits.title_px
    threshold = f"1-{limit} px"
    if not page.article.title.strip():
        return Outcome(
            1, 0, threshold, "The article has no title.", "Write one; it is what searchers click."
        )
    pixels = round(width_px(page.article.title.strip()))
    values = {"pixels": pixels, "limit": limit, "signs": full_width_signs(limit)}
    if pixels <= limit:
        message = "Title width: {pixels} px of {limit} px."
        return Outcome(9, pixels, threshold, message, values=values)
    return Outcome(
        3,
        pixels,
        threshold,
        "The title is {pixels} px wide; search results cut it at about {limit} px.",
        "Shorten it, or see that what matters stands first. {limit} px hold {signs} Hangul.",
        values,
    )


@check("title.unique", group="snippet", grade="A")
def title_unique(page: Page) -> Outcome | None:
    """No other article of the site has this title. Measured only where the site is known."""
    if page.site is None or not page.article.title.strip():
        return None
    twins = [each for each in page.site.others if _same(page.article.title, each.title)]
    if twins:
        return Outcome(
            3,
            len(twins),
            "0",
            "Another article of this site has the same title: {address}.",
            "Say in the title what sets this article apart, or merge the two.",
            {"address": twins[0].address},
        )
    return Outcome(9, 0, "0", "No other article of this site has this title.")


@check("meta.length", group="snippet")
def meta_length(page: Page) -> Outcome | None:
    """Long enough to tell something, short enough to be shown. Google states no limit."""
    least, most = page.limits.meta_characters
    threshold = f"{least}-{most}"
    count = len(unicodedata.normalize("NFC", page.article.meta_description.strip()))
    values = {"count": count, "least": least, "most": most}
    if count == 0:
        return Outcome(
            1,
            0,
            threshold,
            "The article has no meta description.",
            "Write {least} to {most} characters that tell what the reader gets.",
            values,
        )
    if least <= count <= most:
        message = "Meta description: {count} characters."
        return Outcome(9, count, threshold, message, values=values)
    if count < least:
        return Outcome(
            6,
            count,
            threshold,
            "The meta description is short: {count} characters.",
            "There is room for {least} to {most}: add what the reader gets.",
            values,
        )
    return Outcome(
        6,
        count,
        threshold,
        "The meta description is long: {count} characters.",
        "Search results may cut it after {most}; put what matters first.",
        values,
    )


@check("meta.unique", group="snippet", grade="A")
def meta_unique(page: Page) -> Outcome | None:
    """No other article of the site has this description. Measured only where the site is known."""
    if page.site is None or not page.article.meta_description.strip():
        return None
    described = page.article.meta_description
    twins = [each for each in page.site.others if _same(described, each.meta_description)]
    if twins:
        return Outcome(
            3,
            len(twins),
            "0",
            "Another article of this site has the same meta description: “{title}” ({address}).",
            "Describe this article in words of its own.",
            {"title": twins[0].title, "address": twins[0].address},
        )
    return Outcome(9, 0, "0", "No other article of this site has this meta description.")


def _same(text: str, other: str) -> bool:
    return _flat(text) == _flat(other)


def _flat(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split()).casefold()


CHECKS = (title_width, title_unique, meta_length, meta_unique)
