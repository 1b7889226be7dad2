"""Logs: one event a line, JSON unless somebody looks at a terminal."""

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import Processor


def configure_logging(stream: TextIO | None = None, *, least: int = logging.INFO) -> None:
    """Send events of level `least` or above to `stream` (standard error by default).

    Tracebacks carry no local variables: one may be a key, a password or somebody's text.
    """
    out = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if out.isatty():
        renderer: list[Processor] = [
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        ]
    else:
        renderer = [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    structlog.configure(
        processors=[*shared, *renderer],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
