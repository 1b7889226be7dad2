"""`ai-seo-blogger analyze`: what the analyser says of a file, of standard input or of a page of the web."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.house import Code, run, tell, terminal_language
from app.cli.write import Lang

if TYPE_CHECKING:
    # For the annotations alone: these imports take longer than `--help` may.
    from collections.abc import Sequence
    from datetime import datetime

    from rich.console import Console

    from app.config import Settings
    from app.language.types import Language
    from app.review.analysing import Analysed, Sources, Text
    from app.review.schemas import ClaimOut, FindingOut, PreviewOut
    from app.seo.thresholds import SiteLimits


class Format(StrEnum):
    """How an analysis is printed."""

    TABLE = "table"
    JSON = "json"
    SARIF = "sarif"


SIGNS = {"good": "✓", "ok": "!", "bad": "✗", "info": "·"}
_QUOTED = 240
"""Characters of a sentence that the table shows."""
_GRAVITY = ("bad", "ok", "info", "good")
COLOURS = {"good": "green", "ok": "yellow", "bad": "red", "info": "dim"}


def analyze(
    text: Annotated[
        str,
        typer.Argument(
            metavar="FILE|-|URL",
            help="A .md, .txt, .html or .htm file, - for standard input, or a page's address.",
            show_default=False,
        ),
    ],
    keyphrase: Annotated[
        str,
        typer.Option(
            "--keyphrase", "-k", help="What people should find it by; or in the front matter."
        ),
    ] = "",
    exact: Annotated[
        bool,
        typer.Option(
            "--exact", help="Count the keyphrase only as it is written, in no other form."
        ),
    ] = False,
    synonym: Annotated[
        list[str] | None,
        typer.Option(
            "--synonym",
            help="Another phrase for the keyphrase; or in the front matter, with commas.",
        ),
    ] = None,
    lang: Annotated[
        Lang | None, typer.Option("--lang", help="The text's language; otherwise by its script.")
    ] = None,
    title: Annotated[str, typer.Option("--title", help="Its title.")] = "",
    description: Annotated[str, typer.Option("--description", help="Its meta description.")] = "",
    slug: Annotated[str, typer.Option("--slug", help="The last part of its address.")] = "",
    sources: Annotated[
        list[str] | None,
        typer.Option(
            "--sources",
            "-s",
            help="A page's address or a file that the text is held against; pages are another's words.",
        ),
    ] = None,
    against: Annotated[
        str,
        typer.Option(
            "--against",
            metavar="own|FOLDER|URL",
            help="Other articles that it may collide with: the own blog's, a folder's, a site's.",
        ),
    ] = "",
    format_: Annotated[
        Format,
        typer.Option("--format", "-f", help="A table, JSON as the API answers, or SARIF 2.1.0."),
    ] = Format.TABLE,
    everything: Annotated[
        bool, typer.Option("--all", help="List the checks that passed too, in the table.")
    ] = False,
    fail_under: Annotated[
        int | None,
        typer.Option(
            "--fail-under", min=0, max=100, help="Exit with 1 where the overall score is lower."
        ),
    ] = None,
    say: Annotated[
        Lang | None,
        typer.Option("--say", help="The language of messages; by default the terminal's."),
    ] = None,
) -> None:
    """Analyse a text: SEO, readability and, with --sources, grounding.

    Exits with 1 where a check that holds publishing is red, or the score is under --fail-under.
    """
    run(
        _analyze,
        text,
        {"title": title, "meta_description": description, "slug": slug, "keyphrase": keyphrase},
        list(synonym or ()),
        lang.value if lang else None,
        exact,
        list(sources or ()),
        against,
        format_.value,
        everything,
        fail_under,
        say.value if say else None,
    )


async def _analyze(
    argument: str,
    given: dict[str, str],
    synonyms: list[str],
    lang: "Language | None",
    exact: bool,
    sources: list[str],
    against: str,
    shape: str,
    everything: bool,
    fail_under: int | None,
    said_in: "Language | None",
) -> int:
    import json
    import logging
    from dataclasses import replace
    from datetime import UTC, datetime

    from app.cli.against import site_against
    from app.config import load_settings
    from app.infra.logs import configure_logging
    from app.kit.errors import Invalid
    from app.kit.speech import say, speak
    from app.review.analysing import MOST_SYNONYMS, analyse_text
    from app.review.reporting import describe, to_sarif
    from app.review.schemas import check_line

    configure_logging(least=logging.WARNING)
    language = said_in or terminal_language()
    speak(language)
    settings, warnings = load_settings()
    for warning in warnings:
        tell(f"warning: {warning}")
    limits = await _limits(settings)
    known = {name: line for name, value in given.items() if (line := check_line(name, value))}
    text = replace(await read_given(argument, settings), exact=exact, **known)
    if lang is not None:
        text = replace(text, language=lang)
    if len(synonyms) > MOST_SYNONYMS:
        raise Invalid(say("At most {most} synonyms can be given.", most=MOST_SYNONYMS))
    if synonyms:
        text = replace(text, synonyms=tuple(check_line("synonym", one) for one in synonyms))
    now = datetime.now(UTC)
    site = await site_against(against, text, settings) if against else None
    given_sources = await _sources(sources, settings, now)
    found = analyse_text(text, given_sources, limits, today=now.date(), site=site)
    if shape == Format.JSON:
        typer.echo(describe(found, language).model_dump_json(indent=1))
    elif shape == Format.SARIF:
        typer.echo(json.dumps(to_sarif(found, language), ensure_ascii=False, indent=1))
    else:
        _print(found, language, everything=everything)
    return _code(found, fail_under)


async def _limits(settings: "Settings") -> "SiteLimits":
    """The site's thresholds where its database is at hand; without one, those of the settings."""
    from app.infra.db import DatabaseAway, open_database
    from app.infra.db.urls import sqlite_file
    from app.review.thresholds.service import limits_in_force
    from app.seo.thresholds import read_limits

    setting = read_limits(settings.seo.thresholds)
    url = settings.effective_database_url
    file = sqlite_file(url)
    if file is not None and not file.exists():
        return setting  # looking for a database makes none
    from sqlalchemy.exc import SQLAlchemyError

    database = open_database(url)
    try:
        async with database.reading() as session:
            return await limits_in_force(session, setting)
    except (DatabaseAway, SQLAlchemyError, OSError):
        tell("warning: the database does not answer; the site's own thresholds are not looked at.")
        return setting
    finally:
        await database.close()


async def read_given(argument: str, settings: "Settings") -> "Text":
    """The text of a file, of standard input (`-`) or of a page."""
    from app.infra.http.fetch import Fetcher, FetchLimits
    from app.kit.errors import Invalid
    from app.review.analysing import fetch_text, read_markup, read_text
    from app.sources.decoding import decode_text
    from app.sources.readers import MAX_BYTES

    if argument.lower().startswith(("http://", "https://")):
        limits = FetchLimits(**settings.fetch.model_dump())
        return await fetch_text(argument, Fetcher(limits, allow=settings.fetch_allow))
    name = "stdin" if argument == "-" else argument
    body = _file(Path(argument), MAX_BYTES + 1) if name == argument else _input(MAX_BYTES + 1)
    markup = argument.lower().endswith((".html", ".htm"))
    if argument == "-":
        markup = body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    if len(body) > MAX_BYTES:
        raise Invalid(f"{name} is larger than {MAX_BYTES // 1024 // 1024} MiB.")
    if not body.strip(b"\xef\xbb\xbf \t\r\n"):
        raise Invalid(f"{name} is empty; give a text to analyse.")
    if markup:
        return await read_markup(body, name=name)
    return read_text(decode_text(body, None, name=name), name=name)


def _input(most: int) -> bytes:
    import sys

    return sys.stdin.buffer.read(most)


def _file(path: Path, most: int) -> bytes:
    from app.kit.errors import Invalid

    try:
        with path.open("rb") as file:
            return file.read(most)
    except FileNotFoundError:
        raise Invalid(
            f"There is no file {path}; give a file, - or an address with https://."
        ) from None
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from None


async def _sources(arguments: list[str], settings: "Settings", now: "datetime") -> "Sources":
    from app.infra.http.fetch import Fetcher, FetchLimits
    from app.review.analysing import Sources
    from app.sources.domain import Rights
    from app.sources.readers import parse_source, read_source

    limits = FetchLimits(**settings.fetch.model_dump())
    fetcher = Fetcher(limits, allow=settings.fetch_allow)
    read = [await read_source(parse_source(one), now=now, fetcher=fetcher) for one in arguments]
    return Sources(
        texts=tuple(snapshot.text for snapshot in read),
        others=tuple(s.text for s in read if s.rights is Rights.THIRD_PARTY),
    )


def _code(found: "Analysed", fail_under: int | None) -> Code:
    overall = found.analysis.scores.overall
    too_low = fail_under is not None and (overall is None or overall < fail_under)
    return Code.FAILED if too_low or not found.analysis.publishable else Code.DONE


def _by_gravity(findings: "Sequence[FindingOut]") -> "list[FindingOut]":
    """What holds publishing first, then red, orange, what is told, and what passed."""
    return sorted(
        findings,
        key=lambda one: (not (one.gate and one.level == "bad"), _GRAVITY.index(one.level)),
    )


def _print(found: "Analysed", language: "Language", *, everything: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    from app.kit.speech import say, say_count
    from app.review.reporting import describe

    told = describe(found, language)
    console = Console()
    table = Table("", say("check"), say("grade"), box=None, pad_edge=False)
    # Wrapping between Hangul of double width may be one cell off; nothing of a line may be lost by that.
    table.add_column(say("finding"), overflow="fold")
    passed = sum(finding.level == "good" for finding in told.findings)
    for finding in _by_gravity(told.findings):
        if finding.level == "good" and not everything:
            continue
        table.add_row(
            f"[{COLOURS[finding.level]}]{SIGNS[finding.level]}[/]",
            finding.id,
            finding.grade,
            _said(finding),
        )
    console.print(table)
    if passed and not everything:
        line = say_count(
            "{count} check passed; --all lists it.",
            "{count} checks passed; --all lists them.",
            passed,
        )
        console.print(f"[{COLOURS['good']}]{SIGNS['good']}[/] {line}")
    doubted = [claim for claim in told.claims if claim.verdict != "supported"]
    if doubted:
        console.print("\n" + say("Claims that the sources do not bear out:"))
    for claim in doubted:
        console.print(_claimed(claim), highlight=False)
    scores = " · ".join(
        f"{name} {value}" for name, value in told.scores.model_dump().items() if value is not None
    )
    console.print(
        "\n" + say("Of 100, heuristics and no promise of a rank: {scores}", scores=scores)
    )
    if told.title:
        _print_previews(console, told.previews)
    if told.gate:
        console.print(say("Held back from publishing by: {checks}", checks=", ".join(told.gate)))


def _claimed(claim: "ClaimOut") -> str:
    """A claim that the sources do not bear out, and what they say of it."""
    from rich.markup import escape

    from app.kit.speech import say

    verdicts = {
        "partly": say("partly supported"),
        "unsupported": say("not supported"),
        "contradicted": say("contradicted"),
    }
    level = "ok" if claim.verdict == "partly" else "bad"
    told = (
        say("The source says: “{words}”", words=_short(claim.quote))
        if claim.quote
        else say("No source speaks of it.")
    )
    return (
        f"  [{COLOURS[level]}]{SIGNS[level]}[/] {verdicts[claim.verdict]} "
        f"[dim]:{claim.place.line}[/] {escape(_short(claim.sentence))}\n    [dim]→ {escape(told)}[/]"
    )


def _short(words: str) -> str:
    flat = " ".join(words.split())
    return flat if len(flat) <= _QUOTED else flat[: _QUOTED - 1] + "…"


def _print_previews(console: "Console", previews: "list[PreviewOut]") -> None:
    from app.kit.speech import say

    names = {
        "google": say("Google, computer"),
        "google_mobile": say("Google, phone"),
        "naver": say("Naver"),
    }
    console.print("\n" + say("In search results (a preview, no promise):"))
    for each in previews:
        room = say("{pixels} of {limit} px", pixels=each.title.pixels, limit=each.title.limit)
        console.print(f"  {names[each.engine]} · {room}", markup=False, style="dim")
        for line in (each.place, each.title.text, each.description.text):
            if line:
                console.print(f"    {line}", markup=False, highlight=False)


def _said(finding: "FindingOut") -> str:
    from rich.markup import escape

    lines = sorted({place.line for place in finding.places})
    where = "" if finding.level == "good" or not lines else f" [dim]:{_lines(lines)}[/]"
    hint = (
        "" if finding.level == "good" or not finding.hint else f"\n[dim]→ {escape(finding.hint)}[/]"
    )
    return f"{escape(finding.message)}{where}{hint}"


def _lines(lines: list[int]) -> str:
    shown = ",".join(map(str, lines[:8]))
    return f"{shown},…" if len(lines) > 8 else shown  # noqa: PLR2004  # what fits in a row
