"""What machines read: an Atom feed (RFC 4287), a sitemap (sitemaps.org 0.9) and robots.txt (RFC 9309)."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from app.posts.schemas import Post, Revision

ATOM = "http://www.w3.org/2005/Atom"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
XML = "http://www.w3.org/XML/1998/namespace"
SITEMAP_LIMIT = 50_000
"""Addresses that one sitemap may hold (sitemaps.org)."""

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'


def atom_feed(
    entries: Sequence[tuple[Post, Revision, str]], *, base: str, name: str, byline: str
) -> str:
    """The newest articles, each with its HTML. Entries are (article, text, HTML)."""
    register_namespace("", ATOM)
    feed = Element(f"{{{ATOM}}}feed")
    _add(feed, "title", name)
    _add(feed, "id", f"{base}/")
    _add(feed, "updated", _moment(max((_changed(post) for post, _, _ in entries), default=None)))
    SubElement(feed, f"{{{ATOM}}}link", rel="self", href=f"{base}/feed.xml")
    SubElement(feed, f"{{{ATOM}}}link", rel="alternate", type="text/html", href=f"{base}/")
    _add(SubElement(feed, f"{{{ATOM}}}author"), "name", byline)
    for post, revision, html in entries:
        entry = SubElement(feed, f"{{{ATOM}}}entry", {f"{{{XML}}}lang": post.language})
        _add(entry, "title", revision.title)
        _add(entry, "id", f"urn:uuid:{post.id}")
        _add(entry, "published", _moment(post.published_at))
        _add(entry, "updated", _moment(_changed(post)))
        SubElement(entry, f"{{{ATOM}}}link", rel="alternate", href=base + post.path)
        _add(entry, "summary", revision.meta_description)
        SubElement(entry, f"{{{ATOM}}}content", type="html").text = html
    return _DECLARATION + tostring(feed, encoding="unicode")


def sitemap(posts: Sequence[Post], *, base: str) -> str:
    """Every listed article with its language versions and when it last changed."""
    register_namespace("", SITEMAP)
    register_namespace("xhtml", XHTML)
    groups: dict[str, list[Post]] = {}
    for post in posts:
        groups.setdefault(post.translation_group, []).append(post)
    urls = Element(f"{{{SITEMAP}}}urlset")
    for path in ["/", *(f"/{language}/" for language in sorted({post.language for post in posts}))]:
        _add(SubElement(urls, f"{{{SITEMAP}}}url"), "loc", base + path, SITEMAP)
    for post in posts[:SITEMAP_LIMIT]:
        url = SubElement(urls, f"{{{SITEMAP}}}url")
        _add(url, "loc", base + post.path, SITEMAP)
        _add(url, "lastmod", _moment(_changed(post)), SITEMAP)
        versions = groups[post.translation_group]
        for version in versions if len(versions) > 1 else ():
            SubElement(
                url,
                f"{{{XHTML}}}link",
                rel="alternate",
                hreflang=version.language,
                href=base + version.path,
            )
    indent(urls)
    return _DECLARATION + tostring(urls, encoding="unicode")


def robots(*, base: str, hidden: Iterable[str] = ("/api/",)) -> str:
    """Everything may be read but the API, which has nothing for a search engine."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in hidden), ""]
    return "\n".join([*lines, f"Sitemap: {base}/sitemap.xml", ""])


def _changed(post: Post) -> datetime:
    return post.modified_at or post.published_at or post.updated_at


def _moment(moment: datetime | None) -> str:
    value = moment or datetime.fromtimestamp(0, UTC)
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _add(parent: Element, name: str, text: str, namespace: str = ATOM) -> None:
    # Characters that XML has no way to write would make the whole feed unreadable.
    allowed = "".join(c for c in text if c in "\t\n\r" or c >= " ")
    SubElement(parent, f"{{{namespace}}}{name}").text = allowed
