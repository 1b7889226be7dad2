"""Checks 55-58: the files beside the page: sitemap, feed, robots.txt, llms.txt and the Markdown twin.

Nothing is said of llms.txt as visibility: Google says it neither helps nor harms.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from http import HTTPStatus

from app.review.page_audit.findings import Fault, PageCheck
from app.review.page_audit.seen import FEED_TYPES, FileSeen, PageSeen, types_of
from app.review.page_audit.vocabulary import is_a

SEARCH_BOTS = (
    "Googlebot",
    "Bingbot",
    "Yeti",
    "Daum",
    "OAI-SearchBot",
    "Claude-SearchBot",
    "PerplexityBot",
    "Applebot",
)
"""What brings readers: search engines (Yeti is Naver's), and answers that name their sources."""
TRAINING_BOTS = ("GPTBot", "ClaudeBot", "Google-Extended", "Applebot-Extended", "CCBot")
"""What gathers text to train models with. Letting them in is the owner's decision and nobody's fault."""

_FIELDS = re.compile(
    r"(?:user-agent|allow|disallow|sitemap|crawl-delay|host|clean-param)\s*:", re.IGNORECASE
)
_SHOWN = 3


def _sitemap(seen: PageSeen) -> Iterable[Fault] | None:
    if seen.sitemap is None or seen.noindex:
        return None  # what is not to be listed belongs into none
    values = {"url": seen.sitemap.url, "what": _what(seen.sitemap)}
    facts = seen.sitemap_facts
    if seen.sitemap.status != HTTPStatus.OK:
        return [Fault("ok", "There is no sitemap ({what}): {url}", values)]
    if facts is None or not facts.kind or facts.problems:
        problems = "; ".join(facts.problems[:_SHOWN]) if facts else seen.sitemap.why
        return [Fault("bad", "The sitemap is faulty: {problems}", {"problems": problems or "-"})]
    if not facts.holds:
        return [Fault("ok", "The sitemap does not hold this page: {url}", values)]
    return list(_lastmod(seen, facts.lastmod))


def _lastmod(seen: PageSeen, lastmod: str) -> Iterable[Fault]:
    day = lastmod[:10]
    try:
        stated = datetime.fromisoformat(day).date() if day else None
    except ValueError:
        return  # a year or a month alone
    if stated is None:
        return
    if stated > (seen.now + timedelta(days=1)).date():
        yield Fault("bad", "By the sitemap the page was changed in the future: {day}", {"day": day})
        return
    for node in seen.data:
        changed = str(node.get("dateModified") or node.get("datePublished") or "")[:10]
        if any(is_a(kind, "Article") for kind in types_of(node)) and _days(changed, day) > 1:
            values = {"day": day, "other": changed}
            yield Fault("ok", "The sitemap says changed on {day}, the page's data {other}.", values)


def _days(one: str, other: str) -> int:
    try:
        return abs((datetime.fromisoformat(one) - datetime.fromisoformat(other)).days)
    except ValueError:
        return 0


def _feed(seen: PageSeen) -> Iterable[Fault] | None:
    if seen.facts is None:
        return None
    if not any(e.rel == "alternate" and e.type in FEED_TYPES for e in seen.facts.links):
        return [Fault("info", "The page names no feed.")]
    if seen.feed is None:
        return None
    facts = seen.feed_facts
    if seen.feed.status != HTTPStatus.OK:
        values = {"url": seen.feed.url, "what": _what(seen.feed)}
        return [Fault("bad", "The feed does not answer ({what}): {url}", values)]
    if facts is None or not facts.kind or facts.problems:
        problems = "; ".join(facts.problems[:_SHOWN]) if facts else seen.feed.why
        return [Fault("bad", "The feed is faulty: {problems}", {"problems": problems or "-"})]
    return []


def _robots(seen: PageSeen) -> Iterable[Fault] | None:
    if seen.robots is None:
        return None
    if seen.robots.status is None or seen.robots.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        values = {"what": _what(seen.robots)}
        return [
            Fault("bad", "robots.txt cannot be read ({what}); crawlers then stay away.", values)
        ]
    if seen.robots.status != HTTPStatus.OK or seen.rules is None:
        return []  # RFC 9309, 2.3.1.3: no rules, all may be read
    faults: list[Fault] = []
    lines = (line.partition("#")[0].strip() for line in seen.robots.text.splitlines())
    odd = [line for line in lines if line and not _FIELDS.match(line)]
    if odd:
        values = {"count": len(odd), "line": odd[0][:80]}
        message = "{count} lines of robots.txt are no rules, the first of them: {line}"
        faults.append(Fault("ok", message, values, len(odd)))
    rules = seen.rules
    shut = [bot for bot in SEARCH_BOTS if not rules.can_fetch(seen.final_url, bot)]
    if shut:
        values = {"names": ", ".join(shut)}
        message = "robots.txt keeps search engines from this page: {names}"
        faults.append(Fault("bad", message, values, len(shut)))
    return faults


def _training(seen: PageSeen) -> Iterable[Fault] | None:
    if seen.robots is None or seen.rules is None:
        return None
    rules = seen.rules
    shut = [bot for bot in TRAINING_BOTS if not rules.can_fetch(seen.final_url, bot)]
    if not shut:
        return []
    values = {"names": ", ".join(shut)}
    return [Fault("info", "robots.txt keeps out, of those that train models: {names}", values)]


def _llms(seen: PageSeen) -> Iterable[Fault] | None:
    if seen.llms is None or seen.llms.status != HTTPStatus.OK:
        return None
    if "html" in seen.llms.content_type:
        return None  # a site that answers every address with a page
    first = next((line for line in seen.llms.text.splitlines() if line.strip()), "")
    if not first.startswith("# "):
        return [Fault("info", "llms.txt does not begin with a heading (# Name).")]
    return []


def _twin(seen: PageSeen) -> Iterable[Fault] | None:
    if seen.twin is None:
        return None
    values = {"url": seen.twin.url, "what": _what(seen.twin)}
    if seen.twin.status != HTTPStatus.OK:
        return [Fault("ok", "The Markdown version does not answer ({what}): {url}", values)]
    if "html" in seen.twin.content_type:
        return [Fault("ok", "The Markdown version is HTML: {url}", values)]
    return []


def _what(file: FileSeen) -> str:
    return str(file.status or file.why or "-")


CHECKS = (
    PageCheck(
        "page.sitemap",
        "A",
        False,
        "valid, holds the page",
        "The sitemap is valid and holds this page.",
        "Search engines find new and changed pages by the sitemap, and trust its dates if they are true.",
        "List the page's canonical address with its true lastmod, by sitemaps.org 0.9.",
        _sitemap,
    ),
    PageCheck(
        "page.feed",
        "A",
        False,
        "valid",
        "The feed is valid.",
        "Feed readers, and Naver's search advisor, take new articles from it.",
        "Give the feed what its format requires (RFC 4287 or RSS 2.0), well-formed.",
        _feed,
    ),
    PageCheck(
        "page.robots",
        "A",
        True,
        "search bots allowed",
        "robots.txt lets search engines read this page.",
        "A page that a search engine may not read is listed without its text or not at all.",
        "Allow the page in robots.txt for the crawlers named, and take out what is no rule.",
        _robots,
    ),
    PageCheck(
        "page.training_bots",
        "A",
        False,
        "-",
        "robots.txt keeps out nobody who trains models.",
        "Whether models may be trained on the text is the owner's decision; search does not go by it.",
        "Nothing has to be done.",
        _training,
    ),
    PageCheck(
        "page.llms",
        "C",
        False,
        "-",
        "llms.txt begins as its proposal says.",
        "Some programs read it. Google says that it neither helps nor harms, so it is not scored.",
        "Nothing has to be done.",
        _llms,
    ),
    PageCheck(
        "page.twin",
        "C",
        False,
        "-",
        "The Markdown version answers.",
        "Programs that read for people can take the text without the page around it.",
        "Have the address named by <link rel=alternate type=text/markdown> answer with Markdown.",
        _twin,
    ),
)
