"""What a request led to is one trace, whoever does which part of it, and whoever dies on the way."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from app.generation.jobs import STEPS
from tests.collector import CLIENT, CONSUMER, SERVER, Collector, Told, collecting
from tests.doors.conftest import ROOT, Server, serving
from tests.doors.test_api import ended
from tests.infra.llm.scripted import Answer, Script, joins_facts, scripted

pytestmark = pytest.mark.processes

SOURCE = (ROOT / "examples/en/horizontal-scaling.md").read_text()
REQUEST = {"keyword": "horizontal scaling", "sources": [{"text": SOURCE}]}
PRICES = 'dated = 2026-11-01\n["compatible:scripted"]\ninput = 1.0\noutput = 2.0\n'
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


class House:
    """Instances of one database and one model, each with a role."""

    def __init__(self, stack: ExitStack, folder: Path, url: str, collector: Collector) -> None:
        self._stack = stack
        self._folder = folder
        self._url = url
        self._collector = collector
        (folder / "prices.toml").write_text(PRICES)

    def start(self, name: str, role: str, script: Script) -> Server:
        folder = self._folder / name
        folder.mkdir()
        settings = {
            "ROLE": role,
            "SECRET_KEY": "k" * 40,
            "LLM_BASE_URL": f"{script.url}/v1",
            "LLM_MODEL": "compatible:scripted",
            "APP_PRICES__FILE": str(self._folder / "prices.toml"),
            "APP_FLEET__TTL_S": "2",
            "APP_FLEET__HEARTBEAT_S": "0.3",
            "APP_LOGS__SLOW_QUERY_S": "0.000001",  # so that every step has lines
            **self._collector.variables,
        }
        return self._stack.enter_context(serving(folder, self._url, **settings))


@pytest.fixture
def house(
    tmp_path: Path, new_database: Callable[[str], str], collector: Collector
) -> Iterator[House]:
    with ExitStack() as stack:
        yield House(stack, tmp_path, new_database("postgresql"), collector)


def name_of(server: Server) -> str:
    return f"-{server.process.pid}"


def lines_of(server: Server) -> list[dict[str, Any]]:
    lines = (server.folder / "log").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def job_is_told(job_id: str) -> Callable[[list[Told]], bool]:
    return lambda spans: any(
        told.name == "job" and told.attributes["blogger.job.id"] == job_id for told in spans
    )


def test_request_job_steps_and_model_calls_of_two_instances_are_one_trace(
    house: House, collector: Collector
) -> None:
    with scripted(then=joins_facts) as script:
        web, worker = house.start("web", "web", script), house.start("worker", "worker", script)
        with web.operator() as client:
            accepted = client.post("/api/v1/generate-post", json=REQUEST, headers=CALLER)
            job = ended(client, accepted.json()["job_id"])
        spans = collector.until(job_is_told(job["job_id"]))
        for server in (web, worker):
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(60) == 0, "what is left is told before the end"
        spans = [told for told in collector.spans() if told.trace_id == TRACE]

    assert job["state"] == "succeeded", job["error"]
    [request] = [told for told in spans if told.kind == SERVER]
    assert (request.name, request.parent_id) == (
        "POST /api/v1/generate-post",
        "00f067aa0ba902b7",
    )
    assert request.by.endswith(name_of(web))
    [whole] = [told for told in spans if told.kind == CONSUMER]
    assert (whole.parent_id, whole.failed) == (request.span_id, False)
    assert whole.attributes["blogger.job.state"] == "succeeded"
    steps = [told for told in spans if told.name.startswith("step ")]
    named = {told.attributes["blogger.step.name"] for told in steps}
    assert named == set(STEPS) - {"judge"}  # the composer's articles have none
    assert {told.parent_id for told in steps} == {whole.span_id}
    assert all(told.by.endswith(name_of(worker)) for told in (whole, *steps))
    assert all(whole.began <= told.began <= told.ended <= whole.ended for told in steps[:-1])
    calls = [told for told in spans if told.kind == CLIENT]
    assert {told.parent_id for told in calls} <= {told.span_id for told in steps}
    assert len(spans) == 2 + len(steps) + len(calls)
    says_what_calls_were(calls, script)
    everything = b"".join(collector.bodies)
    for secret in (web.key, "k" * 40, "horizontal scaling", SOURCE.split(". ")[0][-30:]):
        assert secret.encode() not in everything
    for server in (web, worker):
        named = {
            line.get("trace_id")
            for line in lines_of(server)
            if line.get("step") or line.get("path") == "/api/v1/generate-post"
        }
        assert named == {TRACE}


def says_what_calls_were(calls: list[Told], script: Script) -> None:
    """Each by the conventions; and the model was told of which span it is a part."""
    assert {told.name for told in calls} == {"chat scripted"}
    answered = [told for told in calls if not told.failed]
    about = answered[0].attributes
    assert (
        about.items()
        >= {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "compatible",
            "gen_ai.request.model": "scripted",
            "gen_ai.response.model": "scripted",
            "gen_ai.response.finish_reasons": ["stop"],
            "gen_ai.usage.input_tokens": 1000,
            "gen_ai.usage.output_tokens": 500,
            "server.address": "127.0.0.1",
        }.items()
    )
    assert about["blogger.llm.cost_usd"] == pytest.approx(0.002)
    asked = sum(told.attributes["blogger.llm.requests"] for told in calls)
    assert asked == len(script.asked)
    carried = {head["traceparent"].split("-")[2] for head in script.heads}
    assert carried == {told.span_id for told in calls}
    unusable = [told for told in calls if told.failed]
    assert {told.attributes["error.type"] for told in unusable} <= {"ModelInvalid"}


def test_a_job_whose_instance_is_killed_goes_on_in_the_same_trace_elsewhere(
    house: House, collector: Collector
) -> None:
    def slowly(asked: dict[str, Any]) -> Answer:
        answer = joins_facts(asked)
        answer.delay_s = 0.4
        return answer

    with scripted(then=slowly) as script:
        web, first = house.start("web", "web", script), house.start("first", "worker", script)
        with web.operator() as client:
            accepted = client.post("/api/v1/generate-post", json=REQUEST, headers=CALLER)
            job_id = accepted.json()["job_id"]
            collector.until(lambda spans: any(told.name == "step outline" for told in spans))
            first.process.kill()
            second = house.start("second", "worker", script)
            job = ended(client, job_id)
        spans = collector.until(job_is_told(job_id))

    assert job["state"] == "succeeded", job["error"]
    ours = [told for told in spans if told.trace_id == TRACE]
    [whole] = [told for told in ours if told.name == "job"]
    steps = [told for told in ours if told.name.startswith("step ")]
    assert {told.parent_id for told in steps} == {whole.span_id}
    by = {(told.attributes["blogger.step.name"], told.by) for told in steps}
    hosts = {told.by.rpartition("-")[2]: told.by for told in steps}
    assert ("outline", hosts[name_of(first)[1:]]) in by
    assert ("save", hosts[name_of(second)[1:]]) in by
    assert whole.by.endswith(name_of(second))


def test_readers_and_writers_notice_nothing_of_a_collector_that_is_away(
    tmp_path: Path, new_database: Callable[[str], str], unused_port: int
) -> None:
    away = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{unused_port}",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "2",
        "OTEL_BSP_SCHEDULE_DELAY": "20",
    }
    with serving(tmp_path, new_database("sqlite"), **away) as server, server.operator() as client:
        job = ended(client, client.post("/api/v1/generate-post", json=REQUEST).json()["job_id"])
        for _ in range(20):
            assert client.get("/api/v1/jobs").status_code == 200
            time.sleep(0.05)
        server.process.send_signal(signal.SIGTERM)
        code = server.process.wait(60)

    assert job["state"] == "succeeded"
    assert code == 0
    told = [line for line in lines_of(server) if line["event"].startswith("traces_")]
    assert [line["event"] for line in told if line["event"] != "traces_not_flushed"] == [
        "traces_not_exported"
    ]
    assert "refused" in told[0]["reason"]
