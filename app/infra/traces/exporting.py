"""Tells spans to a collector by OTLP over HTTP, in batches, from a thread of its own.

The provider is ours alone, never the process's global one: what libraries would tell by themselves (prompts,
addresses, statements) stays untold. A full queue drops spans; a collector that is away costs a warning.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

import structlog
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Span as OtelSpan
from opentelemetry.trace import (
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    get_current_span,
    use_span,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from typing_extensions import override

from app.config import Settings
from app.infra.traces.spans import Attributes, Kind, Span, Who

log = structlog.get_logger()

SERVICE = "ai-seo-blogger"

_FLUSH_S = 3.0
"""Longest wait for the last spans when the process ends: a collector that is away must not hold it up."""

_LOOK_S = 0.02
_LONGEST_REASON = 400

_KINDS = {"internal": SpanKind.INTERNAL, "client": SpanKind.CLIENT}
_W3C = TraceContextTextMapPropagator()


class Exporting:
    """A `Tracer` that exports. One a process; `close` tells what is left."""

    def __init__(self, settings: Settings, version: str, who: Who) -> None:
        """The SDK reads the standard variables by itself; what stands in `.env` alone is shown to it."""
        for name, value in settings.otel_variables.items():
            os.environ.setdefault(name, value)
        ours = {
            "service.name": SERVICE,
            "service.version": version,
            "service.instance.id": who.executor_id,
            "blogger.instance": who.instance_id,  # as log lines have it
        }
        for name in _named():
            ours.pop(name, None)
        self._exporter = _Exporter(OTLPSpanExporter())
        self._processor = BatchSpanProcessor(self._exporter)
        self._provider = TracerProvider(
            resource=Resource.create(ours),
            shutdown_on_exit=False,  # `close` does it, and does not wait for ever
        )
        self._provider.add_span_processor(self._processor)
        self._scope = InstrumentationScope(SERVICE, version)
        self._tracer = self._provider.get_tracer(SERVICE, version)

    @contextmanager
    def request(self, name: str, headers: Mapping[str, str]) -> Generator[Span]:
        """See `request_span`."""
        context = _W3C.extract(headers, context=Context())
        with self._running(self._tracer.start_span(name, context, SpanKind.SERVER)) as running:
            yield running

    @contextmanager
    def span(
        self, name: str, kind: Kind, parent: str | None, attributes: Attributes
    ) -> Generator[Span]:
        """See `span`."""
        context = None if parent is None else _context_of(parent)
        started = self._tracer.start_span(name, context, _KINDS[kind], attributes)
        with self._running(started) as running:
            yield running

    def begin(self) -> str:
        """See `begin_trace`."""
        if current := self.current():
            return current
        # Never ended, and so never told: it only asks the sampler.
        root = self._tracer.start_span("job", Context()).get_span_context()
        return f"00-{root.trace_id:032x}-{0:016x}-{root.trace_flags:02x}"

    def past(
        self,
        name: str,
        traceparent: str,
        parent: str,
        *,
        began: datetime,
        ended: datetime,
        attributes: Attributes,
        failure: str,
    ) -> None:
        """See `tell_past`."""
        own, above = _read(traceparent), _read(parent)
        if not own.trace_flags.sampled:
            return
        told = dict(attributes)
        if failure:
            told["error.type"] = failure
        self._processor.on_end(
            ReadableSpan(
                name,
                context=own,
                parent=above if above.span_id else None,
                resource=self._provider.resource,
                attributes=told,
                kind=SpanKind.CONSUMER,
                instrumentation_scope=self._scope,
                status=Status(StatusCode.ERROR if failure else StatusCode.UNSET),
                start_time=_nanoseconds(began),
                end_time=max(_nanoseconds(began), _nanoseconds(ended)),
            )
        )

    def current(self) -> str:
        """See `current_traceparent`."""
        context = get_current_span().get_span_context()
        if not context.is_valid:
            return ""
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

    async def close(self) -> None:
        """Tell what is left, within three seconds."""
        # A thread that nothing waits for at the end of the process, as it would for one of the loop's own.
        flushing = threading.Thread(target=self._flush, name="traces-flush", daemon=True)
        flushing.start()
        loop = asyncio.get_running_loop()
        until = loop.time() + _FLUSH_S
        while flushing.is_alive():
            if loop.time() > until:
                log.warning("traces_not_flushed", seconds=_FLUSH_S)
                self._exporter.shutdown()
                return
            await asyncio.sleep(_LOOK_S)

    def _flush(self) -> None:
        self._processor.force_flush()
        self._provider.shutdown()

    @contextmanager
    def _running(self, started: OtelSpan) -> Generator[Span]:
        running = _Span(started)
        # Not its own bookkeeping of errors: that tells messages and tracebacks.
        with use_span(started, record_exception=False, set_status_on_exception=False):
            try:
                yield running
            except BaseException as error:
                running.fail(type(error).__name__)
                raise
            finally:
                running.end()


class _Span:
    """A span under way. What is said of one that has ended comes too late, and is no warning of the SDK's."""

    def __init__(self, span: OtelSpan) -> None:
        self._span = span

    @property
    def trace_id(self) -> str:
        return f"{self._span.get_span_context().trace_id:032x}"

    def rename(self, name: str) -> None:
        if self._span.is_recording():
            self._span.update_name(name)

    def set(self, attributes: Attributes) -> None:
        if self._span.is_recording():
            self._span.set_attributes(attributes)

    def fail(self, kind: str) -> None:
        if self._span.is_recording():
            self._span.set_attribute("error.type", kind)
            self._span.set_status(StatusCode.ERROR)

    def end(self) -> None:
        if self._span.is_recording():
            self._span.end()


class _Said(threading.local, logging.Filter):
    """Keeps what the exporter would log at every try of this thread, for the one line that says it.

    There is one, for good: what an exporter says that has been shut down is nothing to anybody either.
    """

    first = ""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        """Lets nothing through."""
        self.first = self.first or record.getMessage()
        return False


_SAID = _Said()


class _Exporter(SpanExporter):
    """Says once that a collector is away, and once that it is back, however many batches are lost."""

    def __init__(self, exporter: OTLPSpanExporter) -> None:
        self._exporter = exporter
        self._away = False
        self._lost = 0
        logging.getLogger(OTLPSpanExporter.__module__).addFilter(_SAID)

    @override
    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """See `SpanExporter.export`."""
        _SAID.first = ""
        try:
            result = self._exporter.export(spans)
        except Exception as error:  # noqa: BLE001  # whatever the HTTP client raises: spans are no reason to fail
            _SAID.first, result = type(error).__name__, SpanExportResult.FAILURE
        if result is SpanExportResult.SUCCESS:
            if self._away:
                log.info("traces_exported_again", lost=self._lost)
            self._away, self._lost = False, 0
            return result
        self._lost += len(spans)
        if not self._away:
            log.warning("traces_not_exported", reason=_SAID.first[:_LONGEST_REASON])
        self._away = True
        return result

    @override
    def shutdown(self) -> None:
        """See `SpanExporter.shutdown`."""
        self._exporter.shutdown()


def _named() -> set[str]:
    """What the operator says of the process, which stands over what we say."""
    given = os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "").split(",")
    named = {each.partition("=")[0].strip() for each in given}
    return named | ({"service.name"} if os.environ.get("OTEL_SERVICE_NAME") else set())


def _context_of(traceparent: str) -> Context:
    return _W3C.extract({"traceparent": traceparent}, context=Context())


def _read(traceparent: str) -> SpanContext:
    """One of ours, so it is well-formed; its span may be zero."""
    _, trace_id, span_id, flags = traceparent.split("-")
    return SpanContext(
        int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16))
    )


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000) * 1000
