"""Checks 30-33 and 35: links to the own site and to others, their words and addresses, and images."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

from app.language.anchors import is_generic
from app.seo.findings import Outcome, check
from app.seo.inline import Link
from app.seo.page import Page

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_CRAWLED = ("http:", "https:")
_OTHER_USES = ("mailto:", "tel:", "sms:")
"""No pages, and right where they are."""


def host_of(address: str) -> str:
    """The host of a web address without `www.`, in lower case; empty where there is none."""
    try:
        host = urlsplit(address if "://" in address else f"https:{address}").hostname or ""
    except ValueError:  # an address with a broken IPv6 part
        return ""
    return host.lower().removeprefix("www.")


def leaves(link: Link, page: Page) -> bool:
    """Whether a link leads to another site."""
    if not link.href.lower().startswith(("http://", "https://", "//")):
        return False
    own = host_of(page.article.url) if page.article.url else ""
    return not own or host_of(link.href) != own


def stays(link: Link, page: Page) -> bool:
    """Whether a link leads to another page of the own site."""
    href = link.href.strip()
    if not href or href.startswith("#") or _SCHEME.match(href):
        return bool(page.article.url) and bool(host_of(href)) and not leaves(link, page)
    return not leaves(link, page)


@check("links.internal", group="links")
def internal(page: Page) -> Outcome | None:
    """A link to another page of the site: readers and crawlers find on. Where there is one to link to."""
    if not page.document.blocks or (page.site is not None and not page.site.linkable):
        return None
    found = [link for link in page.document.links if stays(link, page)]
    least = page.limits.links_least
    values = {"count": len(found), "least": least}
    if len(found) >= least:
        message = "Links to other pages of this site: {count}."
        return Outcome(_followed_points(found), len(found), f">= {least}", message, values=values)
    return Outcome(
        3,
        len(found),
        f">= {least}",
        "Links to other pages of this site: {count}, at least {least} is advised.",
        "Link an article of yours that goes deeper; readers and crawlers find on by it.",
        values,
    )


@check("links.external", group="links")
def external(page: Page) -> Outcome | None:
    """A link to another site; one in a footnote counts."""
    if not page.document.blocks:
        return None
    every = (*page.document.links, *page.document.notes)
    found = [link for link in every if leaves(link, page)]
    least = page.limits.links_least
    values = {"count": len(found), "least": least}
    if len(found) >= least:
        message = "Links to other sites, footnotes included: {count}."
        return Outcome(_followed_points(found), len(found), f">= {least}", message, values=values)
    return Outcome(
        3,
        len(found),
        f">= {least}",
        "Links to other sites, footnotes included: {count}, at least {least} is advised.",
        "Link the sources, so that a reader who doubts can look.",
        values,
    )


def _followed_points(links: Sequence[Link]) -> int:
    """9 where all are followed, 8 where some are, 7 where none is: the reference's points."""
    followed = sum(not link.nofollow for link in links)
    return 9 if followed == len(links) else 8 if followed else 7


@check("links.generic", group="links", grade="A")
def generic(page: Page) -> Outcome | None:
    """A link's words say where it leads (Google, link best practices; WCAG 2.4.4)."""
    links = page.document.links
    if not links:
        return None
    vague = [link for link in links if is_generic(link.text)]
    values = {"count": len(vague), "total": len(links)}
    if not vague:
        message = "All {total} links say where they lead."
        return Outcome(9, 0, "0", message, values=values)
    return Outcome(
        3,
        len(vague),
        "0",
        "Links whose words say nothing of their target: {count} of {total}.",
        "Link words that name what stands there: search engines and screen readers go by them.",
        values,
        tuple(link.span for link in vague),
    )


@check("links.crawlable", group="links", grade="A")
def crawlable(page: Page) -> Outcome | None:
    """Every link has an address that a crawler can follow (Google, link best practices)."""
    links = page.document.links
    if not links:
        return None
    dead = [link for link in links if not _followed(link.href)]
    values = {"count": len(dead), "total": len(links)}
    if not dead:
        message = "All {total} links have an address that crawlers can follow."
        return Outcome(9, 0, "0", message, values=values)
    return Outcome(
        3,
        len(dead),
        "0",
        "Links without an address that crawlers can follow: {count} of {total}.",
        "Give each an address, https://… or /path; crawlers run no scripts to find one.",
        values,
        tuple(link.span for link in dead),
    )


def _followed(href: str) -> bool:
    href = href.strip().lower()
    if not href or href == "#":
        return False
    scheme = _SCHEME.match(href)
    if scheme is None:
        return True
    return scheme.group() in _OTHER_USES or (scheme.group() in _CRAWLED and bool(host_of(href)))


@check("images.present", group="media")
def images(page: Page) -> Outcome | None:
    """How many images there are. Told only: `kp.alt` counts a missing one already."""
    if not page.document.blocks:
        return None
    count = len(page.document.images)
    return Outcome(
        None,
        count,
        "1",
        "Images in the text: {count}.",
        "Add one where it shows something that words cannot.",
        {"count": count},
    )


@check("images.alt", group="media", grade="A")
def alternatives(page: Page) -> Outcome | None:
    """Every image has alternative text of its own (WCAG 1.1.1; Google, image best practices)."""
    found = page.document.images
    if not found:
        return None
    words = [" ".join(unicodedata.normalize("NFC", i.alt).casefold().split()) for i in found]
    counts = Counter(words)
    bare = [image for image, alt in zip(found, words, strict=True) if not alt]
    twice = [image for image, alt in zip(found, words, strict=True) if alt and counts[alt] > 1]
    values = {"bare": len(bare), "twice": len(twice), "total": len(found)}
    if not bare and not twice:
        message = "All {total} images have alternative text of their own."
        return Outcome(9, 0, "0", message, values=values)
    return Outcome(
        3 if bare else 6,
        len(bare) + len(twice),
        "0",
        "Of {total} images, {bare} have no alternative text and {twice} share theirs with another.",
        "Describe in each image's text what it shows; readers who cannot see it get nothing else.",
        values,
        tuple(image.span for image in (*bare, *twice)),
    )


CHECKS = (internal, external, generic, crawlable, images, alternatives)
