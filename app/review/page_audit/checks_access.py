"""Checks 49-52: can the page be reached, listed and shown, and does it say which address and language it is?"""

import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

from app.language.detect import detect_language
from app.review.page_audit.findings import Fault, PageCheck
from app.review.page_audit.seen import Alternate, PageSeen
from app.sources.page_facts import same_address

_CODE = re.compile(r"x-default|[a-z]{2,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?", re.IGNORECASE)
_LINK = re.compile(r"<([^>]*)>([^,<]*)")
_TEMPORARY = frozenset({302, 303, 307})
_LEAST_TEXT = 40
"""Characters shown; of fewer no language can be told."""


def _status(seen: PageSeen) -> Iterator[Fault]:
    if seen.status != HTTPStatus.OK:
        values = {"status": seen.status}
        yield Fault("bad", "The page answers with status {status}.", values, seen.status)
    elif seen.facts is None:
        values = {"type": seen.content_type or "-"}
        yield Fault("bad", "The page is no HTML but {type}.", values)
    if seen.hops:
        temporary = bool(_TEMPORARY & set(seen.hops))
        message = (
            "The address leads to {url} after {count} redirects, at least one of them temporary."
            if temporary
            else "The address leads to {url} after {count} permanent redirects."
        )
        yield Fault("ok", message, {"url": seen.final_url, "count": len(seen.hops)}, len(seen.hops))
    if seen.late:
        yield Fault("info", "Not everything came in time; what is missing here was not looked at.")


def _indexable(seen: PageSeen) -> Iterator[Fault]:
    if seen.noindex:
        yield Fault("bad", "The page tells search engines not to list it (noindex).")


def _snippet(seen: PageSeen) -> Iterator[Fault]:
    told = {each.replace(" ", "") for each in seen.directives} & {"nosnippet", "max-snippet:0"}
    for each in sorted(told):
        yield Fault(
            "bad", "The page forbids that anything of it is shown ({rule}).", {"rule": each}
        )


def _canonical(seen: PageSeen) -> Iterable[Fault] | None:
    if seen.facts is None:
        return None
    stated = [each.href for each in seen.facts.links if each.rel == "canonical"]
    for place, parameters in _LINK.findall(seen.link_header):
        if re.search(r"rel\s*=\s*\"?canonical\b", parameters):
            stated.append(place)
    return list(_canonical_faults(seen, stated))


def _canonical_faults(seen: PageSeen, stated: list[str]) -> Iterator[Fault]:
    if not stated:
        yield Fault("ok", "The page names no canonical address.")
        return
    if len(set(stated)) > 1:
        values = {"count": len(set(stated))}
        yield Fault("bad", "The page names {count} different canonical addresses.", values)
        return
    if urlsplit(stated[0]).scheme not in {"http", "https"}:
        yield Fault(
            "bad", "The canonical address is not absolute: {url}", {"url": stated[0] or "-"}
        )
    elif not same_address(stated[0], seen.final_url):
        yield Fault("bad", "The canonical address is another page: {url}", {"url": stated[0]})


def _hreflang(seen: PageSeen) -> Iterable[Fault] | None:
    if seen.facts is None or not seen.alternates:
        return None  # a page in one language needs none
    return list(_hreflang_faults(seen))


def _hreflang_faults(seen: PageSeen) -> Iterator[Fault]:
    codes = [each.code.lower() for each in seen.alternates]
    for each in sorted({code for code in codes if not _CODE.fullmatch(code)}):
        yield Fault("bad", "{code} is no language code.", {"code": each})
    for each in sorted({code for code in codes if codes.count(code) > 1}):
        yield Fault("bad", "{code} is named more than once.", {"code": each})
    if not any(same_address(each.url, seen.final_url) for each in seen.alternates):
        yield Fault("bad", "The page does not name itself among its language versions.")
    if "x-default" not in codes:
        yield Fault("ok", "No version is named for readers of other languages (x-default).")
    for each in seen.alternates:
        yield from _answer(each, seen)


def _answer(version: Alternate, seen: PageSeen) -> Iterator[Fault]:
    values = {"code": version.code, "url": version.url}
    if same_address(version.url, seen.final_url):
        return
    if urlsplit(version.url).scheme not in {"http", "https"}:
        yield Fault("bad", "The address of the version {code} is not absolute: {url}", values)
    elif version.seen.status != HTTPStatus.OK:
        what = str(version.seen.status or version.seen.why)
        yield Fault(
            "bad", "The version {code} does not answer ({what}): {url}", {**values, "what": what}
        )
    elif version.code.lower() != "x-default" and not any(
        same_address(place, seen.final_url) for _, place in version.names
    ):
        yield Fault("bad", "The version {code} does not name this page in return: {url}", values)


def _lang(seen: PageSeen) -> Iterable[Fault] | None:
    if seen.facts is None:
        return None
    stated = seen.facts.lang
    if not stated:
        return [Fault("bad", "The page does not say what language it is in.")]
    if not _CODE.fullmatch(stated) or stated.lower() == "x-default":
        return [Fault("bad", "{code} is no language code.", {"code": stated})]
    if len(seen.facts.text) < _LEAST_TEXT:
        return []
    found = detect_language(seen.facts.text)
    primary = stated.lower().partition("-")[0]
    # Only Korean and English are told apart: French would be taken for English.
    if primary != found and (found == "ko" or primary == "ko"):
        values = {"code": stated, "found": found}
        return [Fault("bad", "The page says it is in {code}, but its text is in {found}.", values)]
    return []


CHECKS = (
    PageCheck(
        "page.status",
        "A",
        True,
        "200, 0 redirects",
        "The page answers with status 200, without a redirect.",
        "Search engines list pages that answer with 200, and each redirect costs readers time.",
        "Have the page answer with 200 at the address that links name.",
        _status,
    ),
    PageCheck(
        "page.indexable",
        "A",
        True,
        "0 noindex",
        "The page may be listed.",
        "A page with noindex is in no search result, whatever else is good about it.",
        "Take noindex out of the robots meta element and of the X-Robots-Tag header.",
        _indexable,
    ),
    PageCheck(
        "page.snippet",
        "A",
        True,
        "0 nosnippet",
        "Search results may show some of the text.",
        "Without a snippet a result is a bare title, and answers of AI search leave the page out.",
        "Take nosnippet or max-snippet:0 away.",
        _snippet,
    ),
    PageCheck(
        "page.canonical",
        "A",
        True,
        "1, absolute, itself",
        "The page names itself as its canonical address.",
        "Where a page can be had at several addresses, search engines list the one named here.",
        "Write one <link rel=canonical> with the page's own whole address.",
        _canonical,
    ),
    PageCheck(
        "page.hreflang",
        "A",
        False,
        "itself, returned, x-default",
        "The language versions name each other.",
        "Search engines ignore language versions that do not name each other.",
        "Name every version on every version, itself included, and one as x-default.",
        _hreflang,
    ),
    PageCheck(
        "page.lang",
        "A",
        True,
        "lang = text",
        "The page says what language it is in, and its text is in it.",
        "Screen readers choose the voice by it, browsers whether to offer a translation (WCAG 3.1.1).",
        "Set the lang attribute of <html> to the language of the text, such as ko or en.",
        _lang,
    ),
)
