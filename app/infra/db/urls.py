"""Which driver a `DATABASE_URL` means."""

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError


class BadDatabaseUrl(ValueError):
    """The address cannot be used. Says what to write; never repeats the password."""


def async_url(url: str) -> URL:
    """The address with its asynchronous driver: `postgres://` and `postgresql://` → psycopg 3.

    Raises:
        BadDatabaseUrl: not an address, or of a database that is not supported.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise BadDatabaseUrl(
            "DATABASE_URL is no address; write postgresql://user:password@host:5432/name "
            "or sqlite:///file.db"
        ) from error
    match parsed.get_backend_name():
        case "sqlite":
            return parsed.set(drivername="sqlite+aiosqlite")
        case "postgres" | "postgresql":
            return parsed.set(drivername="postgresql+psycopg")
        case other:
            raise BadDatabaseUrl(
                f"DATABASE_URL: {other} is not supported; use postgresql or sqlite."
            )


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite address; None for PostgreSQL or a database in memory."""
    parsed = async_url(url)
    if not parsed.drivername.startswith("sqlite") or parsed.database in {None, "", ":memory:"}:
        return None
    return Path(str(parsed.database))
