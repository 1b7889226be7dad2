"""Runs the checks: all at once, each within a second, whatever hangs."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from app.ops.bounded import within
from app.ops.checks import database, fleet, process, stores
from app.ops.findings import Finding, Level, phrase
from app.ops.round_trips import LostOnTheWay
from app.ops.situation import NoDatabaseYet, Situation

LIMIT_S = 1.0
"""Longest wait for one check."""

Check = Callable[[Situation], Awaitable[Finding]]

CHECKS: Mapping[str, Check] = {
    "session_storage": stores.session_storage,
    "cache_storage": stores.cache_storage,
    "database": database.database,
    "file_storage": stores.file_storage,
    "logs": process.logs,
    "secret_key": process.secret_key,
    "jobs": fleet.jobs,
    "clock": process.clock,
    "schema": database.schema,
    "connections": database.connections,
    "pubsub": stores.pubsub,
    "limits": stores.limits,
    "balancer": process.balancer,
    "settings": fleet.settings,
    "health": fleet.health,
}
"""By the names they have in the interface; the seed's three stand first."""

SEED = ("session_storage", "cache_storage", "database")

HOLDING_STATE = frozenset(
    {
        "session_storage",
        "cache_storage",
        "database",
        "file_storage",
        "secret_key",
        "jobs",
        "limits",
    }
)
"""What outlives a request: if any of it reaches no further than a process or host, so does the program."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What every check found."""

    findings: Mapping[str, Finding]
    taken_s: float
    """When, on the monotonic clock."""

    @property
    def stateless(self) -> bool:
        """Whether all that holds state was found to be shared, and to work."""
        return all(self.findings[name].level is not Level.ERROR for name in HOLDING_STATE)

    def fine(self, *names: str) -> bool:
        """Whether none of these found an error."""
        return all(self.findings[name].level is not Level.ERROR for name in names)


async def take_survey(situation: Situation) -> Survey:
    """Run every check. Takes little more than `LIMIT_S` at the very most; raises nothing."""
    findings = await asyncio.gather(*(_run(name, situation) for name in CHECKS))
    situation.close()
    return Survey(dict(zip(CHECKS, findings, strict=True)), time.monotonic())


async def _run(name: str, situation: Situation) -> Finding:
    values = {"check": name, "limit_s": LIMIT_S}

    async def look() -> Finding:
        return await CHECKS[name](situation)

    try:
        return await within(LIMIT_S, look())
    except TimeoutError:
        return Finding(
            "scaling.E901",
            Level.ERROR,
            phrase("“{check}” got no answer within {limit_s} s."),
            hint=phrase(
                "See whether the service behind it runs, and whether this host reaches it."
            ),
            values=values,
        )
    except LostOnTheWay:
        return Finding(
            "scaling.E902",
            Level.ERROR,
            phrase("“{check}”: what was written did not come back as it was."),
            hint=phrase(
                "See whether the address in the settings leads to one service, and not to several."
            ),
            values=values,
        )
    except NoDatabaseYet:
        return Finding(
            "scaling.E903",
            Level.ERROR,
            phrase("“{check}”: there is no database yet."),
            hint=phrase("Run: ai-seo-blogger db upgrade"),
            values=values,
        )
    except Exception as error:  # noqa: BLE001  # whatever a check meets is its finding; addresses stay out of it
        return Finding(
            "scaling.E904",
            Level.ERROR,
            phrase("“{check}” failed: {error}."),
            hint=phrase(
                "See whether the service behind it runs, and whether this host reaches it."
            ),
            values={**values, "error": type(error).__name__},
        )
