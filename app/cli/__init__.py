"""The command line: `ai-seo-blogger`. Commands import what they need when they run, so `--help` is quick."""

import gc
from typing import Annotated

import typer

from app.cli import (
    analyze,
    audit,
    bulk,
    cluster,
    costs,
    db,
    jobs,
    keyphrases,
    keys,
    logs,
    model,
    moving,
    posts,
    quickstart,
    scale,
    serve,
    thresholds,
    users,
    write,
)

app = typer.Typer(
    name="ai-seo-blogger",
    help="Write sourced SEO articles in Korean and English, score, review and publish them.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # a local may be a key or a password
    epilog=(
        "Exit codes: 0 done · 1 the job failed · 2 wrong usage · 3 wrong settings, or the database is away · "
        "4 no such thing, or it is in the wrong state · 5 the model is away · 70 ended hard while it left · "
        "75 taken for dead by the fleet · 130 interrupted."
    ),
)


def _version(value: bool) -> None:
    if value:
        from app import __version__

        typer.echo(f"ai-seo-blogger {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Write sourced SEO articles in Korean and English, score, review and publish them."""


app.command("serve")(serve.serve)
app.command("write")(write.write)
app.command("analyze")(analyze.analyze)
app.command("keyphrases")(keyphrases.keyphrases)
app.command("brief")(keyphrases.brief)
app.command("audit")(audit.audit)
app.command("costs")(costs.costs)
app.command("quickstart")(quickstart.quickstart)
app.add_typer(posts.app, name="posts", help="Articles: list, show, edit, submit, publish, …")
app.add_typer(jobs.app, name="jobs", help="Jobs: list, show, watch, cancel, resume, retry, …")
app.add_typer(bulk.app, name="bulk", help="Many articles from a table: preview, run, status, …")
app.add_typer(
    thresholds.app, name="thresholds", help="What the analysis calls good here: list, set, undo, …"
)
app.add_typer(model.app, name="model", help="Language models: status, pull.")
app.add_typer(scale.app, name="scale", help="Several instances behind a balancer.")
app.add_typer(cluster.app, name="cluster", help="A whole cluster on this machine: up, scale, …")
app.add_typer(logs.app, name="logs", help="The lines of a fleet: find those of one request.")
app.add_typer(users.app, name="users", help="People: the first owner, roles, passwords.")
app.add_typer(keys.app, name="keys", help="API keys: create, list, revoke.")
app.add_typer(db.app, name="db", help="The database: upgrade, copy, verify, backup.")
app.add_typer(moving.media, name="media", help="Uploaded files: copy.")


_MANY = 100_000
"""New objects between two looks for garbage; Python's own number is 700."""


def main() -> None:
    """Run the command line; what users can mend is a sentence and an exit code, no traceback."""
    from app.cli.house import explained

    # What is imported is no garbage: looking for some took a third of each start, and as long at each end.
    gc.set_threshold(_MANY)
    try:
        with explained():
            app()
    finally:
        gc.freeze()
