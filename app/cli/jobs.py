"""`ai-seo-blogger jobs`: what is being written, and what is done about it."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from app.cli.house import Code, House, open_house, run, tell
from app.cli.write import Lang, PriorityOption

app = typer.Typer(no_args_is_help=True)


class State(StrEnum):
    """States of a job."""

    HELD = "held"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PARKED = "parked"


class Step(StrEnum):
    """Steps of the pipeline."""

    BRIEF = "brief"
    SOURCES = "sources"
    OUTLINE = "outline"
    DRAFT = "draft"
    VERIFY = "verify"
    JUDGE = "judge"
    OPTIMISE = "optimise"
    REPAIR = "repair"
    SCORE = "score"
    SAVE = "save"


class Queue(StrEnum):
    """Queues."""

    POSTS = "posts"
    LLM = "llm"


JobId = Annotated[str, typer.Argument(help="The job's id, or its first characters.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000)] = 20,
    state: Annotated[State | None, typer.Option("--state", help="Only jobs in this state.")] = None,
    person: Annotated[
        str, typer.Option("--person", help="Only those of this login; local: of this machine.")
    ] = "",
    lang: Annotated[Lang | None, typer.Option("--lang", help="Only in this language.")] = None,
    text: Annotated[str, typer.Option("--text", help="Only with this in the keyword.")] = "",
    batch: Annotated[str, typer.Option("--batch", help="Only those of this batch.")] = "",
    since: Annotated[
        datetime | None, typer.Option("--since", help="Only those accepted since (UTC).")
    ] = None,
    before: Annotated[
        str, typer.Option("--before", help="Those accepted before this job: the next page.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """List jobs, newest first."""
    conditions = {
        "state": state.value if state else None,
        "person": person,
        "language": lang.value if lang else "",
        "text": text,
        "batch": batch,
        "since": since.replace(tzinfo=UTC) if since else None,
    }
    run(_list, limit, conditions, before, as_json)


@app.command()
def show(job: JobId, as_json: AsJson = False) -> None:
    """Show a job, what became of it, and what it has written so far."""
    run(_show, job, as_json)


@app.command()
def watch(job: JobId, as_json: AsJson = False) -> None:
    """Show a job's progress to its end."""
    run(_follow, job, as_json, False)


@app.command()
def resume(job: JobId, as_json: AsJson = False) -> None:
    """Go on with an interrupted or cancelled job; finished steps are not done again."""
    run(_follow, job, as_json, True)


@app.command()
def cancel(job: JobId) -> None:
    """Cancel a job; what it has made is kept, and `resume` goes on from there."""
    run(_cancel, job)


@app.command()
def retry(
    job: JobId,
    step: Annotated[
        Step | None,
        typer.Option("--from", help="The step to begin at; unset: the one that failed."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Try an ended job again; the steps before are taken over, neither run nor paid for again."""
    run(_follow, job, as_json, True, "retry", step.value if step else None)


@app.command()
def priority(
    job: JobId, to: Annotated[PriorityOption, typer.Argument(help="Among the jobs of one person.")]
) -> None:
    """Move a job in the queue."""
    run(_priority, job, to.value)


@app.command()
def queues(as_json: AsJson = False) -> None:
    """Show how full the queues are: `posts` of articles, `llm` of model calls."""
    run(_queues, as_json)


@app.command("pause-queue")
def pause_queue(queue: Annotated[Queue, typer.Argument()] = Queue.POSTS) -> None:
    """Let no instance begin anything more from a queue; what has begun goes on."""
    run(_pause, queue.value, True)


@app.command("resume-queue")
def resume_queue(queue: Annotated[Queue, typer.Argument()] = Queue.POSTS) -> None:
    """Let the instances take from a paused queue again."""
    run(_pause, queue.value, False)


async def _list(limit: int, conditions: dict[str, Any], before: str, as_json: bool) -> int:
    import json

    from app.generation.jobs import Wanted
    from app.generation.repository import Jobs

    async with open_house() as house, house.database.reading() as session:
        person = await _person(house, conditions["person"])
        wanted = Wanted.model_validate({**conditions, "person": person})
        jobs = await Jobs(session).newest(limit, before=before or None, wanted=wanted)
    if as_json:
        typer.echo(json.dumps([job.model_dump(mode="json") for job in jobs], ensure_ascii=False))
        return Code.DONE
    from rich.console import Console
    from rich.table import Table

    table = Table("job", "state", "step", "keyword", "language", "model", "created", box=None)
    for job in jobs:
        created = job.created_at.astimezone().strftime("%Y-%m-%d %H:%M")
        asked = job.request
        table.add_row(
            job.id, job.state, job.step, asked.keyword, asked.language, asked.model, created
        )
    Console().print(table)
    return Code.DONE


async def _person(house: House, login: str) -> str:
    """Whose jobs are wanted: a login's id; what is no login stays as it is."""
    from app.accounts.repository import Accounts
    from app.generation.service import LOCAL_PRINCIPAL

    if not login or login == LOCAL_PRINCIPAL or ":" in login:
        return login
    async with house.database.reading() as session:
        return (await Accounts(session).read(login)).id


async def _show(prefix: str, as_json: bool) -> int:
    import json

    from app.generation.jobs import priority_name
    from app.generation.partial import finished_parts
    from app.generation.repository import Jobs

    async with open_house() as house:
        async with house.database.reading() as session:
            job = await Jobs(session).find(prefix)
        parts = await finished_parts(house.enqueuer, job)
    if as_json:
        told = {**job.model_dump(mode="json"), "parts": [part.model_dump() for part in parts]}
        typer.echo(json.dumps(told, ensure_ascii=False))
        return Code.DONE
    due = f" · due {job.deadline_at:%Y-%m-%d %H:%M} UTC" if job.deadline_at else ""
    typer.echo(f"{job.request.keyword}\n  {job.id}")
    typer.echo(
        f"  {job.state} · {job.request.language} · {job.request.model} · "
        f"priority {priority_name(job.priority)}{due} · attempt {job.attempt}"
    )
    if job.error:
        typer.echo(f"  {job.error_code}: {job.error}")
    if job.result.get("url"):
        typer.echo(f"  {job.result['url']}")
    for part in parts:
        typer.echo(f"\n{part.heading or '–'}")
        for paragraph in part.paragraphs:
            typer.echo(f"  {paragraph}")
    return Code.DONE


async def _follow(
    prefix: str, as_json: bool, again: bool, how: str = "resume", step: str | None = None
) -> int:
    from app.cli.runner import Runner, exit_code, follow, running
    from app.cli.write import outcome, report
    from app.generation.control import resume_job, retry_job
    from app.generation.repository import Jobs

    async with open_house() as house:
        async with house.database.reading() as session:
            job = await Jobs(session).find(prefix)
        if not again:
            runner = Runner(house, take_over=False)
            ended = await follow(runner, job.id, quiet=as_json)
        else:
            async with running(house) as runner:
                now, ports = datetime.now(UTC), (house.database, house.enqueuer)
                if how == "retry":
                    await retry_job(*ports, job.id, step=step, now=now)
                else:
                    await resume_job(*ports, job.id, now=now)
                ended = await follow(runner, job.id, quiet=as_json)
    report(outcome(ended, job.id), as_json=as_json, failed=ended.error if ended else None)
    return exit_code(ended)


async def _cancel(prefix: str) -> int:
    from app.generation.control import cancel_job
    from app.generation.repository import Jobs

    async with open_house() as house:
        async with house.database.reading() as session:
            job = await Jobs(session).find(prefix)
        await cancel_job(house.database, house.enqueuer, job.id, now=datetime.now(UTC))
    tell(f"Cancelled {job.id}. Go on with: ai-seo-blogger jobs resume {job.id}")
    return Code.DONE


async def _priority(prefix: str, name: str) -> int:
    from app.generation.control import set_priority
    from app.generation.jobs import PRIORITIES
    from app.generation.repository import Jobs

    async with open_house() as house:
        async with house.database.reading() as session:
            job = await Jobs(session).find(prefix)
        await set_priority(house.database, house.enqueuer, job.id, priority=PRIORITIES[name])
    tell(f"{job.id} has the priority {name} now.")
    return Code.DONE


async def _queues(as_json: bool) -> int:
    import json

    from app.generation.repository import Queues

    async with open_house() as house, house.database.reading() as session:
        counts = await house.enqueuer.workflows.waiting(session)
        paused = await Queues(session).paused()
    told = [
        {"name": name, "waiting": waiting, "begun": begun, "paused": name in paused}
        for name, (waiting, begun) in counts.items()
    ]
    if as_json:
        typer.echo(json.dumps(told))
        return Code.DONE
    for queue in told:
        state = " · paused" if queue["paused"] else ""
        typer.echo(f"{queue['name']}: {queue['waiting']} waiting, {queue['begun']} begun{state}")
    return Code.DONE


async def _pause(name: str, pause: bool) -> int:
    from app.generation import control

    async with open_house() as house:
        if pause:
            now = datetime.now(UTC)
            await control.pause_queue(house.database, house.enqueuer, name, now=now)
            tell(f"No instance begins anything more from {name}; what has begun goes on.")
            return Code.DONE
        await control.resume_queue(
            house.database,
            house.enqueuer,
            name,
            concurrency=house.settings.jobs.concurrency,
            of_one=house.settings.jobs.most_of_one,
        )
    tell(f"The instances take from {name} again.")
    return Code.DONE
