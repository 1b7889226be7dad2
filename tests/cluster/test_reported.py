"""What instances say of themselves is read from a real database, or not at all where that does not answer."""

import asyncio

import pytest
from sqlalchemy import text

from app.cluster import PostgresServer
from app.cluster.reported import Reported, read_reports
from app.infra.db import Database, open_database
from app.infra.db.migrate import migrate
from app.ops.instances import About, Identity, register_instance

SAYS = Reported("1.2.3", in_flight=3, jobs=2)


async def register(database: Database) -> None:
    about = About("all", address="127.0.0.1:8000", version=SAYS.version)
    await register_instance(database, Identity("one", "host", 4711), about)
    async with database.unit() as session:  # as its next beat would
        await session.execute(
            text("update instances set in_flight = :n, running_jobs = :jobs"),
            {"n": SAYS.in_flight, "jobs": SAYS.jobs},
        )


async def test_an_instance_is_known_by_its_process(database: Database) -> None:
    await register(database)

    found = await asyncio.to_thread(read_reports, database.url, ttl_s=60)
    lost = await asyncio.to_thread(read_reports, database.url, ttl_s=0)

    assert found == {4711: SAYS}
    assert lost == {}, "it has not beaten for so long"


@pytest.mark.processes
def test_a_database_that_is_away_or_hangs_says_nothing() -> None:
    async def prepare(url: str) -> None:
        opened = open_database(url)
        await migrate(opened)
        await register(opened)
        await opened.close()

    with PostgresServer(durable=False) as server:
        asyncio.run(prepare(server.url))
        before = read_reports(server.url, ttl_s=600)
        server.pause()
        hangs = read_reports(server.url, ttl_s=600)
        server.resume()
        server.kill()
        away = read_reports(server.url, ttl_s=600)

    assert (before, hangs, away) == ({4711: SAYS}, {}, {})
