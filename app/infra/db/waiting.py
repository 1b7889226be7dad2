"""Waits for a database that went away, however long: for work that must not be lost by an outage."""

import stamina
from sqlalchemy.exc import DBAPIError

from app.infra.db.engine import AWAY

_LONGEST_PAUSE_S = 5.0
"""Between two tries."""


def is_away(error: Exception) -> bool:
    """Whether it is the database that is away, rather than the statement wrong."""
    return isinstance(error, AWAY) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    )


waits_for_database = stamina.retry(
    on=is_away, attempts=None, timeout=None, wait_max=_LONGEST_PAUSE_S
)
"""Runs the decorated function again and again while the database is away; other errors go through."""
