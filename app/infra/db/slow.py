"""Names the queries that take long: their text, never what they were given."""

import time
from typing import Any

import structlog
from sqlalchemy import event
from sqlalchemy.engine import Engine

log = structlog.get_logger()

_LONGEST_TEXT = 500
_BEGAN = "app.began"
_WAITS = ("BEGIN", "select pg_advisory_lock")
"""Such statements wait for another writer because they are meant to: SQLite's BEGIN IMMEDIATE, and starters."""


def tell_slow_queries(engine: Engine, slow_s: float) -> None:
    """Log every statement that takes `slow_s` seconds or longer, with the request or job it is for."""

    def begin(connection: Any, *_: object) -> None:
        connection.info.setdefault(_BEGAN, []).append(time.perf_counter())

    def end(connection: Any, _cursor: object, statement: str, *_: object) -> None:
        took = time.perf_counter() - connection.info[_BEGAN].pop()
        if took >= slow_s and not statement.startswith(_WAITS):
            text = " ".join(statement[: _LONGEST_TEXT * 2].split())[:_LONGEST_TEXT]
            log.warning("slow_query", ms=round(took * 1000, 1), query=text)

    def forget(context: Any) -> None:
        if context.connection is not None:
            context.connection.info.get(_BEGAN, []).clear()

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)
    event.listen(engine, "handle_error", forget)
