"""Serves as the program does, and on a word locks its running jobs' rows and freezes: `holding.py serve …`.

The word is a file `hold` in its data folder. The transaction is one of the product's own, with its time
limits; the product has no switch for any of this.
"""

import asyncio
import os
import signal
import threading
import time

from sqlalchemy import text

from app.cli import main as command
from app.config import get_settings
from app.infra.db import open_database

WORD = "hold"
_LOCK = text(
    "select w.workflow_uuid from dbos.workflow_status w join instances i using (executor_id) "
    "where i.pid = :pid and i.ended_at is null and w.status = 'PENDING' for update of w"
)


def wait_for_the_word() -> None:
    """Watch for the file; freeze once."""
    file = get_settings().data_dir / WORD
    while not file.exists():
        time.sleep(0.02)
    file.unlink()
    asyncio.run(freeze())


async def freeze() -> None:
    """Stop this whole process with its rows locked; what follows happens when it is woken."""
    database = open_database(get_settings().effective_database_url, pool_size=1)
    try:
        async with database.unit() as session:
            await session.execute(_LOCK, {"pid": os.getpid()})
            os.kill(os.getpid(), signal.SIGSTOP)
            # Another thread takes the signal: without this, the commit may be sent before all of them stop.
            time.sleep(1.0)  # noqa: ASYNC251  # blocking is the point
    finally:
        await database.close()


if __name__ == "__main__":
    threading.Thread(target=wait_for_the_word, daemon=True).start()
    command()
