"""`ai-seo-blogger scale prove`: proves through the instances themselves that they share everything."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.house import Code, open_house, run, terminal_language

if TYPE_CHECKING:
    from app.ops.proof import Line, Report

KEY_VARIABLE = "SCALING_KEY"


def prove(
    urls: Annotated[
        list[str] | None, typer.Argument(help="Address of each instance, http://host:port.")
    ] = None,
    from_fleet: Annotated[
        bool, typer.Option("--from-fleet", help="Ask the instances that are live in the database.")
    ] = False,
    key: Annotated[
        str,
        typer.Option(
            "--key",
            envvar=KEY_VARIABLE,
            show_envvar=True,
            help="An API key with the scope ops. Unset: one is made in this database and revoked after.",
        ),
    ] = "",
    publish: Annotated[
        bool,
        typer.Option("--publish", help="Publish a listed article too: index, feed and sitemap."),
    ] = False,
    lang: Annotated[
        str, typer.Option("--lang", help="ko or en; by default as the terminal is set.")
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the report as one object.")
    ] = False,
) -> None:
    """Prove that no state lives in a process: do things through one instance, look for them on the others.

    Exit code 0 when everything is shared, 1 when something is not.
    """
    from app.kit.speech import speak

    speak(lang or terminal_language())
    run(_prove, urls or [], from_fleet=from_fleet, key=key, listed=publish, as_json=as_json)


async def _prove(
    urls: list[str], *, from_fleet: bool, key: str, listed: bool, as_json: bool
) -> int:
    async with _prepared(urls, key, from_fleet=from_fleet) as (addresses, secret):
        from app.ops.proof import Prover

        report = await Prover(addresses, secret, listed=listed).prove()
    if as_json:
        import json

        typer.echo(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        _show(report)
    return Code.DONE if report.passed else Code.FAILED


@asynccontextmanager
async def _prepared(
    urls: list[str], key: str, *, from_fleet: bool
) -> AsyncGenerator[tuple[list[str], str]]:
    """The addresses and a key: where they are not given, of the database that the settings name."""
    if urls and key and not from_fleet:
        yield urls, key
        return
    from app.accounts.domain import COMMAND_LINE
    from app.accounts.errand import errand_key
    from app.kit.errors import NotFound
    from app.kit.speech import say
    from app.ops.balancers.living import live_addresses

    async with open_house() as house:
        found = await live_addresses(house.database, ttl_s=house.settings.fleet.ttl_s)
        addresses = urls or [f"http://{address}" for address in found]
        if not addresses:
            raise NotFound(
                say("No instance is live in this database. Start one: ai-seo-blogger serve")
            )
        if key:
            yield addresses, key
            return
        async with errand_key(
            house.database,
            name="scale prove",
            scopes=["ops"],
            by=COMMAND_LINE,
            now=lambda: datetime.now(UTC),
        ) as secret:
            yield addresses, secret


def _show(report: "Report") -> None:
    from rich.console import Console
    from rich.table import Table

    from app.kit.speech import say
    from app.ops.proof import Kind, said_kind

    table = Table(box=None, pad_edge=False)
    for heading in ("", say("what is shared"), say("asked"), say("slowest"), say("finding")):
        table.add_column(heading, overflow="fold")
    for kind in Kind:
        lines = [line for line in report.lines if line.kind is kind]
        if lines:
            table.add_row(*_row(lines))
    console = Console(highlight=False)
    console.print(table)
    for line in report.lines:
        if line.passed is False:
            console.print(_failure(line), style="red", markup=False, soft_wrap=True)
    if report.passed:
        verdict = say(
            "Proved: {count} instances share everything ({seconds} s).",
            count=len(report.instances),
            seconds=f"{report.seconds:.1f}",
        )
    elif report.failed_kinds():
        failed = ", ".join(map(said_kind, sorted(report.failed_kinds())))
        verdict = say("Not proved: {kinds}.", kinds=failed)
    else:
        verdict = say(
            "Only one instance was asked, and it works. What is shared shows between two: start another."
        )
    console.print(verdict, style="green" if report.passed else "bold red", markup=False)


def _row(lines: "list[Line]") -> tuple[str, ...]:
    from app.ops.proof import said_kind

    asked = [line for line in lines if line.passed is not None]
    failed = [line for line in asked if not line.passed]
    slowest = max((line.latency_ms or 0 for line in asked), default=0)
    sign = "✗" if failed else "✓" if len(asked) == len(lines) else "–"
    finding = failed[0].message if failed else "" if asked else lines[0].message
    return (
        sign,
        said_kind(lines[0].kind),
        f"{len(asked) - len(failed)}/{len(lines)}",
        f"{slowest:.0f} ms" if slowest else "",
        finding,
    )


def _failure(line: "Line") -> str:
    from app.ops.proof import said_kind

    where = line.source if line.source == line.observer else f"{line.source} → {line.observer}"
    parts = [f"✗ {said_kind(line.kind)}: {where}: {line.message}"]
    if line.culprits:
        at_fault = ", ".join(line.culprits)
        parts.append(f"  {at_fault}: {line.setting}".rstrip(": "))
    if line.hint:
        parts.append(f"  {line.hint}")
    return "\n".join(parts)
