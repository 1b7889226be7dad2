"""Where the balancer's policy and the program's own settings contradict each other."""

from collections.abc import Iterator

from app.config import Settings
from app.ops.findings import Finding, Level, phrase

_HEARTBEAT_S = 15
"""How often a quiet stream says something."""

_SET = phrase("Set {name}={value}")


def policy_findings(settings: Settings) -> Iterator[Finding]:
    """Every contradiction between the policy and the drain, streams and probes of the program."""
    policy, drain = settings.balancer, settings.drain
    notice = policy.interval_s * policy.unhealthy + policy.timeout_s
    if drain.wait_s < notice:
        yield Finding(
            "balancer.E001",
            Level.ERROR,
            phrase(
                "An instance that leaves answers for {wait} s more; balancers may need {notice} s to notice."
            ),
            _SET,
            {
                "wait": f"{drain.wait_s:g}",
                "notice": notice,
                "name": "APP_DRAIN__WAIT_S",
                "value": notice,
            },
        )
    least = max(drain.wait_s, notice) + policy.deregistration_s
    if drain.deadline_s < least:
        yield Finding(
            "balancer.E002",
            Level.ERROR,
            phrase(
                "An instance that leaves ends everything after {deadline} s; with the time that balancers need "
                "to notice and to let requests end, it takes {least} s."
            ),
            _SET,
            {
                "deadline": f"{drain.deadline_s:g}",
                "least": f"{least:g}",
                "name": "APP_DRAIN__DEADLINE_S",
                "value": f"{least:g}",
            },
        )
    if policy.timeout_s >= policy.interval_s:
        yield Finding(
            "balancer.W003",
            Level.WARNING,
            phrase(
                "A check may take {timeout} s and the next one begins after {interval} s: they overlap."
            ),
            _SET,
            {
                "timeout": policy.timeout_s,
                "interval": policy.interval_s,
                "name": "APP_BALANCER__INTERVAL_S",
                "value": policy.timeout_s * 2,
            },
        )
    if policy.path not in {"/health", "/health/readiness"}:
        yield Finding(
            "balancer.E004",
            Level.ERROR,
            phrase("Balancers ask {path}, which does not say whether an instance may get readers."),
            _SET,
            {"path": policy.path, "name": "APP_BALANCER__PATH", "value": "/health"},
        )
    for name, value, usual in (
        ("APP_BALANCER__STREAM_S", policy.stream_s, 3600),
        ("APP_BALANCER__KEEPALIVE_S", policy.keepalive_s, 60),
    ):
        if value <= _HEARTBEAT_S:
            yield Finding(
                "balancer.E005",
                Level.ERROR,
                phrase(
                    "Streams say something every {heartbeat} s, and a balancer closes them after {seconds} s of silence."
                ),
                _SET,
                {"heartbeat": _HEARTBEAT_S, "seconds": value, "name": name, "value": usual},
            )
