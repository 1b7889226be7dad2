"""What a cluster's processes logged, merged by time: a line of JSON an event, whoever wrote it."""

import heapq
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.cluster.fleet import COLLECTED
from app.ops.collecting.finding import Found, Place, find
from app.ops.collecting.lines import Entry, entries, names, read_line

_LOOK_S = 0.3


def read(home: Path, *, sources: Iterable[str] = (), services: bool = False) -> list[Entry]:
    """Everything that each process keeps, in order of time.

    `sources` are names as `instance2` or `nginx`; without them, the instances, and with `services` all.
    """
    logs = [_of_file(place) for place in _kept(home, set(sources), services=services)]
    return list(heapq.merge(*logs))


def find_request(home: Path, request: str, *, sources: Iterable[str] = ()) -> Found:
    """The lines of one request in what each process keeps and in what is collected: of all, or of `sources`.

    Raises:
        Invalid, NotFound: as `finding.find`.
    """
    return find(request, places(home, sources))


def places(home: Path, sources: Iterable[str] = ()) -> list[Place]:
    """Every file in which lines of a cluster are."""
    wanted = set(sources)
    collected = home / COLLECTED
    days = sorted(collected.glob("*/*.jsonl")) if collected.is_dir() else []
    return [
        *(Place(day, day.parent.name) for day in days if not wanted or day.parent.name in wanted),
        *_kept(home, wanted, services=True),
    ]


def follow(
    home: Path, *, sources: Iterable[str] = (), request: str = "", services: bool = False
) -> Iterator[Entry]:
    """What is logged from now on, for ever; instances that come later too."""
    wanted = set(sources)
    read_to: dict[Path, tuple[int, int]] = {}
    first = True
    while True:
        found: list[Entry] = []
        for folder in _folders(home, wanted, services=services or bool(request)):
            lines, read_to[folder] = _news(folder, read_to.get(folder, (0, 0)), skip=first)
            found += entries(lines, folder.name)
        first = False
        yield from sorted(e for e in found if not request or names(*read_line(e.line, ""), request))
        time.sleep(_LOOK_S)


def _news(folder: Path, known: tuple[int, int], *, skip: bool) -> tuple[list[str], tuple[int, int]]:
    """Whole lines behind what is `known` (a file's number, and how far it was read), and what is known then.

    The file may have been put aside meanwhile.
    """
    lines: list[str] = []
    number, begin = known
    for name in ("log.1", "log"):
        try:
            with (folder / name).open("rb") as log:
                here = os.fstat(log.fileno())
                if name == "log.1" and here.st_ino != number:
                    continue
                begin = begin if here.st_ino == number else 0
                log.seek(begin)
                piece = b"" if skip else log.read()
        except FileNotFoundError:
            continue
        whole = piece[: piece.rfind(b"\n") + 1]
        number, begin = here.st_ino, here.st_size if skip else begin + len(whole)
        lines += whole.decode(errors="replace").splitlines()
    return lines, (number, begin)


def _kept(home: Path, wanted: set[str], *, services: bool) -> list[Place]:
    return [
        Place(file, folder.name)
        for folder in _folders(home, wanted, services=services)
        for file in (folder / "log.1", folder / "log")
        if file.is_file()
    ]


def _folders(home: Path, wanted: set[str], *, services: bool) -> list[Path]:
    return [
        folder
        for folder in sorted(home.iterdir())
        if folder.is_dir()
        and (folder.name in wanted if wanted else services or folder.name.startswith("instance"))
    ]


def _of_file(place: Place) -> Iterator[Entry]:
    with place.file.open(errors="replace") as lines:
        yield from entries(lines, place.source)
