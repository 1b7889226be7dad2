"""Writes the next migration from what the models have and migrations lack: `make migration m="add x"`."""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

from app.infra.db import open_database
from app.infra.db.migrate import MIGRATIONS, head, migrate


async def main(message: str) -> None:
    """Bring an empty SQLite file to the head, compare it with the models, write what is missing."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'empty.db'}")
        await migrate(database)
        async with database.engine.connect() as connection:

            def revise(sync: object) -> None:
                config = Config()
                config.set_main_option("script_location", str(MIGRATIONS))
                config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
                config.attributes["connection"] = sync
                # Above all before it: by that an older release knows that the database is ahead of it.
                number = (int(head() or 0) // 10 + 1) * 10
                command.revision(config, message=message, autogenerate=True, rev_id=f"{number:04}")

            await connection.run_sync(revise)
        await database.close()


if __name__ == "__main__":
    asyncio.run(main(" ".join(sys.argv[1:]) or "change"))
