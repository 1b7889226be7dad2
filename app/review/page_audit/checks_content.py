"""Checks of what the page shows and weighs: title, headings, images, previews, weight (54, 60), links.

The limits of weight are a convention of this project: what a phone on a slow network (1.6 Mbit/s)
takes in one second, and five times that.
"""

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from itertools import pairwise

from app.review.page_audit.findings import Fault, PageCheck
from app.review.page_audit.seen import FileSeen, PageSeen
from app.sources.page_facts import same_address

_GOOD_KB = 200
_BAD_KB = 1000
_CARDS = frozenset({"summary", "summary_large_image", "app", "player"})
_DEAD = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_SHUT = frozenset({401, 403, 405, 406, 429, 451, 999})
"""Answers with which sites turn programs away: whether a reader gets in is not known."""


def _title(seen: PageSeen) -> Iterable[Fault] | None:
    if seen.facts is None:
        return None
    titles = seen.facts.titles
    if not any(titles):
        return [Fault("bad", "The page has no title.")]
    if len(titles) > 1:
        return [Fault("ok", "The page has {count} titles.", {"count": len(titles)}, len(titles))]
    return []


def _description(seen: PageSeen) -> Iterable[Fault] | None:
    if seen.facts is None:
        return None
    found = seen.facts.meta("description")
    if not any(found):
        return [Fault("ok", "The page has no meta description.")]
    if len(found) > 1:
        values = {"count": len(found)}
        return [Fault("ok", "The page has {count} meta descriptions.", values, len(found))]
    return []


def _headings(seen: PageSeen) -> Iterable[Fault] | None:
    if seen.facts is None:
        return None
    return list(_heading_faults(seen.facts.headings))


def _heading_faults(headings: Iterable[object]) -> Iterator[Fault]:
    levels = [(getattr(each, "level", 0), getattr(each, "text", "")) for each in headings]
    tops = sum(level == 1 for level, _ in levels)
    if tops != 1:
        yield Fault(
            "ok", "The page has {count} headings of the first level.", {"count": tops}, tops
        )
    for (before, _), (level, text) in pairwise(levels):
        if level > before + 1:
            values = {"text": text[:80], "level": level, "before": before}
            message = "The heading “{text}” is of level {level}, right after one of level {before}."
            yield Fault("ok", message, values, level)
            return


def _alt(seen: PageSeen) -> Iterable[Fault] | None:
    if seen.facts is None or not seen.facts.images:
        return None
    missing = [each.src for each in seen.facts.images if each.alt is None]
    if not missing:
        return []
    values = {"count": len(missing), "url": missing[0] or "-"}
    message = "{count} images have no alternative text, the first of them {url}"
    return [Fault("bad", message, values, len(missing))]


def _opengraph(seen: PageSeen) -> Iterable[Fault] | None:
    if seen.facts is None:
        return None
    wanted = ["og:title", "og:type", "og:url"]
    if seen.facts.images:
        wanted.append("og:image")
    missing = [name for name in wanted if not any(seen.facts.meta(name))]
    faults: list[Fault] = []
    if missing:
        values = {"names": ", ".join(missing)}
        faults.append(Fault("ok", "Missing: {names}.", values, len(missing)))
    stated = "".join(seen.facts.meta("og:url")[:1])
    canonical = [each.address for each in seen.facts.links if each.rel == "canonical"]
    if stated and not same_address(stated, (canonical or [seen.final_url])[0]):
        faults.append(Fault("ok", "og:url is another address: {url}", {"url": stated}))
    return faults


def _twitter(seen: PageSeen) -> Iterable[Fault] | None:
    if seen.facts is None:
        return None
    card = "".join(seen.facts.meta("twitter:card")[:1])
    if not card:
        return [Fault("ok", "Missing: {names}.", {"names": "twitter:card"})]
    if card not in _CARDS:
        return [Fault("ok", "twitter:card is {value}, which is no kind of card.", {"value": card})]
    return []


def _weight(seen: PageSeen) -> Iterable[Fault] | None:
    if seen.facts is None:
        return None
    size = round((seen.html_bytes + seen.css_bytes) / 1000)
    if size <= _GOOD_KB:
        return []
    level = "bad" if size > _BAD_KB else "ok"
    return [Fault(level, "HTML and style sheets weigh {size} kB.", {"size": size}, size)]


def _blocking(seen: PageSeen) -> Iterable[Fault] | None:
    if seen.facts is None:
        return None
    count = len(seen.facts.blocking)
    if not count:
        return []
    message = "{count} scripts in the head hold up the page, the first of them {url}"
    values = {"count": count, "url": seen.facts.blocking[0] or "<script>"}
    return [Fault("ok", message, values, count)]


def _lcp(seen: PageSeen) -> Iterable[Fault] | None:
    if seen.facts is None or not seen.facts.images:
        return None
    first = seen.facts.images[0]
    if first.lazy:
        return [
            Fault("ok", "The first image is loaded late (loading=lazy): {url}", {"url": first.src})
        ]
    if not first.high:
        message = "The first image does not ask to be fetched first: {url}"
        return [Fault("info", message, {"url": first.src})]
    return []


def _links(seen: PageSeen) -> Iterable[Fault] | None:
    if seen.links is None:
        return None
    faults = [fault for link in seen.links for fault in _link(link)]
    if seen.links_left:
        values = {"count": seen.links_left}
        faults.append(Fault("info", "{count} more links were not asked for.", values))
    return faults


def _link(link: FileSeen) -> Iterator[Fault]:
    values = {"url": link.url, "what": str(link.status or link.why)}
    # Where nothing answers, the fault may be the way there: only the site's own word makes it dead.
    if link.status in _DEAD:
        yield Fault("bad", "A link leads nowhere ({what}): {url}", values)
    elif link.status in _SHUT or link.why in {"left", "inner_address", "inner_name", "port"}:
        yield Fault("info", "Whether a link works could not be seen ({what}): {url}", values)
    elif link.status is None or link.status >= HTTPStatus.BAD_REQUEST:
        yield Fault("ok", "A link did not work when it was tried ({what}): {url}", values)


CHECKS = (
    PageCheck(
        "page.title",
        "A",
        False,
        "1",
        "The page has one title.",
        "The title is what searchers click, and what browsers and bookmarks call the page.",
        "Write one <title> in the head.",
        _title,
    ),
    PageCheck(
        "page.description",
        "C",
        False,
        "1",
        "The page has one meta description.",
        "Search results may show it under the title; without one they pick something themselves.",
        "Write one <meta name=description>.",
        _description,
    ),
    PageCheck(
        "page.headings",
        "A",
        False,
        "1 h1, no level skipped",
        "The page has one first heading, and no level is skipped.",
        "Screen readers move by headings; a level that is missing looks like a lost part (WCAG G141).",
        "Give the page one h1 and let levels go down by one at a time.",
        _headings,
    ),
    PageCheck(
        "page.alt",
        "A",
        False,
        "0 without alt",
        "Every image has an alternative text, or says that it is decoration.",
        "Who does not see an image hears its alternative text, and image search reads it (WCAG 1.1.1).",
        'Write alt with what the image tells; leave it empty, alt="", on decoration.',
        _alt,
    ),
    PageCheck(
        "page.opengraph",
        "C",
        False,
        "og:title, og:type, og:url, og:image",
        "The Open Graph data is there.",
        "KakaoTalk, Slack and social networks build the preview of a shared link from it.",
        'Add the missing <meta property="og:…">, with the canonical address as og:url.',
        _opengraph,
    ),
    PageCheck(
        "page.twitter",
        "C",
        False,
        "twitter:card",
        "The kind of card is stated.",
        "X shows a shared link as a card only where the page says which kind.",
        'Add <meta name="twitter:card" content="summary">, or summary_large_image.',
        _twitter,
    ),
    PageCheck(
        "page.weight",
        "C",
        False,
        f"{_GOOD_KB} kB, {_BAD_KB} kB",
        "HTML and style sheets are light.",
        "Nothing is shown before both have come; 200 kB take a slow phone (1.6 Mbit/s) one second.",
        "Take out what the page does not use; leave data and scripts out of the HTML.",
        _weight,
    ),
    PageCheck(
        "page.blocking",
        "A",
        False,
        "0",
        "No script holds up the page.",
        "A browser shows nothing while it waits for such a script (Lighthouse, render-blocking).",
        "Add defer or async to the script, or move it to the end of the page.",
        _blocking,
    ),
    PageCheck(
        "page.lcp",
        "A",
        False,
        "not lazy",
        "The first image asks to be fetched first.",
        "The first image is often the largest thing on the screen, by which loading is measured (LCP).",
        "Take loading=lazy off the first image and give it fetchpriority=high.",
        _lcp,
    ),
    PageCheck(
        "page.links",
        "A",
        False,
        "0 dead",
        "Every link that was tried leads somewhere.",
        "A dead link leaves readers and crawlers at an error, and a claim without its source.",
        "Mend the address, or take the link out.",
        _links,
    ),
)
