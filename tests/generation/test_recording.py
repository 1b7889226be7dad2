"""What becomes of a step that fails: what passes is waited for, what is wrong ends the job with a reason."""

from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from app.generation.jobs import JobState, Request, SourceIn
from app.generation.recording import recorded
from app.generation.repository import Jobs
from app.infra.db import Database
from tests.ops.situations import now

JOB = "0197f0a0-0000-7000-8000-000000000001"


class Steps:
    """One step, which fails as often as it is told to."""

    def __init__(self, database: Database, *errors: Exception) -> None:
        self.database = database
        self._errors = list(errors)

    @recorded("brief")
    async def brief(self, _job_id: str) -> dict[str, Any]:
        if self._errors:
            raise self._errors.pop(0)
        return {"done": True}


@pytest.fixture(autouse=True)
async def job(database: Database) -> None:
    request = Request(keyword="k", language="en", model="composer", sources=(SourceIn(url="x"),))
    async with database.unit() as session:
        await Jobs(session).add(JOB, request, now=now())


async def kinds(database: Database) -> list[str]:
    async with database.reading() as session:
        return [event.kind for event in await Jobs(session).events(JOB) if event.step == "brief"]


async def test_a_database_that_was_away_is_waited_for(database: Database) -> None:
    gone = [OperationalError("select 1", {}, Exception("server closed the connection"))] * 2

    result = await Steps(database, *gone).brief(JOB)

    assert result == {"done": True}
    assert await kinds(database) == ["started", "finished"]


async def test_a_connection_that_was_cut_is_no_defect(database: Database) -> None:
    cut = IntegrityError("select 1", {}, Exception("terminated"), connection_invalidated=True)

    assert await Steps(database, cut).brief(JOB) == {"done": True}


async def test_a_statement_that_is_wrong_ends_the_job_with_a_reason(database: Database) -> None:
    wrong = IntegrityError("insert", {}, Exception("duplicate key"))

    result = await Steps(database, wrong).brief(JOB)

    assert result["failed"]["code"] == "internal"
    assert await kinds(database) == ["started", "failed"]
    async with database.reading() as session:
        assert (await Jobs(session).read(JOB)).state is JobState.RUNNING, "its workflow ends it"
