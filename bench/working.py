"""A database with a worker, in a folder that goes away: what benchmarks write their articles in."""

import asyncio
import os
import platform
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.config import Settings
from app.generation.intake import accept_request
from app.generation.jobs import Job
from app.generation.repository import Jobs
from app.generation.steps import open_steps
from app.generation.worker import Worker
from app.infra.db import Database, open_database
from app.infra.db.migrate import migrate
from app.infra.durable import Enqueuer, migrate_engine
from app.infra.ports import utc_now
from app.ops.instances import About, new_identity
from app.ops.lease import Lease

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results"
KEYWORDS = {"en": "horizontal scaling", "ko": "수평 확장"}


def examples(language: str) -> list[str]:
    """The example sources of a language."""
    return [str(file) for file in sorted((ROOT / "examples" / language).glob("*.md"))]


def machine() -> dict[str, Any]:
    """The size of the machine that measured."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory / 2**30, 1),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


@dataclass
class Desk:
    """Writes articles with the real pipeline."""

    database: Database
    enqueuer: Enqueuer
    settings: Settings

    async def write(self, keyword: str, sources: Sequence[str], language: str) -> Job:
        """One published article; exits when it is not."""
        job = await accept_request(
            self.database,
            self.enqueuer,
            self.settings,
            keyword=keyword,
            arguments=[(source, None) for source in sources],
            language=language,
            publish=True,
            now=datetime.now(UTC),
        )
        while True:
            async with self.database.reading() as session:
                found = await Jobs(session).read(job.id)
            if found.state.ended:
                break
            await asyncio.sleep(0.005)
        if found.state != "succeeded" or found.result["state"] != "published":
            raise SystemExit(f"not published: {found.error or found.result['held']}")
        return found


@asynccontextmanager
async def working() -> AsyncIterator[Desk]:
    """A desk with a worker of its own, on SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        database = open_database(settings.effective_database_url)
        await migrate(database)
        await migrate_engine(database.url)
        enqueuer = Enqueuer(database.url)
        lease = Lease(
            database,
            new_identity(),
            About("worker"),
            now=utc_now,
            interval_s=1,
            ttl_s=settings.fleet.ttl_s,
        )
        async with open_steps(database, settings, may_pay=lease.holds) as steps:
            worker = Worker(database, settings, steps, lease)
            await lease.take()
            await worker.start()
            yield Desk(database, enqueuer, settings)
            await worker.stop()
            await lease.give_up()
        enqueuer.close()
        await database.close()
