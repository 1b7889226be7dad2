"""What is judged of a page as it was sent, of its sitemap and of its feed: facts, no opinions."""

import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading that is shown. `level` is 1-6."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Image:
    """An image that is shown. `alt` is None where the attribute is missing; `src` is absolute."""

    src: str
    alt: str | None
    lazy: bool
    high: bool
    """Whether it asks to be fetched first (`fetchpriority=high`)."""


@dataclass(frozen=True, slots=True)
class HeadLink:
    """A `link` element. `href` as it stands, `address` made absolute."""

    rel: str
    href: str
    address: str
    hreflang: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class PageFacts:
    """A page without scripts run."""

    lang: str
    titles: tuple[str, ...]
    metas: tuple[tuple[str, str], ...]
    """`name` or `property` in lower case, and content, in order."""
    links: tuple[HeadLink, ...]
    headings: tuple[Heading, ...]
    images: tuple[Image, ...]
    blocking: tuple[str, ...]
    """Scripts in the head that hold up what is shown: their `src`, "" for one within the page."""
    json_ld: tuple[str, ...]
    anchors: tuple[str, ...]
    """Where links lead, absolute, without fragments, each once, in order; http and https alone."""
    times: tuple[str, ...]
    """`datetime` of `time` elements that are shown."""
    text: str
    """Every word shown, white space made single blanks."""

    def meta(self, *names: str) -> tuple[str, ...]:
        """Every content of these names."""
        return tuple(content for name, content in self.metas if name in names)


@dataclass(frozen=True, slots=True)
class SitemapFacts:
    """A sitemap. `problems` are codes with what they are about, like `lastmod: 2026-13-01`."""

    kind: str
    """`urlset`, `sitemapindex`, or "" where it is none."""
    entries: int
    problems: tuple[str, ...]
    holds: bool
    """Whether the page's address stands in it."""
    lastmod: str
    """Of the page's entry."""
    children: tuple[str, ...]
    """Other sitemaps that an index names; the first ten."""


@dataclass(frozen=True, slots=True)
class SitemapAddresses:
    """What a sitemap lists, in its order: pages of a `urlset`, other sitemaps of a `sitemapindex`."""

    kind: str
    """`urlset`, `sitemapindex`, or "" where it is none."""
    places: tuple[str, ...]
    changed: tuple[str, ...]
    """`lastmod` of each, as it stands; often empty."""


@dataclass(frozen=True, slots=True)
class FeedFacts:
    """A feed. `problems` are as in a sitemap."""

    kind: str
    """`rss`, `atom`, or ""."""
    entries: int
    problems: tuple[str, ...]


def same_address(one: str, other: str) -> bool:
    """Whether two addresses name one page: host and escapes made alike (RFC 3986, 6.2.2), fragment left out."""
    return _normal(one) == _normal(other)


def _normal(address: str) -> tuple[str, ...]:
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError:
        return (address,)
    usual = {"http": 80, "https": 443}.get(parts.scheme.lower())
    place = (parts.hostname or "") + ("" if port in {None, usual} else f":{port}")
    path = unicodedata.normalize("NFC", unquote(parts.path or "/"))
    return parts.scheme.lower(), place, path, parts.query
