"""`ai-seo-blogger logs`: what a whole fleet logged, wherever its lines have been brought."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.house import tell, terminal_language

if TYPE_CHECKING:
    # For the annotations alone: these imports take longer than `--help` may.
    from app.ops.collecting.finding import Found, Place

app = typer.Typer(no_args_is_help=True)


@app.callback()
def group() -> None:
    """The lines of a fleet: balancer, instances and workers."""
    from app.kit.speech import speak

    speak(terminal_language())


@app.command("find")
def find(
    request: Annotated[
        str,
        typer.Argument(help="The X-Request-ID of an answer; or the number of a job."),
    ],
    where: Annotated[
        list[Path] | None,
        typer.Option(
            "--in",
            help="A folder or file of logs, - for standard input; several times for several. "
            "Unset: the cluster of DATA_DIR, and /var/log/ai-seo-blogger.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output.")
    ] = False,
) -> None:
    """Print every line of one request, merged by time.

    What others print is read too: docker compose logs | ai-seo-blogger logs find ID --in -
    """
    import sys

    from app.kit.speech import say
    from app.ops.collecting.finding import find as search
    from app.ops.collecting.finding import places_in

    given = where or []
    piped = [sys.stdin.buffer] if Path("-") in given else []
    folders = [each for each in given if each != Path("-")]
    places = [place for each in folders for place in places_in(each)] if given else _usual()
    found = search(request, places, piped)
    show(found, as_json=as_json)
    if not as_json:
        tell(
            say(
                "{count} lines of {sources} sources, out of {lines}.",
                count=len(found.entries),
                sources=len({entry.source for entry in found.entries}),
                lines=found.lines,
            )
        )


def show(found: "Found", *, as_json: bool = False) -> None:
    """Print the lines that were found, each behind who logged it."""
    import json

    if as_json:
        lines = [
            {"time": entry.at, "source": entry.source, "line": entry.line}
            for entry in found.entries
        ]
        said = {"lines": lines, "searched": {"files": found.files, "lines": found.lines}}
        typer.echo(json.dumps(said, ensure_ascii=False))
        return
    for entry in found.entries:
        typer.echo(f"{entry.source} {entry.line}")


def _usual() -> "list[Place]":
    """The logs of this machine's cluster, and what is collected where our configurations put it."""
    from app.cluster import journal
    from app.config import load_settings
    from app.kit.errors import NotFound
    from app.kit.speech import say
    from app.ops.collecting.finding import places_in
    from app.ops.collecting.rsyslog import FOLDER

    home, collected = load_settings()[0].data_dir / "cluster", Path(FOLDER)
    places = journal.places(home) if home.is_dir() else []
    if collected.is_dir():
        places += places_in(collected)
    if not places:
        raise NotFound(
            say(
                "There are no logs in {home} or {collected}. Name them with --in FOLDER, or pipe them: "
                "docker compose logs | ai-seo-blogger logs find ID --in -",
                home=home,
                collected=collected,
            )
        )
    return places
