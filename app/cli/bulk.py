"""`ai-seo-blogger bulk`: many articles from a table."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.house import Code, House, open_house, run, tell
from app.cli.write import RightsOption

if TYPE_CHECKING:
    from app.generation.batches.schemas import Batch, Existing, Options, PlannedRow

app = typer.Typer(no_args_is_help=True)

File = Annotated[
    Path,
    typer.Argument(
        exists=True,
        dir_okay=False,
        help="A CSV with the columns keyword, sources, language, due date, priority, publish.",
    ),
]
BatchId = Annotated[str, typer.Argument(help="The batch's id, or its first characters.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
Model = Annotated[str, typer.Option("--model", "-m", help="Who writes, as in LLM_MODEL.")]
Repeated = Annotated[
    bool,
    typer.Option("--keep-repeated", help="Write also what is twice, in the queue or published."),
]

_POLL_S = 0.5
"""How often a batch that is waited for is looked at."""


@app.command()
def preview(
    file: File, model: Model = "", keep_repeated: Repeated = False, as_json: AsJson = False
) -> None:
    """Show what each row would do, what is wrong and what is repeated; nothing is kept."""
    run(_preview, file, {"model": model, "keep_repeated": keep_repeated}, as_json)


@app.command("run")
def run_(
    file: File,
    model: Model = "",
    name: Annotated[str, typer.Option("--name", help="What it is called; else the file.")] = "",
    rights: Annotated[
        RightsOption, typer.Option("--rights", help="Whose words the sources are.")
    ] = RightsOption.THIRD_PARTY,
    skip_wrong: Annotated[
        bool, typer.Option("--skip-wrong", help="Write the other rows though some are wrong.")
    ] = False,
    keep_repeated: Repeated = False,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Stay until the last article is done.")
    ] = True,
    key: Annotated[
        str | None,
        typer.Option(
            "--idempotency-key", help="The same key is the same batch; unset: the file's hash."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Have the articles of a table written."""
    options = {
        "model": model,
        "name": name or file.name,
        "rights": rights.value,
        "skip_wrong": skip_wrong,
        "keep_repeated": keep_repeated,
    }
    run(_run, file, options, wait, key, as_json)


@app.command()
def status(
    batch: Annotated[str, typer.Argument(help="A batch's id; unset: the newest ones.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show batches, or what became of each row of one."""
    run(_status, batch, as_json)


@app.command()
def pause(batch: BatchId) -> None:
    """Begin no more articles of a batch; what has begun goes on."""
    run(_change, batch, "pause")


@app.command()
def resume(batch: BatchId) -> None:
    """Go on with a paused batch."""
    run(_change, batch, "resume")


@app.command()
def cancel(batch: BatchId) -> None:
    """Cancel what is left of a batch; finished articles stay."""
    run(_change, batch, "cancel")


@app.command()
def export(
    batch: BatchId,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file; unset: standard output.")
    ] = None,
) -> None:
    """Write what became of each row as CSV."""
    run(_export, batch, output)


def _read(file: Path) -> bytes:
    from app.generation.batches.table import MAX_BYTES

    with file.open("rb") as opened:
        return opened.read(MAX_BYTES + 1)


async def _preview(file: Path, options: dict[str, Any], as_json: bool) -> int:
    from datetime import UTC, datetime

    from app.generation.batches.schemas import Options
    from app.generation.batches.service import preview_batch

    async with open_house() as house:
        seen = await preview_batch(
            house.database,
            house.settings,
            _read(file),
            Options.model_validate(options),
            may_publish=True,
            now=datetime.now(UTC),
        )
    if as_json:
        typer.echo(seen.model_dump_json())
        return Code.DONE
    for row in seen.rows:
        typer.echo(f"{row.n:>5}  {_would(row, keep=options['keep_repeated'])}")
    counts = seen.counts
    cost = "unknown" if seen.cost_usd is None else "${:.2f} to ${:.2f}".format(*seen.cost_usd)
    typer.echo(
        f"\n{counts['rows']} rows: {counts['ready']} ready, {counts['repeated']} repeated, "
        f"{counts['wrong']} wrong · cost {cost} · read as {seen.encoding}"
    )
    for column in seen.unused_columns:
        typer.echo(f"The column “{column}” is not used.")
    return Code.DONE if not counts["wrong"] else Code.USAGE


def _would(row: "PlannedRow", *, keep: bool) -> str:
    from app.generation.jobs import priority_name

    if row.problems:
        said = " · ".join(f"{problem.column}: {problem.message}" for problem in row.problems)
        return f"wrong     {row.keyword[:40]} · {said}"
    if row.duplicate_of and not keep:
        return f"repeated  {row.keyword[:40]} · the same as {row.duplicate_of}"
    due = f" · due {row.deadline_at:%Y-%m-%d %H:%M %Z}" if row.deadline_at else ""
    end = "publish" if row.publish else "draft"
    similar = f" · like row {row.similar_to} of this file" if row.similar_to else ""
    return (
        f"write     {row.keyword} · {row.language} · {len(row.sources)} sources · "
        f"{priority_name(row.priority)}{due} · {end}{similar}{_there(row.existing)}"
    )


def _there(articles: "tuple[Existing, ...]") -> str:
    """What the blog has on the same keyphrase."""
    return "".join(
        f" · there is already “{each.title}” ({each.path}, {each.state})" for each in articles[:1]
    )


async def _run(
    file: Path, options: dict[str, Any], wait: bool, key: str | None, as_json: bool
) -> int:
    from contextlib import AsyncExitStack

    from app.cli.runner import running
    from app.generation.batches.schemas import Options

    async with open_house() as house, AsyncExitStack() as stack:
        if wait:
            await stack.enter_async_context(running(house))
        batch, new = await _accept(house, _read(file), Options.model_validate(options), key)
        if not new:
            tell(
                f"This file was accepted before, as the batch {batch.id}: nothing new is started. "
                "To have it written again, give --idempotency-key."
            )
        for each in batch.existing or ():
            tell(f"row {each.n}: {each.keyword}{_there(each.articles)}")
        if wait and new:
            existing = batch.existing
            batch = (await _until_done(house, batch.id)).model_copy(update={"existing": existing})
    if as_json:
        typer.echo(batch.model_dump_json())
    else:
        typer.echo(_line(batch))
    if not wait:
        tell(f"Look with: ai-seo-blogger bulk status {batch.id}")
    return Code.DONE


async def _accept(
    house: House, data: bytes, options: "Options", key: str | None
) -> tuple["Batch", bool]:
    from datetime import UTC, datetime

    from app.generation.batches.service import accept_batch
    from app.generation.service import LOCAL_PRINCIPAL

    return await accept_batch(
        house.database,
        house.enqueuer,
        house.settings,
        data,
        options,
        person=LOCAL_PRINCIPAL,
        may_publish=True,
        key=key,
        now=datetime.now(UTC),
    )


async def _until_done(house: House, batch_id: str) -> "Batch":
    import anyio

    from app.generation.batches.repository import Batches

    said = ""
    while True:
        async with house.database.reading() as session:
            batch = await Batches(session).read(batch_id)
        if (line := _line(batch)) != said:
            said = line
            tell(line)
        if not batch.open or batch.state != "running":
            return batch
        await anyio.sleep(_POLL_S)


async def _status(prefix: str, as_json: bool) -> int:
    import json

    from app.generation.batches.repository import Batches

    async with open_house() as house, house.database.reading() as session:
        batches = Batches(session)
        if not prefix:
            found = await batches.newest(20)
            if as_json:
                told = [batch.model_dump(mode="json") for batch in found]
                typer.echo(json.dumps(told, ensure_ascii=False))
            for batch in [] if as_json else found:
                typer.echo(_line(batch))
            return Code.DONE
        batch = await batches.read(await batches.find(prefix))
        rows = await batches.results(batch.id)
    if as_json:
        told = {**batch.model_dump(mode="json"), "rows": [row.model_dump() for row in rows]}
        typer.echo(json.dumps(told, ensure_ascii=False))
        return Code.DONE
    typer.echo(_line(batch))
    for row in rows:
        typer.echo(f"{row.n:>5}  {row.state:<9} {row.keyword}  {row.url or row.reason}".rstrip())
    return Code.DONE


async def _change(prefix: str, what: str) -> int:
    from datetime import UTC, datetime

    from app.generation.batches import service
    from app.generation.batches.repository import Batches

    async with open_house() as house:
        async with house.database.reading() as session:
            batch_id = await Batches(session).find(prefix)
        ports = (house.database, house.enqueuer)
        if what == "pause":
            batch = await service.pause_batch(*ports, batch_id)
        elif what == "resume":
            batch = await service.resume_batch(*ports, batch_id)
        else:
            batch = await service.cancel_batch(*ports, batch_id, now=datetime.now(UTC))
    typer.echo(_line(batch))
    return Code.DONE


async def _export(prefix: str, output: Path | None) -> int:
    from app.generation.batches.repository import Batches
    from app.generation.batches.service import results_as_csv

    async with open_house() as house, house.database.reading() as session:
        batches = Batches(session)
        rows = await batches.results(await batches.find(prefix))
    _write(results_as_csv(rows), output)
    return Code.DONE


def _write(text: str, output: Path | None) -> None:
    if output is None:
        typer.echo(text, nl=False)
        return
    output.write_bytes(text.encode())
    tell(f"The results are in {output}.")


def _line(batch: "Batch") -> str:
    counts = ", ".join(f"{number} {state}" for state, number in sorted(batch.counts.items()))
    return f"{batch.id}  {batch.shown_state}  {batch.name}  {counts}"
