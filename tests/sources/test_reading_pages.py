"""Sources on the web: fetched from a server on loopback by the real fetcher, parsed by the real child."""

from datetime import UTC, datetime

import pytest

from app.infra.http import Fetcher, FetchError, FetchLimits
from app.sources.domain import Rights, Snapshot
from app.sources.errors import Unreadable
from app.sources.readers import SourceRef, parse_source, read_source
from tests.infra.http.hostile import Answer, Hostile, Page
from tests.sources.pages import FACTS, KOREAN_FACTS, page, paragraphs
from tests.sources.pdfs import pdf

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def _fetcher(server: Hostile) -> Fetcher:
    return Fetcher(FetchLimits(seconds=8.0), allow=frozenset({server.place}))


def _sends(body: bytes, content_type: str) -> Page:
    def answer(to: Answer) -> None:
        to.send(body, Content_Type=content_type)

    return answer


async def _read(server: Hostile, path: str) -> Snapshot:
    return await read_source(parse_source(server.url(path)), now=NOW, fetcher=_fetcher(server))


async def test_a_page_becomes_a_snapshot_of_a_third_party_s_words(server: Hostile) -> None:
    head = (
        '<meta name="author" content="Ada Bean"><meta property="og:site_name" content="Roastery">'
    )
    server.pages["/a"] = _sends(page(head=head).encode(), "text/html; charset=utf-8")

    snapshot = await _read(server, "/a#part")

    assert snapshot.title == "Cold brew"
    assert snapshot.author == "Ada Bean"
    assert snapshot.site == "Roastery"
    assert snapshot.language == "en"
    assert snapshot.rights is Rights.THIRD_PARTY
    assert snapshot.fetched_at == NOW
    assert snapshot.origin == snapshot.url == server.url("/a")
    assert snapshot.id == Snapshot.id_of(snapshot.origin, snapshot.text)
    assert all(fact in snapshot.text for fact in FACTS)


async def test_a_page_that_says_the_same_is_the_same_snapshot(server: Hostile) -> None:
    server.pages["/a"] = _sends(page().encode(), "text/html")
    first = await _read(server, "/a")
    server.pages["/a"] = _sends(page(around="<nav>another menu</nav>").encode(), "text/html")
    second = await _read(server, "/a")
    server.pages["/a"] = _sends(page(inside="<p>One more sentence.</p>").encode(), "text/html")

    third = await _read(server, "/a")

    assert first == second
    assert third.id != first.id


async def test_after_redirects_the_final_address_is_the_origin(server: Hostile) -> None:
    server.pages["/final"] = _sends(page().encode(), "text/html")

    snapshot = await _read(server, "/redirect?to=/final%3Fpage%3D2")

    assert snapshot.origin == snapshot.url == server.url("/final?page=2")


async def test_an_address_that_a_page_claims_is_not_believed(server: Hostile) -> None:
    head = '<link rel="canonical" href="https://famous.example/x">'
    server.pages["/a"] = _sends(page(head=head).encode(), "text/html")

    snapshot = await _read(server, "/a")

    assert snapshot.url == server.url("/a")
    assert snapshot.site == server.place


@pytest.mark.parametrize(
    ("content_type", "meta", "encoding"),
    [
        ("text/html; charset=utf-8", "", "utf-8"),
        ("text/html", '<meta charset="utf-8">', "utf-8"),
        ("text/html; charset=euc-kr", "", "cp949"),
        ("text/html", '<meta charset="euc-kr">', "cp949"),
        (
            "text/html",
            '<meta http-equiv="Content-Type" content="text/html; charset=ks_c_5601-1987">',
            "cp949",
        ),
        ("text/html; charset=utf-8", '<meta charset="utf-8">', "cp949"),
        ("text/html; charset=euc-kr", '<meta charset="euc-kr">', "utf-8"),
        ("text/html; charset=ISO-8859-1", "", "utf-8"),
        ("text/html; charset=klingon", "", "cp949"),
        ("text/html", "", "utf-16"),
    ],
)
async def test_a_korean_page_is_read_whatever_charset_is_stated(
    content_type: str, meta: str, encoding: str, server: Hostile
) -> None:
    body = page(head=meta, words=KOREAN_FACTS).encode(encoding)
    server.pages["/ko"] = _sends(body, content_type)

    snapshot = await _read(server, "/ko")

    assert all(fact in snapshot.text for fact in KOREAN_FACTS)
    assert snapshot.language == "ko"


@pytest.mark.parametrize(
    ("path", "content_type", "body"),
    [
        ("/a.pdf", "application/pdf", pdf([FACTS])),
        ("/download", "text/html", pdf([FACTS])),
        ("/a.pdf", "application/octet-stream", pdf([FACTS])),
        ("/a.md", "text/plain", ("# Cold brew\n\n" + "\n\n".join(FACTS)).encode()),
        ("/a", "text/markdown", ("# Cold brew\n\n" + "\n\n".join(FACTS)).encode()),
        ("/a.txt", "text/plain", "\n\n".join(FACTS).encode()),
        ("/a", "application/xhtml+xml", page().encode()),
    ],
)
async def test_a_document_is_read_as_what_it_is(
    path: str, content_type: str, body: bytes, server: Hostile
) -> None:
    server.pages[path] = _sends(body, content_type)

    snapshot = await _read(server, path)

    assert all(fact in " ".join(snapshot.text.split()) for fact in FACTS)
    assert "**" not in snapshot.text


async def test_a_page_without_a_title_is_called_by_its_host(server: Hostile) -> None:
    server.pages["/a"] = _sends(f"<body>{paragraphs()}</body>".encode(), "text/html")

    snapshot = await _read(server, "/a")

    assert snapshot.title == "127.0.0.1"


@pytest.mark.parametrize(
    ("body", "code", "advice"),
    [
        (b"", "empty", "give a source with text in it"),
        (b" \n\t ", "empty", "give a source with text in it"),
        (b"<html><body></body></html>", "no_text", "give the page that has the article"),
        (
            (
                b"<div id=app></div><script src=/app.js></script>"
                b"<noscript>You need to enable JavaScript to run this app.</noscript>"
            ),
            "js_only",
            "save the page from the browser as HTML or PDF and give the file",
        ),
        (b"%PDF-1.7\nno more", "damaged", "save it anew and give that"),
    ],
)
async def test_a_page_without_text_is_named_and_says_what_to_do(
    body: bytes, code: str, advice: str, server: Hostile
) -> None:
    server.pages["/a"] = _sends(body, "text/html")

    with pytest.raises(Unreadable) as refused:
        await _read(server, "/a")

    assert refused.value.reason_code == code
    assert refused.value.message.startswith(server.url("/a"))
    assert advice in refused.value.message


async def test_a_page_that_robots_txt_denies_is_not_asked_for(server: Hostile) -> None:
    server.robots = _sends(b"User-agent: *\nDisallow: /", "text/plain")

    with pytest.raises(FetchError) as refused:
        await _read(server, "/article")

    assert refused.value.reason_code == "robots_denied"
    assert "save it and give the file" in refused.value.message
    assert server.paths == ["/robots.txt"]


async def test_a_server_that_is_not_allowed_is_not_asked(
    server: Hostile, forbidden: Hostile
) -> None:
    with pytest.raises(FetchError) as refused:
        await read_source(
            parse_source(forbidden.url("/article")), now=NOW, fetcher=_fetcher(server)
        )

    assert refused.value.reason_code == "inner_address"
    assert f"FETCH_ALLOW={forbidden.place}" in refused.value.message


async def test_a_page_may_be_one_s_own(server: Hostile) -> None:
    server.pages["/a"] = _sends(page().encode(), "text/html")
    ref = SourceRef("url", server.url("/a"), Rights.OWN)

    snapshot = await read_source(ref, now=NOW, fetcher=_fetcher(server))

    assert snapshot.rights is Rights.OWN


async def test_a_page_needs_a_fetcher() -> None:
    with pytest.raises(ValueError, match="needs a fetcher"):
        await read_source(SourceRef("url", "http://a.example/", Rights.OWN), now=NOW)
