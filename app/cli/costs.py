"""`ai-seo-blogger costs`: what was spent on models."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.house import Code, open_house, run

if TYPE_CHECKING:
    from app.generation.spending.schemas import Cost


class By(StrEnum):
    """What costs are added up by."""

    DAY = "day"
    PERSON = "person"
    MODEL = "model"
    JOB = "job"
    STEP = "step"


def costs(
    by: Annotated[By, typer.Option("--by", help="What costs are added up by.")] = By.DAY,
    since: Annotated[
        datetime | None,
        typer.Option("--since", formats=["%Y-%m-%d"], help="Only from this day (UTC) on."),
    ] = None,
    job: Annotated[
        str | None, typer.Option("--job", help="Only this job: its id, or its first characters.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000)] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")] = False,
) -> None:
    """Show what was spent on models; a price that nobody knows is shown as unknown."""
    run(_costs, by.value, since, job, limit, as_json)


async def _costs(
    by: str, since: datetime | None, job: str | None, limit: int, as_json: bool
) -> int:
    import json

    from app.generation.repository import Jobs
    from app.generation.spending.repository import Spending
    from app.generation.spending.schemas import GROUPINGS, Grouping

    groups: dict[str, Grouping] = {each: each for each in GROUPINGS}
    async with open_house() as house, house.database.reading() as session:
        job_id = (await Jobs(session).find(job)).id if job else None
        found = await Spending(session).costs(
            groups[by], since=since.date() if since else None, job_id=job_id, limit=limit
        )
    if as_json:
        typer.echo(json.dumps([each.model_dump() for each in found], ensure_ascii=False))
        return Code.DONE
    from rich.console import Console
    from rich.table import Table

    table = Table(by, "calls", "lost", "tokens in", "tokens out", "USD", box=None)
    for each in found:
        table.add_row(
            each.group,
            f"{each.calls:,}",
            f"{each.lost:,}",
            f"{each.input_tokens:,}",
            f"{each.output_tokens:,}",
            shown(each),
        )
    Console().print(table)
    return Code.DONE


def shown(cost: "Cost") -> str:
    """An amount with what is not known about it."""
    if cost.cost_usd is not None:
        return f"{cost.cost_usd:.4f}"
    known = f"{cost.known_usd:.4f} + " if cost.known_usd else ""
    return f"{known}unknown ({cost.unpriced} calls without a known price)"
