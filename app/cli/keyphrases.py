"""`ai-seo-blogger keyphrases` and `brief`: what a text might be found by, what sources offer to one."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.house import Code, run, tell, terminal_language
from app.cli.write import Lang

if TYPE_CHECKING:
    # For the annotations alone: these imports take longer than `--help` may.
    from app.config import Settings
    from app.language.types import Language
    from app.review.brief_schemas import BriefOut, KeyphrasesOut
    from app.review.briefing import OwnArticle


class Format(StrEnum):
    """How suggestions are printed."""

    TABLE = "table"
    JSON = "json"


class BriefFormat(StrEnum):
    """How a brief is printed."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


_Say = Annotated[
    Lang | None,
    typer.Option("--say", help="The language of messages; by default the terminal's."),
]


def keyphrases(
    text: Annotated[
        str,
        typer.Argument(
            metavar="FILE|-|URL",
            help="A .md, .txt, .html or .htm file, - for standard input, or a page's address.",
            show_default=False,
        ),
    ],
    lang: Annotated[
        Lang | None, typer.Option("--lang", help="The text's language; otherwise by its script.")
    ] = None,
    most: Annotated[
        int, typer.Option("--most", "-n", min=1, max=50, help="How many are told.")
    ] = 10,
    format_: Annotated[
        Format, typer.Option("--format", "-f", help="A table, or JSON as the API answers.")
    ] = Format.TABLE,
    say: _Say = None,
) -> None:
    """Suggest keyphrases for a text: its noun runs, by how often and where they stand."""
    run(
        _keyphrases,
        text,
        lang.value if lang else None,
        most,
        format_.value,
        say.value if say else None,
    )


async def _keyphrases(
    argument: str, lang: "Language | None", most: int, shape: str, said_in: "Language | None"
) -> int:
    import logging
    from dataclasses import replace

    from app.cli.analyze import read_given
    from app.config import load_settings
    from app.infra.logs import configure_logging
    from app.review.suggesting import tell_keyphrases

    configure_logging(least=logging.WARNING)
    settings, warnings = load_settings()
    for warning in warnings:
        tell(f"warning: {warning}")
    text = await read_given(argument, settings)
    text = replace(text, language=lang or text.language)
    told = tell_keyphrases(text, most=most, say_in=said_in or terminal_language())
    if shape == Format.JSON:
        typer.echo(told.model_dump_json(indent=1))
    else:
        _print(told)
    return Code.DONE


def _print(told: "KeyphrasesOut") -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from app.kit.speech import say

    console = Console()
    if not told.keyphrases:
        console.print(say("No keyphrase was found: the text has no nouns to take one from."))
        return
    table = Table("", say("keyphrase"), say("why"), say("lines"), box=None, pad_edge=False)
    for number, one in enumerate(told.keyphrases, 1):
        lines = sorted({place.line for place in one.places})
        shown = ",".join(map(str, lines[:8])) + (",…" if len(lines) > 8 else "")  # noqa: PLR2004  # what fits in a row
        table.add_row(str(number), escape(one.text), f"[dim]{one.why}[/]", f"[dim]{shown}[/]")
    console.print(table)
    console.print(
        "\n"
        + say(
            "By where and how often they stand; how often people search for them nobody measured."
        )
    )


def brief(
    source: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE…",
            help="Pages' addresses, .md, .txt, .html or .pdf files, or - for standard input.",
            show_default=False,
        ),
    ],
    lang: Annotated[
        Lang | None,
        typer.Option("--lang", help="The article's language; otherwise that of most sources."),
    ] = None,
    own: Annotated[
        bool,
        typer.Option("--own/--alone", help="Hold it against the articles of this blog, or do not."),
    ] = True,
    format_: Annotated[
        BriefFormat,
        typer.Option("--format", "-f", help="A table, JSON as the API answers, or Markdown."),
    ] = BriefFormat.TABLE,
    say: _Say = None,
) -> None:
    """Say what sources offer to an article: keyphrases, questions, names, amounts, what is written."""
    run(
        _brief,
        source,
        lang.value if lang else None,
        own,
        format_.value,
        say.value if say else None,
    )


async def _brief(
    arguments: list[str],
    lang: "Language | None",
    own: bool,
    shape: str,
    said_in: "Language | None",
) -> int:
    import logging
    import sys
    from datetime import UTC, datetime

    from app.config import load_settings
    from app.infra.logs import configure_logging
    from app.kit.errors import Invalid
    from app.kit.speech import say, speak
    from app.review.brief_markdown import brief_as_markdown
    from app.review.brief_schemas import MOST_SOURCES
    from app.review.gathering import brief_of
    from app.sources.domain import Rights
    from app.sources.readers import MAX_BYTES, SourceRef, parse_source

    speak(said_in or terminal_language())
    if len(arguments) > MOST_SOURCES:
        raise Invalid(say("At most {most} sources can be used.", most=MOST_SOURCES))
    refs: list[SourceRef] = []
    for argument in arguments:
        if argument == "-":
            given = sys.stdin.buffer.read(MAX_BYTES + 1).decode("utf-8", "replace")
            refs.append(SourceRef("text", given, Rights.OWN))
        else:
            refs.append(parse_source(argument))
    configure_logging(least=logging.WARNING)
    settings, warnings = load_settings()
    for warning in warnings:
        tell(f"warning: {warning}")
    written = await _own_articles(settings) if own else None
    found = await brief_of(refs, settings, now=datetime.now(UTC), language=lang, own=written)
    for one in found.unread:
        tell(f"warning: {one.reason}")
    if shape == BriefFormat.JSON:
        typer.echo(found.model_dump_json(indent=1))
    elif shape == BriefFormat.MARKDOWN:
        typer.echo(brief_as_markdown(found), nl=False)
    else:
        _print_brief(found)
    return Code.DONE


async def _own_articles(settings: "Settings") -> "list[OwnArticle] | None":
    """This blog's articles where its database is at hand; looking for one makes none."""
    from sqlalchemy.exc import SQLAlchemyError

    from app.infra.db import DatabaseAway, open_database
    from app.infra.db.urls import sqlite_file
    from app.review.gathering import own_articles

    url = settings.effective_database_url
    file = sqlite_file(url)
    if file is not None and not file.exists():
        return None
    database = open_database(url)
    try:
        return await own_articles(database)
    except (DatabaseAway, SQLAlchemyError, OSError):
        tell("warning: the database does not answer; own articles are not looked at.")
        return None
    finally:
        await database.close()


def _print_brief(found: "BriefOut") -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from app.kit.speech import say
    from app.review.brief_markdown import brief_sections

    console = Console()
    table = Table(
        say("keyphrase"),
        say("times"),
        say("sources"),
        say("own articles"),
        box=None,
        pad_edge=False,
    )
    for one in found.keyphrases:
        taken = ", ".join(article.title for article in one.taken_by)
        own = "–" if one.own_articles is None else str(one.own_articles)
        table.add_row(
            escape(one.text),
            str(one.count),
            ",".join(map(str, one.sources)),
            own + (" " + say("taken by: {titles}", titles=escape(taken)) if taken else ""),
        )
    console.print(table)
    for heading, lines in brief_sections(found):
        console.print(f"\n[bold]{escape(heading)}[/]")
        for line in lines:
            console.print(f"  {escape(line)}", soft_wrap=True, highlight=False)
