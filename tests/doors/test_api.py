"""The JSON API on a real server: who is let in, what comes back, and that nothing is done twice."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.doors.conftest import ROOT, Server, serving

SOURCE = (ROOT / "examples/en/horizontal-scaling.md").read_text()
REQUEST = {"keyword": "horizontal scaling", "sources": [{"text": SOURCE}], "publish": True}


def ended(client: httpx2.Client, job_id: str) -> dict[str, Any]:
    for _ in range(2400):
        job = client.get(f"/api/v1/jobs/{job_id}").json()
        if job["ended_at"]:
            return job
        time.sleep(0.05)
    pytest.fail("the job did not end within two minutes")


def ids_of_jobs(client: httpx2.Client) -> set[str]:
    return {job["job_id"] for job in client.get("/api/v1/jobs?limit=200").json()}


def events(answer: httpx2.Response) -> Iterator[dict[str, Any]]:
    for block in answer.text.strip().split("\n\n"):
        fields = dict(
            line.split(": ", 1) for line in block.splitlines() if not line.startswith(":")
        )
        if "data" in fields:
            yield {**json.loads(fields["data"]), "id": int(fields["id"]), "kind": fields["event"]}


def test_an_article_is_asked_for_watched_and_read(server: Server) -> None:
    with server.operator() as client:
        accepted = client.post("/api/v1/generate-post", json=REQUEST)
        job = ended(client, accepted.json()["job_id"])
        stream = client.get(accepted.json()["events_url"])
        told = list(events(stream))
        rest = list(events(client.get(stream.url, headers={"last-event-id": str(told[4]["id"])})))

    assert accepted.status_code == 202
    assert accepted.headers["location"] == f"/api/v1/jobs/{job['job_id']}"
    assert job["state"] == "succeeded"
    result = job["result"]
    assert result["claims_supported"] == result["claims_total"] > 10
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert [event["id"] for event in told] == sorted({event["id"] for event in told})
    steps = [event["step"] for event in told if event["kind"] == "finished"]
    assert list(dict.fromkeys(steps)) == [
        *("brief", "sources", "outline", "draft", "verify", "optimise", "repair", "score", "save"),
    ]
    assert rest == told[5:]
    with server.anybody() as reader:
        page = reader.get(f"/en/{result['slug']}")
        listed = reader.get("/api/v1/posts").json()["items"]
    assert page.status_code == 200
    assert [post["slug"] for post in listed].count(result["slug"]) == 1


def test_who_asks_for_an_article_is_told_of_those_on_the_same(server: Server) -> None:
    asked = {**REQUEST, "publish": False}
    with server.operator() as client:
        first = client.post("/api/v1/generate-post", json=asked, headers={"idempotency-key": "e"})
        job = ended(client, first.json()["job_id"])
        again = client.post("/api/v1/generate-post", json=asked, headers={"idempotency-key": "e"})
        other = client.post(
            "/api/v1/generate-post", json={**asked, "keyword": "Horizontally  scaled"}
        )

    assert job["state"] == "succeeded"
    told = other.json()["existing"]
    assert other.status_code == 202
    # Other tests write on the same server.
    assert "horizontal scaling" in {each["keyphrase"] for each in told if each["why"] == "same"}
    assert job["post_id"] not in {each["post_id"] for each in again.json()["existing"]}
    assert again.json()["job_id"] == first.json()["job_id"]


def test_every_route_but_published_articles_wants_a_key(server: Server) -> None:
    public = {
        *(("get", "/posts"), ("get", "/posts/{name}")),
        *(("get", "/scaling/info"), ("get", "/scaling/checklist")),
    }
    with server.operator() as client:
        jobs = ids_of_jobs(client)  # jobs of other tests may still go on
    with server.anybody() as client:
        routes = client.get("/api/v1/openapi.json").json()["paths"]
        asked = [
            (method, path)
            for path, methods in routes.items()
            for method in methods
            if (method, path) not in public
        ]
        for method, path in asked:
            address = "/api/v1" + path.replace("{job_id}", "x").replace("{name}", "x")
            for headers in ({}, {"authorization": "Bearer wrong"}, {"cookie": server.key}):
                answer = client.request(method, address, headers=headers, json=REQUEST)
                assert answer.status_code == 401, (method, path)
                assert answer.headers["www-authenticate"] == "Bearer"
                assert server.key not in answer.text
    with server.operator() as client:
        assert ids_of_jobs(client) == jobs
    assert len(asked) >= 5


def test_a_draft_is_for_who_may_read_drafts(server: Server) -> None:
    with server.operator() as client:
        body = {**REQUEST, "publish": False}
        job = ended(client, client.post("/api/v1/generate-post", json=body).json()["job_id"])
        own = client.get(f"/api/v1/posts/{job['post_id']}")
    with server.anybody() as reader:
        others = reader.get(f"/api/v1/posts/{job['post_id']}")
        listed = reader.get("/api/v1/posts").json()["items"]

    assert own.json()["state"] == "draft"
    assert others.status_code == 404
    assert own.json()["slug"] not in [post["slug"] for post in listed]


def test_the_same_key_is_the_same_job_even_at_once(server: Server) -> None:
    with server.operator(**{"idempotency-key": "k1"}) as client:
        before = ids_of_jobs(client)
        with ThreadPoolExecutor(6) as pool:
            asked = pool.map(lambda _: client.post("/api/v1/generate-post", json=REQUEST), range(6))
            answers = list(asked)
        other = client.post("/api/v1/generate-post", json={**REQUEST, "keyword": "other"})
        new = ids_of_jobs(client) - before

    assert [answer.status_code for answer in answers] == [202] * 6
    assert {answer.json()["job_id"] for answer in answers} == new
    assert len(new) == 1
    assert other.status_code == 422
    assert other.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sources": []}, "sources"),
        ({"keyword": ""}, "keyword"),
        ({"keyword": "   "}, "keyword"),
        ({"keyword": "x" * 121}, "keyword"),
        ({"keyword": "nul\u0000here"}, "keyword"),
        ({"language": "fr"}, "language"),
        ({"model": "gpt-99"}, "gpt-99"),
        ({"sources": [{"url": "ftp://a.example/x"}]}, "http://"),
        ({"sources": [{"url": "/etc/passwd"}]}, "http://"),
        ({"sources": [{"url": "file:///etc/passwd"}]}, "http://"),
        ({"sources": [{"url": "https://a.example", "text": "both"}]}, "url"),
        ({"sources": [{}]}, "url"),
        ({"sources": [{"text": ""}]}, "text"),
        ({"sources": [{"text": "x" * 1_000_001}]}, "text"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_reason(
    one_server: Server, change: dict[str, Any], said: str
) -> None:
    with one_server.operator() as client:
        answer = client.post("/api/v1/generate-post", json={**REQUEST, **change})

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.text


def test_a_page_of_this_machine_is_not_fetched(one_server: Server) -> None:
    body = {**REQUEST, "sources": [{"url": f"{one_server.url}/health"}]}
    with one_server.operator() as client:
        job = ended(client, client.post("/api/v1/generate-post", json=body).json()["job_id"])

    assert job["state"] == "failed"
    assert "FETCH_ALLOW" in job["error"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b"null", b'{"keyword": 1}'])
def test_what_is_no_request_is_a_problem(one_server: Server, body: bytes) -> None:
    with one_server.operator(**{"content-type": "application/json"}) as client:
        answer = client.post("/api/v1/generate-post", content=body)

    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_that_never_ends_is_refused_without_a_key(one_server: Server) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(64):
            yield b"x" * 1024 * 1024

    with one_server.anybody() as client:
        announced = client.post("/api/v1/generate-post", content=b"x" * (26 * 1024 * 1024))
        try:
            status = client.post("/api/v1/generate-post", content=endless()).status_code
        except httpx2.TransportError:
            status = 413  # the server closed the connection while we were still sending

    assert announced.status_code == 413
    assert status == 413


def test_a_cancelled_job_stays_cancelled_and_an_ended_one_is_a_conflict(server: Server) -> None:
    with server.operator() as client:
        done = ended(client, client.post("/api/v1/generate-post", json=REQUEST).json()["job_id"])
        conflict = client.delete(f"/api/v1/jobs/{done['job_id']}")
        unknown = client.delete("/api/v1/jobs/01a20b47-0000-7000-8000-000000000000")

    assert conflict.status_code == 409
    assert unknown.status_code == 404


@pytest.mark.parametrize("path", ["/jobs/%00", "/posts/%00", "/posts/%ff", "/jobs/" + "x" * 3000])
def test_an_odd_address_is_not_found(one_server: Server, path: str) -> None:
    with one_server.operator() as client:
        assert client.get("/api/v1" + path).status_code in {404, 422}


def test_other_host_names_are_turned_away(one_server: Server) -> None:
    with one_server.operator() as client:
        for path in ("/", "/api/v1/posts"):
            assert client.get(path, headers={"host": "evil.example"}).status_code == 421
        for path in ("/health", "/health/liveness", "/health/readiness"):
            assert client.get(path, headers={"host": "10.0.0.7"}).status_code == 200


@pytest.mark.parametrize("number", ["abc", "-1", "3.5", "9" * 30])
def test_last_event_id_must_be_a_number_of_an_event(one_server: Server, number: str) -> None:
    with one_server.operator() as client:
        job = client.post("/api/v1/generate-post", json=REQUEST).json()
        answer = client.get(job["events_url"], headers={"last-event-id": number})

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_empty_idempotency_key_is_a_mistake(one_server: Server) -> None:
    with one_server.operator(**{"idempotency-key": ""}) as client:
        answer = client.post("/api/v1/generate-post", json=REQUEST)

    assert answer.status_code == 422
    assert "idempotency-key" in answer.json()["detail"]


def test_secrets_are_in_no_log(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'blog.db'}"
    with serving(tmp_path, url, OPENAI_API_KEY="sk-secret-key-1234567890") as server:
        with server.operator() as client:
            body = {**REQUEST, "model": "openai:gpt-5-mini", "sources": [{"text": "short"}]}
            client.post("/api/v1/generate-post", json=body)
            client.get("/api/v1/jobs/nothing")

    log = (server.folder / "log").read_text()
    assert server.key not in log
    assert "sk-secret" not in log


def test_write_beside_a_running_server_is_queued_watched_and_done_once(server: Server) -> None:
    source = ROOT / "examples/ko/load-balancing.md"
    with server.operator() as client:
        before = ids_of_jobs(client)

    told = server.command(
        *("write", "--keyword", "로드 밸런싱", "--source", str(source), "--publish", "--json")
    )

    assert told.returncode == 0, told.stderr
    result = json.loads(told.stdout)
    assert result["claims_supported"] == result["claims_total"]
    with server.operator() as client:
        new = ids_of_jobs(client) - before
        page = client.get(f"/ko/{result['slug']}")
        stream = client.get(f"/api/v1/jobs/{result['job_id']}/events")
    assert new == {result["job_id"]}
    assert page.status_code == 200
    begun = [(e["step"], e["n"]) for e in events(stream) if e["kind"] == "started"]
    assert len(begun) == len(set(begun))
