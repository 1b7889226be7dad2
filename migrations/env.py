"""Alembic's environment: the connection is handed in by `app.infra.db.migrate` or by `tools/migration.py`."""

from alembic import context

from app.infra.db import Moment
from app.tables import metadata

_ENGINE_SCHEMA = "dbos"
_ENGINE_TABLES = frozenset(
    {
        # The workflow engine migrates its own tables, which on SQLite stand in the same file.
        "application_versions",
        "dbos_migrations",
        "event_dispatch_kv",
        "notifications",
        "operation_outputs",
        "queues",
        "streams",
        "workflow_events",
        "workflow_events_history",
        "workflow_input",
        "workflow_output",
        "workflow_schedules",
        "workflow_status",
    }
)


def _is_ours(name: str | None, kind: str, _parents: dict[str, str | None]) -> bool:
    if kind == "schema":
        return name != _ENGINE_SCHEMA
    return not (kind == "table" and name in _ENGINE_TABLES)


def _render(kind: str, item: object, _context: object) -> str | bool:
    # A migration must not change when our types do.
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Moment) else False


context.configure(
    render_item=_render,
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_name=_is_ours,
    render_as_batch=True,  # SQLite changes a table by copying it
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
