"""What to change so that several instances can run: exact lines for `.env`, from what the checks found."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.ops.checks.stores import DATABASE_LINE, FILES_LINE, REDIS_LINE
from app.ops.findings import Level, phrase, tell
from app.ops.survey import Survey

PUBLIC_GROUPS = frozenset({"database", "cache", "session"})
"""The seed's groups about stores: what anybody may see."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One thing to change. `env` are whole lines; a `{secret}` in one is filled with a new random key."""

    group: str
    check: str
    priority: str
    message: str
    benefit: str
    env: tuple[str, ...] = ()


_FROM_FINDINGS: Mapping[str, Recommendation] = {
    recommendation.check: recommendation
    for recommendation in (
        Recommendation(
            "database",
            "database",
            "high",
            phrase("Use PostgreSQL, which every instance reaches."),
            phrase(
                "Articles, people and jobs are the same on every instance, and jobs outlive one."
            ),
            (DATABASE_LINE,),
        ),
        Recommendation(
            "cache",
            "cache_storage",
            "high",
            phrase("Use Redis or Valkey as the cache."),
            phrase("A page made by one instance serves all, and a change reaches all at once."),
            (REDIS_LINE,),
        ),
        Recommendation(
            "session",
            "session_storage",
            "high",
            phrase("Keep sessions in Redis."),
            phrase("People stay signed in whichever instance answers them."),
            ("SESSION_STORAGE=redis", REDIS_LINE),
        ),
        Recommendation(
            "files",
            "file_storage",
            "high",
            phrase("Keep uploaded files in an object store such as S3."),
            phrase("A file uploaded to one instance is found by all, and outlives every host."),
            (FILES_LINE,),
        ),
        Recommendation(
            "general",
            "secret_key",
            "high",
            phrase("Give every instance the same SECRET_KEY."),
            phrase("What one instance signs holds on every other, and after a restart."),
            ("SECRET_KEY={secret}",),
        ),
        Recommendation(
            "logs",
            "logs",
            "medium",
            phrase("Let a collector read the log from standard output."),
            phrase(
                "The events of all instances are searched in one place, and outlive their hosts."
            ),
        ),
    )
}


_OTHER_CURES = frozenset({"scaling.E052"})
"""Findings that want something else than the recommendation of their check."""

_GROUPS = {
    "schema": "database",
    "connections": "database",
    "jobs": "database",
    "pubsub": "cache",
    "limits": "cache",
}

_BENEFITS: Mapping[str, str] = {
    "jobs": phrase("Every accepted job is worked on, whichever instance accepted it."),
    "clock": phrase("A moment means the same on every instance."),
    "schema": phrase("Every instance reads and writes the same tables."),
    "connections": phrase("No instance is turned away by the database."),
    "pubsub": phrase("A change is seen by all instances at once."),
    "limits": phrase("A limit holds over the whole fleet."),
    "balancer": phrase("No request is lost when an instance leaves."),
    "settings": phrase("Whichever instance answers, the answer is the same."),
    "health": phrase("Balancers and operators see every instance."),
}
_AT_WORK = phrase("What depends on it works again.")


def recommend(survey: Survey, language: str) -> dict[str, list[dict[str, Any]]]:
    """Per group what to change, in `language`; no group where there is nothing, so empty when all is well.

    What a check found without a recommendation of its own says the check's hint. One whose lines stand in
    another recommendation already is cured by that one.
    """
    groups: dict[str, list[dict[str, Any]]] = {}
    lines: set[str] = set()
    wrong = [(name, one) for name, one in survey.findings.items() if one.level is not Level.OK]
    for name, finding in sorted(wrong, key=lambda pair: pair[0] not in _FROM_FINDINGS):
        known = _FROM_FINDINGS.get(name)
        if known and not finding.id.startswith("scaling.E9") and finding.id not in _OTHER_CURES:
            entry = {
                "priority": known.priority,
                "message": tell(known.message, language),
                "benefit": tell(known.benefit, language),
                "env": [line.replace("{secret}", secrets.token_urlsafe(32)) for line in known.env],
            }
        else:
            line = finding.values.get("line")
            if line in lines:
                continue
            said = finding.said(language)
            entry = {
                "priority": "high" if finding.level is Level.ERROR else "low",
                "message": f"{said['message']} {said['hint']}",
                "benefit": tell(_BENEFITS.get(name, _AT_WORK), language),
                "env": [str(line)] if line else [],
            }
        lines.update(entry["env"])
        group = known.group if known else _GROUPS.get(name, "general")
        groups.setdefault(group, []).append(entry)
    return groups
