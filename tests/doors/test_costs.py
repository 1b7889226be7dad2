"""Estimates and costs at the API and on the command line, each for those who may see them."""

import json

import httpx2
import pytest

from tests.doors.conftest import ROOT, Server, serving
from tests.doors.people import make_key
from tests.infra.llm.scripted import joins_facts, scripted

SOURCE = (ROOT / "examples/en/horizontal-scaling.md").read_text()
REQUEST = {"keyword": "horizontal scaling", "sources": [{"text": SOURCE}]}
PRICES = 'dated = 2026-11-01\n["compatible:scripted"]\ninput = 1.0\noutput = 2.0\n'


@pytest.fixture(scope="module")
def priced(tmp_path_factory, module_database):
    """A server with a scripted model that has a price."""
    folder = tmp_path_factory.mktemp("priced")
    (folder / "prices.toml").write_text(PRICES)
    with scripted(then=joins_facts) as script:
        settings = {
            "LLM_BASE_URL": f"{script.url}/v1",
            "LLM_MODEL": "compatible:scripted",
            "APP_PRICES__FILE": str(folder / "prices.toml"),
            "APP_CAPS__JOB_USD": "0.2",
        }
        with serving(folder, module_database("sqlite"), **settings) as server:
            yield server, script


def written(server: Server, **changes: object) -> dict[str, object]:
    with server.operator() as client:
        accepted = client.post("/api/v1/generate-post", json={**REQUEST, **changes}).json()
        events = client.get(accepted["events_url"])  # ends with the job
        assert events.status_code == 200
        return client.get(f"/api/v1/jobs/{accepted['job_id']}").json()


def test_an_estimate_pays_nothing_and_the_job_costs_what_lies_within_it(priced) -> None:
    server, script = priced
    with server.operator() as client:
        estimate = client.post("/api/v1/estimate", json=REQUEST)
        asked = len(script.asked)
        job = written(server)
        costs = client.get("/api/v1/costs", params={"by": "job", "job": job["job_id"]}).json()
        days = client.get("/api/v1/costs").json()

    band = estimate.json()
    assert estimate.status_code == 200
    assert asked == 0
    assert job["state"] == "succeeded", job["error"]
    assert band["price_source"] == "APP_PRICES__FILE of 2026-11-01"
    assert band["calls"]["low"] <= costs[0]["calls"] <= band["calls"]["high"]
    # The scripted server says 1000 tokens in and 500 out of every call.
    assert costs[0]["cost_usd"] == pytest.approx(costs[0]["calls"] * 0.002)
    assert days[0]["calls"] >= costs[0]["calls"]
    told = server.command("costs", "--by", "step", "--job", str(job["job_id"])[:18], "--json")
    steps = json.loads(told.stdout)
    assert sum(step["calls"] for step in steps) == costs[0]["calls"]
    assert {"outline.c1", "draft.0.c1"} <= {step["group"] for step in steps}
    assert "compatible:scripted" in server.command("costs", "--by", "model").stdout


def test_a_job_stops_before_the_call_that_might_pass_its_cap_and_says_so(
    tmp_path, new_database
) -> None:
    (tmp_path / "prices.toml").write_text(PRICES)
    with scripted(then=joins_facts) as script:
        settings = {
            "LLM_BASE_URL": f"{script.url}/v1",
            "LLM_MODEL": "compatible:scripted",
            "APP_PRICES__FILE": str(tmp_path / "prices.toml"),
            "APP_CAPS__JOB_USD": "0.001",
        }
        with serving(tmp_path, new_database("sqlite"), **settings) as server:
            job = written(server)

    assert (job["state"], job["error_code"]) == ("failed", "over_cap")
    assert "APP_CAPS__JOB_USD" in str(job["error"])
    assert script.asked == []


def test_only_who_operates_the_fleet_sees_what_everybody_spent(one_server: Server) -> None:
    writer = make_key(
        one_server.environment["DATABASE_URL"], one_server.person("writer"), ("read", "write")
    )
    headers = {"authorization": f"Bearer {writer}"}
    with httpx2.Client(base_url=one_server.url, headers=headers, timeout=60) as client:
        assert client.get("/api/v1/costs").status_code == 403
        assert client.post("/api/v1/estimate", json=REQUEST).status_code == 200
    with one_server.anybody() as client:
        assert client.get("/api/v1/costs").status_code == 401
        assert client.post("/api/v1/estimate", json=REQUEST).status_code == 401


@pytest.mark.parametrize(
    "query", [{"by": "password"}, {"since": "yesterday"}, {"limit": 10**9}, {"job": "\x00"}]
)
def test_odd_questions_about_costs_get_a_clear_answer(one_server: Server, query) -> None:
    with one_server.operator() as client:
        answer = client.get("/api/v1/costs", params=query)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
