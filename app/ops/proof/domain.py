"""What a proof says: a line for each thing that must be shared and each pair that was asked."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import permutations
from typing import Any

PAIRS_UP_TO = 5
"""With more instances than this each one is observed by its neighbour alone: pairs grow by the square."""

CLOCK_LIMIT_S = 2.0
"""Largest difference of two clocks: leases are read by the database's clock, sessions and signatures by
the process's own, and the shortest of their times is 5 s."""


class Kind(StrEnum):
    """What is proved, in the order of the report."""

    HEALTH = "health"
    DATABASE = "database"
    SCHEMA = "schema"
    SETTINGS = "settings"
    CLOCK = "clock"
    SESSION = "session"
    CACHE = "cache"
    FILES = "files"
    LIMITS = "limits"
    MESSAGES = "messages"
    JOB = "job"
    ARTICLE = "article"


SETTING_OF: Mapping[Kind, str] = {
    Kind.DATABASE: "DATABASE_URL",
    Kind.SESSION: "SESSION_STORAGE",
    Kind.CACHE: "REDIS_URL",
    Kind.FILES: "BLOB_URL",
    Kind.LIMITS: "REDIS_URL",
    Kind.MESSAGES: "REDIS_URL",
    Kind.JOB: "DATABASE_URL",
    Kind.ARTICLE: "DATABASE_URL",
}
"""Where one looks first when a line fails."""

CHECK_OF: Mapping[Kind, str] = {
    Kind.DATABASE: "database",
    Kind.SESSION: "session_storage",
    Kind.CACHE: "cache_storage",
    Kind.FILES: "file_storage",
    Kind.LIMITS: "limits",
    Kind.MESSAGES: "pubsub",
    Kind.JOB: "jobs",
}
"""The instance's own check of the same thing, whose words name the culprit."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing, shown through `source` and seen on `observer`."""

    kind: Kind
    source: str
    observer: str
    passed: bool | None
    """None: not asked, because something before it failed already."""
    latency_ms: float | None = None
    message: str = ""
    culprits: tuple[str, ...] = ()
    """The instances that are at fault, as far as it can be told."""
    setting: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A whole proof."""

    instances: tuple[str, ...]
    lines: tuple[Line, ...]
    seconds: float

    @property
    def alone(self) -> bool:
        """Whether only one instance was asked: what it shares with itself proves nothing."""
        return len(self.instances) == 1

    @property
    def passed(self) -> bool:
        """Whether several instances were asked, and every line was asked and passed."""
        return not self.alone and bool(self.lines) and all(line.passed for line in self.lines)

    def failed_kinds(self) -> set[Kind]:
        """What failed; lines that were not asked do not count."""
        return {line.kind for line in self.lines if line.passed is False}

    def as_json(self) -> dict[str, Any]:
        """The report as plain values."""
        return {
            "passed": self.passed,
            "alone": self.alone,
            "seconds": round(self.seconds, 3),
            "instances": list(self.instances),
            "failed": sorted(self.failed_kinds()),
            "lines": [asdict(line) for line in self.lines],
        }


def pairs_of(instances: Sequence[str]) -> list[tuple[str, str]]:
    """Every ordered pair, or a ring above `PAIRS_UP_TO`; one alone is paired with itself."""
    if len(instances) == 1:
        return [(instances[0], instances[0])]
    if len(instances) <= PAIRS_UP_TO:
        return list(permutations(instances, 2))
    return list(zip(instances, [*instances[1:], instances[0]], strict=True))


def odd_ones(values: Mapping[str, str]) -> list[str]:
    """The keys whose value is not what most have; without a majority, all but the first value's."""
    if not values:
        return []
    counts = Counter(values.values())
    usual, most = counts.most_common(1)[0]
    tied = [value for value, count in counts.items() if count == most]
    if len(tied) > 1:
        usual = next(iter(values.values()))
    return [key for key, value in values.items() if value != usual]


def most_frequent(pairs: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Who takes part in most of the failing pairs; everybody where all do equally."""
    counts = Counter(instance for pair in pairs for instance in pair)
    most = max(counts.values(), default=0)
    return tuple(sorted(instance for instance, count in counts.items() if count == most))
