"""Times the proof: three instances with every service, behind each generated balancer.

Writes `bench/results/proof.json`; run it with `PYTHONPATH=. .venv/bin/python bench/proof.py`.
"""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

from app.cluster import Fleet
from app.config import DrainSettings, Settings
from app.ops.proof import Prover
from bench.working import RESULTS, machine
from tests.doors import people
from tests.limits import UNMET

ROUNDS = 3


def key_of(fleet: Fleet) -> str:
    """An operator's key: an owner's, with the scope `ops` alone."""
    url = fleet.environment["DATABASE_URL"]
    return people.make_key(url, people.make_person(url, "owner@example.org", "owner"), ("ops",))


def main() -> None:
    """Prove a few times behind each balancer, and once with a real publication."""
    found: dict[str, Any] = {}
    with Fleet(
        3, balancer=None, policy=Settings(drain=DrainSettings(wait_s=0)), settings=UNMET
    ) as fleet:
        key = key_of(fleet)
        for name in ("nginx", "haproxy", "caddy"):
            fleet.put_balancer(name)
            addresses = [instance.url for instance in fleet.instances]
            reports = [
                asyncio.run(Prover(addresses, key, listed=n == ROUNDS - 1).prove())
                for n in range(ROUNDS)
            ]
            slowest: dict[str, float] = {}
            for line in reports[-1].lines:
                slowest[line.kind] = max(slowest.get(line.kind, 0.0), line.latency_ms or 0.0)
            found[name] = {
                "passed": [report.passed for report in reports],
                "failed": [sorted(report.failed_kinds()) for report in reports],
                "seconds": [round(report.seconds, 2) for report in reports],
                "lines": len(reports[-1].lines),
                "slowest_ms": slowest,
            }
            print(name, found[name]["passed"], found[name]["seconds"])
    measured = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
    }
    (RESULTS / "proof.json").write_text(json.dumps({**measured, **found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
