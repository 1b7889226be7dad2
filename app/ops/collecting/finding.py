"""Every line of one request, out of files of any number and from standard input, by time."""

import gzip
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.kit.errors import Invalid, NotFound
from app.kit.speech import say
from app.ops.collecting.lines import Entry, names, read_line

_NAME = re.compile(r"[A-Za-z0-9._-]{8,64}")
_LOG = re.compile(
    r"(log|current)(\.\d+)?|.*\.(jsonl|log|json|txt)(\.\d+)?(\.gz)?|@[0-9a-f]{24}\.[su]"
)
"""Files in a folder that are logs: ours, those of collectors, and what runit's and s6's loggers put aside."""


@dataclass(frozen=True, slots=True)
class Place:
    """A file of lines and who printed them; with `source` empty, the lines themselves say."""

    file: Path
    source: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, and in how much."""

    entries: list[Entry]
    """By time. What arrived twice, as from a file and its copy, stands there once."""
    files: int
    lines: int


def places_in(given: Path) -> list[Place]:
    """The logs in a folder, called by their folder below it (`HOST/SOURCE`); or the file itself.

    Raises:
        NotFound: there is nothing of that name, or no log in it.
    """
    if given.is_file():
        return [Place(given, _named_by(given))]
    if not given.exists():
        raise NotFound(say("There is no {path}.", path=given))
    found = [
        Place(file, "/".join(file.parent.relative_to(given).parts) or _named_by(file))
        for file in sorted(given.rglob("*"))
        if _LOG.fullmatch(file.name) and file.is_file()
    ]
    if not found:
        raise NotFound(
            say("There are no logs in {path}: no *.jsonl, *.log or log files.", path=given)
        )
    return found


def find(wanted: str, places: Iterable[Place], streams: Iterable[BinaryIO] = ()) -> Found:
    """The lines that name a request, or a job.

    Raises:
        Invalid: `wanted` cannot be a name.
        NotFound: no line names it.
    """
    if not _NAME.fullmatch(wanted):
        raise Invalid(
            say(
                "{name} is no name of a request: 8 to 64 letters, digits, dots, hyphens and underscores, "
                "as the X-Request-ID of an answer has.",
                name=repr(wanted[:80]),
            )
        )
    known: dict[str, Entry] = {}
    files = lines = 0
    for place in places:
        try:
            with _opened(place.file) as file:
                lines += _search(file, wanted, place.source, known)
        except FileNotFoundError:
            continue  # it was put aside at this moment
        except OSError as error:
            raise NotFound(
                say(
                    "{path} cannot be read: {reason}",
                    path=place.file,
                    reason=error.strerror or error,
                )
            ) from None
        files += 1
    for stream in streams:
        lines += _search(stream, wanted, "", known)
    if not known:
        raise NotFound(
            say(
                "None of {lines} lines in {files} files names {name}. It is the X-Request-ID of an answer, "
                "or the number of a job; older lines may be gone.",
                lines=lines,
                files=files,
                name=wanted,
            )
        )
    return Found(sorted(known.values()), files, lines)


def _search(file: Iterable[bytes], wanted: str, source: str, known: dict[str, Entry]) -> int:
    """Note the lines that name it; answers how many lines there were."""
    needle, number = wanted.encode(), 0
    for number, line in enumerate(file, 1):  # noqa: B007  # how many there were is wanted afterwards
        if needle in line:  # before it is taken apart: that takes a hundred times as long
            entry, event = read_line(line.decode(errors="replace"), source)
            if names(entry, event, wanted):
                known.setdefault(entry.line, entry)
    return number


def _opened(file: Path) -> "gzip.GzipFile | BinaryIO":
    return gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb")


def _named_by(file: Path) -> str:
    """Who printed a file: its name, unless that is one as any of them has."""
    name = file.name.split(".")[0]
    every = name in {"", "log", "current"} or name[0].isdigit() or name[0] == "@"
    return file.parent.name if every else name
