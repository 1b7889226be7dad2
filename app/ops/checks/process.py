"""This process: its log, its key, its clock, and whether its policy holds together."""

import os
import stat
from collections.abc import Iterator
from dataclasses import replace

from app.config import Settings
from app.ops.balancers.policy import policy_findings
from app.ops.findings import Finding, Level, phrase
from app.ops.fingerprint import culprits, differing
from app.ops.situation import Situation

_STANDARD_OUTPUT = 1

_SHORTEST_KEY = 32
"""Characters; base64 of 24 random bytes has as many."""

_CLOCK_OFF_S = 2.0
"""From here on, sessions and leases of one instance look wrong to another."""

_CLOCK_NEAR_S = 0.5

PATHS = ("/health", "/health/readiness", "/health/liveness")


async def logs(_situation: Situation) -> Finding:
    """Where the log goes. Events are lines on standard output; what matters is who collects them."""
    try:
        mode = os.fstat(_STANDARD_OUTPUT).st_mode
    except OSError:
        return Finding(
            "scaling.W042",
            Level.WARNING,
            phrase("Standard output is closed, so the log is lost."),
            hint=phrase("Start the program with its standard output connected to a collector."),
        )
    if stat.S_ISREG(mode):
        return Finding(
            "scaling.W041",
            Level.WARNING,
            phrase("The log goes into a file of this host."),
            hint=phrase(
                "Let the container's runtime, systemd or a collector read standard output instead."
            ),
            detail={"to": "file"},
        )
    return Finding(
        "scaling.I043",
        Level.OK,
        phrase("The log goes to standard output, one JSON object a line."),
        detail={"to": "standard output"},
    )


async def secret_key(situation: Situation) -> Finding:
    """Whether what one instance signs holds on the others."""
    key = situation.settings.secret_key.get_secret_value()
    hint = phrase("Set SECRET_KEY, the same on every instance, to what this prints: {command}")
    values = {"command": "openssl rand -base64 32"}
    if not key:
        return Finding(
            "scaling.E051",
            Level.ERROR,
            phrase("The key that signs was made on this host and is known to no other."),
            hint=hint,
            values=values,
            detail={"from": "DATA_DIR", "scope": "host"},
        )
    named = culprits(differing((await situation.around()).live)).get("SECRET_KEY")
    if named:
        return Finding(
            "scaling.E052",
            Level.ERROR,
            phrase("SECRET_KEY is not the same on every instance: {instances}."),
            hint=phrase("Set the same SECRET_KEY on every instance and restart these."),
            values={"instances": ", ".join(named)},
            detail={"instances": named},
        )
    if len(key) < _SHORTEST_KEY:
        return Finding(
            "scaling.W053",
            Level.WARNING,
            phrase("SECRET_KEY is short, so it can be guessed."),
            hint=hint,
            values=values,
            detail={"from": "SECRET_KEY", "scope": "fleet"},
        )
    return Finding(
        "scaling.I054",
        Level.OK,
        phrase("SECRET_KEY is set, and no instance has another."),
        detail={"from": "SECRET_KEY", "scope": "fleet"},
    )


async def clock(situation: Situation) -> Finding:
    """Whether the instances' clocks agree with the database's."""
    live = (await situation.around()).live
    offsets = {
        instance.instance_id: instance.clock_offset_s
        for instance in live
        if instance.clock_offset_s is not None
    }
    worst = max((abs(offset) for offset in offsets.values()), default=0.0)
    off = sorted(name for name, offset in offsets.items() if abs(offset) > _CLOCK_NEAR_S)
    values = {"instances": ", ".join(off), "worst": worst}
    hint = phrase("Run a time service there: timedatectl set-ntp true")
    if worst > _CLOCK_OFF_S:
        message = phrase("Clocks are up to {worst} s off the database's: {instances}.")
        return Finding("scaling.E071", Level.ERROR, message, hint, values, {"offsets_s": offsets})
    if off:
        message = phrase("Clocks drift, by up to {worst} s so far: {instances}.")
        return Finding("scaling.W072", Level.WARNING, message, hint, values, {"offsets_s": offsets})
    return Finding(
        "scaling.I073",
        Level.OK,
        phrase("Every clock agrees with the database's."),
        detail={"offsets_s": offsets},
    )


async def balancer(situation: Situation) -> Finding:
    """Whether the balancer's policy and the application fit together: the worst contradiction there is."""
    settings = situation.settings
    found = [*policy_findings(settings), *_model_findings(settings)]
    for level in (Level.ERROR, Level.WARNING):
        for finding in found:
            if finding.level is level:
                return replace(finding, detail=settings.balancer.model_dump())
    return Finding(
        "balancer.I007",
        Level.OK,
        phrase("The balancer's policy and the application fit together."),
        detail=settings.balancer.model_dump(),
    )


def _model_findings(settings: Settings) -> Iterator[Finding]:
    """A call to a hosted model that outlasts the drain is paid for again elsewhere."""
    model_s = 0.0 if settings.llm_model == "composer" else settings.models.seconds
    if settings.drain.deadline_s < settings.drain.wait_s + model_s:
        yield Finding(
            "balancer.W006",
            Level.WARNING,
            phrase(
                "A model call may take {model_s} s, and an instance that leaves is cut off after "
                "{deadline_s} s: such a call is paid for again."
            ),
            phrase("Set APP_DRAIN__DEADLINE_S={enough_s} or more"),
            {
                "model_s": f"{model_s:g}",
                "deadline_s": f"{settings.drain.deadline_s:g}",
                "enough_s": f"{settings.drain.wait_s + model_s:g}",
            },
        )
