"""What a job asks the scripted model for, from its acceptance to its end."""

from collections import Counter
from datetime import UTC, datetime

from app.config import Settings
from app.generation.intake import accept_request
from app.generation.jobs import JobState
from app.infra.db import Database
from app.infra.durable import Enqueuer, migrate_engine
from chaos.articles import CALLS_A_JOB, Names, keyword_of, source_of
from chaos.model_server import ModelServer
from tests.generation.test_waiting import ended, working


async def test_a_job_asks_as_often_as_a_bill_says_that_it_needs(database: Database) -> None:
    name = Names(7).next()
    with ModelServer(latency_s=0.0) as server:
        settings = Settings(
            database_url=database.url,
            llm_base_url=server.url,
            llm_api_key="i1.1",
            jobs={"poll_s": 0.05},
        )
        await migrate_engine(database.url)
        enqueuer = Enqueuer(database.url)
        job = await accept_request(
            database,
            enqueuer,
            settings,
            keyword=keyword_of(name),
            sources=[(None, source_of(name), None)],
            language="en",
            model="compatible:scripted",
            principal="person:kim",
            now=datetime.now(UTC),
        )
        enqueuer.close()
        async with working(database, settings):
            job, _ = await ended(database, job.id)
        calls = server.log.all()

    assert job.state is JobState.SUCCEEDED, job.error
    assert Counter(call.stage for call in calls) == {
        "headings": 1,
        "section": 4,
        "snippet": 1,
        "mend": 2,
    }
    assert len({call.key for call in calls}) == len(calls) == CALLS_A_JOB
