"""Checks 34, 37 and, of 46, the part about own articles: does the article collide with others of its site?"""

import unicodedata
from functools import partial

from app.language.stems import content_stems
from app.language.types import Language
from app.seo.checks.evidence import shared_runs
from app.seo.document import Document
from app.seo.findings import Outcome, check
from app.seo.page import Page

_SHOWN = 8
"""Shared words that are told, the longest first: short ones tell least."""
_GRAVITY = {"missing": 0, "gone": 0, "unpublished": 2, "moved": 3}


def topic_of(title: str, keyphrase: str, document: Document) -> frozenset[str]:
    """The stems of what says a text's topic: its title, keyphrase and headings."""
    headings = (block.text for block in document.headings)
    return frozenset(content_stems("\n".join((title, keyphrase, *headings)), document.language))


def similarity(topic: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard's share of stems in common, 0-1."""
    return len(topic & other) / len(topic | other) if topic and other else 0.0


def same_keyphrase(one: str, other: str, language: Language) -> bool:
    """Whether two keyphrases are of the same stems in the same order; a Korean one's blanks do not count."""
    if not one.strip() or not other.strip():
        return False
    join = ("" if language == "ko" else " ").join
    first, second = (join(content_stems(each, language)) for each in (one, other))
    return first == second if first or second else _flat(one) == _flat(other)


def _flat(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split()).casefold()


@check("site.cannibalisation", group="keyphrase")
def cannibalisation(page: Page) -> Outcome | None:
    """No other article of the site is for the same keyphrase or topic: the two would compete in results.

    A keyphrase that one other article has is orange, one that more have red (the reference's rule). A near
    topic is measured by Jaccard's share of the stems of title, keyphrase and headings.
    """
    if page.site is None or not (page.article.keyphrase.strip() or page.article.title.strip()):
        return None
    told, stop = page.limits.topic_share
    threshold = f"< {told:.2f}"
    own = topic_of(page.article.title, page.article.keyphrase, page.document)
    near = sorted(page.site.others, key=lambda each: (-similarity(own, each.topic), each.address))
    share = similarity(own, near[0].topic) if near else 0.0
    is_same = partial(same_keyphrase, page.article.keyphrase, language=page.language)
    same = [each for each in near if is_same(each.keyphrase)]
    if same:
        first = same[0]
        close = similarity(own, first.topic)
        return Outcome(
            1 if len(same) > 1 else 3 if close >= stop else 6,
            len(same),
            "0",
            "Articles of this site with the same keyphrase: {count}. The nearest is “{title}” ({address}).",
            "Two pages for one search take each other's place: choose another keyphrase, or put this text into "
            "that article.",
            {"count": len(same), "title": first.title, "address": first.address},
        )
    if share < told:
        return Outcome(
            9,
            round(share, 3),
            threshold,
            "No other article of this site is for the same keyphrase or a near topic.",
        )
    shared = sorted(own & near[0].topic, key=lambda each: (-len(each), each))[:_SHOWN]
    return Outcome(
        3 if share >= stop else 6,
        round(share, 3),
        threshold,
        "“{title}” ({address}) is about nearly the same: {share:.0%} of the words of titles, keyphrases and "
        "headings are in both ({terms}).",
        "Say in title and headings what only this article answers, or put its text into that one.",
        {
            "title": near[0].title,
            "address": near[0].address,
            "share": share,
            "terms": ", ".join(shared),
        },
    )


@check("site.duplicate", group="grounding", grade="A", gate=True)
def duplicate(page: Page) -> Outcome | None:
    """No other article of the site holds this text: Google's spam policies name pages made in masses.

    The share of the article's words that stand in runs of `overlap_words` or more in one other article.
    Quotations, code and headings are left out.
    """
    if page.site is None:
        return None
    size, limit = page.limits.overlap_words, page.limits.duplicate_share
    found = [
        (measured[0], each, measured[1])
        for each in page.site.others
        if each.text and (measured := shared_runs(page, each.text, size))
    ]
    threshold = f"<= {limit:.0%}"
    if not found:
        return None
    share, other, spans = max(found, key=lambda each: each[0])
    values = {"share": share, "most": limit, "title": other.title, "address": other.address}
    if share <= limit:
        message = "Words that stand in one other article of this site too: {share:.0%}."
        return Outcome(9, round(share, 3), threshold, message, values=values)
    return Outcome(
        3,
        round(share, 3),
        threshold,
        "{share:.0%} of the text stand word for word in “{title}” ({address}) of this site; at most "
        "{most:.0%} may.",
        "Search engines show one of two such pages: write the marked passages anew, or edit that article "
        "in place of this one.",
        values,
        spans,
    )


@check("links.broken", group="links", grade="A")
def broken(page: Page) -> Outcome | None:
    """No link leads to an address of the own site without an article. Measured where the site is known."""
    if page.site is None or page.site.broken is None:
        return None
    found = sorted(page.site.broken, key=lambda each: (_GRAVITY[each.why], each.href))
    if not found:
        return Outcome(9, 0, "0", "No link leads to an article of this site that is not there.")
    # Only those of the worst kind are told: each kind wants something else done.
    found = [each for each in found if _GRAVITY[each.why] == _GRAVITY[found[0].why]]
    addresses = {each.href for each in found}
    spans = tuple(link.span for link in page.document.links if link.href in addresses)
    values = {"count": len(found), "href": found[0].href, "now": found[0].now}
    if found[0].why == "moved":
        return Outcome(
            6,
            len(found),
            "0",
            "Links to old addresses of articles of this site: {count}. {href} leads on to {now}.",
            "Write the new address: readers are there sooner, and it stays right.",
            values,
            spans,
        )
    if found[0].why == "unpublished":
        return Outcome(
            6,
            len(found),
            "0",
            "Links to articles of this site that are not published: {count}. The first is {href}.",
            "Publish that article first, or take the link out until then.",
            values,
            spans,
        )
    return Outcome(
        3,
        len(found),
        "0",
        "Links to addresses of this site where no article is: {count}. The first is {href}.",
        "Correct the address, or take the link out; readers would meet an error.",
        values,
        spans,
    )


CHECKS = (broken, cannibalisation, duplicate)
