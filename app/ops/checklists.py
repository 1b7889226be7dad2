"""The seed's two checklists, line by line, ticked by what the checks found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.ops.findings import phrase, tell
from app.ops.instances import Instance
from app.ops.survey import Survey

Live = Sequence[Instance]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a checklist."""

    id: str
    text: str
    checks: tuple[str, ...]
    """The checks that tick it."""
    also: Callable[[Survey, Live], bool] = lambda _survey, _live: True
    """What else must be so."""


def _balanced(_survey: Survey, live: Live) -> bool:
    return bool(live) and all(instance.probed or instance.role == "worker" for instance in live)


def _running(_survey: Survey, live: Live) -> bool:
    return bool(live)


def _stateless(survey: Survey, _live: Live) -> bool:
    return survey.stateless


def _in_redis(survey: Survey, _live: Live) -> bool:
    return survey.findings["session_storage"].detail.get("store") == "redis"


PREPARATION = (
    Line("database", phrase("PostgreSQL database set up"), ("database",)),
    Line("cache", phrase("Redis cache set up"), ("cache_storage",)),
    Line(
        "sessions",
        phrase("Redis session store set up (optional)"),
        ("session_storage",),
        _in_redis,
    ),
    Line("health", phrase("Health endpoints checked"), ("health",), _running),
    Line("balancer", phrase("Load balancer set up"), ("balancer",), _balanced),
    Line(
        "state",
        phrase("State shared between instances checked"),
        ("session_storage", "cache_storage", "database", "file_storage", "jobs", "limits"),
        _stateless,
    ),
)

DEPLOYMENT = (
    Line(
        "same_database",
        phrase("Every instance uses the same database"),
        ("database", "schema", "settings"),
        _running,
    ),
    Line(
        "same_redis",
        phrase("Every instance uses the same Redis"),
        ("cache_storage", "settings"),
        _running,
    ),
    Line(
        "sessions_shared",
        phrase("Sessions are stored in the shared store"),
        ("session_storage",),
    ),
    Line("cache_shared", phrase("The cache is stored in the shared store"), ("cache_storage",)),
    Line("health_works", phrase("The health endpoints work"), ("health",), _running),
)

_TITLES = {
    "preparation": phrase("Preparing to scale out"),
    "deployment": phrase("Before deploying"),
}


def fill_in(survey: Survey, live: Live, language: str) -> dict[str, Any]:
    """Both checklists: per line its text, whether it is done, and the checks that say so with their hints."""
    return {
        name: {
            "title": tell(_TITLES[name], language),
            "items": [_filled(line, survey, live, language) for line in lines],
        }
        for name, lines in (("preparation", PREPARATION), ("deployment", DEPLOYMENT))
    }


def _filled(line: Line, survey: Survey, live: Live, language: str) -> dict[str, Any]:
    wrong = [name for name in line.checks if not survey.fine(name)]
    return {
        "id": line.id,
        "text": tell(line.text, language),
        "done": not wrong and line.also(survey, live),
        "checks": list(line.checks),
        "hints": [survey.findings[name].said(language)["hint"] for name in wrong],
    }
