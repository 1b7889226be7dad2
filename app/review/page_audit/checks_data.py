"""Check 53: is the structured data JSON, in schema.org's words, and what the page shows?

Google requires no property of an article; what it recommends is told. `BreadcrumbList` needs two
places with position, name and address, the last one's address excepted.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from app.review.page_audit.findings import Fault, PageCheck
from app.review.page_audit.seen import PageSeen, types_of
from app.review.page_audit.vocabulary import is_a, is_known, properties_of
from app.sources.page_facts import same_address

_RECOMMENDED = ("headline", "author", "datePublished", "dateModified")
_ADDRESSES = frozenset({"url", "sameAs", "item", "contentUrl", "thumbnailUrl"})
_LEAST_PLACES = 2
_DEPTH = 12


def _parses(seen: PageSeen) -> Iterable[Fault] | None:
    if seen.facts is None:
        return None
    if not seen.facts.json_ld:
        return [Fault("ok", "The page has no structured data.")]
    faults: list[Fault] = []
    for text in seen.facts.json_ld:
        try:
            json.loads(text)
        except (ValueError, RecursionError) as error:
            why = str(error).partition(":")[0][:100]
            faults.append(
                Fault("bad", "A piece of structured data is no JSON: {why}", {"why": why})
            )
    return faults


def _vocabulary(seen: PageSeen) -> Iterable[Fault] | None:
    if not seen.data:
        return None
    faults: list[Fault] = []
    for node in seen.data:
        faults.extend(_words(node, 0))
    return faults[:20]


def _words(node: Mapping[str, Any], depth: int) -> Iterator[Fault]:
    kinds = types_of(node)
    if depth == 0 and "schema.org" not in str(node.get("@context", "schema.org")):
        yield Fault("bad", "The context is not schema.org but {value}.", _of(node["@context"]))
        return
    known = all(map(is_known, kinds))
    allowed = frozenset[str]().union(*map(properties_of, kinds))
    for name, value in node.items():
        if name.startswith("@"):
            continue
        if kinds and known and name not in allowed:
            values = {"type": kinds[0], "name": name[:80]}
            yield Fault("bad", "{type} has no property {name}.", values)
        for each in cast("list[Any]", value) if isinstance(value, list) else [value]:
            yield from _value(name, each, depth)


def _value(name: str, value: Any, depth: int) -> Iterator[Fault]:
    if isinstance(value, dict) and depth < _DEPTH:
        yield from _words(cast("dict[str, Any]", value), depth + 1)
    elif name in _ADDRESSES and isinstance(value, str):
        if urlsplit(value).scheme not in {"http", "https"}:
            yield Fault("bad", "{name} is no whole address: {value}", {"name": name, **_of(value)})
    elif name in {"datePublished", "dateModified"} and _moment(value) is None:
        yield Fault("bad", "{name} is no date by ISO 8601: {value}", {"name": name, **_of(value)})


def _of(value: Any) -> dict[str, str]:
    return {"value": str(value)[:100]}


def _article(seen: PageSeen) -> Mapping[str, Any] | None:
    return next((n for n in seen.data if any(is_a(t, "Article") for t in types_of(n))), None)


def _recommended(seen: PageSeen) -> Iterable[Fault] | None:
    article = _article(seen)
    if article is None or seen.facts is None:
        return None
    wanted = [*_RECOMMENDED, *(["image"] if seen.facts.images else [])]
    missing = [name for name in wanted if not article.get(name)]
    if not missing:
        return []
    values = {"names": ", ".join(missing)}
    return [Fault("ok", "The article's data lacks: {names}.", values, len(missing))]


def _visible(seen: PageSeen) -> Iterable[Fault] | None:
    article = _article(seen)
    if article is None or seen.facts is None:
        return None
    return list(_invisible(seen, article))


def _invisible(seen: PageSeen, article: Mapping[str, Any]) -> Iterator[Fault]:
    facts = seen.facts
    if facts is None:
        return
    headline = article.get("headline")
    shown = {_flat(each.text) for each in facts.headings if each.level == 1}
    if isinstance(headline, str) and _flat(headline) not in shown:
        yield Fault("bad", "No first heading of the page is the headline “{value}”.", _of(headline))
    text = _flat(facts.text)
    for name in _names(article.get("author")):
        if _flat(name) not in text:
            yield Fault("bad", "The page does not show the author {value}.", _of(name))
    days = {each[:10] for each in facts.times}
    published = article.get("datePublished")
    if isinstance(published, str) and _moment(published) and published[:10] not in days:
        yield Fault("bad", "The page shows no <time> with the date {value}.", _of(published[:10]))
    places = [*(each.src for each in facts.images), *facts.meta("og:image")]
    for image in _places(article.get("image")):
        if not any(same_address(image, place) for place in places):
            yield Fault("bad", "The page does not show the image {value}", _of(image))


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().casefold()


def _names(value: Any) -> Iterator[str]:
    for each in cast("list[Any]", value) if isinstance(value, list) else [value]:
        name = cast("dict[str, Any]", each).get("name") if isinstance(each, dict) else each
        if isinstance(name, str) and name:
            yield name


def _places(value: Any) -> Iterator[str]:
    for each in cast("list[Any]", value) if isinstance(value, list) else [value]:
        place = cast("dict[str, Any]", each).get("url") if isinstance(each, dict) else each
        if isinstance(place, str) and place:
            yield place


def _dates(seen: PageSeen) -> Iterable[Fault] | None:
    article = _article(seen)
    if article is None:
        return None
    first, last = (_moment(article.get(name)) for name in ("datePublished", "dateModified"))
    if first is None and last is None:
        return None
    faults: list[Fault] = []
    for name, moment in (("datePublished", first), ("dateModified", last)):
        # A day's grace: a date without a zone may be tomorrow's somewhere.
        if moment is not None and moment > seen.now + timedelta(days=1):
            values = {"name": name, **_of(moment.date())}
            faults.append(Fault("bad", "{name} lies in the future: {value}", values))
    if first is not None and last is not None and last < first:
        values = {"first": str(first.date()), "last": str(last.date())}
        faults.append(
            Fault("bad", "Changed on {last}, before it was published on {first}.", values)
        )
    return faults


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.astimezone()


def _breadcrumb(seen: PageSeen) -> Iterable[Fault] | None:
    if seen.facts is None:
        return None
    lists = [node for node in seen.data if "BreadcrumbList" in types_of(node)]
    if not lists:
        return [Fault("info", "The page's data does not say where on the site it stands.")]
    return [fault for node in lists for fault in _crumbs(node)]


def _crumbs(node: Mapping[str, Any]) -> Iterator[Fault]:
    items = node.get("itemListElement")
    found = cast("list[Any]", items) if isinstance(items, list) else [items] if items else []
    if len(found) < _LEAST_PLACES:
        values = {"count": len(found)}
        yield Fault("bad", "The path of the page has {count} places.", values, len(found))
        return
    for position, item in enumerate(found, start=1):
        place = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
        values = {"position": position}
        if str(place.get("position")) != str(position):
            yield Fault("bad", "The place {position} of the path has another position.", values)
        target = place.get("item")
        inner = cast("dict[str, Any]", target) if isinstance(target, dict) else {}
        if not (place.get("name") or inner.get("name")):
            yield Fault("bad", "The place {position} of the path has no name.", values)
        if position < len(found) and not target:
            yield Fault("bad", "The place {position} of the path has no address.", values)


CHECKS = (
    PageCheck(
        "page.jsonld",
        "A",
        False,
        "JSON",
        "The structured data is well-formed.",
        "Search engines read who wrote what and when from it; what does not parse is not read at all.",
        "Add JSON-LD of type BlogPosting, or mend the JSON where it breaks.",
        _parses,
    ),
    PageCheck(
        "page.vocabulary",
        "A",
        False,
        "schema.org 30.0",
        "The structured data uses schema.org's words as they are meant.",
        "A property that schema.org does not have, or a value of another kind, is passed over.",
        "Look the property up at schema.org; write dates by ISO 8601 and addresses with https://.",
        _vocabulary,
    ),
    PageCheck(
        "page.article_data",
        "A",
        False,
        "headline, author, dates, image",
        "The article's data has what Google recommends.",
        "Google recommends headline, author, dates and, where there is one, the image of an article.",
        "Add what is missing to the article's data; only what the page shows.",
        _recommended,
    ),
    PageCheck(
        "page.visible",
        "A",
        True,
        "data = page",
        "What the structured data says stands on the page.",
        "Google's policies forbid structured data about what readers do not see.",
        "Make the data say what the page shows, or show it.",
        _visible,
    ),
    PageCheck(
        "page.dates",
        "A",
        True,
        "published ≤ changed ≤ today",
        "The dates can be true.",
        "Dates that cannot be true cost a page its trust; Google asks for true ones.",
        "Write when the article was really published and last changed.",
        _dates,
    ),
    PageCheck(
        "page.breadcrumb",
        "A",
        False,
        "2 places or more",
        "The data says where on the site the page stands.",
        "Search results show this path instead of the address.",
        "Add a BreadcrumbList: at least two places, numbered from 1, each with name and address.",
        _breadcrumb,
    ),
)
