"""`ai-seo-blogger scale`: several instances behind a balancer."""

import typer

from app.cli.scale_checks import check, checklist, info
from app.cli.scale_lb import lb
from app.cli.scale_prove import prove
from app.cli.scale_tasks import tasks

app = typer.Typer(no_args_is_help=True)
app.command("check")(check)
app.command("info")(info)
app.command("checklist")(checklist)
app.command("lb")(lb)
app.command("prove")(prove)
app.command("tasks")(tasks)


@app.callback()
def group() -> None:
    """Several instances behind a balancer."""
