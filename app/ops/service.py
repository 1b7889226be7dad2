"""What may be asked of an instance about itself and its fleet, and what an operator may do with it."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.config import BalancerSettings, Settings
from app.infra.ports import Ports
from app.ops.bounded import within
from app.ops.checklists import fill_in
from app.ops.checks.process import PATHS
from app.ops.fingerprint import culprits, differing
from app.ops.instances import Identity, Instance
from app.ops.recommendations import PUBLIC_GROUPS, recommend
from app.ops.situation import Keeper, situation
from app.ops.survey import LIMIT_S, SEED, Survey, take_survey

STALE_S = 5.0
"""How old a result may be that anybody is answered with."""

HIDDEN = "hidden"
"""What stands for a host's name to somebody who does not operate it."""


@dataclass(frozen=True, slots=True)
class FleetInfo:
    """The fleet at a glance: for the interface, the command line and the desk."""

    instances: Sequence[Instance]
    """Those that have not ended; each says whether it is `live`. Empty when the database is away."""
    drift: Mapping[str, list[str]]
    """Per setting that is not the same on all live instances, the display names of those that differ."""
    survey: Survey
    language: str

    @property
    def live(self) -> list[Instance]:
        """The instances that beat."""
        return [instance for instance in self.instances if instance.live]

    @property
    def stateless(self) -> bool:
        """Whether nothing that holds state reaches no further than a process or a host."""
        return self.survey.stateless

    @property
    def checks(self) -> dict[str, dict[str, Any]]:
        """Per check `{status, id, message, hint, detail}`, the seed's three first."""
        return {name: one.said(self.language) for name, one in self.survey.findings.items()}

    @property
    def recommendations(self) -> dict[str, list[dict[str, Any]]]:
        """Per group what to change: `{priority, message, benefit, env}` each."""
        return recommend(self.survey, self.language)

    @property
    def checklists(self) -> dict[str, Any]:
        """The two checklists: `{preparation, deployment}`, each `{title, items}`."""
        return fill_in(self.survey, self.live, self.language)


async def fleet_info(
    ports: Ports, settings: Settings, *, language: str = "en", sessions: Keeper | None = None
) -> FleetInfo:
    """Look at everything: takes a second at the most, raises nothing, whatever is away."""
    looked = situation(ports, settings, sessions)
    survey, instances = await asyncio.gather(take_survey(looked), _instances(looked.around()))
    live = [instance for instance in instances if instance.live]
    return FleetInfo(instances, culprits(differing(live)), survey, language)


async def _instances(around: Any) -> tuple[Instance, ...]:
    try:
        return (await within(LIMIT_S, around)).instances
    except Exception:  # noqa: BLE001  # the checks say what is wrong
        return ()


def balancer_config(policy: BalancerSettings) -> dict[str, Any]:
    """The one policy as the seed writes it, seconds; ours beside it."""
    return {
        "health_check": {
            "path": policy.path,
            "interval": policy.interval_s,
            "timeout": policy.timeout_s,
            "healthy_threshold": policy.healthy,
            "unhealthy_threshold": policy.unhealthy,
            "grace_period": policy.grace_s,
        },
        "endpoints": dict(zip(("health", "readiness", "liveness"), PATHS, strict=True)),
        "algorithm": "least_conn",
        "deregistration_delay": policy.deregistration_s,
        "longest_stream": policy.stream_s,
    }


def describe(identity: Identity, started_at: datetime, now: datetime) -> dict[str, Any]:
    """The seed's `instance_info` of a process."""
    return {
        "instance_id": identity.instance_id,
        "hostname": identity.hostname,
        "pid": identity.pid,
        "start_time": started_at.isoformat(timespec="seconds"),
        "uptime_seconds": max(0, int((now - started_at).total_seconds())),
    }


def scaling_info(
    info: FleetInfo, described: Mapping[str, Any], policy: BalancerSettings
) -> dict[str, Any]:
    """Everything, for operators: the seed's keys and nesting, ours beside."""
    return {
        "instance_info": dict(described),
        "stateless_check": {"stateless": info.stateless, "checks": info.checks},
        "load_balancer_config": balancer_config(policy),
        "recommendations": info.recommendations,
        "fleet": {
            "live": len(info.live),
            "instances": [shown(instance) for instance in info.instances],
            "drift": dict(info.drift),
        },
    }


def public_info(full: Mapping[str, Any]) -> dict[str, Any]:
    """The same for anybody: the shape, without hosts, versions, details and what is no business of theirs."""
    checks = full["stateless_check"]["checks"]
    return {
        "instance_info": {
            **full["instance_info"],
            "instance_id": HIDDEN,
            "hostname": HIDDEN,
            "pid": 0,
        },
        "stateless_check": {
            "stateless": full["stateless_check"]["stateless"],
            "checks": {name: {**checks[name], "detail": {}} for name in SEED},
        },
        "load_balancer_config": full["load_balancer_config"],
        "recommendations": {
            group: entries
            for group, entries in full["recommendations"].items()
            if group in PUBLIC_GROUPS
        },
        "fleet": {"live": full["fleet"]["live"]},
    }


def without_hints(checklists: Mapping[str, Any]) -> dict[str, Any]:
    """The checklists for anybody: what is done, and nothing about how the rest is set."""
    return {
        name: {**one, "items": [{**item, "hints": []} for item in one["items"]]}
        for name, one in checklists.items()
    }


def shown(instance: Instance) -> dict[str, Any]:
    """An instance as the interface answers it. Its fingerprint stays inside: drift says what matters."""
    return {
        "executor_id": instance.executor_id,
        "instance_id": instance.instance_id,
        "hostname": instance.hostname,
        "pid": instance.pid,
        "address": instance.address,
        "role": instance.role,
        "version": instance.version,
        "git_revision": instance.git_revision,
        "schema_head": instance.schema_head,
        "started_at": instance.started_at.isoformat(timespec="seconds"),
        "seen_seconds_ago": instance.seen_s,
        "live": instance.live,
        "draining": instance.draining,
        "in_flight": instance.in_flight,
        "running_jobs": instance.running_jobs,
        "clock_offset_seconds": instance.clock_offset_s,
    }


class Lookout:
    """Keeps the last look at the fleet, so that many who ask cost one look."""

    def __init__(self, ports: Ports, settings: Settings, sessions: Keeper | None = None) -> None:
        self._ports = ports
        self._settings = settings
        self._sessions = sessions
        self._last: FleetInfo | None = None
        self._looking: asyncio.Task[FleetInfo] | None = None

    async def look(self, language: str, *, at_most_s: float = STALE_S) -> FleetInfo:
        """A look no older than `at_most_s`, told in `language`."""
        last = self._last
        if last is None or time.monotonic() - last.survey.taken_s > at_most_s:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(
                    fleet_info(self._ports, self._settings, sessions=self._sessions)
                )
            last = await asyncio.shield(self._looking)
            self._last = last
        return FleetInfo(last.instances, last.drift, last.survey, language)
