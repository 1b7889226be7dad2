"""What a cluster's processes logged, merged by time: a line of JSON an event, whoever wrote it."""

import heapq
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

_LOOK_S = 0.3


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One line. Those without a moment of their own, as a traceback has none, have that of the line before."""

    at: str
    """ISO 8601, UTC; empty before the first line with one."""
    source: str
    line: str


def read(
    home: Path, *, sources: Iterable[str] = (), request: str = "", services: bool = False
) -> list[Entry]:
    """Everything that is kept, in order of time.

    `sources` are names as `instance2` or `nginx`; without them, the instances, and with `services` all.
    `request` leaves only the lines that name this request.
    """
    wanted = set(sources)
    logs = [
        _of_file(file, folder.name)
        for folder in sorted(home.iterdir())
        if _is_wanted(folder, wanted, services=services)
        for file in (folder / "log.1", folder / "log")
        if file.is_file()
    ]
    return [entry for entry in heapq.merge(*logs) if not request or names(entry.line, request)]


def follow(
    home: Path, *, sources: Iterable[str] = (), request: str = "", services: bool = False
) -> Iterator[Entry]:
    """What is logged from now on, for ever; instances that come later too."""
    wanted = set(sources)
    read_to: dict[Path, int] = {}
    first = True
    while True:
        found: list[Entry] = []
        for folder in sorted(home.iterdir()):
            file = folder / "log"
            if not _is_wanted(folder, wanted, services=services) or not file.is_file():
                continue
            size = file.stat().st_size
            begin = size if first else read_to.get(file, 0)
            begin = 0 if begin > size else begin  # it was put aside
            with file.open("rb") as log:
                log.seek(begin)
                piece = log.read(size - begin)
            whole = piece[: piece.rfind(b"\n") + 1]
            read_to[file] = begin + len(whole)
            found += _entries(whole.decode(errors="replace").splitlines(), folder.name)
        first = False
        yield from sorted(e for e in found if not request or names(e.line, request))
        time.sleep(_LOOK_S)


def names(line: str, request: str) -> bool:
    """Whether a line belongs to a request: in whichever field, but as a whole value."""
    if request not in line:
        return False
    event = _parsed(line)
    return event is None or request in event.values()


def _is_wanted(folder: Path, wanted: set[str], *, services: bool) -> bool:
    if not folder.is_dir():
        return False
    return folder.name in wanted if wanted else services or folder.name.startswith("instance")


def _of_file(file: Path, source: str) -> Iterator[Entry]:
    with file.open(errors="replace") as lines:
        yield from _entries(lines, source)


def _entries(lines: Iterable[str], source: str) -> Iterator[Entry]:
    at = ""
    for line in lines:
        text = line.rstrip("\n")
        if not text:
            continue
        event = _parsed(text)
        if event is not None:
            # Never back in time, so that the lines of one file keep their order in the merge.
            at = max(at, str(event.get("timestamp") or event.get("time") or ""))
        yield Entry(at, source, text)


def _parsed(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else None
