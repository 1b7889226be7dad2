"""Compares a text with the articles of a folder: Markdown and HTML files, with what their front matter says."""

import asyncio
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.kit.errors import Invalid
from app.kit.speech import say
from app.review.analysing import Text, of_document, read_text
from app.review.others.choosing import Choice, Report
from app.seo.page import Broken
from app.sources.characters import clean_characters
from app.sources.decoding import decode_text
from app.sources.errors import Unreadable
from app.sources.extraction import extract_articles

Told = Callable[[int, int], None]
"""Is told how many of how many were looked at."""

_MARKDOWN = frozenset({".md", ".markdown"})
_HTML = frozenset({".html", ".htm"})
_LEFT = frozenset({"node_modules", "__pycache__"})
"""Folders of programs. Those whose names begin with a point are left out too."""
_AT_ONCE = 40
_BATCH_BYTES = 2 * 1024 * 1024
"""Of pages that one child reads; what it answers is up to four times as much."""
_MOST_SKIPPED = 1000


@dataclass(frozen=True, slots=True)
class FolderLimits:
    """How much of a folder is read."""

    files: int = 10_000
    file_bytes: int = 1024 * 1024
    """Five times the longest articles; what is larger is told and left out."""
    entries: int = 500_000
    """Files and folders of any kind that are walked past: a home folder has fewer."""


_LIMITS = FolderLimits()


@dataclass(frozen=True, slots=True)
class _Found:
    """What a walk found. `whole` is False where it was ended by a limit."""

    files: tuple[Path, ...]
    skipped: tuple[str, ...]
    whole: bool


async def compare_with_folder(
    folder: Path,
    choice: Choice,
    *,
    own: Path | None = None,
    told: Told = lambda _done, _all: None,
    limits: FolderLimits = _LIMITS,
) -> Report:
    """Take the articles below a folder into the choice. `own` is the text's own file, which is not compared.

    Where the text's file lies elsewhere, an article with the same `slug` is taken for the text's older version.

    Raises:
        Invalid: the folder cannot be read, or there is no article in it.
    """
    root = await asyncio.to_thread(_root, folder)
    walked = await asyncio.to_thread(_walk, folder, root, limits)
    if not walked.files:
        raise Invalid(
            say(
                "There is no article in {folder}: .md, .markdown, .html and .htm files are read.",
                folder=shown(folder),
            )
        )
    skipped = list(walked.skipped)
    if not walked.whole:
        skipped.append(
            say(
                "Only the first {count} articles of {folder} are compared; give a folder further down.",
                count=len(walked.files),
                folder=shown(folder),
            )
        )
    itself = await asyncio.to_thread(_identity, own)
    slug = "" if await asyncio.to_thread(_is_inside, own, root) else choice.text.slug
    done = 0
    for batch in _batches(walked.files):
        texts = await _read(batch, itself, limits)
        await asyncio.to_thread(_take, texts, choice, slug, skipped)
        done += len(batch)
        told(done, len(walked.files))
    return Report(choice.compared, choice.left, tuple(skipped[:_MOST_SKIPPED]))


def broken_in_folder(choice: Choice, own: Path, folder: Path) -> list[Broken] | None:
    """Links of the text's file to article files beside it that are not there; None where it has no such link.

    Links that begin with / are a site's, of which a folder says nothing.
    """
    root = folder.resolve()
    if not _is_inside(own, root):
        return None
    found: dict[str, Broken] = {}
    is_known = False
    for link in choice.document.links:
        target = _beside(link.href, own)
        if target is None or not target.is_relative_to(root):
            continue
        is_known = True
        if not target.is_file():
            found[link.href] = Broken(link.href, "missing")
    return list(found.values()) if is_known else None


def shown(path: Path) -> str:
    """A path as messages and findings show it: `/` between its parts, nothing in it that is not seen."""
    return clean_characters(os.fsencode(path.as_posix()).decode("utf-8", "replace"))


def _root(folder: Path) -> Path:
    try:
        os.scandir(folder).close()
        return folder.resolve(strict=True)
    except OSError as error:
        raise Invalid(
            say(
                "{folder} cannot be read: {why}.", folder=shown(folder), why=error.strerror or error
            )
        ) from None


def _is_inside(own: Path | None, root: Path) -> bool:
    return own is not None and own.resolve().is_relative_to(root)


def _walk(folder: Path, root: Path, limits: FolderLimits) -> _Found:
    """The articles below a folder in the order of their names; each once, however many links lead to it."""
    files: list[Path] = []
    skipped: list[str] = []
    seen: set[Path] = set()
    entries = 0
    for at, folders, names in os.walk(folder):  # folders that are links are not gone into
        folders[:] = sorted(each for each in folders if not _is_left(each))
        entries += len(folders) + len(names)
        for name in sorted(names):
            path = Path(at) / name
            if path.suffix.lower() not in _MARKDOWN | _HTML or name.startswith("."):
                continue
            real = path.resolve()
            if not real.is_relative_to(root):
                skipped.append(
                    say("{file} is a link that leads out of the folder.", file=shown(path))
                )
                continue
            if real in seen:
                continue
            if len(files) == limits.files:
                return _Found(tuple(files), tuple(skipped), whole=False)
            seen.add(real)
            files.append(path)
        if entries > limits.entries:
            return _Found(tuple(files), tuple(skipped), whole=False)
    return _Found(tuple(files), tuple(skipped), whole=True)


def _is_left(name: str) -> bool:
    return name.startswith(".") or name in _LEFT


def _identity(own: Path | None) -> tuple[int, int] | None:
    if own is None:
        return None
    try:
        status = own.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _batches(files: Sequence[Path]) -> Iterator[Sequence[Path]]:
    for start in range(0, len(files), _AT_ONCE):
        yield files[start : start + _AT_ONCE]


async def _read(
    files: Sequence[Path], itself: tuple[int, int] | None, limits: FolderLimits
) -> list[tuple[Path, Text | Invalid | None]]:
    """Each file as a text, None for the text itself, or why it cannot be compared."""
    found: list[tuple[Path, Text | Invalid | None]] = []
    pages: list[tuple[Path, bytes]] = []
    size = 0
    for path in files:
        body = await asyncio.to_thread(_body, path, itself, limits.file_bytes)
        if not isinstance(body, bytes):
            found.append((path, body))
        elif path.suffix.lower() in _HTML:
            if size + len(body) > _BATCH_BYTES:
                found += await _pages(pages)
                pages, size = [], 0
            pages.append((path, body))
            size += len(body)
        else:
            found.append((path, _markdown(path, body)))
    return found + await _pages(pages)


def _body(path: Path, itself: tuple[int, int] | None, most: int) -> bytes | Invalid | None:
    try:
        # Opened without waiting: a named pipe would let nobody go on.
        file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        try:
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode):
                return Invalid(say("{file} is no ordinary file.", file=shown(path)))
            if itself == (status.st_dev, status.st_ino):
                return None
            with os.fdopen(os.dup(file), "rb") as opened:
                body = opened.read(most + 1)
        finally:
            os.close(file)
    except OSError as error:
        return Invalid(
            say("{file} cannot be read: {why}.", file=shown(path), why=error.strerror or error)
        )
    if len(body) > most:
        return Invalid(
            say("{file} is larger than {most} KiB.", file=shown(path), most=most // 1024)
        )
    return body


def _markdown(path: Path, body: bytes) -> Text | Invalid:
    name = shown(path)
    try:
        return read_text(decode_text(body, None, name=name), name=name)
    except Unreadable as error:
        return error


async def _pages(pages: Sequence[tuple[Path, bytes]]) -> list[tuple[Path, Text | Invalid | None]]:
    read = await extract_articles([(shown(path), body) for path, body in pages])
    return [
        (path, each if isinstance(each, Unreadable) else of_document(each, shown(path)))
        for (path, _body_), each in zip(pages, read, strict=True)
    ]


def _take(
    texts: Sequence[tuple[Path, Text | Invalid | None]],
    choice: Choice,
    slug: str,
    skipped: list[str],
) -> None:
    for path, text in texts:
        if isinstance(text, Invalid):
            skipped.append(str(text))
        elif text is None:
            choice.leave()
        elif slug and text.slug == slug and choice.is_in_its_language(text):
            choice.leave()
            skipped.append(
                say("{file} has the text's own slug and is taken for the text.", file=shown(path))
            )
        elif text.body.strip() or text.title:
            title = text.title or path.stem
            choice.add(replace(text, title=title), shown(path))


def _beside(href: str, own: Path) -> Path | None:
    """The article file that a link without a host leads to, from where the text's own file lies."""
    try:
        parts = urlsplit(href.strip())
    except ValueError:
        return None
    path = unquote(parts.path)
    if parts.scheme or parts.netloc or not path or path.startswith("/") or "\x00" in path:
        return None
    if Path(path).suffix.lower() not in _MARKDOWN | _HTML:
        return None
    return (own.parent / path).resolve()
