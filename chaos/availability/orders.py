"""What the load generator is told, and what it tells: plain data that passes between two processes as JSON."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter

Judge = Literal["page", "list", "job", "edit"]
"""How an answer is judged: a page by its bytes, a list by what is in it, others by what they say was done."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request. `{n}` in its path and body is the request's number, another one each time."""

    name: str
    port: int
    share: float
    """How many of all requests are of this kind."""
    judge: Judge
    path: str
    host: str
    method: str = "GET"
    body: str = ""
    key: str = ""
    """The API key, if one is needed."""
    within_s: float = 5.0
    """The latency bound, from the moment it was due to be asked for: a later answer is no good one."""
    right: tuple[str, ...] = ()
    """Of a page the SHA-256 digests of what it may be; of a list what must stand in it."""
    places: int = 1
    """`{m}` in its path is its number modulo this: writers spread over so many articles."""


@dataclass(frozen=True, slots=True)
class Order:
    """A load: open (`per_s` arrivals by schedule) or closed (`workers` who ask again at once)."""

    kinds: tuple[Kind, ...]
    seed: int
    per_s: float = 0.0
    workers: int = 0
    tag: str = ""
    """In front of every idempotency key, so that two loads have different ones."""

    def write(self) -> str:
        """As JSON."""
        return _ORDER.dump_json(self).decode()


_ORDER = TypeAdapter(Order)


def read_order(text: str) -> Order:
    """What `write` wrote."""
    return _ORDER.validate_json(text)


@dataclass(slots=True)
class Asked:
    """One request. Moments are of the machine's monotonic clock, seconds."""

    kind: str
    due_at: float
    sent_at: float
    ended_at: float
    wrong: str = ""
    """Why it is no good answer; empty: it is one."""
    cache: str = ""
    name: str = ""
    """The job that was accepted, if one was."""

    @property
    def good(self) -> bool:
        """Whether the answer was right and in time."""
        return not self.wrong

    @property
    def latency_s(self) -> float:
        """From when it was due, not from when it was sent: nothing is omitted where the sender had to wait."""
        return self.ended_at - self.due_at


@dataclass
class Report:
    """All requests of a load, in the order in which they were due, and what the generator itself cost."""

    asked: list[Asked] = field(default_factory=list[Asked])
    processor_s: float = 0.0

    def write(self, file: Path) -> None:
        """One JSON array a line."""
        with file.open("w") as out:
            out.write(json.dumps(self.processor_s) + "\n")
            for each in self.asked:
                row = [each.kind, each.due_at, each.sent_at, each.ended_at]
                out.write(json.dumps([*row, each.wrong, each.cache, each.name]) + "\n")


def read_report(file: Path) -> Report:
    """What `write` wrote."""
    with file.open() as lines:
        processor_s = float(json.loads(lines.readline()))
        return Report([Asked(*json.loads(line)) for line in lines], processor_s)


def judge(kind: Kind, n: int, status: int, body: bytes) -> tuple[str, str]:
    """What is wrong with an answer, and the job it names. A code alone proves nothing: bodies are read."""
    wanted = 202 if kind.judge == "job" else 200
    if status != wanted:
        return f"status {status}", ""
    if kind.judge == "page":
        right = hashlib.sha256(body).hexdigest() in kind.right
        return ("" if right else "another body"), ""
    if kind.judge == "list":
        return _missing(kind.right, body), ""
    try:
        found: dict[str, Any] = json.loads(body)
        if kind.judge == "job":
            fits = found["state"] == "queued" and found["keyword"] == keyword_of(n)
            return ("" if fits else "another job"), str(found["job_id"])
        fits = str(found["publish_at"]).startswith(moment_of(n)) and found["state"] == "scheduled"
    except (ValueError, KeyError, TypeError):
        return "no such JSON", ""
    return ("" if fits else "another article"), ""


def keyword_of(n: int) -> str:
    """What the n-th job is about."""
    return f"Load pool {n}"


def moment_of(n: int) -> str:
    """To when the n-th edit moves its article: far away, and another moment each time."""
    days, seconds = divmod(n, 86_400)
    hours, rest = divmod(seconds, 3600)
    return f"2035-{1 + days // 28 % 12:02}-{1 + days % 28:02}T{hours:02}:{rest // 60:02}:{rest % 60:02}"


def _missing(right: Sequence[str], body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    return "" if all(each in text for each in right) else "another list"
