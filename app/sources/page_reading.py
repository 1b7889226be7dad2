"""Reads the facts of a page, a sitemap and a feed. Parses what strangers wrote: runs in the child process only.

A sitemap is held against sitemaps.org 0.9, a feed against RFC 4287 (Atom) and the RSS 2.0 specification:
what they require, not what they recommend.
"""

# lxml's trees have no types; this file is where they end.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false

import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urldefrag, urljoin

from lxml import etree

from app.sources.characters import clean_characters
from app.sources.page_facts import (
    FeedFacts,
    Heading,
    HeadLink,
    Image,
    PageFacts,
    SitemapAddresses,
    SitemapFacts,
    same_address,
)

_MOST = 500
"""Of any list; the judging counts, and nobody reads more."""
_LONGEST = 2_000
_LONGEST_TEXT = 200_000
_LONGEST_DATA = 200_000
_SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_ATOM = "{http://www.w3.org/2005/Atom}"
_MOST_ENTRIES = 50_000
_MOST_ADDRESSES = 4_000_000
"""Characters of a sitemap's addresses that are handed on: 50,000 of usual length."""
_W3C_DATE = re.compile(
    r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?)?)?"
)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_SCRIPT_TYPES = frozenset({"", "text/javascript", "application/javascript"})


def read_page(page: str, url: str, *, name: str) -> PageFacts:
    """The facts of a page at `url`.

    Raises:
        Unreadable: `empty` or `too_complex`.
    """
    from app.sources.html_page import drop_hidden, parse_page  # noqa: PLC0415  # XML needs neither

    tree = parse_page(page, name)
    base = urljoin(url, "".join(tree.xpath("//base/@href")[:1]).strip())
    head: dict[str, Any] = {
        "lang": _line("".join(tree.xpath("/html/@lang")[:1])),
        "titles": tuple(_line(each.text_content()) for each in tree.xpath("//head/title")[:_MOST]),
        "metas": tuple(_metas(tree)),
        "links": tuple(_links(tree, base)),
        "blocking": tuple(
            _line(each.get("src") or "")
            for each in tree.xpath("//head//script[not(@async) and not(@defer)]")
            if (each.get("type") or "").strip().lower() in _SCRIPT_TYPES
        )[:_MOST],
        "json_ld": tuple(
            (each.text or "")[:_LONGEST_DATA]
            for each in tree.xpath("//script[@type='application/ld+json']")[:20]
        ),
    }
    drop_hidden(tree)
    for part in tree.xpath("//script | //style | //noscript | //template"):
        if part.getparent() is not None:
            part.drop_tree()
    shown = (tree.xpath("//body") or [tree])[0]
    return PageFacts(
        **head,
        headings=tuple(
            Heading(int(each.tag[1]), _line(each.text_content()))
            for each in shown.xpath(".//h1 | .//h2 | .//h3 | .//h4 | .//h5 | .//h6")[:_MOST]
        ),
        images=tuple(_images(shown, base)),
        anchors=tuple(dict.fromkeys(_anchors(shown, base)))[:_MOST],
        times=tuple(_line(str(each)) for each in shown.xpath(".//time/@datetime")[:_MOST]),
        text=_line(" ".join(shown.itertext()), _LONGEST_TEXT),
    )


def _line(text: str, most: int = _LONGEST) -> str:
    return " ".join(clean_characters(text).split())[:most]


def _metas(tree: Any) -> Iterator[tuple[str, str]]:
    for each in tree.xpath("//meta[@content][@name or @property]")[:_MOST]:
        for attribute in ("name", "property"):
            if each.get(attribute):
                yield _line(each.get(attribute)).lower(), _line(each.get("content"))


def _links(tree: Any, base: str) -> Iterator[HeadLink]:
    for each in tree.xpath("//link[@rel and @href]")[:_MOST]:
        href = _line(each.get("href"))
        for rel in each.get("rel").lower().split():
            yield HeadLink(
                rel=rel,
                href=href,
                address=_absolute(base, href),
                hreflang=_line(each.get("hreflang") or ""),
                type=_line(each.get("type") or "").lower(),
            )


def _images(shown: Any, base: str) -> Iterator[Image]:
    for each in shown.xpath(".//img")[:_MOST]:
        alt = each.get("alt")
        yield Image(
            src=_absolute(base, _line(each.get("src") or "")),
            alt=None if alt is None else _line(alt),
            lazy=(each.get("loading") or "").lower() == "lazy",
            high=(each.get("fetchpriority") or "").lower() == "high",
        )


def _anchors(shown: Any, base: str) -> Iterator[str]:
    for href in shown.xpath(".//a/@href"):
        address = urldefrag(_absolute(base, str(href).strip()))[0]
        if address.lower().startswith(("http://", "https://")) and len(address) <= _LONGEST:
            yield address


def _absolute(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:  # an address that no parser takes, such as http://[
        return href


def _xml(body: bytes) -> Any:
    """The root of an XML document, or the parser's word on why it is none. No entity is expanded."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        return str(error)
    except ValueError as error:
        return str(error)


def read_sitemap(body: bytes, url: str) -> SitemapFacts:
    """What a sitemap says of itself and of the page at `url`."""
    root = _xml(body)
    if isinstance(root, str):
        return SitemapFacts(
            "", 0, (f"xml: {_line(root, 200)}",), holds=False, lastmod="", children=()
        )
    kind = {f"{_SITEMAP}urlset": "urlset", f"{_SITEMAP}sitemapindex": "sitemapindex"}.get(
        str(root.tag), ""
    )
    if not kind:
        problem = f"root: {_line(str(root.tag), 100)}"
        return SitemapFacts("", 0, (problem,), holds=False, lastmod="", children=())
    problems: list[str] = []
    holds, lastmod, places = False, "", list[str]()
    entries = root.findall(f"{_SITEMAP}url" if kind == "urlset" else f"{_SITEMAP}sitemap")
    for entry in entries:
        place = _line(entry.findtext(f"{_SITEMAP}loc") or "")
        when = _line(entry.findtext(f"{_SITEMAP}lastmod") or "")
        if not place.startswith(("http://", "https://")):
            problems.append(f"loc: {place[:100] or '-'}")
        if when and not _is_w3c_date(when):
            problems.append(f"lastmod: {when[:40]}")
        if same_address(place, url):
            holds, lastmod = True, when
        places.append(place)
    if not entries:
        problems.append("entries: 0")
    if len(entries) > _MOST_ENTRIES:
        problems.append(f"entries: {len(entries)}")
    return SitemapFacts(
        kind=kind,
        entries=len(entries),
        problems=tuple(problems[:20]),
        holds=holds and kind == "urlset",
        lastmod=lastmod if kind == "urlset" else "",
        children=tuple(places[:10]) if kind == "sitemapindex" else (),
    )


def read_addresses(body: bytes) -> SitemapAddresses:
    """The addresses that a sitemap lists; a faulty one lists what can be read of it."""
    root = _xml(body)
    if isinstance(root, str):
        return SitemapAddresses("", (), ())
    kinds = {f"{_SITEMAP}urlset": "url", f"{_SITEMAP}sitemapindex": "sitemap"}
    entry_name = kinds.get(str(root.tag), "")
    places, changed, size = list[str](), list[str](), 0
    for entry in root.findall(f"{_SITEMAP}{entry_name}")[:_MOST_ENTRIES] if entry_name else ():
        place = _line(entry.findtext(f"{_SITEMAP}loc") or "")
        size += len(place)
        if size > _MOST_ADDRESSES:
            break
        if place.lower().startswith(("http://", "https://")):
            places.append(place)
            changed.append(_line(entry.findtext(f"{_SITEMAP}lastmod") or "", 40))
    kind = {"url": "urlset", "sitemap": "sitemapindex"}.get(entry_name, "")
    return SitemapAddresses(kind, tuple(places), tuple(changed))


def _is_w3c_date(text: str) -> bool:
    if not _W3C_DATE.fullmatch(text):
        return False
    if len(text) < len("2026-01-01"):
        return True
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def read_feed(body: bytes) -> FeedFacts:
    """Whether a feed is well-formed and has what its format requires."""
    root = _xml(body)
    if isinstance(root, str):
        return FeedFacts("", 0, (f"xml: {_line(root, 200)}",))
    if root.tag == f"{_ATOM}feed":
        entries = root.findall(f"{_ATOM}entry")
        problems = [*_atom_part(root, "feed")]
        named = root.find(f"{_ATOM}author") is not None
        for entry in entries[:_MOST]:
            problems += _atom_part(entry, "entry")
            if not named and entry.find(f"{_ATOM}author") is None:
                problems.append("entry: author")
        return FeedFacts("atom", len(entries), tuple(dict.fromkeys(problems))[:20])
    channel = root.find("channel") if root.tag == "rss" else None
    if channel is None:
        return FeedFacts("", 0, (f"root: {_line(str(root.tag), 100)}",))
    problems = [
        f"channel: {tag}" for tag in ("title", "link", "description") if _none(channel, tag)
    ]
    items = channel.findall("item")
    for item in items[:_MOST]:
        if _none(item, "title") and _none(item, "description"):
            problems.append("item: title")
        when = item.findtext("pubDate")
        if when is not None and not _is_rfc822(when):
            problems.append(f"item: pubDate {_line(when, 40)}")
    return FeedFacts("rss", len(items), tuple(dict.fromkeys(problems))[:20])


def _none(element: Any, tag: str) -> bool:
    return not (element.findtext(tag) or "").strip()


def _atom_part(element: Any, name: str) -> Iterator[str]:
    for tag in ("id", "title", "updated"):
        if _none(element, f"{_ATOM}{tag}") and not (
            tag == "title" and element.find(f"{_ATOM}title") is not None
        ):
            yield f"{name}: {tag}"
    when = (element.findtext(f"{_ATOM}updated") or "").strip()
    if when and not (_RFC3339.fullmatch(when) and _is_w3c_date(when)):
        yield f"{name}: updated {_line(when, 40)}"


def _is_rfc822(text: str) -> bool:
    try:
        parsedate_to_datetime(text.strip())
    except ValueError:
        return False
    return True
