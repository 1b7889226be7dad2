"""A text among the pages of a site: sitemaps, robots.txt, bounds, and links that lead nowhere."""

from collections.abc import Iterator

import pytest

from app.infra.http.errors import FetchRefused
from app.infra.http.fetch import Fetcher, FetchLimits
from app.kit.errors import Invalid
from app.review.analysing import Text, read_text
from app.review.others.choosing import Choice, Report
from app.review.others.website import (
    SiteLimits,
    broken_on_site,
    compare_with_site,
    read_sitemap,
)
from tests.infra.http.hostile import Answer, Hostile, Page, hostile_server

NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


@pytest.fixture
def server() -> Iterator[Hostile]:
    with hostile_server() as running:
        yield running


def _sends(body: str, status: str = "200 OK", **headers: str) -> Page:
    def answer(asked: Answer) -> None:
        asked.send(body.encode(), status, **headers)

    return answer


def _page(title: str) -> Page:
    return _sends(f"<html><title>{title}</title><article><h1>{title}</h1><p>Words.</p></article>")


def _lists(server: Hostile, *paths: str) -> Page:
    entries = "".join(f"<url><loc>{server.url(path)}</loc></url>" for path in paths)
    return _sends(f"<urlset {NS}>{entries}</urlset>", Content_Type="application/xml")


async def _compare(
    server: Hostile, path: str = "/", text: Text | None = None, **limits: int
) -> tuple[list[str], Report]:
    text = text or read_text("---\ntitle: Cold brew\n---\n\nText.\n")
    choice, fetcher, most = Choice(text), _fetcher(server), SiteLimits(**limits)
    sitemap = await read_sitemap(server.url(path), choice, fetcher, limits=most)
    report = await compare_with_site(sitemap, choice, fetcher, limits=most)
    return sorted(other.address for other in choice.site().others), report


def _fetcher(server: Hostile) -> Fetcher:
    return Fetcher(FetchLimits(seconds=8.0), allow=frozenset({server.place}))


async def test_the_pages_of_a_sitemap_are_compared(server: Hostile):
    server.pages["/sitemap.xml"] = _lists(server, "/en/a", "/en/b", "/en/gone", "/en/picture.png")
    server.pages["/en/a"] = _page("Cold brew")
    server.pages["/en/b"] = _page("Tax return")

    found, report = await _compare(server)

    assert found == [server.url("/en/a")]
    assert report.compared == 2
    assert len(report.skipped) == 1
    assert "status 404" in report.skipped[0]
    assert "/en/picture.png" not in server.paths


async def test_an_index_that_robots_txt_names_leads_to_the_pages(server: Hostile):
    server.robots = _sends(f"User-agent: *\nDisallow: /private\nSitemap: {server.url('/i.xml')}")
    server.pages["/i.xml"] = _sends(
        f"<sitemapindex {NS}><sitemap><loc>{server.url('/s.xml')}</loc></sitemap>"
        f"<sitemap><loc>{server.url('/i.xml')}</loc></sitemap></sitemapindex>"
    )
    server.pages["/s.xml"] = _lists(server, "/en/a", "/private/b")
    server.pages["/en/a"] = server.pages["/private/b"] = _page("Cold brew")

    found, report = await _compare(server)

    assert found == [server.url("/en/a")]
    assert "/private/b" not in server.paths
    assert "robots.txt does not allow" in report.skipped[0]


async def test_only_the_nearest_pages_of_a_large_site_are_asked_for(server: Hostile):
    paths = [f"/p/{n}" for n in range(200)]
    server.pages |= {path: _page("Other") for path in paths}
    server.pages["/p/cold-brew-coffee"] = _page("Cold brew")
    server.pages["/sitemap.xml"] = _lists(server, *paths, "/p/cold-brew-coffee")

    found, report = await _compare(server, pages=3)

    assert found == [server.url("/p/cold-brew-coffee")]
    assert "3 of 201 pages" in report.skipped[0]
    assert sum(path.startswith("/p/") for path in server.paths) == 3


async def test_an_address_with_a_path_names_what_is_below_it(server: Hostile):
    server.pages["/sitemap.xml"] = _lists(server, "/blog/a", "/shop/a", "/blogroll")
    server.pages["/blog/a"] = server.pages["/shop/a"] = _page("Cold brew")

    assert (await _compare(server, "/blog/"))[0] == [server.url("/blog/a")]
    with pytest.raises(Invalid, match="no page below"):
        await _compare(server, "/news")


async def test_the_page_at_the_texts_own_address_or_slug_is_the_text(server: Hostile):
    server.pages["/sitemap.xml"] = _lists(server, "/en/cold-brew", "/en/b")
    server.pages["/en/cold-brew"] = server.pages["/en/b"] = _page("Cold brew")
    by_slug = read_text("---\ntitle: Cold brew\nslug: cold-brew\n---\n\nText.\n")
    by_url = read_text(f"---\ntitle: Cold brew\nurl: {server.url('/en/cold-brew')}\n---\n\nText.\n")

    assert (await _compare(server, text=by_slug))[0] == [server.url("/en/b")]
    assert (await _compare(server, text=by_url))[0] == [server.url("/en/b")]
    assert "/en/cold-brew" not in server.paths


async def test_a_site_without_a_sitemap_says_what_to_give(server: Hostile):
    with pytest.raises(Invalid, match=r"--against http://127\.0\.0\.1:\d+/sitemap\.xml"):
        await _compare(server)

    for body in (
        "",
        "<html>no",
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    ):
        server.pages["/sitemap.xml"] = _sends(body)
        with pytest.raises(Invalid, match="is no sitemap") as refused:
            await _compare(server)
        assert "root:" not in str(refused.value)


async def test_a_sitemap_cannot_lead_into_the_network(server: Hostile):
    entries = "".join(
        f"<sitemap><loc>{place}</loc></sitemap>"
        for place in ("http://127.0.0.1:1/s.xml", "http://169.254.169.254/s.xml", "file:///etc/x")
    )
    server.pages["/sitemap.xml"] = _sends(f"<sitemapindex {NS}>{entries}</sitemapindex>")

    with pytest.raises(FetchRefused, match="FETCH_ALLOW=127"):
        await _compare(server)
    with pytest.raises(FetchRefused, match="FETCH_ALLOW=127"):
        await read_sitemap("http://127.0.0.1:1/", Choice(read_text("x")), Fetcher())


async def test_a_sitemap_that_names_others_without_end_is_left(server: Hostile):
    def endless(asked: Answer) -> None:
        number = int(asked.asked.query.get("n", "0"))
        places = "".join(
            f"<sitemap><loc>{server.url(f'/sitemap.xml?n={number * 9 + n + 1}')}</loc></sitemap>"
            for n in range(9)
        )
        asked.send(f"<sitemapindex {NS}>{places}</sitemapindex>".encode())

    server.pages["/sitemap.xml"] = endless

    with pytest.raises(Invalid, match="none was found"):
        await _compare(server, sitemaps=4)
    assert server.paths.count("/sitemap.xml") == 4


async def test_links_of_the_text_to_the_site_are_asked_where_they_lead(server: Hostile):
    server.pages["/sitemap.xml"] = _lists(server, "/en/a")
    server.pages["/en/moved"] = _sends("", "301 Moved Permanently", Location="/en/new")
    server.pages["/en/new"] = server.pages["/en/there"] = _page("New")
    server.pages["/en/gone"] = _sends("", "410 Gone")
    body = (
        f"[1](/en/a) [2](/en/moved) [3]({server.url('/en/gone')}) [4](/en/none) [5](/en/there) "
        "[6](https://elsewhere.example/x) [7](#top)"
    )
    choice, fetcher = Choice(read_text(body)), _fetcher(server)
    sitemap = await read_sitemap(server.url("/"), choice, fetcher)

    found = await broken_on_site(sitemap, choice, fetcher)

    assert found is not None
    assert {(each.href, each.why, each.now) for each in found} == {
        ("/en/moved", "moved", "/en/new"),
        (server.url("/en/gone"), "gone", ""),
        ("/en/none", "missing", ""),
    }
    assert "/en/a" not in server.paths
    assert (
        await broken_on_site(sitemap, Choice(read_text("[6](https://x.example/)")), fetcher) is None
    )
