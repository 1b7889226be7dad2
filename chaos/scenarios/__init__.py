"""Every way in which the fleet is broken or loaded, by name, in the order in which they are run."""

from collections.abc import Callable, Iterator

from chaos.report import Result
from chaos.scenarios.availability import availability, services
from chaos.scenarios.capacity import capacity
from chaos.scenarios.database import connections, outage, restarts
from chaos.scenarios.deploy import rolling
from chaos.scenarios.fairness import fairness
from chaos.scenarios.kill import kill
from chaos.scenarios.network import network
from chaos.scenarios.options import Options
from chaos.scenarios.pause import locks, pause
from chaos.scenarios.watching import watching

__all__ = ["SCENARIOS", "Options"]

SCENARIOS: dict[str, Callable[[Options], Iterator[Result]]] = {
    "kill": kill,
    "pause": pause,
    "locks": locks,
    "restarts": restarts,
    "connections": connections,
    "network": network,
    "outage": outage,
    "rolling": rolling,
    "capacity": capacity,
    "fairness": fairness,
    "watching": watching,
    "availability": availability,
    "services": services,
}
