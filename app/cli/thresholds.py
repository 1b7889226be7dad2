"""`ai-seo-blogger thresholds`: what the analysis calls good on this site. Works on the database itself."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.house import Code, open_house, run, tell
from app.cli.write import Lang

if TYPE_CHECKING:
    # For the annotations alone: these imports take longer than `--help` may.
    from app.language.types import Language
    from app.review.thresholds.schemas import Version

app = typer.Typer(no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
Of = Annotated[Lang, typer.Argument(help="The language of the articles.")]
Name = Annotated[str, typer.Argument(help="As `thresholds list` calls it.")]
Note = Annotated[str, typer.Option("--note", help="Why, for the history.")]


@app.command("list")
def list_(
    lang: Annotated[Lang | None, typer.Argument(help="Of one language only.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the thresholds in force: ours, the setting's, or the site's own."""
    run(_list, lang.value if lang else None, as_json)


@app.command("set")
def set_(
    lang: Of,
    name: Name,
    value: Annotated[str, typer.Argument(help="A number, or several parted by commas: 0.3,0.75.")],
    note: Note = "",
) -> None:
    """Set a threshold of the site; it holds on all instances from then on."""
    run(_change, lang.value, name, value, note)


@app.command()
def reset(lang: Of, name: Name, note: Note = "") -> None:
    """Take the site's own number back: the setting's holds again, or ours."""
    run(_change, lang.value, name, None, note)


@app.command()
def undo(
    to: Annotated[
        int | None,
        typer.Option("--to", min=0, help="The version to bring back; else that before the last."),
    ] = None,
) -> None:
    """Bring an earlier version back, as a new one."""
    run(_undo, to)


@app.command()
def history(as_json: AsJson = False) -> None:
    """Who set what and when, the latest first."""
    run(_history, as_json)


async def _list(lang: "Language | None", as_json: bool) -> int:
    from app.review.thresholds.repository import Thresholds
    from app.review.thresholds.service import describe_thresholds
    from app.review.thresholds.words import shown
    from app.seo.thresholds import read_limits

    async with open_house() as house, house.database.reading() as session:
        version = await Thresholds(session).current()
        told = describe_thresholds(version, read_limits(house.settings.seo.thresholds))
    if as_json:
        typer.echo(told.model_dump_json(indent=1))
        return Code.DONE
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None)
    for column in ("", "name", "value", "by", "about"):
        table.add_column(column, no_wrap=column in {"", "name"})
    for language, rows in told.languages.items():
        for row in rows if lang in {None, language} else ():
            table.add_row(language, row.name, shown(row.value) or "–", row.origin, row.about)
    Console().print(table)
    return Code.DONE


async def _change(lang: "Language", name: str, value: str | None, note: str) -> int:
    from datetime import UTC, datetime

    from app.accounts.domain import COMMAND_LINE
    from app.review.thresholds.repository import Thresholds
    from app.review.thresholds.service import change_thresholds
    from app.review.thresholds.words import typed

    wanted: Any = None if value is None else typed(name, value)
    async with open_house() as house, house.database.unit() as session:
        thresholds = Thresholds(session)
        before = (await thresholds.current()).n
        version = await change_thresholds(
            thresholds,
            {lang: {name: wanted}},
            by=COMMAND_LINE.name,
            now=datetime.now(UTC),
            note=note,
        )
    _say(version, before)
    return Code.DONE


async def _undo(to: int | None) -> int:
    from datetime import UTC, datetime

    from app.accounts.domain import COMMAND_LINE
    from app.review.thresholds.repository import Thresholds
    from app.review.thresholds.service import restore_thresholds

    async with open_house() as house, house.database.unit() as session:
        thresholds = Thresholds(session)
        before = (await thresholds.current()).n
        version = await restore_thresholds(
            thresholds, to, by=COMMAND_LINE.name, now=datetime.now(UTC)
        )
    _say(version, before)
    return Code.DONE


async def _history(as_json: bool) -> int:
    import json

    from app.review.thresholds.repository import Thresholds

    async with open_house() as house, house.database.reading() as session:
        versions = await Thresholds(session).versions(50)
    if as_json:
        typer.echo(json.dumps([v.model_dump(mode="json") for v in versions], ensure_ascii=False))
        return Code.DONE
    for version in versions:
        at = f"{version.changed_at.astimezone():%Y-%m-%d %H:%M}" if version.changed_at else ""
        note = f" · {version.note}" if version.note else ""
        typer.echo(f"{version.n}  {at}  {version.changed_by}{note}")
        for language, values in version.overrides.items():
            for name, value in values.items():
                typer.echo(f"   {language} {name} = {json.dumps(value)}")
    if not versions:
        tell(
            "Nothing was changed yet. Set one with: ai-seo-blogger thresholds set ko sentence_words 18"
        )
    return Code.DONE


def _say(version: "Version", before: int) -> None:
    if version.n == before:
        tell("Nothing changes: it is so already.")
    else:
        tell(f"Version {version.n} of the thresholds holds from now on. Undo: thresholds undo")
