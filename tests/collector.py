"""A collector of traces on loopback: takes OTLP over HTTP, as the real ones do, and keeps what it is told."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

CLIENT, SERVER, CONSUMER = 3, 2, 5
"""Kinds as the protocol counts them."""


@dataclass(frozen=True)
class Told:
    """A span as it came over the wire."""

    name: str
    trace_id: str
    span_id: str
    parent_id: str
    kind: int
    attributes: dict[str, Any]
    failed: bool
    message: str
    events: int
    began: int
    ended: int
    resource: dict[str, Any]

    @property
    def by(self) -> str:
        """The instance that told it."""
        return self.resource["blogger.instance"]


@dataclass
class Collector:
    url: str = ""
    status: int = 200
    """What is answered; may be changed at any time."""
    bodies: list[bytes] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)

    @property
    def variables(self) -> dict[str, str]:
        """For an instance that tells its spans here, and soon."""
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": self.url, "OTEL_BSP_SCHEDULE_DELAY": "50"}

    def spans(self) -> list[Told]:
        return [told for body in list(self.bodies) for told in _read(body)]

    def until(self, enough: Callable[[list[Told]], bool], seconds: float = 30.0) -> list[Told]:
        """The spans, once they are enough."""
        for _ in range(int(seconds / 0.05)):
            if enough(found := self.spans()):
                return found
            time.sleep(0.05)
        pytest.fail(f"of these it was never enough: {[told.name for told in self.spans()]}")


@contextmanager
def collecting() -> Iterator[Collector]:
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            known = self.path == "/v1/traces" and (
                self.headers["content-type"] == "application/x-protobuf"
            )
            status = collector.status if known else 404
            if status == 200:
                collector.heads.append(
                    {name.lower(): value for name, value in self.headers.items()}
                )
                collector.bodies.append(body)
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(status)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    collector.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _read(body: bytes) -> Iterator[Told]:
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        about = {each.key: _value(each.value) for each in resource.resource.attributes}
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Told(
                    span.name,
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    span.kind,
                    {each.key: _value(each.value) for each in span.attributes},
                    span.status.code == 2,
                    span.status.message,
                    len(span.events),
                    span.start_time_unix_nano,
                    span.end_time_unix_nano,
                    about,
                )


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(each) for each in value.array_value.values]
    return getattr(value, kind) if kind else None
