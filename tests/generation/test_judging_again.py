"""The judge's questions are paid once, whatever dies, and an older release's jobs have none."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.generation.control import retry_job
from app.generation.jobs import JobState
from app.generation.progress import progress_of
from app.generation.retrying import stage_named
from app.generation.workflow import _Pipeline
from app.infra.db import Database, open_database
from app.infra.durable import Enqueuer
from app.infra.ports import utc_now
from tests.generation import test_waiting as waiting
from tests.generation.judged import (
    JUDGE,
    Claim,
    Judge,
    accept,
    objects,
    settings_of,
    steps_paid,
    supports,
    told,
)
from tests.generation.test_kill import start_worker
from tests.generation.working import until
from tests.infra.llm.scripted import Answer, scripted
from tests.started import Started


@pytest.fixture
async def one_database(new_database: Callable[[str], str]) -> AsyncIterator[Database]:
    """Where the kind of database makes no difference."""
    opened = open_database(new_database("sqlite"))
    yield opened
    await opened.close()


class Older:
    """An older release's steps: their briefs and verdicts know no judge."""

    def __init__(self, steps: Any) -> None:
        self._steps = steps
        self.held = asyncio.Event()
        self.begun: list[str] = []

    def __getattr__(self, name: str) -> Any:
        async def run(job_id: str, *args: Any) -> Any:
            self.begun.append(name)
            if name == "optimise":
                self.held.set()
                await asyncio.Event().wait()
            result = dict(await getattr(self._steps, name)(job_id, *args))
            result.pop("judge", None)
            return result

        return run


async def test_a_job_that_an_older_release_began_goes_on_without_a_judge(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = Judge(objects)
    with scripted(then=judge) as script:
        off = settings_of(database.url, script, "off")
        job_id = await accept(database, off)
        older: list[Older] = []
        opened = waiting.open_steps

        def as_older(*args: Any, **more: Any) -> Any:
            return _Opened(opened(*args, **more), older)

        with monkeypatch.context() as patch:
            patch.setattr(waiting, "open_steps", as_older)
            async with waiting.working(database, off) as worker:
                await asyncio.wait_for(older[0].held.wait(), 60)
                await worker.engine.close(abandon=True)
        on = settings_of(database.url, script, JUDGE)
        async with waiting.working(database, on):
            job, events = await waiting.ended(database, job_id)

    assert job.state is JobState.SUCCEEDED, job.error
    assert judge.questions == []
    assert "judge" not in {event.step for event in events}


class _Opened:
    """Steps that are opened as others."""

    def __init__(self, opened: Any, kept: list[Any], kind: type[Older] = Older) -> None:
        self._opened, self._kept, self._kind = opened, kept, kind

    async def __aenter__(self) -> Older:
        self._kept.append(self._kind(await self._opened.__aenter__()))
        return self._kept[-1]

    async def __aexit__(self, *error: object) -> None:
        await self._opened.__aexit__(*error)


class Recorder:
    """An engine that runs steps at once, and a pipeline's steps that say nothing but their names."""

    def __init__(self, verified: dict[str, Any], brief: dict[str, Any]) -> None:
        self.names: list[str] = []
        self._answers = {
            "brief": brief,
            "sources": brief,
            "outline": {"parts": 1, "paid": False},
            "verify": verified,
        }

    async def step(self, name: str, _function: Any, *_args: Any) -> Any:
        self.names.append(name)
        return self._answers.get(name, {})

    async def paid(self, _workflow: str, part: str, *_args: Any, **_more: Any) -> Any:
        self.names.append(part)

        async def wait() -> dict[str, Any]:
            return {}

        return wait

    def __getattr__(self, _name: str) -> Any:
        return None


@pytest.mark.parametrize(
    ("brief", "verified", "asked"),
    [
        ({"model": "openai:m"}, {}, []),  # an older release's: its steps stay as they were
        ({"model": "openai:m", "judge": "openai:j"}, {}, []),  # its verdicts are an older one's
        ({"model": "openai:m", "judge": ""}, {"judge": 0}, []),
        (
            {"model": "openai:m", "judge": "openai:j"},
            {"judge": 2},
            ["judge.1", "judge.2", "judge"],
        ),
    ],
)
async def test_the_checkpoints_say_how_many_questions_stand_in_a_job_s_history(
    brief: dict[str, Any], verified: dict[str, Any], asked: list[str]
) -> None:
    engine = Recorder(verified, brief)

    await _Pipeline(engine, engine).write_article("j")  # type: ignore[arg-type]  # answers what both do

    assert [name for name in engine.names if name.startswith("judge")] == asked
    assert engine.names == [
        *("brief", "sources", "outline", "draft.0", "verify"),
        *asked,
        *("optimise", "score", "save"),
    ]


def test_a_question_belongs_to_its_step_in_every_try() -> None:
    assert {stage_named(name) for name in ("judge", "judge.1", "judge.2.try3", "judge.1.t2")} == {
        "judge"
    }


async def kept_questions(database: Database, job_id: str) -> int:
    """Questions whose answers are checkpoints of their own."""
    table = "operation_outputs" if database.is_sqlite else "dbos.operation_outputs"
    async with database.reading() as session:
        found = await session.scalar(
            text(
                f"select count(*) from {table} where workflow_uuid like :id "
                "and function_name like 'judge.%' and output is not null"
            ),
            {"id": f"{job_id}-judge.%"},
        )
    return int(found or 0)


@pytest.mark.processes
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_kill_among_the_questions_pays_for_no_answer_twice(
    kind: str, new_database: Callable[[str], str], tmp_path: Path
) -> None:
    url, ledger = new_database(kind), tmp_path / "ledger"
    database = open_database(url)
    slow: list[str] = []

    def says(claims: list[Claim]) -> Answer:
        """The third question of the first process is never answered in time."""
        answer = objects(claims)
        if len(judge.questions) == 3:
            slow.append(claims[0][1])
            answer.delay_s = 8.0
        return answer

    judge = Judge(says)
    with scripted(then=judge) as script:
        environment = {
            "LLM_BASE_URL": f"{script.url}/v1",
            "APP_WRITING__JUDGE": JUDGE,
            "APP_WRITING__REPAIR_ROUNDS": "0",
            "APP_MODELS__ATTEMPTS": "1",
        }

        def start() -> Started:
            return start_worker(url, ledger, 0, **environment)

        job_id = await accept(database, settings_of(url, script, JUDGE))
        first = start()

        async def two_are_kept() -> bool:
            return bool(slow) and await kept_questions(database, job_id) == 2

        await until(two_are_kept, 60)
        first.send_signal(signal.SIGKILL)
        first.wait()
        second = start()
        code = await asyncio.to_thread(second.wait, 150)
        job, events = await waiting.look(database, job_id)
        paid = await steps_paid(database, job_id)

    await database.close()
    assert code == 0
    assert job.state is JobState.SUCCEEDED, job.error
    times = [sum(q[0][1] == one[0][1] for q in judge.questions) for one in judge.questions[:3]]
    assert times == [1, 1, 2], "the one that was under way is asked again, and no other"
    assert told(events)["counts"]["lowered"] > 1
    assert {paid[f"judge.{n}.c1"] for n in (1, 2, 3)} == {1}


class Failing(Older):
    """This release's steps, whose first score fails."""

    def __getattr__(self, name: str) -> Any:
        async def run(job_id: str, *args: Any) -> Any:
            self.begun.append(name)
            if name == "score" and self.begun.count("score") == 1:
                return {"failed": {"code": "internal", "message": "It broke."}}
            return await getattr(self._steps, name)(job_id, *args)

        return run


async def test_a_job_is_judged_again_from_the_step_that_is_named(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = Judge(supports)
    failing: list[Any] = []
    opened = waiting.open_steps
    monkeypatch.setattr(
        waiting, "open_steps", lambda *a, **more: _Opened(opened(*a, **more), failing, Failing)
    )
    with scripted(then=judge) as script:
        settings = settings_of(database.url, script, JUDGE)
        job_id = await accept(database, settings)
        enqueuer = Enqueuer(database.url)
        async with waiting.working(database, settings):
            failed, _ = await waiting.ended(database, job_id)
            before = len(failing[0].begun)
            judge.says = objects
            await retry_job(database, enqueuer, job_id, step="judge", now=utc_now())
            job, events = await waiting.ended(database, job_id)
        enqueuer.close()

    assert failed.state is JobState.FAILED
    assert job.state is JobState.SUCCEEDED, job.error
    assert failing[0].begun[before:] == [*["judge"] * 3, "lower", "optimise", "score", "save"]
    assert len(judge.questions) == 6
    steps = {step.name: step for step in progress_of(events).steps}
    assert steps["judge"].state == "finished"
