"""Compares a text with the pages of a site that its sitemap lists; robots.txt is kept to as in all fetching."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import anyio
import anyio.to_thread
from protego import Protego

from app.infra.http.errors import FetchError
from app.infra.http.fetch import Fetcher, Observed
from app.infra.http.targets import shown
from app.kit.errors import Invalid
from app.kit.speech import say
from app.language.stems import content_stems
from app.review.analysing import Text, fetch_text
from app.review.others.choosing import Choice, Report
from app.seo.page import Broken
from app.sources.errors import Unreadable
from app.sources.extraction import ask_child
from app.sources.page_facts import same_address

Told = Callable[[int, int], None]
"""Is told how many of how many were looked at."""

_ROBOTS_BYTES = 500 * 1024
_SITEMAP_BYTES = 5 * 1024 * 1024
_NO_PAGE = re.compile(
    r"\.(?:avif|css|csv|docx?|gif|gz|ico|jpe?g|js|json|mp[34]|pdf|png|pptx?|svg|txt|webp|xlsx?|xml|zip)$",
    re.IGNORECASE,
)
_SHUT_FOR_HEAD = frozenset({400, 403, 404, 405, 501})
"""Answers to HEAD that servers give which know GET alone."""
_LASTING = frozenset({301, 308})


@dataclass(frozen=True, slots=True)
class SiteLimits:
    """How much of a site is read."""

    pages: int = 50
    sitemaps: int = 20
    links: int = 20
    """Links of the text to the site that are asked where they lead."""
    seconds: float = 180.0
    """For everything; what was not read by then is not compared."""
    at_once: int = 2
    """Pages of the one host that are asked for beside each other."""


_LIMITS = SiteLimits()


@dataclass(frozen=True, slots=True)
class Sitemap:
    """The pages that a site lists, in an order that has the nearest to the text first."""

    origin: str
    pages: tuple[str, ...]


async def read_sitemap(
    url: str, choice: Choice, fetcher: Fetcher, *, limits: SiteLimits = _LIMITS
) -> Sitemap:
    """The pages below `url` that its site's sitemaps list; `url` may be a sitemap itself.

    Raises:
        FetchRefused, FetchFailed: the sitemap may not or could not be fetched.
        Invalid: there is no sitemap, or none of its pages is below the address.
    """
    given = urlsplit(url)
    is_sitemap = given.path.lower().endswith(".xml")
    named = [url] if is_sitemap else await _named(url, fetcher)
    listed, why = await _listed(named, fetcher, limits)
    if not listed:
        raise Invalid(
            say(
                "{url} has no sitemap that could be read: {why}. Give the sitemap's own address, "
                "like --against {example}",
                url=shown(url),
                why=why or say("none was found"),
                example=shown(urljoin(url, "/sitemap.xml")),
            )
        )
    below = "/" if is_sitemap else given.path or "/"
    host = given.netloc.lower()
    pages = {
        page: changed
        for page, changed in listed
        if urlsplit(page).netloc.lower() == host
        and _is_below(page, below)
        and not _NO_PAGE.search(urlsplit(page).path)
    }
    if not pages:
        raise Invalid(
            say(
                "The sitemap of {url} lists no page below this address; it lists {first} and others.",
                url=shown(url),
                first=shown(listed[0][0]),
            )
        )
    near = await anyio.to_thread.run_sync(_nearness, choice, list(pages))
    # Newer pages first among equals; sorting keeps the sitemap's order otherwise.
    ordered = sorted(pages, key=lambda page: pages[page], reverse=True)
    ordered.sort(key=lambda page: -near[page])
    return Sitemap(f"{given.scheme}://{given.netloc}", tuple(ordered))


async def compare_with_site(
    sitemap: Sitemap,
    choice: Choice,
    fetcher: Fetcher,
    *,
    told: Told = lambda _done, _all: None,
    limits: SiteLimits = _LIMITS,
) -> Report:
    """Take the site's pages into the choice, at most `limits.pages`; a page that cannot be read is told.

    The page at the text's own address, or with its slug, is the text itself.

    Raises:
        Invalid: no page could be read.
    """
    asked = [page for page in sitemap.pages if not _is_itself(page, choice.text)]
    skipped: list[str] = []
    chosen = asked[: limits.pages]
    if len(asked) > len(chosen):
        skipped.append(
            say(
                "{count} of {all} pages are compared: those whose addresses are nearest to the text, then "
                "the newest.",
                count=len(chosen),
                all=len(asked),
            )
        )
    for _page in range(len(sitemap.pages) - len(asked)):
        choice.leave()
    reading = _Reading(choice, fetcher, skipped, told, len(chosen))
    with anyio.move_on_after(limits.seconds) as clock:
        async with anyio.create_task_group() as tasks:
            waiting = iter(chosen)
            for _worker in range(limits.at_once):
                tasks.start_soon(reading.work, waiting)
    if clock.cancelled_caught:
        skipped.append(
            say(
                "After {seconds} s {count} of {all} pages were read; the others are not compared.",
                seconds=round(limits.seconds),
                count=reading.done,
                all=len(chosen),
            )
        )
    if not choice.compared and not choice.left:
        raise Invalid(skipped[-1] if skipped else say("No page of the site could be read."))
    return Report(choice.compared, choice.left, tuple(skipped))


async def broken_on_site(
    sitemap: Sitemap, choice: Choice, fetcher: Fetcher, *, limits: SiteLimits = _LIMITS
) -> list[Broken] | None:
    """The text's links to the site that lead nowhere or elsewhere, asked of the site; None where it has none.

    Links to pages that the sitemap lists are taken for whole.
    """
    host = urlsplit(sitemap.origin).netloc.lower()
    links: dict[str, str] = {}
    for link in choice.document.links:
        href = link.href.strip()
        if href.startswith("#") or not href:
            continue
        try:
            address = urljoin(choice.text.url or sitemap.origin + "/", href).partition("#")[0]
            is_own = urlsplit(address).netloc.lower() == host
        except ValueError:
            continue
        if is_own:
            links.setdefault(link.href, address)
    if not links:
        return None
    doubted = [
        (href, address)
        for href, address in links.items()
        if not any(same_address(address, page) for page in sitemap.pages)
    ]
    found: list[Broken] = []
    with anyio.move_on_after(limits.seconds):
        for href, address in doubted[: limits.links]:
            broken = await _broken(href, address, fetcher)
            if broken is not None:
                found.append(broken)
    return found


class _Reading:
    """Workers that fetch pages one after another and take them in."""

    def __init__(
        self, choice: Choice, fetcher: Fetcher, skipped: list[str], told: Told, total: int
    ) -> None:
        self._choice, self._fetcher = choice, fetcher
        self._skipped, self._told, self._total = skipped, told, total
        self._lock = anyio.Lock()
        self._seen: set[str] = set()
        self.done = 0

    async def work(self, waiting: Any) -> None:
        for page in waiting:
            try:
                text = await fetch_text(page, self._fetcher)
            except (FetchError, Invalid) as error:
                self._skipped.append(str(error))
            else:
                async with self._lock:  # the choice knows no two at once
                    await self._take(text)
            self.done += 1
            self._told(self.done, self._total)

    async def _take(self, text: Text) -> None:
        address = unquote(text.url)
        if address in self._seen:
            return  # another address of the sitemap leads here too
        self._seen.add(address)
        if _is_itself(text.url, self._choice.text):
            self._choice.leave()
            return
        await anyio.to_thread.run_sync(self._choice.add, text, text.url)


async def _named(url: str, fetcher: Fetcher) -> list[str]:
    """The sitemaps that a site's robots.txt names, else the usual place."""
    usual = [urljoin(url, "/sitemap.xml")]
    try:
        answer = await fetcher.observe(
            urljoin(url, "/robots.txt"), max_bytes=_ROBOTS_BYTES, robots=False
        )
    except FetchError:
        return usual
    if answer.status != HTTPStatus.OK:
        return usual
    rules = await anyio.to_thread.run_sync(
        Protego.parse, answer.body.decode("utf-8-sig", "replace")
    )
    return [str(each) for each in rules.sitemaps] or usual


async def _listed(
    named: Sequence[str], fetcher: Fetcher, limits: SiteLimits
) -> tuple[list[tuple[str, str]], str]:
    """The pages of sitemaps and of those that these name; and why the first one that failed did.

    Raises:
        FetchRefused, FetchFailed: there are none, and the first was not or could not be fetched.
    """
    waiting, seen = list(named), set[str]()
    found: list[tuple[str, str]] = []
    why = ""
    failed: FetchError | None = None
    ends = time.monotonic() + limits.seconds
    while waiting and len(seen) < limits.sitemaps and time.monotonic() < ends:
        address = waiting.pop(0)
        if address in seen:
            continue
        seen.add(address)
        try:
            facts = await _addresses(await fetcher.observe(address, max_bytes=_SITEMAP_BYTES))
        except FetchError as error:
            failed = failed or error
            continue
        except Unreadable as error:
            why = why or str(error).rstrip(".")
            continue
        if isinstance(facts, str):
            why = why or facts
        elif facts["kind"] == "sitemapindex":
            waiting += facts["places"]
        else:
            found += zip(facts["places"], facts["changed"], strict=True)
    if failed and not found and not why:
        raise failed  # which says itself what to do
    return found, why


async def _addresses(answer: Observed) -> dict[str, Any] | str:
    """What a sitemap lists, or why it lists nothing."""
    name = shown(answer.final_url)
    if answer.status != HTTPStatus.OK:
        return say("{url} answers with status {status}", url=name, status=answer.status)
    if answer.cut:
        return say("{url} is larger than {most} MiB", url=name, most=_SITEMAP_BYTES // 1024 // 1024)
    told = await ask_child(answer.body, kind="addresses", charset=None, url=None, name=name)
    facts: dict[str, Any] = told["facts"]
    return facts if facts["kind"] else say("{url} is no sitemap", url=name)


def _is_below(page: str, path: str) -> bool:
    folder = unquote(path).rstrip("/") + "/"
    return unquote(urlsplit(page).path or "/").startswith(folder) or unquote(
        urlsplit(page).path
    ) == unquote(path)


def _is_itself(page: str, text: Text) -> bool:
    if text.url and same_address(page, text.url):
        return True
    if text.url or not text.slug:
        return False
    last = unquote(urlsplit(page).path).rstrip("/").rpartition("/")[2]
    return text.slug in {last, last.rpartition(".")[0]}


def _nearness(choice: Choice, pages: Sequence[str]) -> dict[str, int]:
    """How many stems of the text's title and keyphrase the last part of each address has.

    Morphemes of ten thousand addresses would take a minute: Korean ones are looked through for the stems as
    they are written, which particles do not change.
    """
    text = choice.text
    mine = set(content_stems(f"{text.title}\n{text.keyphrase}", choice.language))

    def shared(page: str) -> int:
        last = unquote(urlsplit(page).path).rstrip("/").rpartition("/")[2]
        words = re.sub(r"[-_.+]+", " ", last).lower()
        if choice.language == "ko":
            return sum(stem in words for stem in mine)
        return len(mine & set(content_stems(words, "en")))

    return {page: shared(page) for page in pages}


async def _broken(href: str, address: str, fetcher: Fetcher) -> Broken | None:
    """What is wrong with where a link leads; None where nothing is, or nobody can tell."""
    try:
        answer = await fetcher.observe(address, method="HEAD", robots=False)
        if answer.status in _SHUT_FOR_HEAD:
            answer = await fetcher.observe(address, max_bytes=1, robots=False)
    except FetchError:
        return None
    if answer.status == HTTPStatus.NOT_FOUND:
        return Broken(href, "missing")
    if answer.status == HTTPStatus.GONE:
        return Broken(href, "gone")
    if answer.status == HTTPStatus.OK and answer.hops and answer.hops[0] in _LASTING:
        return Broken(href, "moved", _as_written(answer.final_url, href))
    return None


def _as_written(address: str, href: str) -> str:
    # Without the host where the link has none.
    parts = urlsplit(address)
    if urlsplit(href.strip()).netloc:
        return address
    return parts.path + (f"?{parts.query}" if parts.query else "")
