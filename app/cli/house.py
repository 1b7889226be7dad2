"""What commands share: settings, an open database, and errors as sentences with an exit code."""

import os
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # For the annotations alone: these imports take longer than `--help` may.
    from app.config import Settings
    from app.infra.db import Database
    from app.infra.durable import Enqueuer
    from app.kit.speech import Spoken


class Code(IntEnum):
    """Exit codes, as the help's last line lists them."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    SETTINGS = 3
    STATE = 4
    MODEL = 5
    CUT = 70
    FENCED = 75
    INTERRUPTED = 130


@dataclass(frozen=True)
class House:
    """An open database and the settings."""

    settings: "Settings"
    database: "Database"
    enqueuer: "Enqueuer"


@asynccontextmanager
async def open_house() -> AsyncGenerator[House]:
    """Read the settings, open the database and bring it up to date."""
    import logging

    from app.config import load_settings
    from app.infra.db import open_database
    from app.infra.db.migrate import migrate
    from app.infra.durable import Enqueuer, migrate_engine
    from app.infra.logs import configure_logging

    configure_logging(least=logging.WARNING)  # what a person should know is told in sentences
    settings, warnings = load_settings()
    for warning in warnings:
        tell(f"warning: {warning}")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    url = settings.effective_database_url
    database = open_database(url)
    enqueuer = Enqueuer(url)
    try:
        await database.reach()
        if settings.migrate_on_start:
            await migrate(database)
            await migrate_engine(url)
        async with _traced(settings):
            yield House(settings, database, enqueuer)
    finally:
        enqueuer.close()
        await database.close()


@asynccontextmanager
async def _traced(settings: "Settings") -> AsyncGenerator[None]:
    """Jobs that a command accepts or works on are traced as a server's are."""
    if not settings.traces_wanted:
        yield
        return
    from app import __version__
    from app.infra.traces import traced
    from app.ops.instances import new_identity

    async with traced(settings, __version__, new_identity()):
        yield


def run(function: Callable[..., Coroutine[Any, Any, int]], *args: Any, **kwargs: Any) -> None:
    """Run a command's coroutine and exit with what it answers."""
    import asyncio

    code = asyncio.run(function(*args, **kwargs))
    if code:
        raise SystemExit(code)


def tell(message: str) -> None:
    """Say something beside the result: on standard error, which `--json` leaves alone."""
    sys.stderr.write(message + "\n")


def terminal_language() -> "Spoken":
    """What the terminal is set to, where no `--say` stands over it."""
    from app.kit.speech import language_of

    return language_of(os.environ)


@contextmanager
def explained() -> Generator[None]:
    """Turn errors that their reader can mend into one sentence and an exit code."""
    try:
        yield
    except KeyboardInterrupt:
        raise SystemExit(Code.INTERRUPTED) from None
    except Exception as error:
        code = _code(error)
        if code is None:
            raise
        tell(f"error: {error}")
        raise SystemExit(code) from None


def _code(error: Exception) -> Code | None:
    from app.config import BadSettings
    from app.infra.blobs import BadBlobUrl
    from app.infra.db import DatabaseAway
    from app.infra.db.migrate import WrongDatabase
    from app.infra.db.urls import BadDatabaseUrl
    from app.infra.http.errors import FetchError
    from app.infra.moving.shapes import CannotMove
    from app.infra.redis_client import BadRedisUrl
    from app.kit.errors import Conflict, Invalid, NotFound

    match error:
        case BadSettings() | BadDatabaseUrl() | BadRedisUrl() | BadBlobUrl():
            return Code.SETTINGS
        case DatabaseAway() | WrongDatabase():
            return Code.SETTINGS
        case NotFound() | Conflict() | CannotMove():
            return Code.STATE
        case Invalid():
            return Code.USAGE
        case FetchError():
            return Code.FAILED
        case _:
            return None
