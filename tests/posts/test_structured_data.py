"""Whatever an article is called, its structured data says what its page shows."""

import json
import re
from html.parser import HTMLParser

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.config import Settings, SiteSettings
from app.infra.db import Database
from app.posts.site import create_site
from tests.posts.articles import published

_LINE = st.text(
    st.characters(exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"]),
    min_size=1,
    max_size=60,
).filter(lambda text: text.strip() == text and "  " not in text)
_TITLES = _LINE | st.sampled_from(
    [
        "</script><script>alert(1)</script>",
        "<!-- <script>",
        "수평 확장 & “안내”",
        "a\\u003c/script",
        "]]>",
    ]
)


class _Shown(HTMLParser):
    """The page as a browser's parser sees it: what stands in h1, time, the byline and data."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.h1 = ""
        self.byline = ""
        self.times: list[str] = []
        self.data: list[str] = []
        self._in: list[str] = []
        self.images = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.images += tag == "img"
        if tag == "time":
            self.times.append(given.get("datetime") or "")
        if tag == "script":
            assert given.get("type") == "application/ld+json"
            self.data.append("")
        if tag in {"h1", "script"} or given.get("class") == "byline":
            self._in.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._in and self._in[-1] == tag:
            self._in.pop()

    def handle_data(self, data: str) -> None:
        match self._in[-1:]:
            case ["h1"]:
                self.h1 += data
            case ["script"]:
                self.data[-1] += data
            case ["p"]:
                self.byline += data
            case _:
                pass


@pytest.mark.parametrize("kind", ["organization", "person"])
@given(title=_TITLES, byline=_LINE, language=st.sampled_from(["en", "ko"]))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
async def test_page_and_data_agree(
    database: Database, kind: str, title: str, byline: str, language: str
) -> None:
    site = SiteSettings(byline=byline, byline_kind=kind)
    blog = create_site(database, Settings(public_url="https://blog.example", site=site))
    post = await published(database, title=title, language=language)
    transport = httpx2.ASGITransport(app=blog)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        page = _Shown((await client.get(post.path)).text)

    posting, crumbs = (json.loads(each) for each in page.data)
    assert posting["headline"] == page.h1
    assert posting["author"]["@type"] == kind.capitalize()
    assert posting["author"]["name"] in page.byline
    assert {posting["datePublished"], posting["dateModified"]} <= set(page.times)
    assert "image" not in posting
    assert page.images == 0
    assert crumbs["itemListElement"][-1]["name"] == page.h1
    assert [each["position"] for each in crumbs["itemListElement"]] == [1, 2, 3]
    assert not any(re.search("[<>]", each) for each in page.data)
