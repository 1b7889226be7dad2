"""Opens what spans are told to, where a collector is set; OpenTelemetry is loaded here or not at all."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog

from app.config import Settings
from app.infra.traces.spans import Who, put_tracer

log = structlog.get_logger()


@asynccontextmanager
async def traced(settings: Settings, version: str, who: Who) -> AsyncGenerator[None]:
    """Tell spans to the collector of the settings while the block runs; what is left is told at its end.

    Without one, or without the extra that it needs, nothing is traced and all else is as ever.
    """
    if not settings.traces_wanted:
        yield
        return
    try:
        from app.infra.traces.exporting import Exporting  # noqa: PLC0415  # loads OpenTelemetry's SDK
    except ImportError as error:
        log.warning(
            "traces_not_installed",
            missing=error.name,
            hint="pip install 'ai-seo-blogger[traces]', or unset OTEL_EXPORTER_OTLP_ENDPOINT",
        )
        yield
        return
    try:
        tracer = Exporting(settings, version, who)
    except Exception as error:  # noqa: BLE001  # whatever the SDK makes of a variable: no reason not to serve
        log.warning("traces_not_started", reason=str(error))
        yield
        return
    put_tracer(tracer)
    try:
        yield
    finally:
        put_tracer(None)
        await tracer.close()
