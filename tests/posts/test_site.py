"""The blog as a reader's browser asks for it, on SQLite and on PostgreSQL."""

import json
import re
import unicodedata
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import quote
from xml.etree import ElementTree as ET

import httpx2
import pytest

from app.config import Settings, SiteSettings
from app.infra.db import Database
from app.posts import service
from app.posts.repository import Posts
from app.posts.site import PAGE_SIZE, create_site
from tests.posts.articles import FIRST, MARKDOWN, NOW, published, saved

KOREAN_SLUG = "수평-확장"


@pytest.fixture
async def blog(database: Database) -> AsyncIterator[httpx2.AsyncClient]:
    site = create_site(database, Settings(public_url="https://blog.example"))
    transport = httpx2.ASGITransport(app=site)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


def data_of(html: str) -> list[dict[str, object]]:
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)
    return [json.loads(each) for each in found]


async def test_an_article_page_says_what_it_is(
    database: Database, blog: httpx2.AsyncClient
) -> None:
    post = await published(database)

    answer = await blog.get(post.path)

    html = answer.text
    address = f"https://blog.example{post.path}"
    assert answer.status_code == 200
    assert '<html lang="en">' in html
    assert html.count("<h1>") == 1
    assert "<title>Load balancing in practice</title>" in html
    assert f'<link rel="canonical" href="{address}">' in html
    assert f'<meta property="og:url" content="{address}">' in html
    assert '<time datetime="2026-03-04T05:06:07+00:00">March 4, 2026</time>' in html
    assert "Composed by a program from its sources" in html
    assert "Evidence for 3 of 3 claims" in html
    posting, crumbs = data_of(html)
    assert posting["@type"] == "BlogPosting"
    assert posting["headline"] == "Load balancing in practice"
    assert posting["datePublished"] == "2026-03-04T05:06:07+00:00"
    assert posting["citation"] == [
        {"@type": "CreativeWork", "name": "Load balancing", "url": "https://example.org/balancing"}
    ]
    assert crumbs["@type"] == "BreadcrumbList"


async def test_a_korean_page_is_korean_throughout(
    database: Database, blog: httpx2.AsyncClient
) -> None:
    post = await published(database, language="ko", slug=KOREAN_SLUG, title="수평 확장")

    html = (await blog.get(post.path)).text

    assert '<html lang="ko">' in html
    assert "2026년 3월 4일" in html
    assert "<span>편집부</span>" in html
    assert "주장 3개 중 3개의 근거" in html
    assert '<h2 id="sources">출처</h2>' in html
    assert not re.search(
        r">[A-Z][a-z]+ [a-z]+ [a-z]+", re.sub(r"(?s)<div class=.text.>.*", "", html)
    )


async def test_a_model_s_article_names_the_model(
    database: Database, blog: httpx2.AsyncClient
) -> None:
    post = await published(database, writer="local:qwen <b>")

    html = (await blog.get(post.path)).text

    assert "Worded by an AI model (local:qwen &lt;b&gt;)" in html


@pytest.mark.parametrize("path", ["/", "/en/", "/robots.txt", "/sitemap.xml", "/feed.xml", "/en/x"])
async def test_no_answer_sets_a_cookie_or_runs_a_script(
    database: Database, blog: httpx2.AsyncClient, path: str
) -> None:
    await published(database)

    answer = await blog.get(path, headers={"cookie": "session=1"})

    assert "set-cookie" not in answer.headers
    assert "vary" not in answer.headers or "cookie" not in answer.headers["vary"].lower()
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not re.findall(r"<script(?! type=.application/ld\+json)", answer.text)


async def test_titles_and_descriptions_are_escaped_everywhere(
    database: Database, blog: httpx2.AsyncClient
) -> None:
    evil = '</title></script><script>alert(1)</script>" onload="x'
    post = await published(database, title=evil, meta_description=evil, keyphrase=evil)

    for path in (post.path, "/", "/en/", "/feed.xml", "/sitemap.xml"):
        text = (await blog.get(path)).text
        assert "<script>alert" not in text
        assert path.endswith(".xml") or '" onload="' not in text
    assert data_of((await blog.get(post.path)).text)[0]["headline"] == evil
    ET.fromstring((await blog.get("/feed.xml")).content)


async def test_an_address_nobody_has_is_a_404_page(blog: httpx2.AsyncClient) -> None:
    for path in (
        "/en/nothing",
        "/fr/",
        "/fr/x",
        "/ko/x.md",
        "/x.html",
        "/en/?page=2",
        "/en/?page=x",
    ):
        answer = await blog.get(path)
        assert answer.status_code == 404, path
        assert "There is no such page" in answer.text or "페이지를 찾을 수 없습니다" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/static/../main.py",
        "/static/%2e%2e/main.py",
        "/static/..%2f..%2fpyproject.toml",
        "/static//etc/passwd",
        "/en/..%2f..%2fetc%2fpasswd",
        "/en/%00",
        "/en/%ff%fe",
        "/en/" + "a" * 5000,
        "/%2e%2e/%2e%2e/etc/passwd",
    ],
)
async def test_no_path_leads_out_of_the_blog(blog: httpx2.AsyncClient, path: str) -> None:
    answer = await blog.get(path)

    assert answer.status_code == 404
    assert "root:" not in answer.text


async def test_drafts_are_nowhere(database: Database, blog: httpx2.AsyncClient) -> None:
    draft = await saved(database, slug="secret-draft", title="Secret")

    answers = [await blog.get(path) for path in ("/", "/en/", "/feed.xml", "/sitemap.xml")]

    assert (await blog.get(draft.path)).status_code == 404
    assert (await blog.get(draft.path + ".md")).status_code == 404
    assert all("ecret" not in answer.text for answer in answers)


async def test_an_unlisted_article_is_read_by_its_address_alone(
    database: Database, blog: httpx2.AsyncClient
) -> None:
    post = await published(database, unlisted=True, title="Only by address")

    answer = await blog.get(post.path)
    listings = [await blog.get(path) for path in ("/", "/feed.xml", "/sitemap.xml")]

    assert answer.headers["x-robots-tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in answer.text
    assert all("by address" not in listing.text for listing in listings)


async def test_what_was_taken_down_is_gone(database: Database, blog: httpx2.AsyncClient) -> None:
    post = await published(database, language="ko", slug=KOREAN_SLUG)
    async with database.unit() as session:
        await service.unpublish_post(Posts(session), post.id, now=NOW)

    answer = await blog.get(post.path)

    assert answer.status_code == 410
    assert "내려간 글입니다" in answer.text


async def test_an_old_address_leads_to_the_new_one(
    database: Database, blog: httpx2.AsyncClient
) -> None:
    post = await published(database)
    async with database.unit() as session:
        await service.edit_post(Posts(session), post.id, slug="moved", now=NOW)

    answer = await blog.get(post.path)
    source = await blog.get(post.path + ".md")

    assert (answer.status_code, answer.headers["location"]) == (301, "/en/moved")
    assert source.headers["location"] == "/en/moved.md"


async def test_other_spellings_lead_to_the_one_address(
    database: Database, blog: httpx2.AsyncClient
) -> None:
    post = await published(database, language="ko", slug=KOREAN_SLUG)
    decomposed = quote(unicodedata.normalize("NFD", KOREAN_SLUG))

    for path in (f"/ko/{decomposed}", f"{post.path}/"):
        answer = await blog.get(path)
        assert (answer.status_code, answer.headers["location"]) == (301, post.path)
    assert (await blog.get("/ko")).headers["location"] == "/ko/"


async def test_what_is_unchanged_is_not_sent_again(
    database: Database, blog: httpx2.AsyncClient
) -> None:
    post = await published(database)
    tag = (await blog.get(post.path)).headers["etag"]

    again = await blog.get(post.path, headers={"if-none-match": f'"other", {tag}'})
    async with database.unit() as session:
        await service.edit_post(
            Posts(session), post.id, markdown="Changed.", now=NOW + timedelta(days=3)
        )
    changed = await blog.get(post.path, headers={"if-none-match": tag})

    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200
    assert "updated March 7, 2026" in changed.text


async def test_shared_caches_may_keep_a_page_for_one_second(
    database: Database, blog: httpx2.AsyncClient
) -> None:
    post = await published(database)

    policy = (await blog.get(post.path)).headers["cache-control"]

    assert policy.startswith("public, max-age=0, s-maxage=1,")
    assert "stale-if-error" in policy


async def test_head_answers_like_get(database: Database, blog: httpx2.AsyncClient) -> None:
    post = await published(database)

    head, got = await blog.head(post.path), await blog.get(post.path)

    assert head.status_code == 200
    assert head.headers["etag"] == got.headers["etag"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_nothing_can_be_changed_here(
    database: Database, blog: httpx2.AsyncClient, method: str
) -> None:
    post = await published(database)

    answer = await blog.request(method, post.path)

    assert answer.status_code == 405


async def test_language_versions_name_each_other(
    database: Database, blog: httpx2.AsyncClient
) -> None:
    english = await published(database)
    korean = await published(database, language="ko", slug=KOREAN_SLUG, translation_of=english.id)

    html = (await blog.get(english.path)).text
    sitemap = (await blog.get("/sitemap.xml")).text

    for each in (english, korean):
        link = f'hreflang="{each.language}" href="https://blog.example{each.path}"'
        assert f'<link rel="alternate" {link}>' in html
        assert link in sitemap
    assert "한국어로 읽기" in html


async def test_the_markdown_is_there_for_programs(
    database: Database, blog: httpx2.AsyncClient
) -> None:
    post = await published(database)

    answer = await blog.get(post.path + ".md")

    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert answer.text == f"# {post.title}\n\n{MARKDOWN}"
    assert answer.headers["link"] == f'<https://blog.example{post.path}>; rel="canonical"'


async def test_the_feed_is_read_by_its_standard(
    database: Database, blog: httpx2.AsyncClient
) -> None:
    post = await published(database)

    feed = ET.fromstring((await blog.get("/feed.xml")).content)

    atom = "{http://www.w3.org/2005/Atom}"
    entry = feed.find(f"{atom}entry")
    assert entry is not None
    assert feed.findtext(f"{atom}updated") == "2026-03-04T05:06:07Z"
    assert entry.findtext(f"{atom}id") == f"urn:uuid:{post.id}"
    assert FIRST in (entry.findtext(f"{atom}content") or "")


async def test_the_index_goes_on_over_pages(database: Database, blog: httpx2.AsyncClient) -> None:
    for _ in range(PAGE_SIZE + 1):
        await published(database)

    first, second = await blog.get("/en/"), await blog.get("/en/?page=2")

    assert first.text.count("<li lang=") == PAGE_SIZE
    assert 'rel="next" href="/en/?page=2"' in first.text
    assert second.text.count("<li lang=") == 1
    assert 'rel="prev" href="/en/"' in second.text
    assert '<link rel="canonical" href="https://blog.example/en/?page=2">' in second.text


async def test_an_empty_blog_says_so(blog: httpx2.AsyncClient) -> None:
    html = (await blog.get("/ko/")).text

    assert "아직 발행된 글이 없습니다." in html
    assert (await blog.get("/feed.xml")).status_code == 200
    assert (await blog.get("/sitemap.xml")).status_code == 200


async def test_styles_may_be_kept_for_a_year_by_their_version(blog: httpx2.AsyncClient) -> None:
    html = (await blog.get("/")).text
    address = re.search(r'href="(/static/site\.css\?v=\w+)"', html)

    assert address is not None
    answer = await blog.get(address[1])
    assert "immutable" in answer.headers["cache-control"]
    assert "immutable" not in (await blog.get("/static/site.css")).headers["cache-control"]


async def test_the_disclosure_can_be_switched_off_and_the_byline_named(database: Database) -> None:
    post = await published(database)
    settings = Settings(site=SiteSettings(byline="Kim & Co", disclose_ai=False))
    transport = httpx2.ASGITransport(app=create_site(database, settings))

    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:81") as client:
        html = (await client.get(post.path)).text

    assert "<span>Kim &amp; Co</span>" in html
    assert "Composed by a program" not in html
    assert f'href="http://127.0.0.1:81{post.path}"' in html
