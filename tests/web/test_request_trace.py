"""A request's span is called by its route, says how it was answered, and never what was typed."""

import io
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest
import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

from app.config import Settings
from app.infra.logs import configure_logging
from app.infra.traces import traced
from app.ops.instances import Identity
from app.web.request_log import RequestLog
from app.web.request_trace import RequestTrace
from tests.collector import Collector, Told, collecting

SECRET = "geheim99"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    before = structlog.get_config()
    configure_logging(stream)
    yield stream
    structlog.configure(**before)


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SERVICE_NAME"):
        monkeypatch.setenv(name, "x")
        monkeypatch.delenv(name)
    with collecting() as running:
        yield running


async def hello(request: Request) -> Response:
    if "broken" in request.query_params:
        raise RuntimeError(SECRET)
    structlog.get_logger().info("greeted")
    return PlainTextResponse("no", int(request.query_params.get("status", "200")))


async def events(_request: Request) -> Response:
    async def pieces() -> AsyncIterator[str]:
        structlog.get_logger().info("streamed")
        yield "data: 1\n\n"

    return StreamingResponse(pieces(), media_type="text/event-stream")


async def asked(collector: Collector, *requests: tuple[str, str]) -> list[Told]:
    """The spans of requests by method and address, in their order."""
    app = Starlette(
        routes=[
            Mount("/door", routes=[Route("/{name}", hello, methods=["GET", "POST", "ODD"])]),
            Route("/events", events),
            Route("/health", hello),
        ],
        middleware=[
            Middleware(RequestLog, quiet=(), every=True, slow_s=60),
            Middleware(RequestTrace, quiet=("/health",)),
        ],
    )
    settings = Settings(otel_exporter_otlp_endpoint=collector.url)
    async with traced(settings, "9.9", Identity("here-1234", "here", 7)):
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://blog.example"
        ) as client:
            for method, address in requests:
                headers = {"x-request-id": "request-1", "cookie": f"session={SECRET}"}
                await client.request(method, address, headers=headers)
    return collector.spans()


async def test_it_is_called_by_its_pattern_and_holds_nothing_that_was_typed(
    collector: Collector,
) -> None:
    [told] = await asked(collector, ("POST", f"/door/{SECRET}?token={SECRET}"))

    assert told.name == "POST /door/{name}"
    assert told.attributes == {
        "http.request.method": "POST",
        "http.route": "/door/{name}",
        "http.response.status_code": 200,
        "url.scheme": "http",
        "blogger.request.id": "request-1",
    }
    assert not told.failed
    assert all(SECRET.encode() not in body for body in collector.bodies)


async def test_what_fails_says_so_and_what_is_refused_does_not(collector: Collector) -> None:
    broken, refused, down, nowhere, odd = await asked(
        collector,
        ("GET", "/door/a?broken=1"),
        ("GET", "/door/a?status=404"),
        ("GET", "/door/a?status=503"),
        ("GET", f"/{SECRET}"),
        ("ODD", "/door/a"),
    )

    assert (broken.failed, broken.attributes["error.type"]) == (True, "RuntimeError")
    assert not refused.failed
    assert (down.failed, down.attributes["error.type"]) == (True, "503")
    assert (nowhere.name, "http.route" in nowhere.attributes) == ("GET", False)
    assert (odd.name, odd.attributes["http.request.method"]) == ("HTTP /door/{name}", "_OTHER")
    assert all(SECRET.encode() not in body for body in collector.bodies)


async def test_probes_are_not_traced(collector: Collector) -> None:
    assert await asked(collector, ("GET", "/health")) == []


async def test_every_line_of_a_request_names_its_trace(
    collector: Collector, written: io.StringIO
) -> None:
    one, two = await asked(collector, ("GET", "/door/a"), ("GET", "/events"))

    lines: list[dict[str, Any]] = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [(line["event"], line["trace_id"]) for line in lines] == [
        ("greeted", one.trace_id),
        ("request", one.trace_id),
        ("streamed", two.trace_id),
        ("request", two.trace_id),
    ]


async def test_a_stream_s_span_ends_when_the_stream_begins(
    collector: Collector, written: io.StringIO
) -> None:
    [told] = await asked(collector, ("GET", "/events"))

    assert (told.name, told.attributes["http.response.status_code"]) == ("GET /events", 200)
