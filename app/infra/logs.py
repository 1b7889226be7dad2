"""Logs: one event a line, JSON unless somebody looks at a terminal.

Every line has `time`, `level`, `event` and, where they are known, `instance`, `request_id`, `trace_id`,
`job_id`, `step`, `person` (a pseudonym) and what the event is about. What libraries log by `logging` comes out
alike.
"""

import hashlib
import hmac
import logging
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, TextIO

import structlog
from structlog.contextvars import bind_contextvars, bound_contextvars, get_contextvars
from structlog.typing import EventDict, Processor

from app.infra.redaction import hide_secrets

_PSEUDONYM_BYTES = 6


def configure_logging(
    stream: TextIO | None = None, *, least: int = logging.INFO, instance: str = ""
) -> None:
    """Send events of level `least` or above to `stream` (standard error by default).

    `instance` stands in every line. Libraries are heard from warnings on: their information is theirs.
    Tracebacks carry no local variables: one may be a key, a password or somebody's text.
    """
    out = stream or sys.stderr

    def name_instance(_logger: Any, _method: str, event: EventDict) -> EventDict:
        if instance:
            event.setdefault("instance", instance)
        return event

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        name_instance,
    ]
    if out.isatty():
        renderer: list[Processor] = [
            hide_secrets,
            _harmless,
            structlog.dev.ConsoleRenderer(
                exception_formatter=structlog.dev.plain_traceback, timestamp_key="time"
            ),
        ]
    else:
        renderer = [
            structlog.processors.format_exc_info,
            hide_secrets,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    structlog.configure(
        processors=[*shared, *renderer],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    _hear_libraries(out, shared, renderer, max(least, logging.WARNING))


def current_request() -> str:
    """The id of the request that is being answered, or that led to the job that is worked on; or empty."""
    return str(get_contextvars().get("request_id", ""))


def name_person(pseudonym: str) -> None:
    """From here on in this context, lines are about what this person asked for."""
    bind_contextvars(person=pseudonym)


@contextmanager
def working_on(**names: str) -> Generator[None]:
    """Lines within name the job, the step and the request it came from; what is empty is left out."""
    with bound_contextvars(**{name: value for name, value in names.items() if value}):
        yield


def pseudonym(secret: str, principal: str) -> str:
    """The same for the same person on every instance; who it is can only be told with the secret."""
    digest = hmac.digest(secret.encode(), f"log:{principal}".encode(), hashlib.sha256)
    return digest[:_PSEUDONYM_BYTES].hex()


def _harmless(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """No control characters for a terminal: what was given to us must not write there (JSON escapes them)."""
    for name, value in event.items():
        if isinstance(value, str) and name != "exception" and not value.isprintable():
            event[name] = "".join(c if c.isprintable() else repr(c)[1:-1] for c in value)
    return event


def _hear_libraries(
    out: TextIO, shared: list[Processor], renderer: list[Processor], least: int
) -> None:
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    for known in [each for each in root.handlers if isinstance(each.formatter, type(formatter))]:
        root.removeHandler(known)
    root.addHandler(handler)
    root.setLevel(least)
