"""`ai-seo-blogger audit`: what a published page and the files beside it look like from outside."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.analyze import COLOURS, SIGNS, Format
from app.cli.house import Code, run, tell, terminal_language
from app.cli.write import Lang

if TYPE_CHECKING:
    # For the annotations alone: these imports take longer than `--help` may.
    from app.language.types import Language
    from app.review.page_audit.schemas import AuditOut


def audit(
    url: Annotated[
        str,
        typer.Argument(metavar="URL", help="A published page's address.", show_default=False),
    ],
    links: Annotated[
        bool,
        typer.Option("--links", help="Also ask where the page's links lead, at most 50 of them."),
    ] = False,
    format_: Annotated[
        Format,
        typer.Option("--format", "-f", help="A table, JSON as the API answers, or SARIF 2.1.0."),
    ] = Format.TABLE,
    say: Annotated[
        Lang | None,
        typer.Option("--say", help="The language of messages; by default the terminal's."),
    ] = None,
) -> None:
    """Audit a published page: its answer, head, structured data, sitemap, feed and robots.txt.

    Pages inside your network need FETCH_ALLOW=host:port. Exits with 1 where a check is red.
    """
    run(_audit, url, links, format_.value, say.value if say else None)


async def _audit(url: str, links: bool, shape: str, said_in: "Language | None") -> int:
    import json
    import logging
    from datetime import UTC, datetime

    from app.config import load_settings
    from app.infra.http.fetch import Fetcher, FetchLimits
    from app.infra.logs import configure_logging
    from app.kit.speech import speak
    from app.review.page_audit.auditing import audit_page
    from app.review.page_audit.reporting import audit_to_sarif, describe_audit

    configure_logging(least=logging.WARNING)
    settings, warnings = load_settings()
    for warning in warnings:
        tell(f"warning: {warning}")
    fetcher = Fetcher(FetchLimits(**settings.fetch.model_dump()), allow=settings.fetch_allow)
    found = await audit_page(url, fetcher, now=datetime.now(UTC), links=links)
    language = said_in or terminal_language()
    speak(language)
    if shape == Format.JSON:
        typer.echo(describe_audit(found, language).model_dump_json(indent=1))
    elif shape == Format.SARIF:
        typer.echo(json.dumps(audit_to_sarif(found, language), ensure_ascii=False, indent=1))
    else:
        _print(describe_audit(found, language))
    return Code.DONE if found.passed else Code.FAILED


def _print(told: "AuditOut") -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from app.kit.speech import say

    console = Console()
    table = Table("", say("check"), say("grade"), say("finding"), box=None, pad_edge=False)
    for each in told.findings:
        more = "" if each.level in {"good", "info"} else f"\n[dim]{escape(each.why)}[/]"
        hint = f"\n[dim]→ {escape(each.hint)}[/]" if each.hint else ""
        sign = f"[{COLOURS[each.level]}]{SIGNS[each.level]}[/]"
        table.add_row(sign, each.id, each.grade, f"{escape(each.message)}{more}{hint}")
    console.print(table)
    counts = {
        level: sum(each.level == level for each in told.findings) for level in ("bad", "ok", "good")
    }
    console.print(
        "\n"
        + say("{url}: {bad} to mend, {ok} to improve, {good} good.", url=told.final_url, **counts),
        markup=False,
    )
