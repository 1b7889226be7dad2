"""Keyphrases and briefs at the API: who may ask, what is answered, what is fetched."""

import pytest

from tests.doors.conftest import Server

TEXT = "# At home\n\nCold brew coffee takes time. Make cold brew coffee. How long does it keep?\n"


def test_keyphrases_come_with_places_and_reasons_in_the_reader_s_language(
    one_server: Server,
) -> None:
    with one_server.operator() as client:
        english = client.post("/api/v1/keyphrases", json={"text": TEXT, "most": 3})
        korean = client.post("/api/v1/keyphrases", json={"text": TEXT, "say": "ko"})

    assert english.status_code == 200, english.text
    best = english.json()["keyphrases"][0]
    assert (best["text"].lower(), best["count"]) == ("cold brew coffee", 2)
    assert best["places"][0] == {"start": 11, "end": 27, "line": 3, "column": 1}
    assert best["why"] == "in the first paragraph, 2 times in the text"
    assert "첫 문단" in korean.json()["keyphrases"][0]["why"]


def test_html_is_read(one_server: Server) -> None:
    asked = {"text": "<h1>로드 밸런서</h1><p>로드 밸런서는 서버를 고릅니다.</p>", "format": "html"}
    with one_server.operator() as client:
        found = client.post("/api/v1/keyphrases", json=asked).json()

    assert (found["language"], found["keyphrases"][0]["text"]) == ("ko", "로드 밸런서")


def test_a_brief_names_what_could_not_be_read(one_server: Server) -> None:
    asked = {"sources": [{"text": TEXT}, {"url": "http://127.0.0.1:1/private"}]}
    with one_server.operator() as client:
        found = client.post("/api/v1/brief", json=asked)

    assert found.status_code == 200, found.text
    assert [one["name"] for one in found.json()["unread"]] == ["http://127.0.0.1:1/private"]
    assert found.json()["questions"][0]["text"] == "How long does it keep?"
    assert found.json()["keyphrases"][0]["own_articles"] == 0


def test_strangers_and_viewers_may_not_ask(one_server: Server) -> None:
    for path, body in (
        ("/api/v1/keyphrases", {"text": TEXT}),
        ("/api/v1/brief", {"sources": [{"text": TEXT}]}),
    ):
        with one_server.anybody() as client:
            stranger = client.post(path, json=body)
        with one_server.signed_in("viewer") as browser:
            viewer = browser.post(path, json=body)
        with one_server.signed_in("writer") as browser:
            writer = browser.post(path, json=body)
            elsewhere = browser.post(path, json=body, headers={"sec-fetch-site": "cross-site"})

        assert stranger.status_code == 401
        assert (viewer.status_code, writer.status_code, elsewhere.status_code) == (403, 200, 403)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("keyphrases", {}),
        ("keyphrases", {"text": ""}),
        ("keyphrases", {"text": "a" * 100_001}),
        ("keyphrases", {"text": "A.", "most": 0}),
        ("keyphrases", {"text": "A.", "title": "a\nb"}),
        ("brief", {"sources": []}),
        ("brief", {"sources": [{"text": "A."}] * 21}),
        ("brief", {"sources": [{}]}),
        ("brief", {"sources": [{"text": "A.", "url": "https://example.org/"}]}),
        ("brief", {"sources": [{"url": "file:///etc/passwd"}]}),
        ("brief", {"sources": [{"url": "/etc/passwd"}]}),
        ("brief", {"sources": [{"url": "http://127.0.0.1:1/"}]}),
    ],
)
def test_what_cannot_be_read_is_a_problem(
    one_server: Server, path: str, body: dict[str, object]
) -> None:
    with one_server.operator() as client:
        answer = client.post(f"/api/v1/{path}", json=body)

    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
