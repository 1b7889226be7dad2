"""Spans reach a collector as they were made, cost nothing where there is none, and nothing fails by them."""

import asyncio
import io
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from app.config import Settings
from app.infra.logs import configure_logging
from app.infra.traces import (
    begin_trace,
    beneath,
    current_traceparent,
    request_span,
    span,
    tell_past,
    trace_id_of,
    traced,
    tracing,
)
from app.ops.instances import Identity
from tests.collector import CONSUMER, SERVER, Collector, collecting

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = f"00-{TRACE}-00f067aa0ba902b7-01"
WHO = Identity("here-1234", "here", 7)
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def _nobody_left_exporting() -> Iterator[None]:
    """An exporter that `close` gave up on tries for a while, and would speak in the log of the next test."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(30)


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the SDK is shown by one test is not there for the next."""
    for name in Settings.model_fields:
        if name.startswith("otel_"):
            monkeypatch.setenv(name.upper(), "x")
            monkeypatch.delenv(name.upper())
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "20")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    before = structlog.get_config()
    configure_logging(stream)
    yield stream
    structlog.configure(**before)


def to(url: str, **more: str) -> AbstractAsyncContextManager[None]:
    settings = Settings(
        otel_exporter_otlp_endpoint=url, **{f"otel_{k}": v for k, v in more.items()}
    )
    return traced(settings, "9.9", WHO)


def events(written: io.StringIO) -> list[str]:
    return [json.loads(line)["event"] for line in written.getvalue().splitlines()]


async def test_a_request_s_span_stands_beneath_its_caller_s_and_others_beneath_it(
    collector: Collector,
) -> None:
    async with to(collector.url, resource_attributes="deployment.environment.name=test"):
        with request_span("GET", {"traceparent": CALLER}) as request:
            request.rename("GET /posts/{slug}")
            with span("chat m", kind="client", attributes={"gen_ai.operation.name": "chat"}):
                seen = current_traceparent()

    inner, outer = collector.spans()
    assert (outer.name, outer.trace_id, outer.parent_id) == (
        "GET /posts/{slug}",
        TRACE,
        "00f067aa0ba902b7",
    )
    assert outer.kind == SERVER
    assert (inner.trace_id, inner.parent_id) == (TRACE, outer.span_id)
    assert inner.attributes == {"gen_ai.operation.name": "chat"}
    assert seen == f"00-{TRACE}-{inner.span_id}-01"
    assert (
        outer.resource.items()
        >= {
            "service.name": "ai-seo-blogger",
            "service.version": "9.9",
            "service.instance.id": "here-1234",
            "blogger.instance": "here-7",
            "deployment.environment.name": "test",
        }.items()
    )


@pytest.mark.parametrize(
    "given",
    ["", "garbage", f"00-{'0' * 32}-00f067aa0ba902b7-01", f"ff-{TRACE}-00f067aa0ba902b7-01"],
)
async def test_a_traceparent_that_is_none_begins_a_new_trace(
    given: str, collector: Collector
) -> None:
    async with to(collector.url):
        with request_span("GET", {"traceparent": given} if given else {}) as request:
            pass

    [told] = collector.spans()
    assert (told.trace_id, told.parent_id) == (request.trace_id, "")
    assert told.trace_id not in {TRACE, "0" * 32}


async def test_a_span_that_would_stand_beneath_nothing_is_none(collector: Collector) -> None:
    async with to(collector.url):
        with span("step draft", parent=""), span("chat m"):
            assert current_traceparent() == ""

    assert collector.spans() == []


async def test_what_is_raised_is_told_by_its_name_and_not_by_its_words(
    collector: Collector,
) -> None:
    async with to(collector.url):
        with pytest.raises(ValueError, match="geheim"), span("step draft", parent=CALLER):
            raise ValueError("geheim")

    [told] = collector.spans()
    assert (told.failed, told.message, told.events) == (True, "", 0)
    assert told.attributes == {"error.type": "ValueError"}
    assert b"geheim" not in collector.bodies[0]


async def test_a_job_s_span_is_the_parent_of_steps_that_were_told_before_it(
    collector: Collector,
) -> None:
    began = datetime(2026, 1, 1, tzinfo=UTC)
    async with to(collector.url):
        with request_span("POST", {}):
            trace = begin_trace()
        with span("step draft", parent=beneath(trace, "job-1")):
            pass
        tell_past(
            "job",
            beneath(trace, "job-1"),
            trace,
            began=began,
            ended=began + timedelta(seconds=2),
            attributes={"blogger.job.id": "job-1"},
            failure="over_cap",
        )

    request, step, job = collector.spans()
    assert step.parent_id == job.span_id != request.span_id
    assert job.parent_id == request.span_id
    assert {each.trace_id for each in (request, step, job)} == {trace_id_of(trace)}
    assert (job.kind, job.failed, job.ended - job.began) == (CONSUMER, True, 2_000_000_000)
    assert job.attributes == {"blogger.job.id": "job-1", "error.type": "over_cap"}
    assert job.resource == step.resource
    assert beneath(trace, "job-2") != beneath(trace, "job-1")


async def test_a_job_without_a_request_begins_a_trace_whose_first_span_is_its_own(
    collector: Collector,
) -> None:
    now = datetime.now(UTC)
    async with to(collector.url):
        trace, other = begin_trace(), begin_trace()
        own = beneath(trace, "job-1")
        tell_past("job", own, trace, began=now, ended=now, attributes={})

    [job] = collector.spans()
    assert (job.trace_id, job.parent_id) == (trace_id_of(trace), "")
    assert trace_id_of(other) != trace_id_of(trace)


async def test_a_sampler_that_takes_nothing_is_obeyed_by_every_span_of_a_job(
    collector: Collector,
) -> None:
    now = datetime.now(UTC)
    async with to(collector.url, traces_sampler="parentbased_always_off"):
        trace = begin_trace()
        with request_span("GET", {}) as request, span("chat m"):
            pass
        with span("step draft", parent=beneath(trace, "job-1")):
            pass
        tell_past("job", beneath(trace, "job-1"), trace, began=now, ended=now, attributes={})

    assert collector.spans() == []
    assert request.trace_id, "lines are tied together all the same"


async def test_a_collector_s_key_of_the_settings_is_sent_along(collector: Collector) -> None:
    async with to(collector.url, exporter_otlp_headers="x-key=secret%20word"):
        with request_span("GET", {}):
            pass

    assert collector.heads[0]["x-key"] == "secret word"


async def test_a_collector_that_is_away_costs_one_warning_and_one_line_when_it_is_back(
    collector: Collector, written: io.StringIO
) -> None:
    collector.status = 400  # an answer that the exporter does not try again
    async with to(collector.url):
        for _ in range(5):
            with request_span("GET", {}):
                pass
            await asyncio.sleep(0.06)
        away = events(written)
        collector.status = 200
        with request_span("GET", {}):
            pass

    assert away == ["traces_not_exported"]
    assert events(written) == ["traces_not_exported", "traces_exported_again"]
    told = json.loads(written.getvalue().splitlines()[0])
    assert (told["level"], "400" in told["reason"]) == ("warning", True)


async def test_the_end_waits_for_a_collector_that_is_away_but_not_for_long(
    written: io.StringIO, unused_port: int
) -> None:
    loop = asyncio.get_running_loop()
    async with to(f"http://127.0.0.1:{unused_port}"):
        with request_span("GET", {}):
            pass
        began = loop.time()

    assert loop.time() - began < 9, "the exporter by itself tries for ten seconds"
    assert not tracing()
    assert "Traceback" not in written.getvalue()


async def test_a_collector_that_never_answers_holds_up_no_span(
    written: io.StringIO,
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        async with to(f"http://127.0.0.1:{silent.getsockname()[1]}"):
            for _ in range(10_000):  # five times what is kept for it
                with request_span("GET", {}):
                    pass

    first, *rest = events(written)
    assert first == "Queue full, dropping Span."
    # On a busy machine the exporter's own time runs out before the end's does.
    assert rest
    assert set(rest) <= {"traces_not_exported", "traces_not_flushed"}


async def test_a_variable_that_makes_no_sense_is_told_and_nothing_else_changes(
    written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "-1")
    async with to("http://127.0.0.1:9"):
        assert not tracing()

    assert json.loads(written.getvalue())["event"] == "traces_not_started"


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"otel_exporter_otlp_endpoint": "http://127.0.0.1:9", "otel_sdk_disabled": True},
        {"otel_exporter_otlp_endpoint": "http://127.0.0.1:9", "otel_traces_exporter": "none"},
    ],
)
async def test_nothing_is_traced_where_nobody_asked_for_it(settings: dict[str, object]) -> None:
    async with traced(Settings(**settings), "9.9", WHO):
        with request_span("GET", {"traceparent": CALLER}) as request, span("x", parent=CALLER):
            assert (tracing(), request.trace_id) == (False, "")
            assert (begin_trace(), current_traceparent(), beneath("", "job-1")) == ("", "", "")


SERVE = """
import asyncio, json, sys
{before}
from app.infra.logs import configure_logging
from app.main import create_app
configure_logging(sys.stdout)
async def run():
    ready = asyncio.Event()
    app = create_app(ready=ready.set)
    async with app.router.lifespan_context(app):
        await asyncio.wait_for(ready.wait(), 60)
        answers = []
        async def send(message):
            answers.append(message)
        async def receive():
            return {{"type": "http.request", "body": b"", "more_body": False}}
        await app({{"type": "http", "method": "GET", "path": "/", "raw_path": b"/", "query_string": b"",
            "root_path": "", "headers": [(b"host", b"127.0.0.1")], "scheme": "http",
            "http_version": "1.1", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 1)}}, receive, send)
        print("status", answers[0]["status"])
asyncio.run(run())
print("loaded", json.dumps(sorted(name for name in sys.modules if name.startswith(
    ("opentelemetry.sdk.trace", "opentelemetry.exporter", "opentelemetry.proto", "google.protobuf",
     "app.infra.traces.exporting")))))
"""


def served(folder: Path, before: str = "", **variables: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SERVE.format(before=before)],
        cwd=folder,
        env={
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            "DATA_DIR": str(folder),
            **variables,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.processes
def test_without_a_collector_nothing_that_traces_is_loaded(
    tmp_path: Path, collector: Collector
) -> None:
    # The client of Redis loads the SDK's metrics by itself wherever the SDK is installed.
    without = served(tmp_path)
    with_one = served(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)

    assert "status 200" in without
    assert without[-1] == "loaded []"
    assert "opentelemetry.sdk.trace" in with_one[-1], "the look at what is loaded sees it"
    assert [told.attributes["http.response.status_code"] for told in collector.spans()] == [200]


@pytest.mark.processes
def test_without_the_extra_a_collector_is_a_warning_and_the_program_runs(tmp_path: Path) -> None:
    missing = "sys.modules['opentelemetry.sdk.trace'] = None"
    lines = served(tmp_path, missing, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9")

    assert "status 200" in lines
    told = [json.loads(line) for line in lines if line.startswith("{")]
    [warning] = [line for line in told if line["event"] == "traces_not_installed"]
    assert "ai-seo-blogger[traces]" in warning["hint"]
