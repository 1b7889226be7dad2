"""`ai-seo-blogger jobs`: what is being written."""

from typing import Annotated

import typer

from app.cli.house import Code, open_house, run, tell

app = typer.Typer(no_args_is_help=True)

JobId = Annotated[str, typer.Argument(help="The job's id, or its first characters.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000)] = 20,
    as_json: AsJson = False,
) -> None:
    """List jobs, newest first."""
    run(_list, limit, as_json)


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


async def _list(limit: int, as_json: bool) -> int:
    import json

    from app.generation.repository import Jobs

    async with open_house() as house, house.database.reading() as session:
        jobs = await Jobs(session).newest(limit)
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


async def _follow(prefix: str, as_json: bool, resume: bool) -> int:
    from datetime import UTC, datetime

    from app.cli.runner import Runner, exit_code, follow, running
    from app.cli.write import outcome, report
    from app.generation.repository import Jobs
    from app.generation.service import resume_job

    async with open_house() as house:
        async with house.database.reading() as session:
            job = await Jobs(session).find(prefix)
        if not resume:
            runner = Runner(house, take_over=False)
            ended = await follow(runner, job.id, quiet=as_json)
        else:
            async with running(house) as runner:
                await resume_job(house.database, house.enqueuer, job.id, now=datetime.now(UTC))
                ended = await follow(runner, job.id, quiet=as_json)
    report(outcome(ended, job.id), as_json=as_json, failed=ended.error if ended else None)
    return exit_code(ended)


async def _cancel(prefix: str) -> int:
    from datetime import UTC, datetime

    from app.generation.repository import Jobs
    from app.generation.service import cancel_job

    async with open_house() as house:
        async with house.database.reading() as session:
            job = await Jobs(session).find(prefix)
        await cancel_job(house.database, house.enqueuer, job.id, now=datetime.now(UTC))
    tell(f"Cancelled {job.id}. Go on with: ai-seo-blogger jobs resume {job.id}")
    return Code.DONE
