"""`scale tasks`: what the fleet does again and again."""

from typing import Annotated

import typer

from app.cli.house import Code, open_house, run

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]


def tasks(as_json: Json = False) -> None:
    """List the periodic tasks: when each ran last and where, how that went, and when it runs again.

    Exit code 1 when the last run of one failed.
    """
    run(_tasks, as_json)


async def _tasks(as_json: bool) -> int:
    import json
    from dataclasses import asdict

    from app.ops.tasks import list_tasks

    async with open_house() as house:
        found = await list_tasks(house.database)
    if as_json:
        listed = [asdict(task) for task in found]
        typer.echo(json.dumps({"tasks": listed}, ensure_ascii=False, default=str))
    else:
        from rich.console import Console
        from rich.table import Table

        table = Table("task", "every", "last run", "on", "result", "next", box=None)
        for task in found:
            last = f"{task.ended_at.astimezone():%Y-%m-%d %H:%M:%S}" if task.ended_at else "never"
            told = f"FAILED {task.failures}×: {task.result}" if task.failures else task.result
            due = f"{task.due_at.astimezone():%Y-%m-%d %H:%M:%S}"
            due = f"runs on {task.running_on}" if task.running_on else due
            table.add_row(task.name, f"{task.every_s:.0f} s", last, task.ran_on or "–", told, due)
        Console().print(table)
    return Code.FAILED if any(task.failures for task in found) else Code.DONE
