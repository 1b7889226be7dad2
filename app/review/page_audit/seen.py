"""What an audit has seen: the page and the files beside it. The checks judge it and fetch nothing."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, cast

from protego import Protego

from app.sources.page_facts import FeedFacts, PageFacts, SitemapFacts

FEED_TYPES = frozenset({"application/atom+xml", "application/rss+xml"})


@dataclass(frozen=True, slots=True)
class FileSeen:
    """A file that was asked for. `status` is None where nothing answered; `why` then says why not."""

    url: str
    status: int | None = None
    why: str = ""
    content_type: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Alternate:
    """A language version that the page names, and what it names itself: code and absolute address."""

    code: str
    url: str
    seen: FileSeen
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class PageSeen:
    """Everything about one page. None stands for what was not looked at."""

    url: str
    final_url: str
    status: int
    hops: tuple[int, ...]
    robots_tags: tuple[str, ...]
    """Each `X-Robots-Tag` header."""
    link_header: str
    content_type: str
    html_bytes: int
    now: datetime
    facts: PageFacts | None = None
    css_bytes: int = 0
    alternates: tuple[Alternate, ...] = ()
    robots: FileSeen | None = None
    rules: Protego | None = None
    sitemap: FileSeen | None = None
    sitemap_facts: SitemapFacts | None = None
    feed: FileSeen | None = None
    feed_facts: FeedFacts | None = None
    llms: FileSeen | None = None
    twin: FileSeen | None = None
    links: tuple[FileSeen, ...] | None = None
    late: bool = False
    """Whether something beside the page did not come in time."""
    links_left: int = 0
    """Links that were not asked for because there were too many."""

    @cached_property
    def data(self) -> tuple[Mapping[str, Any], ...]:
        """Every node of the page's JSON-LD at the top or in a `@graph`; what does not parse is not here."""
        found: list[Mapping[str, Any]] = []
        for text in self.facts.json_ld if self.facts else ():
            try:
                found.extend(_nodes(json.loads(text)))
            except (ValueError, RecursionError):
                continue
        return tuple(found)

    @property
    def noindex(self) -> bool:
        """Whether the page tells search engines to leave it."""
        return bool({"noindex", "none"} & self.directives)

    @cached_property
    def directives(self) -> frozenset[str]:
        """What the page tells all crawlers, or Google's, Bing's and Naver's: in its head and its headers."""
        told = self.facts.meta("robots", "googlebot", "bingbot", "yeti") if self.facts else ()
        found: set[str] = set()
        for text in told:
            found |= {each.strip().lower() for each in text.split(",")}
        for header in self.robots_tags:
            found |= set(_of_header(header))
        return frozenset(each for each in found if each)


def _of_header(header: str) -> Iterator[str]:
    """The directives of one header; one for a crawler that does not matter here is left out."""
    agent, colon, rest = header.partition(":")
    named = bool(colon) and agent.strip().lower() not in {"max-snippet", "max-image-preview"}
    named = named and agent.strip().lower() not in {"max-video-preview", "unavailable_after"}
    if named and "," not in agent:
        if agent.strip().lower() not in {"googlebot", "bingbot", "yeti"}:
            return
        header = rest
    for each in header.split(","):
        yield each.strip().lower()


def _nodes(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        for each in cast("list[Any]", value):
            yield from _nodes(each)
    elif isinstance(value, dict):
        node = cast("dict[str, Any]", value)
        if "@graph" in node:
            yield from _nodes(node["@graph"])
        if "@type" in node:
            yield node


def types_of(node: Mapping[str, Any]) -> tuple[str, ...]:
    """A node's types, without schema.org's address before them."""
    kinds = node.get("@type", ())
    kinds = cast("list[Any]", kinds) if isinstance(kinds, list) else [kinds]
    return tuple(str(each).rsplit("/", 1)[-1] for each in kinds)
