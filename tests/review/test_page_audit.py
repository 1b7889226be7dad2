"""The audit against pages with one fault each: it is found, and nothing else is."""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from app.infra.http.errors import FetchFailed, FetchRefused
from app.infra.http.fetch import Fetcher, FetchLimits
from app.kit.errors import Invalid
from app.review.page_audit.auditing import Audit, audit_page
from app.review.page_audit.looking import AuditLimits
from app.review.page_audit.reporting import audit_to_sarif, describe_audit
from tests.infra.http.hostile import Answer, Hostile, hostile_server

NOW = datetime(2026, 3, 10, tzinfo=UTC)
TEXT = "A load balancer spreads requests over servers and checks each of them every ten seconds."


@dataclass(frozen=True)
class Site:
    """A page without a fault, with the files beside it; tests change one part."""

    base: str
    status: str = "200 OK"
    headers: dict[str, str] = field(default_factory=dict)
    lang: str = "en"
    head: str = ""
    canonical: str | None = None
    hreflang: tuple[tuple[str, str], ...] = (("en", "/page"), ("ko", "/ko"), ("x-default", "/page"))
    title: str = "<title>Balancing</title>"
    description: str = '<meta name="description" content="What a balancer does.">'
    social: str = (
        '<meta name="twitter:card" content="summary"><meta property="og:type" content="article">'
    )
    og_title: str = '<meta property="og:title" content="Balancing">'
    body: str = (
        f"<h1>Balancing</h1><p>By Kim Jiwoo <time datetime='2026-03-04'>4 March</time></p><p>{TEXT}</p>"
        '<img src="/a.png" alt="A drawing" fetchpriority="high"><h2>More</h2>'
    )
    posting: dict[str, Any] = field(default_factory=dict)
    crumbs: list[dict[str, Any]] | None = None
    data: str | None = None
    robots: str = "User-agent: *\nDisallow: /api/\n"
    lastmod: str = "2026-03-05"
    sitemap: str | None = None
    feed: str | None = None
    twin: str = "text/markdown"
    css: str = "body{color:black}"

    def page(self) -> str:
        alternates = "".join(
            f'<link rel="alternate" hreflang="{code}" href="{self.whole(path)}">'
            for code, path in self.hreflang
        )
        canonical = f"{self.base}/page" if self.canonical is None else self.canonical
        return (
            f'<!doctype html><html lang="{self.lang}"><head><meta charset="utf-8">{self.title}'
            f"{self.description}{self.social}{self.og_title}"
            f'<meta property="og:url" content="{self.base}/page">'
            f'<meta property="og:image" content="{self.base}/a.png">'
            f'<link rel="canonical" href="{canonical}">{alternates}'
            '<link rel="stylesheet" href="/site.css">'
            '<link rel="alternate" type="application/atom+xml" href="/feed.xml">'
            '<link rel="alternate" type="text/markdown" href="/page.md">'
            f"{self.data if self.data is not None else self.json_ld()}{self.head}</head>"
            f"<body>{self.body}</body></html>"
        )

    def whole(self, path: str) -> str:
        return self.base + path if path.startswith("/") else path

    def json_ld(self) -> str:
        posting = {
            "@type": "BlogPosting",
            "headline": "Balancing",
            "author": {"@type": "Person", "name": "Kim Jiwoo"},
            "datePublished": "2026-03-04T09:00:00+09:00",
            "dateModified": "2026-03-05T09:00:00+09:00",
            "image": f"{self.base}/a.png",
            **self.posting,
        }
        crumbs = self.crumbs or [
            {"@type": "ListItem", "position": 1, "name": "Blog", "item": f"{self.base}/"},
            {"@type": "ListItem", "position": 2, "name": "Balancing"},
        ]
        graph = [posting, {"@type": "BreadcrumbList", "itemListElement": crumbs}]
        told = json.dumps({"@context": "https://schema.org", "@graph": graph})
        return f'<script type="application/ld+json">{told}</script>'

    def ko(self) -> str:
        back = f'<link rel="alternate" hreflang="en" href="{self.base}/page">'
        return f'<html lang="ko"><head>{back}</head><body>부하 분산</body></html>'

    def sitemap_xml(self) -> str:
        return self.sitemap or (
            '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
            f"<url><loc>{self.base}/page</loc><lastmod>{self.lastmod}</lastmod></url></urlset>"
        )

    def feed_xml(self) -> str:
        return self.feed or (
            '<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:x</id><title>Blog</title>'
            "<updated>2026-03-05T00:00:00Z</updated><author><name>Kim</name></author></feed>"
        )


@pytest.fixture
def server() -> Iterator[Hostile]:
    with hostile_server() as running:
        yield running


def serve(server: Hostile, site: Site) -> None:
    def give(text: str, kind: str, status: str = "200 OK", **headers: str):
        def answer(to: Answer) -> None:
            to.send(text.encode(), status, Content_Type=kind, **headers)

        return answer

    server.robots = give(site.robots, "text/plain")
    server.pages.update(
        {
            "/page": give(site.page(), "text/html; charset=utf-8", site.status, **site.headers),
            "/ko": give(site.ko(), "text/html; charset=utf-8"),
            "/sitemap.xml": give(site.sitemap_xml(), "application/xml"),
            "/feed.xml": give(site.feed_xml(), "application/atom+xml"),
            "/page.md": give("# Balancing", site.twin),
            "/site.css": give(site.css, "text/css"),
            "/there": give("here", "text/html"),
        }
    )


async def audited(server: Hostile, site: Site, path: str = "/page", **more: Any) -> Audit:
    serve(server, site)
    fetcher = Fetcher(FetchLimits(seconds=20), allow=frozenset({server.place}))
    return await audit_page(server.url(path), fetcher, now=NOW, **more)


def wanting(audit: Audit) -> list[tuple[str, str]]:
    """What is not good, each check once."""
    found = [(each.check.id, each.level) for each in audit.findings if each.level != "good"]
    return list(dict.fromkeys(found))


async def test_a_page_without_a_fault_passes_every_check_that_applies(server: Hostile) -> None:
    audit = await audited(server, Site(server.url("")))

    assert wanting(audit) == []
    assert len(audit.findings) >= 25
    assert audit.passed


def crumb(position: int, **more: str) -> dict[str, Any]:
    return {"@type": "ListItem", "position": position, **more}


ONE_FAULT: dict[str, tuple[dict[str, Any], str, str]] = {
    "noindex in the head": (
        {"head": '<meta name="robots" content="noindex">', "sitemap": "<x/>"},
        "page.indexable",
        "bad",
    ),
    "noindex in a header": (
        {"headers": {"X_Robots_Tag": "googlebot: noindex"}},
        "page.indexable",
        "bad",
    ),
    "none in a header": ({"headers": {"X_Robots_Tag": "none"}}, "page.indexable", "bad"),
    "no snippet": ({"head": '<meta name="robots" content="nosnippet">'}, "page.snippet", "bad"),
    "no snippet by length": (
        {"headers": {"X_Robots_Tag": "max-snippet: 0"}},
        "page.snippet",
        "bad",
    ),
    "a relative canonical": ({"canonical": "/page"}, "page.canonical", "bad"),
    "two canonicals": (
        {"head": '<link rel="canonical" href="https://other.example/">'},
        "page.canonical",
        "bad",
    ),
    "versions without itself": (
        {"hreflang": (("ko", "/ko"), ("x-default", "/ko"))},
        "page.hreflang",
        "bad",
    ),
    "no x-default": ({"hreflang": (("en", "/page"), ("ko", "/ko"))}, "page.hreflang", "ok"),
    "a version that is away": (
        {"hreflang": (("en", "/page"), ("ko", "/nowhere"), ("x-default", "/page"))},
        "page.hreflang",
        "bad",
    ),
    "a version that does not answer in kind": (
        {"hreflang": (("en", "/page"), ("ko", "/there"), ("x-default", "/page"))},
        "page.hreflang",
        "bad",
    ),
    "a code that is none": (
        {"hreflang": (("en", "/page"), ("en_US", "/ko"), ("x-default", "/page"))},
        "page.hreflang",
        "bad",
    ),
    "no lang": ({"lang": ""}, "page.lang", "bad"),
    "another lang": ({"lang": "ko"}, "page.lang", "bad"),
    "no title": ({"title": ""}, "page.title", "bad"),
    "two titles": ({"title": "<title>A</title><title>B</title>"}, "page.title", "ok"),
    "no description": ({"description": ""}, "page.description", "ok"),
    "two first headings": ({"body": Site("").body + "<h1>Again</h1>"}, "page.headings", "ok"),
    "a skipped level": ({"body": Site("").body + "<h4>Deep</h4>"}, "page.headings", "ok"),
    "no alt": ({"body": Site("").body + '<img src="/b.png">'}, "page.alt", "bad"),
    "no og:title": ({"og_title": ""}, "page.opengraph", "ok"),
    "a card of no kind": (
        {"social": Site("").social.replace("summary", "big")},
        "page.twitter",
        "ok",
    ),
    "a heavy page": ({"css": "a{}" * 100_000}, "page.weight", "ok"),
    "a very heavy page": ({"css": "a{}" * 400_000}, "page.weight", "bad"),
    "a blocking script": ({"head": '<script src="/a.js"></script>'}, "page.blocking", "ok"),
    "a lazy first image": (
        {"body": Site("").body.replace("fetchpriority", 'loading="lazy" fetchpriority')},
        "page.lcp",
        "ok",
    ),
    "broken JSON": (
        {"head": '<script type="application/ld+json">{"a": }</script>'},
        "page.jsonld",
        "bad",
    ),
    "a property that is none": ({"posting": {"headlines": "A"}}, "page.vocabulary", "bad"),
    "a relative address": ({"posting": {"url": "/page"}}, "page.vocabulary", "bad"),
    "a headline that is not shown": ({"posting": {"headline": "Other"}}, "page.visible", "bad"),
    "an author who is not shown": (
        {"posting": {"author": {"@type": "Person", "name": "Nobody"}}},
        "page.visible",
        "bad",
    ),
    "an image that is not shown": (
        {"posting": {"image": "https://x.example/i.png"}},
        "page.visible",
        "bad",
    ),
    "a date that is not shown": (
        {"posting": {"datePublished": "2026-03-03"}},
        "page.visible",
        "bad",
    ),
    "no author": ({"posting": {"author": None}}, "page.article_data", "ok"),
    "changed before published": (
        {"posting": {"dateModified": "2026-03-01"}, "lastmod": "2026-03-01"},
        "page.dates",
        "bad",
    ),
    "one place on the path": ({"crumbs": [crumb(1, name="Blog")]}, "page.breadcrumb", "bad"),
    "a place without an address": (
        {"crumbs": [crumb(1, name="Blog"), crumb(2, name="Balancing")]},
        "page.breadcrumb",
        "bad",
    ),
    "places numbered wrongly": (
        {"crumbs": [crumb(2, name="Blog", item="https://a.example/"), crumb(2, name="B")]},
        "page.breadcrumb",
        "bad",
    ),
    "a sitemap that is no XML": ({"sitemap": "<urlset>"}, "page.sitemap", "bad"),
    "a sitemap of another kind": ({"sitemap": "<urlset/>"}, "page.sitemap", "bad"),
    "a day that does not exist": ({"lastmod": "2026-02-30"}, "page.sitemap", "bad"),
    "a day in the future": ({"lastmod": "2027-01-01"}, "page.sitemap", "bad"),
    "another day than the page's": ({"lastmod": "2025-01-01"}, "page.sitemap", "ok"),
    "a sitemap without the page": (
        {
            "sitemap": '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
            "<url><loc>https://a.example/</loc></url></urlset>"
        },
        "page.sitemap",
        "ok",
    ),
    "a feed that is no XML": ({"feed": "<feed"}, "page.feed", "bad"),
    "a feed without its parts": (
        {"feed": '<feed xmlns="http://www.w3.org/2005/Atom"/>'},
        "page.feed",
        "bad",
    ),
    "an RSS feed without a link": (
        {"feed": "<rss><channel><title>A</title><description>B</description></channel></rss>"},
        "page.feed",
        "bad",
    ),
    "a search engine kept out": (
        {"robots": "User-agent: Yeti\nDisallow: /\n"},
        "page.robots",
        "bad",
    ),
    "a line that is no rule": (
        {"robots": "User-agent: *\nDisalow: /x\n"},
        "page.robots",
        "ok",
    ),
    "training kept out": (
        {"robots": "User-agent: GPTBot\nDisallow: /\n"},
        "page.training_bots",
        "info",
    ),
    "a twin in HTML": ({"twin": "text/html"}, "page.twin", "ok"),
}


@pytest.mark.parametrize("fault", ONE_FAULT)
async def test_one_fault_is_found_and_nothing_else(server: Hostile, fault: str) -> None:
    changes, check, level = ONE_FAULT[fault]

    audit = await audited(server, replace(Site(server.url("")), **changes))

    assert wanting(audit) == [(check, level)]


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone", "500 Oh"])
async def test_a_page_that_is_away_is_told_as_that_alone(server: Hostile, status: str) -> None:
    audit = await audited(server, Site(server.url(""), status=status))

    assert ("page.status", "bad") in wanting(audit)
    assert "page.status" in audit.gate
    assert not [each for each in audit.findings if each.check.id == "page.sitemap"]


async def test_a_redirect_is_told_and_the_page_behind_it_judged(server: Hostile) -> None:
    server.pages["/old"] = lambda answer: answer.send(b"", "302 Found", Location="/page")

    audit = await audited(server, Site(server.url("")), "/old")

    assert wanting(audit) == [("page.status", "ok")]
    assert audit.seen.hops == (302,)


async def test_dead_links_are_found_only_when_asked_for(server: Hostile) -> None:
    links = '<a href="/there">a</a> <a href="/nowhere">b</a> <a href="mailto:a@b.example">c</a>'
    site = Site(server.url(""), body=Site("").body + links)

    without = await audited(server, site)
    server.asked.clear()
    audit = await audited(server, site, links=True)

    assert wanting(without) == []
    assert wanting(audit) == [("page.links", "bad")]
    assert [each.url for each in audit.seen.links or () if each.status == 404] == [
        server.url("/nowhere")
    ]


async def test_links_are_bounded_and_what_is_left_is_said(server: Hostile) -> None:
    many = "".join(f'<a href="/there?n={n}">a</a>' for n in range(30))
    site = Site(server.url(""), body=Site("").body + many)

    audit = await audited(server, site, links=True, limits=AuditLimits(links=5))

    assert server.paths.count("/there") == 5
    assert wanting(audit) == [("page.links", "info")]
    assert audit.seen.links_left == 25


async def test_files_that_never_come_end_the_audit_in_time(server: Hostile) -> None:
    serve(server, Site(server.url("")))

    def slow(answer: Answer) -> None:
        answer.head(Content_Type="application/atom+xml")
        answer.forever(b" ", every=0.1)

    server.pages["/feed.xml"] = slow

    fetcher = Fetcher(FetchLimits(seconds=20), allow=frozenset({server.place}))
    audit = await audit_page(server.url("/page"), fetcher, now=NOW, limits=AuditLimits(seconds=3))

    assert ("page.status", "info") in wanting(audit)
    assert "page.feed" not in {each.check.id for each in audit.findings}


async def test_links_into_the_network_are_not_followed(server: Hostile) -> None:
    with hostile_server() as forbidden:
        link = f'<a href="{forbidden.url("/secret")}">x</a>'
        head = f'<link rel="stylesheet" href="{forbidden.url("/secret.css")}">'
        site = Site(server.url(""), body=Site("").body + link, head=head)

        audit = await audited(server, site, links=True)

        assert forbidden.asked == []
    assert wanting(audit) == [("page.links", "info")]


async def test_what_may_not_or_cannot_be_fetched_is_an_error(server: Hostile) -> None:
    serve(server, Site(server.url("")))

    with pytest.raises(FetchRefused):
        await audit_page(server.url("/page"), Fetcher(), now=NOW)
    with pytest.raises(FetchFailed):
        await audit_page("http://127.0.0.1:1/", Fetcher(allow=frozenset({"127.0.0.1:1"})), now=NOW)


@pytest.mark.parametrize(
    "body",
    ["", "<h1>" * 5000, "\x00\x01<html>", "<script type='application/ld+json'>" + "[" * 50_000],
    ids=["empty", "deep", "control characters", "deep data"],
)
async def test_hostile_pages_are_judged_or_refused_and_break_nothing(
    server: Hostile, body: str
) -> None:
    site = Site(server.url(""), body=body)

    refused = body.startswith("<h1>")
    with pytest.raises(Invalid, match="too many parts") if refused else nullcontext():
        audit = await audited(server, site)
        assert describe_audit(audit, "ko").findings


async def test_a_korean_address_is_the_same_escaped_and_plain(server: Hostile) -> None:
    base = server.url("")
    page = '<html lang="ko"><head><link rel="canonical" href="{}"></head><body>수평 확장은 서버를 늘리는 방법입니다.</body></html>'
    text = page.format(f"{base}/ko/수평-확장").encode()
    server.pages["/ko/수평-확장"] = lambda answer: answer.send(text)

    audit = await audited(server, Site(base), "/ko/%EC%88%98%ED%8F%89-%ED%99%95%EC%9E%A5")

    assert ("page.canonical", "good") in [(e.check.id, e.level) for e in audit.findings]


async def test_an_audit_is_told_in_both_languages_and_as_sarif(server: Hostile) -> None:
    audit = await audited(server, replace(Site(server.url("")), og_title=""))

    english, korean = describe_audit(audit, "en"), describe_audit(audit, "ko")
    sarif = audit_to_sarif(audit, "ko")

    told = {each.id: each.message for each in korean.findings}
    assert "Missing: og:title." in [each.message for each in english.findings]
    assert told["page.opengraph"] == "og:title이(가) 없습니다."
    results = sarif["runs"][0]["results"]
    assert [each["ruleId"] for each in results if each["kind"] == "fail"] == ["page.opengraph"]
    rules = sarif["runs"][0]["tool"]["driver"]["rules"]
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in results)
