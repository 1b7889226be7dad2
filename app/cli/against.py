"""What `analyze --against` compares a text with: the own blog, a folder's articles, a site's pages."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.house import tell

if TYPE_CHECKING:
    # For the annotations alone: these imports take longer than `--help` may.
    from collections.abc import Callable

    from app.config import Settings
    from app.review.analysing import Text
    from app.review.others.choosing import Report
    from app.seo.page import Site

OWN = "own"
_TOLD = 5
"""Files or pages that were left out of which each is named; the rest is counted."""
_EVERY_S = 2.0
"""Lines on how far the reading is are at least so far apart."""


async def site_against(against: str, text: "Text", settings: "Settings") -> "Site":
    """What of the others the text is measured against. `text.name` is its file, `-` or its address.

    Raises:
        Invalid: what is given is neither `own` nor a folder nor an address, or nothing can be read of it.
        FetchRefused, FetchFailed: the site may not or could not be asked.
    """
    if against == OWN:
        return await _own_site(text, settings)
    if against.lower().startswith(("http://", "https://")):
        return await _website(against, text, settings)
    return await _folder(_existing(against), text)


def _existing(argument: str) -> Path:
    from app.kit.errors import Invalid
    from app.kit.speech import say

    folder = Path(argument)
    try:
        if folder.is_dir():
            return folder
        is_file = folder.is_file()
    except (OSError, ValueError):  # longer than any path, or with a sign that none has
        is_file = False
    if is_file:
        raise Invalid(
            say(
                "{path} is a file; give the folder that it is in: --against {folder}",
                path=argument,
                folder=folder.parent,
            )
        )
    raise Invalid(
        say(
            "There is no folder {path}. --against takes own, a folder of .md and .html files, or a site's "
            "address with https://",
            path=argument[:200],
        )
    )


async def _own_site(text: "Text", settings: "Settings") -> "Site":
    """The blog's other articles, drafts too: whoever has the database may read them."""
    from app.infra.db import open_database
    from app.infra.db.urls import sqlite_file
    from app.kit.errors import Invalid
    from app.kit.speech import say
    from app.posts.upkeep.service import host_of
    from app.review.siting import site_around

    url = settings.effective_database_url
    file = sqlite_file(url)
    if file is not None and not file.exists():
        raise Invalid(
            say(
                "There is no blog here to compare with; set DATA_DIR or DATABASE_URL to its database, or give "
                "a folder or a site: --against content/"
            )
        )
    database = open_database(url)
    try:
        return await site_around(database, text, host=host_of(settings.public_url))
    finally:
        await database.close()


async def _folder(folder: Path, text: "Text") -> "Site":
    import asyncio

    from app.review.others.choosing import Choice
    from app.review.others.folder import broken_in_folder, compare_with_folder

    own = None if text.url or text.name == "stdin" else Path(text.name)
    choice = await asyncio.to_thread(Choice, text)
    report = await compare_with_folder(folder, choice, own=own, told=_counting("files"))
    _report(report)
    return choice.site(broken_in_folder(choice, own, folder) if own else None)


async def _website(url: str, text: "Text", settings: "Settings") -> "Site":
    import asyncio

    from app.infra.http.fetch import Fetcher, FetchLimits
    from app.review.others.choosing import Choice
    from app.review.others.website import broken_on_site, compare_with_site, read_sitemap

    fetcher = Fetcher(FetchLimits(**settings.fetch.model_dump()), allow=settings.fetch_allow)
    choice = await asyncio.to_thread(Choice, text)
    sitemap = await read_sitemap(url, choice, fetcher)
    _report(await compare_with_site(sitemap, choice, fetcher, told=_counting("pages")))
    return choice.site(await broken_on_site(sitemap, choice, fetcher))


def _counting(what: str) -> "Callable[[int, int], None]":
    """Says on standard error how far it is: one line that is written over on a terminal, else now and then."""
    from app.kit.speech import say

    said = time.monotonic()
    live = sys.stderr.isatty()
    is_long = False

    def told(done: int, total: int) -> None:
        nonlocal said, is_long
        now = time.monotonic()
        is_due = now - said >= (_EVERY_S / 10 if live else _EVERY_S)
        if not is_due and (done < total or not is_long):
            return  # what is over in a moment is not worth a line
        said, is_long = now, True
        line = (
            say("{done} of {all} files read", done=f"{done:,}", all=f"{total:,}")
            if what == "files"
            else say("{done} of {all} pages read", done=f"{done:,}", all=f"{total:,}")
        )
        end = "\n" if not live or done == total else ""
        sys.stderr.write(("\r\x1b[K" if live else "") + line + end)
        sys.stderr.flush()

    return told


def _report(report: "Report") -> None:
    from app.kit.speech import say

    for line in report.skipped[:_TOLD]:
        tell(say("not compared: {why}", why=line))
    if len(report.skipped) > _TOLD:
        tell(say("and {count} more.", count=len(report.skipped) - _TOLD))
    if not report.compared:
        tell(
            say(
                "warning: there is no other article in the text's language there; nothing is compared."
            )
        )
