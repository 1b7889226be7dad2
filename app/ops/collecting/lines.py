"""One line of a log, whoever printed it: JSON of ours or of a balancer, bare or wrapped on its way.

Understood before the JSON: the names of `docker compose logs` (`app1-1  | {…}`), those of `kubectl logs
--prefix` (`[pod/NAME/CONTAINER] {…}`), time stamps and the head of a syslog line. Understood around it: a field
that holds the line (`log`, `message`, `msg`, `line`), as files of Docker, Fluent Bit and Vector have.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_COMPOSE = re.compile(r"(\S+)\s+\|\s")
_KUBECTL = re.compile(r"\[(?:pod/)?([^\]/]+)(?:/[^\]]*)?\]\s")
_WRAPPERS = ("log", "message", "msg", "line", "MESSAGE")
_TIMES = ("time", "timestamp", "ts", "date")
_TEXT = {"time", "line"}
"""The fields of what our rsyslog makes of a line that is no JSON."""

Event = dict[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One line. Those without a moment of their own, as a traceback has none, have that of the line before."""

    at: str
    """ISO 8601, UTC, to the microsecond; empty before the first line with one."""
    source: str
    line: str
    """As it was printed: without what a collector or an engine put around it."""


def read_line(text: str, source: str, before: str = "") -> tuple[Entry, Event | None]:
    """Take a line apart: what it says, and its fields if it is an event.

    `source` is who printed it, unless the line says so; `before` is the moment of the line before.
    """
    text = _COLOUR.sub("", text.rstrip("\r\n"))
    brace = text.find("{")
    event = _parsed(text[brace:]) if brace >= 0 else None
    if brace > 0:
        source = _named(text) or source
    if event is None:
        return Entry(before, source, text), None
    at = moment_of(event) or before
    if event.keys() == _TEXT and isinstance(said := event["line"], str) and said[:1] != "{":
        return Entry(at, source, said), None
    line = text[brace:]
    for wrapper in _WRAPPERS:
        inner = event.get(wrapper)
        if isinstance(inner, str) and (within := _parsed(inner.strip())) is not None:
            event, line = within, inner.strip()
            at = moment_of(event) or at
            break
    return Entry(at, source or _speaker(event), line), event


def entries(lines: Iterable[str], source: str) -> Iterator[Entry]:
    """The lines of one file, never back in time: so they keep their order when files are merged."""
    at = ""
    for line in lines:
        if line.strip():
            entry, _ = read_line(line, source, at)
            at = max(at, entry.at)
            yield Entry(at, entry.source, entry.line)


def names(entry: Entry, event: Event | None, wanted: str) -> bool:
    """Whether a line is about a request (or a job): in whichever field, but as a whole value."""
    if wanted not in entry.line:
        return False
    if event is None:
        return bool(re.search(rf"(?<![\w.-]){re.escape(wanted)}(?![\w-]|\.\w)", entry.line))
    return _holds(event, wanted)


def moment_of(event: Event) -> str:
    """When an event was, by its own words: ISO 8601 or seconds since 1970; empty where it does not say."""
    for name in _TIMES:
        value = event.get(name)
        try:
            if isinstance(value, str):
                moment = datetime.fromisoformat(value)
            elif isinstance(value, int | float):
                moment = datetime.fromtimestamp(value, UTC)
            else:
                continue
        except (ValueError, OverflowError, OSError):
            continue
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    return ""


def _holds(value: Any, wanted: str) -> bool:
    match value:
        case str():
            return value == wanted
        case dict():
            return any(_holds(each, wanted) for each in cast("Event", value).values())
        case list():
            return any(_holds(each, wanted) for each in cast("list[Any]", value))
        case _:
            return False


def _named(text: str) -> str:
    found = _COMPOSE.match(text) or _KUBECTL.match(text)
    return found[1] if found else ""


def _speaker(event: Event) -> str:
    return str(event.get("instance") or event.get("balancer") or "-")


def _parsed(text: str) -> Event | None:
    if not text.startswith("{"):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return cast("Event", found) if isinstance(found, dict) else None
