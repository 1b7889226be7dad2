"""The analyser at the API: who may ask, what is answered, and that readers do not wait for it."""

import threading

import pytest

from tests.doors.conftest import Server

TEXT = "Horizontal scaling uses 3 servers. See [here](/a)."


def test_a_text_is_measured_in_the_reader_s_language(one_server: Server) -> None:
    asked = {"text": TEXT, "keyphrase": "horizontal scaling", "title": "Horizontal scaling"}
    with one_server.operator() as client:
        english = client.post("/api/v1/seo-analysis", json=asked)
        korean = client.post(
            "/api/v1/seo-analysis", json=asked, headers={"accept-language": "ko-KR,ko"}
        )

    assert english.status_code == 200, english.text
    found = {finding["id"]: finding for finding in english.json()["findings"]}
    said = {finding["id"]: finding["message"] for finding in korean.json()["findings"]}
    assert found["kp.title"]["points"] == 9
    assert found["links.generic"]["places"] == [{"start": 39, "end": 49, "line": 1, "column": 40}]
    assert "링크" in said["links.generic"]


def test_html_and_sources_are_read(one_server: Server) -> None:
    asked = {
        "text": "<h2>Scaling</h2><p>Horizontal scaling uses 4 servers.</p>",
        "format": "html",
        "sources": [{"text": "Horizontal scaling uses 3 servers.", "rights": "third_party"}],
    }
    with one_server.operator() as client:
        found = client.post("/api/v1/seo-analysis", json=asked).json()

    assert found["text"] == "## Scaling\n\nHorizontal scaling uses 4 servers.\n"
    assert found["gate"] == ["geo.numbers"]
    assert not found["publishable"]


def test_a_keyphrase_may_be_asked_for_as_it_is_written(one_server: Server) -> None:
    asked = {"text": "A server scaled.", "keyphrase": "scale servers"}
    with one_server.operator() as client:
        told = [
            client.post("/api/v1/seo-analysis", json={**asked, "exact": exact}).json()
            for exact in (False, True)
        ]

    levels = [f["level"] for one in told for f in one["findings"] if f["id"] == "kp.intro"]
    assert levels == ["good", "bad"]


def test_links_to_nowhere_on_the_own_blog_are_told_where_that_is_asked(one_server: Server) -> None:
    asked = {"text": "See [this](/en/never-was) now.", "keyphrase": "nowhere"}
    with one_server.operator() as client:
        alone = client.post("/api/v1/seo-analysis", json=asked).json()
        among = client.post("/api/v1/seo-analysis", json={**asked, "against": "own"}).json()
        other = client.post("/api/v1/seo-analysis", json={**asked, "against": "x"})

    assert "links.broken" not in {each["id"] for each in alone["findings"]}
    found = {each["id"]: each for each in among["findings"]}
    assert found["links.broken"]["level"] == "bad"
    assert "/en/never-was" in found["links.broken"]["message"]
    assert other.status_code == 422


def test_strangers_and_viewers_may_not_ask(one_server: Server) -> None:
    with one_server.anybody() as client:
        stranger = client.post("/api/v1/seo-analysis", json={"text": TEXT})
    with one_server.signed_in("viewer") as browser:
        viewer = browser.post("/api/v1/seo-analysis", json={"text": TEXT})
    with one_server.signed_in("writer") as browser:
        writer = browser.post("/api/v1/seo-analysis", json={"text": TEXT})
        elsewhere = browser.post(
            "/api/v1/seo-analysis", json={"text": TEXT}, headers={"sec-fetch-site": "cross-site"}
        )

    assert stranger.status_code == 401
    assert (viewer.status_code, writer.status_code, elsewhere.status_code) == (403, 200, 403)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": ""},
        {"text": "a" * 100_001},
        {"text": "A.", "keyphrase": "a\nb"},
        {"text": "A.", "format": "pdf"},
        {"text": "<p></p>", "format": "html"},
        {"text": "A.", "unknown": 1},
    ],
)
def test_what_cannot_be_analysed_is_a_problem(one_server: Server, body: dict[str, object]) -> None:
    with one_server.operator() as client:
        answer = client.post("/api/v1/seo-analysis", json=body)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_probes_are_answered_while_a_long_text_is_measured(one_server: Server) -> None:
    """The analysis runs off the event loop: what is asked meanwhile is answered before it ends."""
    long = "수평 확장은 서버를 3대로 늘리는 방법입니다. " * 3000
    ended = threading.Event()
    answers: list[int] = []

    def ask() -> None:
        with one_server.operator() as client:
            asked = {"text": long, "keyphrase": "수평 확장"}
            answers.append(client.post("/api/v1/seo-analysis", json=asked, timeout=200).status_code)
        ended.set()

    thread = threading.Thread(target=ask)
    thread.start()
    probed = 0
    with one_server.anybody() as client:
        while not ended.wait(0.05):
            assert client.get("/health/liveness").status_code == 200
            probed += 1
    thread.join()

    assert answers == [200]
    assert probed > 1
