"""Reads a source, wherever it is: a page of the web, a file, a pasted text."""

import re
import stat
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import anyio.to_thread

from app.infra.http.fetch import HTML, MARKDOWN, PDF, Fetcher
from app.kit.errors import Invalid
from app.language.detect import detect_language
from app.sources.characters import clean_characters
from app.sources.decoding import decode_text
from app.sources.documents import Document, bounded, read_markdown
from app.sources.domain import Rights, Snapshot
from app.sources.errors import Unreadable
from app.sources.extraction import Kind, extract
from app.sources.passages import split_passages

MAX_BYTES = 5 * 1024 * 1024
"""Of a file or a pasted text; pages have the fetcher's own limit."""

_IN_PROCESS = 64 * 1024
"""A text of one's own up to this many bytes is parsed here; the child's start would take longer."""

_KINDS: dict[str, Kind] = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".html": "html",
    ".htm": "html",
    ".pdf": "pdf",
}
_PDF_MARK = b"%PDF-"
_ENDINGS = ".md, .txt, .html, .htm and .pdf"


@dataclass(frozen=True, slots=True)
class SourceRef:
    """Where a source is, and whose words it holds. `value` is an address, a file or the text."""

    kind: Literal["url", "file", "text"]
    value: str
    rights: Rights


def parse_source(argument: str) -> SourceRef:
    """Read what a person typed: an address is a third party's page, anything else a file of one's own.

    Raises:
        Invalid: an address of a kind that is not read.
    """
    argument = argument.strip()
    if argument.lower().startswith(("http://", "https://")):
        return SourceRef("url", argument, Rights.THIRD_PARTY)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", argument):
        raise Invalid(
            f"{argument[:120]} is no source; give an address that starts with http:// or https://, or a file."
        )
    if not argument:
        raise Invalid("The source is empty; give an address or a file.")
    return SourceRef("file", argument, Rights.OWN)


async def read_source(
    ref: SourceRef, *, now: datetime, fetcher: Fetcher | None = None, note: int = 1
) -> Snapshot:
    """Read a source as it is now. `note` numbers pasted texts; a page needs `fetcher`.

    Raises:
        FetchRefused, FetchFailed: the page may not or could not be fetched.
        Invalid: the file is missing or too large, or (`Unreadable`) gives no usable text.
        ValueError: a page without a fetcher.
    """
    match ref.kind:
        case "url":
            if fetcher is None:
                raise ValueError("a page needs a fetcher")
            return await _page(fetcher, ref, now)
        case "file":
            path, body = await anyio.to_thread.run_sync(_file, ref.value)
            kind = "pdf" if body.startswith(_PDF_MARK) else _KINDS[path.suffix.lower()]
            document = await _local(body, kind, path.name)
            document = document.titled(re.sub(r"[-_\s]+", " ", path.stem).strip())
            # A name may hold bytes that are no characters, which no database keeps.
            origin = clean_characters(path.name)
            return _snapshot(document, ref, origin=origin, url=None, now=now)
        case "text":
            body = ref.value.encode("utf-8", "replace")
            if len(body) > MAX_BYTES:
                raise _too_big("The pasted text")
            document = await _local(body, "text", "The pasted text")
            return _snapshot(document, ref, origin=f"note:{note}", url=None, now=now)


async def _page(fetcher: Fetcher, ref: SourceRef, now: datetime) -> Snapshot:
    page = await fetcher.fetch(ref.value)
    kind: Kind = "text"
    if page.content_type == PDF or page.body.startswith(_PDF_MARK):
        kind = "pdf"
    elif page.content_type in HTML:
        kind = "html"
    elif page.content_type in MARKDOWN or urlsplit(page.final_url).path.endswith(".md"):
        kind = "markdown"
    if not page.body.strip():
        raise _empty(page.final_url)
    document = await extract(
        page.body, kind=kind, charset=page.charset, url=page.final_url, name=page.final_url
    )
    host = urlsplit(page.final_url).hostname or page.final_url
    return _snapshot(document.titled(host), ref, origin=page.final_url, url=page.final_url, now=now)


async def _local(body: bytes, kind: Kind, name: str) -> Document:
    if not body.strip():
        raise _empty(name)
    if kind in {"html", "pdf"} or len(body) > _IN_PROCESS:
        return await extract(body, kind=kind, charset=None, url=None, name=name)
    text = decode_text(body, None, name=name)
    read = partial(read_markdown, text, indented_code=kind == "markdown")
    return bounded(await anyio.to_thread.run_sync(read), name)


def _file(name: str) -> tuple[Path, bytes]:
    try:
        path = Path(name).expanduser()
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise Invalid(f"{path} is a folder; give its files one by one, like {path / 'page.md'}")
        if path.suffix.lower() not in _KINDS:
            raise Invalid(f"{path} cannot be read: files ending in {_ENDINGS} can.")
        if not stat.S_ISREG(status.st_mode):
            raise Invalid(f"{path} is no ordinary file; copy what it holds into one.")
        if status.st_size > MAX_BYTES:
            raise _too_big(str(path))
        with path.open("rb") as file:
            body = file.read(MAX_BYTES + 1)
    except (OSError, ValueError, RuntimeError) as error:
        raise Invalid(f"{name[:200]} cannot be read: {_why(error)}") from error
    if len(body) > MAX_BYTES:
        raise _too_big(str(path))
    return path, body


def _why(error: Exception) -> str:
    match error:
        case FileNotFoundError():
            return (
                "there is no such file; check its name, or begin with https:// if it is a page of "
                "the web."
            )
        case PermissionError():
            return "its permissions forbid it; allow it to be read, or copy it elsewhere."
        case OSError(strerror=str(reason)):
            return f"{reason}; check its name."
        case _:
            return f"{error}; check its name."


def _too_big(name: str) -> Unreadable:
    return Unreadable(
        "too_big",
        f"{name} is larger than {MAX_BYTES // 1024 // 1024} MiB; give the part that matters.",
    )


def _empty(name: str) -> Unreadable:
    return Unreadable("empty", f"{name} is empty; give a source with text in it.")


def _snapshot(
    document: Document, ref: SourceRef, *, origin: str, url: str | None, now: datetime
) -> Snapshot:
    snapshot = Snapshot(
        id=Snapshot.id_of(origin, document.text),
        origin=origin,
        url=url,
        title=document.title,
        text=document.text,
        language=detect_language(document.text),
        rights=ref.rights,
        fetched_at=now,
        author=document.author,
        published_on=document.published_on,
        site=document.site,
    )
    if not split_passages(snapshot):
        raise _empty(origin)
    return snapshot
