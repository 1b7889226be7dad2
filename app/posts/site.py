"""The public door: the blog as its readers, search engines and feed readers see it.

No cookie, no session, no script. Drafts are not known here. Every answer may be kept by caches.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import parse_qsl, quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route

from app.config import Settings
from app.infra.db import AWAY, Database
from app.kit.translations import translations
from app.posts import feeds
from app.posts.rendering import render_markdown
from app.posts.repository import Posts
from app.posts.schemas import ClaimIn, Post, Revision
from app.posts.structured_data import Organization, Person, article_data
from app.web.page_cache import PageDoor, Pages
from app.web.pages import (
    PUBLIC,
    SafeHeaders,
    Statics,
    json_ld,
    public_answer,
    render_page,
    say_date,
    static_versions,
)

LANGUAGES = ("en", "ko")
PAGE_SIZE = 20
_PAGE = re.compile(r"[1-9][0-9]{0,5}")
FEED_SIZE = 20
_GONE = 410
_AWAY = 503
_HTML = "text/html; charset=utf-8"


class Page(Protocol):
    """Answers one address."""

    async def __call__(self, request: Request) -> Response:
        """Answer."""
        ...


def create_site(database: Database, settings: Settings, *, pages: Pages | None = None) -> Starlette:
    """The application that serves the blog; from `pages`, where they are kept."""
    site = _Site(database, settings)
    answers: dict[str, Page] = {
        "/": site.front,
        "/robots.txt": site.robots,
        "/sitemap.xml": site.sitemap,
        "/feed.xml": site.feed,
        "/{language}": site.slash,
        "/{language}/": site.index,
        "/{language}/{slug}.md": site.source,
        "/{language}/{slug}": site.article,
        "/{language}/{slug}/": site.slash,
    }
    application = Starlette(
        routes=[
            Mount("/static", Statics()),
            *(Route(path, page) for path, page in answers.items()),
        ],
        middleware=[
            Middleware(PageDoor, pages=pages, normal=_normal_query),
            Middleware(SafeHeaders),
        ],
        exception_handlers={
            HTTPException: site.refuse,
            **dict.fromkeys(AWAY, site.refuse),
            Exception: site.refuse,
        },
    )
    application.router.redirect_slashes = False  # it would answer 307; `slash` answers 301
    return application


def _normal_query(path: str, query: bytes) -> bytes | None:
    """What of a query matters: the page of a list, the version of a file. Uploaded files are not kept."""
    if path.startswith("/media/"):
        return None
    if not query:
        return b""
    try:
        fields = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=20))
    except ValueError:
        return b""
    if path.startswith("/static/"):
        version = static_versions().get(path.removeprefix("/static/"))
        return f"v={version}".encode() if version and fields.get("v") == version else b""
    number = fields.get("page", "1")
    if path not in {"/", *(f"/{language}/" for language in LANGUAGES)} or number == "1":
        return b""
    return b"page=" + (number.encode() if _PAGE.fullmatch(number) else b"0")


class _Site:
    """The pages of one blog."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    async def front(self, request: Request) -> Response:
        """The newest articles of every language."""
        return await self._list(request, None, "/")

    async def index(self, request: Request) -> Response:
        """The newest articles of one language, a page at a time."""
        language = _language(request)
        return await self._list(request, language, f"/{language}/")

    async def _list(self, request: Request, language: str | None, path: str) -> Response:
        number = _page_number(request)
        async with self._database.reading() as session:
            posts = Posts(session)
            found = await posts.published(
                language=language, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE + 1
            )
            languages = await posts.languages()
        if number > 1 and not found:
            raise HTTPException(404)
        _made_of(request, language, [post for post, _ in found])
        chrome = language or self._settings.article_lang
        entries = [
            {
                "title": revision.title,
                "summary": revision.meta_description,
                "path": post.path,
                "language": post.language,
                "iso": _iso(post.published_at),
                "date": self._date(post, chrome),
            }
            for post, revision in found[:PAGE_SIZE]
        ]
        base = self._base(request)
        html = render_page(
            "site/index.html",
            chrome,
            **self._frame(base, languages),
            canonical=base + path + (f"?page={number}" if number > 1 else ""),
            entries=entries,
            path=path,
            newer=number - 1,
            older=number + 1 if len(found) > PAGE_SIZE else 0,
            number=number,
            one_language=language,
        )
        return public_answer(request, html, _HTML)

    async def article(self, request: Request) -> Response:
        """One article with its sources and the evidence of every claim."""
        found = await self._find(request)
        if isinstance(found, Response):
            return found
        post, revision = found
        async with self._database.reading() as session:
            posts = Posts(session)
            claims = await posts.claims(post.id, post.revision)
            versions = await posts.translations(post.translation_group)
            languages = await posts.languages()
        request.state.tags = (*post.tags, "languages")
        base = self._base(request)
        words = translations("messages", post.language)
        body = render_markdown(revision.markdown, words)
        byline = words.gettext(self._settings.site.byline)
        updated = post.modified_at if _changed_later(post) else None
        # What readers are not shown as a change is none for machines either.
        updated_iso = _iso(updated or post.published_at)
        html = render_page(
            "site/article.html",
            post.language,
            **self._frame(base, languages),
            canonical=base + post.path,
            post=post,
            revision=revision,
            body=body,
            byline=byline,
            disclose=self._settings.site.disclose_ai,
            published=self._date(post, post.language),
            published_iso=_iso(post.published_at),
            updated=updated and say_date(updated, post.language, self._settings.timezone),
            updated_iso=updated_iso,
            versions=[version for version in versions if len(versions) > 1],
            default_version=next(
                (version for version in versions if version.language == "en"), versions[0]
            )
            if len(versions) > 1
            else None,
            evidence=_evidence(claims, revision),
            supported=sum(claim.verdict == "supported" for claim in claims),
            data=[
                json_ld(each)
                for each in article_data(
                    post,
                    revision,
                    base=base,
                    name=self._settings.site.name,
                    author=self._author(byline, base),
                    published=_iso(post.published_at),
                    modified=updated_iso,
                )
            ],
        )
        headers = {"x-robots-tag": "noindex"} if post.unlisted else None
        return public_answer(request, html, _HTML, headers=headers)

    async def source(self, request: Request) -> Response:
        """The article as its Markdown, for readers that are programs."""
        found = await self._find(request, ending=".md")
        if isinstance(found, Response):
            return found
        post, revision = found
        text = f"# {revision.title}\n\n{revision.markdown}"
        link = f'<{self._base(request)}{post.path}>; rel="canonical"'
        headers = {"link": link} | ({"x-robots-tag": "noindex"} if post.unlisted else {})
        return public_answer(request, text, "text/markdown; charset=utf-8", headers=headers)

    async def _find(
        self, request: Request, *, ending: str = ""
    ) -> tuple[Post, Revision] | Response:
        """The published article of an address, or where it went."""
        language = _language(request)
        slug = request.path_params["slug"]
        if not slug.isprintable():
            raise HTTPException(404)  # PostgreSQL has no way to ask for U+0000
        canonical = unicodedata.normalize("NFC", slug).lower()
        async with self._database.reading() as session:
            posts = Posts(session)
            known = await posts.address(language, canonical)
            if known is None:
                raise HTTPException(404)
            post_id, state = known
            post = await posts.find(post_id)
            request.state.tags = (f"post:{post_id}",)
            if state == "gone" or post is None or post.state != "published":
                raise HTTPException(_GONE)
            if state == "redirect" or slug != canonical:
                return _moved(post.path + ending)
            request.state.tags = post.tags
            return post, await posts.revision(post.id, post.revision)

    async def feed(self, request: Request) -> Response:
        """The newest articles for feed readers."""
        async with self._database.reading() as session:
            found = await Posts(session).published(limit=FEED_SIZE)
        _made_of(request, None, [post for post, _ in found])
        entries = [
            (
                post,
                revision,
                render_markdown(revision.markdown, translations("messages", post.language)).html,
            )
            for post, revision in found
        ]
        site = self._settings.site
        xml = feeds.atom_feed(entries, base=self._base(request), name=site.name, byline=site.byline)
        return public_answer(request, xml, "application/atom+xml; charset=utf-8")

    async def sitemap(self, request: Request) -> Response:
        """Every address for search engines."""
        async with self._database.reading() as session:
            found = await Posts(session).addresses(feeds.SITEMAP_LIMIT)
        _made_of(request, None, [])
        xml = feeds.sitemap(found, base=self._base(request))
        return public_answer(request, xml, "application/xml; charset=utf-8")

    async def robots(self, request: Request) -> Response:
        """What crawlers may read."""
        request.state.tags = ()
        return public_answer(
            request, feeds.robots(base=self._base(request)), "text/plain; charset=utf-8"
        )

    async def slash(self, request: Request) -> Response:
        """An index has a slash at its end and an article has none; the other form leads to it."""
        language = _language(request)
        slug = request.path_params.get("slug")
        return _moved(f"/{language}/{quote(slug)}" if slug else f"/{language}/")

    async def refuse(self, request: Request, error: Exception) -> Response:
        """A page that says what went wrong, in the language of the address."""
        known = isinstance(error, HTTPException)
        status = error.status_code if known else _AWAY if isinstance(error, AWAY) else 500
        first = request.url.path.split("/")[1] if request.url.path.startswith("/") else ""
        language = first if first in LANGUAGES else self._settings.article_lang
        html = render_page(
            "site/refusal.html",
            language,
            **self._frame(self._base(request), []),
            status=status,
        )
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        if status == _AWAY:
            headers["retry-after"] = "5"
        headers["cache-control"] = PUBLIC if status in {404, _GONE} else "no-store"
        return public_answer(request, html, _HTML, status, headers)

    def _frame(self, base: str, languages: list[str]) -> dict[str, Any]:
        """What every page needs. Without a list, all languages that readers may choose."""
        return {
            "base": base,
            "site": self._settings.site.name,
            "languages": [each for each in LANGUAGES if each in languages],
        }

    def _author(self, byline: str, base: str) -> Person | Organization:
        kind = Person if self._settings.site.byline_kind == "person" else Organization
        return kind(name=byline, url=f"{base}/")

    def _base(self, request: Request) -> str:
        """`PUBLIC_URL`, or the address asked, whose host the guard has checked."""
        return self._settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")

    def _date(self, post: Post, language: str) -> str:
        moment = post.published_at or post.created_at
        return say_date(moment, language, self._settings.timezone)


def _made_of(request: Request, language: str | None, posts: Sequence[Post]) -> None:
    """Say what a list is made of; an article that goes takes even old copies of it along."""
    lists = [f"lists:{each}" for each in LANGUAGES if language in {None, each}]
    request.state.tags = (*lists, "languages", *(f"gone:{post.id}" for post in posts))


def _language(request: Request) -> str:
    language: str = request.path_params["language"]
    if language not in LANGUAGES:
        raise HTTPException(404)
    return language


def _page_number(request: Request) -> int:
    given = request.query_params.get("page", "1")
    if not _PAGE.fullmatch(given):
        raise HTTPException(404)
    return int(given)


def _moved(path: str) -> Response:
    return RedirectResponse(path, 301, {"cache-control": PUBLIC})


def _iso(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""


def _changed_later(post: Post) -> bool:
    return bool(
        post.modified_at
        and post.published_at
        and post.modified_at.date() > post.published_at.date()
    )


def _evidence(claims: Sequence[ClaimIn], revision: Revision) -> list[dict[str, Any]]:
    """The claim table as readers see it: a sentence, the source's words if they differ, the source."""
    numbers = {citation.snapshot_id: citation.number for citation in revision.citations}
    rows: list[dict[str, Any]] = []
    for claim in claims:
        same = " ".join(claim.sentence.split()) == " ".join(claim.quote.split())
        rows.append(
            {
                "sentence": claim.sentence,
                "quote": "" if same else claim.quote,
                "number": numbers.get(claim.snapshot_id),
                "verdict": claim.verdict,
            }
        )
    return rows
