"""Jobs with a judge, and a model server that writes and judges as a test says.

It joins two facts to a sentence, so that there is something to judge.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from app.config import Settings
from app.generation.intake import accept_request
from app.generation.jobs import Event, Job
from app.generation.spending.repository import Spending
from app.infra.db import Database
from app.infra.durable import Enqueuer, migrate_engine
from app.infra.ports import utc_now
from app.posts.repository import Posts
from app.posts.schemas import ClaimIn
from tests.generation import test_waiting as waiting
from tests.generation.working import SOURCE
from tests.infra.llm.scripted import Answer, Script, completion

Claim = tuple[int, str, list[str]]
"""Its number, its words, its passages."""

_CLAIM = re.compile(r"^Claim (\d+): (.*)$", re.MULTILINE)


def user_prompt(asked: dict[str, Any]) -> str:
    return asked["messages"][-1]["content"]


def is_judging(asked: dict[str, Any]) -> bool:
    return any("<claims>" in str(message["content"]) for message in asked.get("messages", ()))


def claims_of(asked: dict[str, Any]) -> list[Claim]:
    """What a question asks about."""
    prompt = next(m["content"] for m in asked["messages"] if "<claims>" in str(m["content"]))
    return [
        (int(n), words, re.findall(rf"^Passage of claim {n}: (.*)$", prompt, re.MULTILINE))
        for n, words in _CLAIM.findall(prompt)
    ]


def judgements(*rows: dict[str, Any]) -> Answer:
    return completion(json.dumps({"judgements": rows}))


def rewords(asked: dict[str, Any]) -> Answer:
    """Two facts to a sentence: in a model's words, and right; nothing usable where a shape is wanted."""
    if "response_format" in asked:
        return completion("no json")
    facts = user_prompt(asked).rpartition("<facts>")[2].partition("</facts>")[0]
    lines = [line.removeprefix("- ").rstrip(".") for line in facts.strip().splitlines()]
    joined = [
        f"{one}, and {two[0].lower()}{two[1:]}."
        for one, two in zip(lines[::2], lines[1::2], strict=False)
    ]
    left = [f"{lines[-1]}."] if len(lines) % 2 else []
    return completion(" ".join((*joined, *left)))


class Judge:
    """The server's script. `says` answers a question; `questions` are those that came, by their claims."""

    def __init__(self, says: Callable[[list[Claim]], Answer] | None = None) -> None:
        self.says = says or (lambda claims: supports(claims))
        self.questions: list[list[Claim]] = []

    def __call__(self, asked: dict[str, Any]) -> Answer:
        if not is_judging(asked):
            return rewords(asked)
        claims = claims_of(asked)
        self.questions.append(claims)
        return self.says(claims)


def supports(claims: list[Claim]) -> Answer:
    return judgements(*({"claim": n, "verdict": "supported"} for n, _words, _passages in claims))


JUDGE = "compatible:judge"


def settings_of(url: str, script: Script, judge: str = "writer", **models: Any) -> Settings:
    waits = {"wait_first_s": 0.2, "wait_most_s": 0.4, "circuit_rest_s": 0.1, "attempts": 1}
    return Settings(
        database_url=url,
        llm_base_url=f"{script.url}/v1",
        models={**waits, "seconds": 20, "circuit_failures": 1000, **models},
        jobs={"poll_s": 0.05},
        writing={"judge": judge, "repair_rounds": 0},
    )


async def accept(
    database: Database, settings: Settings, *, source: str = SOURCE, **more: Any
) -> str:
    await migrate_engine(database.url)
    enqueuer = Enqueuer(database.url)
    given = {"model": "compatible:scripted", "publish": True, **more}
    try:
        job = await accept_request(
            database,
            enqueuer,
            settings,
            keyword="horizontal scaling",
            sources=[(None, source, None)],
            language="en",
            now=utc_now(),
            **given,
        )
    finally:
        enqueuer.close()
    return job.id


async def write(database: Database, settings: Settings, **more: Any) -> tuple[Job, list[Event]]:
    job_id = await accept(database, settings, **more)
    async with waiting.working(database, settings):
        await waiting.ended(database, job_id)
    return await waiting.look(database, job_id)


async def claims_of_post(database: Database, job: Job) -> list[ClaimIn]:
    async with database.reading() as session:
        posts = Posts(session)
        post = await posts.find(job.post_id or "")
        assert post is not None
        return list(await posts.claims(post.id, post.revision))


async def steps_paid(database: Database, job_id: str) -> dict[str, int]:
    """Calls by the step that paid for them."""
    async with database.reading() as session:
        costs = await Spending(session).costs("step", job_id=job_id)
    return {cost.group: cost.calls for cost in costs}


def told(events: list[Event], n: int = 0) -> dict[str, Any]:
    """What the judge's question `n` said in the end; 0 for what they all came to."""
    return next(
        event.data
        for event in events
        if (event.step, event.kind, event.n) == ("judge", "finished", n)
    )


def objects(claims: list[Claim]) -> Answer:
    """Against the first claim a little, against the second, if there is one, a lot; in the source's words."""
    rows: list[dict[str, Any]] = []
    for n, words, passages in claims:
        row: dict[str, Any] = {"claim": n, "verdict": "supported"}
        if n == 1:
            said = " ".join(words.split()[:4])
            row |= {"verdict": "partly", "quote": passages[0], "said": said}
        if n == 2:
            row |= {"verdict": "contradicted", "quote": passages[-1], "said": words}
        rows.append(row)
    return judgements(*rows)
