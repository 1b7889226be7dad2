"""Looks at a page and at the files beside it, within bounds of number, size and time."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

import anyio
import anyio.to_thread
from protego import Protego

from app.infra.http.errors import FetchError
from app.infra.http.fetch import HTML, Fetcher, Observed
from app.kit.errors import Invalid
from app.review.page_audit.seen import FEED_TYPES, Alternate, FileSeen, PageSeen
from app.sources.errors import Unreadable
from app.sources.extraction import ask_child
from app.sources.page_facts import (
    FeedFacts,
    Heading,
    HeadLink,
    Image,
    PageFacts,
    SitemapFacts,
    same_address,
)

_MB = 1024 * 1024
_ROBOTS_BYTES = 500 * 1024
"""What crawlers read of it at least (RFC 9309, 2.5)."""
_SHUT_FOR_HEAD = frozenset({400, 403, 404, 405, 501})
"""Answers to HEAD that servers give which know GET alone."""


@dataclass(frozen=True, slots=True)
class AuditLimits:
    """How much of anything one audit may take."""

    seconds: float = 60.0
    """For everything beside the page itself; what is not there by then counts as not answered."""
    at_once: int = 4
    alternates: int = 10
    sheets: int = 6
    sitemaps: int = 6
    links: int = 50
    file_bytes: int = 5 * _MB


@dataclass(slots=True)
class _Found:
    """What is there so far. Each task sets what is its own."""

    css_bytes: int = 0
    alternates: dict[int, Alternate] = field(default_factory=dict[int, Alternate])
    robots: FileSeen | None = None
    rules: Protego | None = None
    sitemap: FileSeen | None = None
    sitemap_facts: SitemapFacts | None = None
    feed: FileSeen | None = None
    feed_facts: FeedFacts | None = None
    llms: FileSeen | None = None
    twin: FileSeen | None = None
    links: dict[int, FileSeen] = field(default_factory=dict[int, FileSeen])


async def look_at_page(
    url: str,
    fetcher: Fetcher,
    *,
    now: datetime,
    links: bool = False,
    limits: AuditLimits | None = None,
) -> PageSeen:
    """Fetch the page and what belongs to it. `links`: where the page's links lead is asked too.

    Raises:
        FetchRefused, FetchFailed: the page itself may not or could not be fetched.
        Invalid: it cannot be parsed within the limits.
    """
    limits = limits or AuditLimits()
    page = await fetcher.observe(url, max_bytes=limits.file_bytes)
    if page.cut:
        raise Invalid(f"{page.final_url} is larger than {limits.file_bytes // _MB} MiB.")
    facts = None
    if page.content_type in HTML and page.body.strip():
        facts = await _facts(page)
    seen = PageSeen(
        url=url,
        final_url=page.final_url,
        status=page.status,
        hops=page.hops,
        robots_tags=tuple(value for name, value in page.headers if name == "x-robots-tag"),
        link_header=page.header("link"),
        content_type=page.content_type,
        html_bytes=len(page.body),
        now=now,
        facts=facts,
    )
    if page.status != HTTPStatus.OK or facts is None:
        return seen
    return await _Looker(fetcher, seen, facts, limits).look(links=links)


class _Looker:
    """The files beside one page, a few at once."""

    def __init__(
        self, fetcher: Fetcher, seen: PageSeen, facts: PageFacts, limits: AuditLimits
    ) -> None:
        self._fetcher = fetcher
        self._seen = seen
        self._facts = facts
        self._limits = limits
        self._turns = anyio.Semaphore(limits.at_once)
        self._found = _Found()

    async def look(self, *, links: bool) -> PageSeen:
        facts, found, limits = self._facts, self._found, self._limits
        versions = [each for each in facts.links if each.rel == "alternate" and each.hreflang]
        versions = versions[: limits.alternates]
        asked = [each for each in facts.anchors if not same_address(each, self._seen.final_url)]
        chosen = asked[: limits.links] if links else []
        with anyio.move_on_after(limits.seconds) as clock:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._site_files)
                tasks.start_soon(self._feed)
                tasks.start_soon(self._twin)
                sheets = [each.address for each in facts.links if each.rel == "stylesheet"]
                for address in dict.fromkeys(sheets[: limits.sheets]):
                    tasks.start_soon(self._sheet, address)
                for place, version in enumerate(versions):
                    tasks.start_soon(self._version, place, version)
                tasks.start_soon(self._links, chosen)
        late = FileSeen("", why="left")
        return replace(
            self._seen,
            late=clock.cancelled_caught,
            css_bytes=found.css_bytes,
            alternates=tuple(
                found.alternates.get(place)
                or Alternate(each.hreflang, each.href, replace(late, url=each.address))
                for place, each in enumerate(versions)
            ),
            robots=found.robots,
            rules=found.rules,
            sitemap=found.sitemap,
            sitemap_facts=found.sitemap_facts,
            feed=found.feed,
            feed_facts=found.feed_facts,
            llms=found.llms,
            twin=found.twin,
            links=tuple(
                found.links.get(place) or replace(late, url=address)
                for place, address in enumerate(chosen)
            )
            if links
            else None,
            links_left=len(asked) - len(chosen) if links else 0,
        )

    async def _ask(
        self, url: str, *, most: int | None = None, robots: bool = True
    ) -> tuple[FileSeen, Observed | None]:
        most = self._limits.file_bytes if most is None else most
        async with self._turns:
            try:
                answer = await self._fetcher.observe(url, max_bytes=most, robots=robots)
            except FetchError as error:
                return FileSeen(url, why=error.reason_code), None
        return FileSeen(url, answer.status, "", answer.content_type), answer

    async def _site_files(self) -> None:
        """robots.txt, then the sitemap that it names; and llms.txt."""
        found, origin = self._found, self._seen.final_url
        file, answer = await self._ask(
            urljoin(origin, "/robots.txt"), most=_ROBOTS_BYTES, robots=False
        )
        named: list[str] = []
        if answer is not None and answer.status == HTTPStatus.OK:
            text = answer.body.decode("utf-8-sig", "replace")
            file = replace(file, text=text)
            found.rules = await anyio.to_thread.run_sync(Protego.parse, text)
            named = [str(each) for each in found.rules.sitemaps]
        found.robots = file
        found.llms, answer = await self._ask(urljoin(origin, "/llms.txt"), most=_ROBOTS_BYTES)
        if answer is not None:
            found.llms = replace(found.llms, text=answer.body.decode("utf-8-sig", "replace"))
        await self._sitemaps(named or [urljoin(origin, "/sitemap.xml")])

    async def _sitemaps(self, addresses: Sequence[str]) -> None:
        """The first sitemap that holds the page; else the first that has a fault; else the first."""
        waiting = list(addresses)
        asked = 0
        while waiting and asked < self._limits.sitemaps:
            address = waiting.pop(0)
            asked += 1
            file, answer = await self._ask(address)
            facts = None
            if answer is not None and answer.status == HTTPStatus.OK:
                facts = await self._sitemap_facts(answer)
                if facts is not None:
                    waiting.extend(facts.children)
            index = facts is not None and facts.kind == "sitemapindex" and not facts.problems
            better = facts is not None and (facts.holds or bool(facts.problems))
            if self._found.sitemap is None or better or (not index and self._is_index()):
                self._found.sitemap, self._found.sitemap_facts = file, facts
            if facts is not None and facts.holds:
                return

    def _is_index(self) -> bool:
        facts = self._found.sitemap_facts
        return facts is not None and facts.kind == "sitemapindex" and not facts.problems

    async def _sitemap_facts(self, answer: Observed) -> SitemapFacts | None:
        try:
            told = await ask_child(
                answer.body,
                kind="sitemap",
                charset=None,
                url=self._seen.final_url,
                name=answer.final_url,
            )
        except Unreadable:
            return None
        facts: dict[str, Any] = told["facts"]
        return SitemapFacts(**_frozen(facts))

    async def _feed(self) -> None:
        named = [
            e.address for e in self._facts.links if e.rel == "alternate" and e.type in FEED_TYPES
        ]
        if not named:
            return
        file, answer = await self._ask(named[0])
        if answer is not None and answer.status == HTTPStatus.OK:
            try:
                told = await ask_child(
                    answer.body, kind="feed", charset=None, url=None, name=answer.final_url
                )
                facts: dict[str, Any] = told["facts"]
                self._found.feed_facts = FeedFacts(**_frozen(facts))
            except Unreadable as error:
                file = replace(file, why=error.reason_code)
        self._found.feed = file

    async def _twin(self) -> None:
        named = [
            each.address
            for each in self._facts.links
            if each.rel == "alternate" and each.type == "text/markdown"
        ]
        if named:
            self._found.twin, _ = await self._ask(named[0], most=1)

    async def _sheet(self, address: str) -> None:
        _, answer = await self._ask(address)
        if answer is not None and answer.status == HTTPStatus.OK:
            self._found.css_bytes += len(answer.body)

    async def _version(self, place: int, version: HeadLink) -> None:
        file, answer = await self._ask(version.address)
        names: tuple[tuple[str, str], ...] = ()
        own = same_address(version.address, self._seen.final_url)
        if answer is not None and answer.status == HTTPStatus.OK and not own:
            try:
                facts = await _facts(answer)
                names = tuple(
                    (each.hreflang, each.address)
                    for each in facts.links
                    if each.rel == "alternate" and each.hreflang
                )
            except Unreadable:
                pass  # a page that cannot be read names nobody, which is what will be said
        # The address as it stands: whether it is absolute is judged.
        self._found.alternates[place] = Alternate(version.hreflang, version.href, file, names)

    async def _links(self, addresses: Sequence[str]) -> None:
        """Hosts beside each other, the links of one host one after another."""
        hosts: dict[str, list[tuple[int, str]]] = {}
        for place, address in enumerate(addresses):
            hosts.setdefault(urlsplit(address).netloc.lower(), []).append((place, address))
        async with anyio.create_task_group() as tasks:
            for each in hosts.values():
                tasks.start_soon(self._links_of_host, each)

    async def _links_of_host(self, links: Sequence[tuple[int, str]]) -> None:
        for place, address in links:
            self._found.links[place] = await self._link(address)

    async def _link(self, address: str) -> FileSeen:
        async with self._turns:
            try:
                answer = await self._fetcher.observe(address, method="HEAD", robots=False)
                if answer.status in _SHUT_FOR_HEAD:
                    answer = await self._fetcher.observe(address, max_bytes=1, robots=False)
            except FetchError as error:
                return FileSeen(address, why=error.reason_code)
        return FileSeen(address, answer.status)


def _frozen(facts: dict[str, Any]) -> dict[str, Any]:
    """The same with tuples, as which lists left the child."""
    return {
        name: tuple(cast("list[Any]", value)) if isinstance(value, list) else value
        for name, value in facts.items()
    }


async def _facts(page: Observed) -> PageFacts:
    told = await ask_child(
        page.body, kind="page", charset=page.charset, url=page.final_url, name=page.final_url
    )
    facts = told["facts"]
    return PageFacts(
        lang=facts["lang"],
        titles=tuple(facts["titles"]),
        metas=tuple((name, content) for name, content in facts["metas"]),
        links=tuple(HeadLink(**each) for each in facts["links"]),
        headings=tuple(Heading(**each) for each in facts["headings"]),
        images=tuple(Image(**each) for each in facts["images"]),
        blocking=tuple(facts["blocking"]),
        json_ld=tuple(facts["json_ld"]),
        anchors=tuple(facts["anchors"]),
        times=tuple(facts["times"]),
        text=facts["text"],
    )
