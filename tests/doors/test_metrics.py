"""`/metrics` for operators and on loopback: what it tells, to whom, and that strangers cannot make it grow."""

import http.client
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from prometheus_client.parser import text_string_to_metric_families

from chaos.line import Line
from tests.clients import connect, get
from tests.doors.conftest import ROOT, Server, serving
from tests.doors.people import make_key
from tests.doors.test_api import ended
from tests.doors.test_scaling import until
from tests.infra.llm.scripted import joins_facts, scripted

SOURCE = (ROOT / "examples/en/horizontal-scaling.md").read_text()
REQUEST = {"keyword": "horizontal scaling", "sources": [{"text": SOURCE}]}
PRICES = 'dated = 2026-11-01\n["compatible:scripted"]\ninput = 1.0\noutput = 2.0\n'

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(text: str) -> Samples:
    return {
        (one.name, frozenset(one.labels.items())): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float | None:
    return found.get((name, frozenset(labels.items())))


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def metered(
    tmp_path_factory: pytest.TempPathFactory, module_database: Callable[[str], str]
) -> Iterator[tuple[Server, str]]:
    """A server with a priced model that has a port for metrics."""
    folder = tmp_path_factory.mktemp("metered")
    (folder / "prices.toml").write_text(PRICES)
    port = free_port()
    with scripted(then=joins_facts) as script:
        settings = {
            "LLM_BASE_URL": f"{script.url}/v1",
            "LLM_MODEL": "compatible:scripted",
            "APP_PRICES__FILE": str(folder / "prices.toml"),
            "APP_CAPS__FLEET_DAY_USD": "5",
            "APP_METRICS__PORT": str(port),
        }
        with serving(folder, module_database("postgresql"), **settings) as server:
            yield server, f"http://127.0.0.1:{port}/metrics"


def test_metrics_are_for_those_who_operate_the_fleet(metered) -> None:
    server, _ = metered
    reader = make_key(server.environment["DATABASE_URL"], server.owner, ("read", "write"))

    stranger = get(f"{server.url}/metrics")
    writer = get(f"{server.url}/metrics", headers={"authorization": f"Bearer {reader}"})
    with server.operator() as client:
        operator = client.get("/metrics")

    assert (stranger.status_code, writer.status_code, operator.status_code) == (401, 403, 200)
    assert operator.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert operator.headers["cache-control"] == "no-store"
    found = samples(operator.text)
    assert value(found, "blogger_fleet_readable") == 1
    assert not [name for name, _ in found if name.endswith("_created")]


def test_the_port_needs_no_key_and_answers_to_no_other_name(metered) -> None:
    _, url = metered
    parts = urlsplit(url)

    answer = get(url)
    rebound = get(url, headers={"host": "evil.example"})
    elsewhere = get(url.replace("/metrics", "/"))
    asked = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=60)
    asked.request("POST", "/metrics", body=b"x")

    assert answer.status_code == 200
    assert rebound.status_code == 421
    assert elsewhere.status_code == 404
    assert asked.getresponse().status == 405
    asked.close()


def test_requests_are_counted_by_route_and_not_by_what_was_typed(metered) -> None:
    server, url = metered
    with server.operator() as client:
        client.get("/api/v1/jobs/0000")
        client.get("/api/v1/scaling/info")
        before = {route for (_, route) in _routes(samples(get(url).text))}
        for n in range(40):
            client.get(f"/api/v1/jobs/{n:04}")
            client.get(f"/nothing/{n}\N{HANGUL SYLLABLE GA}%0a%22}}")
            client.get(f"/en/nothing-{n}")
            client.get(f"/media/{n}.png")
            client.request(f"MADEUP{n}", "/")
    found = samples(get(url).text)

    routes = {route for (_, route) in _routes(found)}
    assert "/api/v1/jobs/{job_id}" in routes
    assert "/api/v1/scaling/info" in routes
    assert len(routes - before) <= 5, routes - before
    assert not [route for route in routes if "0001" in route or "nothing" in route]
    methods = {dict(labels).get("method") for name, labels in found if "http_requests" in name}
    assert methods - {None} <= {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"}
    refused = value(
        found,
        "blogger_http_requests_total",
        route="/api/v1/jobs/{job_id}",
        method="GET",
        status="404",
    )
    assert refused is not None
    assert refused >= 41
    timed = "blogger_http_request_seconds_count"
    asked = sum(
        number
        for (name, labels), number in found.items()
        if name == "blogger_http_requests_total"
        and {("route", "/api/v1/jobs/{job_id}"), ("method", "GET")} <= set(labels)
    )
    assert value(found, timed, route="/api/v1/jobs/{job_id}", method="GET") == asked


def _routes(found: Samples) -> set[tuple[str, str]]:
    return {
        (name, dict(labels)["route"])
        for name, labels in found
        if name == "blogger_http_requests_total"
    }


def test_a_job_shows_in_calls_tokens_cost_and_states(metered) -> None:
    server, url = metered
    with server.operator() as client:
        job = client.post("/api/v1/generate-post", json=REQUEST).json()["job_id"]
        ended(client, job)
        costs = client.get("/api/v1/costs", params={"by": "day"}).json()

    model = {"model": "compatible:scripted"}
    until(lambda: (value(samples(get(url).text), "blogger_jobs", state="succeeded") or 0) >= 1)
    found = samples(get(url).text)
    calls = value(found, "blogger_llm_call_seconds_count", **model, outcome="answered")
    requests = value(found, "blogger_llm_requests_total", **model)
    assert requests == costs[0]["calls"]
    # An answer in a wrong shape is asked for once more within its call.
    assert calls is not None
    assert 0 < calls <= requests
    # The scripted server says 1000 tokens in and 500 out of every call.
    assert value(found, "blogger_llm_tokens_total", **model, direction="input") == 1000 * requests
    assert value(found, "blogger_llm_tokens_total", **model, direction="output") == 500 * requests
    cost = value(found, "blogger_llm_cost_usd_total", **model)
    assert cost == pytest.approx(costs[0]["cost_usd"])
    assert value(found, "blogger_spent_today_usd") == pytest.approx(costs[0]["cost_usd"])
    assert value(found, "blogger_cap_usd", cap="fleet_day") == 5
    assert value(found, "blogger_instances_live") == 1
    assert value(found, "blogger_queue_depth", queue="posts") == 0
    age = value(found, "blogger_lease_age_seconds")
    assert age is not None
    assert 0 <= age < 6
    assert value(found, "blogger_db_pool_limit") == 5
    assert value(found, "blogger_check_level", check="database") == 0
    assert value(found, "blogger_dependency_up", dependency="database") == 1


def test_kept_pages_are_counted_although_they_pass_no_layer(metered) -> None:
    server, url = metered
    before = value(samples(get(url).text), "blogger_kept_pages_total") or 0

    with connect(server.url) as client:
        for _ in range(30):
            assert client.get("/").status_code == 200

    def kept() -> float:
        return value(samples(get(url).text), "blogger_kept_pages_total") or 0

    until(lambda: kept() > before)
    assert before < kept() <= before + 30


def test_metrics_of_the_process_are_there_while_the_database_is_away(
    tmp_path: Path, new_database: Callable[[str], str]
) -> None:
    direct = new_database("postgresql")
    parts = urlsplit(direct)
    line = Line(str(parts.hostname), int(parts.port or 0))
    port = free_port()
    url = f"http://127.0.0.1:{port}/metrics"
    away = direct.replace(f":{parts.port}/", f":{line.port}/")
    with serving(tmp_path, away, APP_METRICS__PORT=str(port)) as server:
        until(lambda: value(samples(get(url).text), "blogger_fleet_readable") == 1)

        line.break_off()
        until(lambda: value(samples(get(url).text), "blogger_fleet_readable") == 0)
        found = samples(get(url).text)

        assert value(found, "blogger_dependency_up", dependency="database") == 0
        assert not [name for name, _ in found if name in {"blogger_jobs", "blogger_queue_depth"}]
        assert (value(found, "blogger_lease_age_seconds") or 0) > 0
        assert server.process.poll() is None
        line.heal()
    line.close()


def test_a_port_in_use_is_said_and_ends_the_start(
    tmp_path: Path, new_database: Callable[[str], str]
) -> None:
    from tests import started
    from tests.doors.conftest import environment_of

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        environment = environment_of(new_database("sqlite"), tmp_path)
        ran = started.run(
            *("serve", "--port", str(free_port())),
            folder=tmp_path,
            environment=environment | {"APP_METRICS__PORT": str(taken.getsockname()[1])},
        )

    assert ran.returncode == 1
    assert "APP_METRICS__PORT" in ran.stdout + ran.stderr
