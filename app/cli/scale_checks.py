"""`scale check`, `info`, `checklist`: whether this configuration can run as several instances."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.house import Code, run, tell, terminal_language

if TYPE_CHECKING:
    # For the annotations alone: these imports take longer than `--help` may.
    from app.ops.service import FleetInfo

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
Lang = Annotated[str, typer.Option("--lang", help="ko or en; by default as the terminal is set.")]

_COLOURS = {"ok": "green", "warning": "yellow", "error": "red"}
_SIGNS = {"ok": "✓", "warning": "!", "error": "✗"}


def check(as_json: Json = False, lang: Lang = "") -> None:
    """Check whether this configuration is stateless. Exit code 1 when it is not."""
    run(_check, as_json, lang)


def info(as_json: Json = False, lang: Lang = "") -> None:
    """Show the instances of the fleet, what differs between them, and what to change."""
    run(_info, as_json, lang)


def checklist(as_json: Json = False, lang: Lang = "") -> None:
    """Show the two checklists of the scaling guide, ticked by the checks."""
    run(_checklist, as_json, lang)


async def _look(lang: str) -> "FleetInfo":

    from app.config import load_settings
    from app.infra.logs import configure_logging
    from app.kit.speech import SPOKEN
    from app.services.horizontal_scaling import horizontal_scaling

    if lang and lang not in SPOKEN:
        tell(f"error: --lang {lang}: ko or en")
        raise SystemExit(Code.USAGE)
    configure_logging()
    _, warnings = load_settings()
    for warning in warnings:
        tell(f"warning: {warning}")
    language = lang or terminal_language()
    return await horizontal_scaling.look(language)


async def _check(as_json: bool, lang: str) -> int:
    found = await _look(lang)
    if as_json:
        _print_json(
            {
                "stateless": found.stateless,
                "checks": found.checks,
                "recommendations": found.recommendations,
            }
        )
    else:
        _print_checks(found)
    return Code.DONE if found.stateless else Code.FAILED


async def _info(as_json: bool, lang: str) -> int:
    from app.services.horizontal_scaling import horizontal_scaling

    found = await _look(lang)
    if as_json:
        _print_json(horizontal_scaling.describe(found))
    else:
        _print_instances(found)
        _print_checks(found)
    return Code.DONE


async def _checklist(as_json: bool, lang: str) -> int:
    found = await _look(lang)
    if as_json:
        _print_json(found.checklists)
        return Code.DONE
    for one in found.checklists.values():
        typer.echo(f"{one['title']}")
        for item in one["items"]:
            typer.echo(f"  [{'x' if item['done'] else ' '}] {item['text']}")
            for hint in item["hints"]:
                typer.echo(f"        → {hint}")
    return Code.DONE


def _print_json(value: dict[str, Any]) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))


def _print_checks(found: "FleetInfo") -> None:
    from app.ops.findings import phrase
    from app.ops.findings import tell as said

    for name, one in found.checks.items():
        sign = typer.style(_SIGNS[one["status"]], fg=_COLOURS[one["status"]])
        typer.echo(f"{sign} {name:<16} {one['message']}  [{one['id']}]")
        if one["hint"]:
            typer.echo(f"    → {one['hint']}")
    typer.echo("")
    if found.stateless:
        typer.echo(
            said(
                phrase("Stateless: nothing that lasts lives in this process or on this host."),
                found.language,
            )
        )
        return
    typer.echo(said(phrase("Not stateless yet. Put these lines into .env:"), found.language))
    lines: dict[str, None] = {}
    for entries in found.recommendations.values():
        for entry in entries:
            lines.update(dict.fromkeys(entry["env"]))
    for line in lines:
        typer.echo(f"  {line}")


def _print_instances(found: "FleetInfo") -> None:
    from rich.console import Console
    from rich.table import Table

    from app.ops.findings import phrase
    from app.ops.findings import tell as said

    if not found.instances:
        typer.echo(said(phrase("No instance is running."), found.language) + "\n")
        return
    table = Table("instance", "role", "address", "version", "seen", "jobs", "requests", "state")
    for one in found.instances:
        state = "draining" if one.draining else "live" if one.live else "lost"
        table.add_row(
            one.instance_id,
            one.role,
            one.address,
            one.version,
            f"{one.seen_s:.1f} s",
            str(one.running_jobs),
            str(one.in_flight),
            state,
        )
    Console().print(table)
    for name, its in found.drift.items():
        typer.secho(f"≠ {name}: {', '.join(its)}", fg="red")
