"""What `/metrics` says: what this process counts, how it is, and the fleet as its database has it.

What is the fleet's is the same on every instance: take `max` over them, never `sum`. It is looked up once in
five seconds at the most, within a second, and left out while the database is away.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import TimeoutError as NotInTime
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import structlog
from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.pool import QueuePool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from typing_extensions import override

from app import __version__
from app.generation.jobs import JobState
from app.generation.repository import Jobs
from app.generation.spending.domain import Held
from app.generation.spending.repository import Spending
from app.infra.durable import Workflows
from app.lifecycle import Process
from app.ops.bounded import within
from app.ops.findings import Level
from app.ops.metrics_port import CONTENT_TYPE, metrics_port
from app.ops.service import STALE_S, FleetInfo, Lookout
from app.web.principals import Permission, Principals, require

log = structlog.get_logger()

disable_created_metrics()  # a second series beside each counter, which nothing here asks for

_LIMIT_S = 1.0
"""Longest wait for the database."""
_PATIENCE_S = 4.0
"""Longest wait of the port's thread for this process's loop; a scrape may take 10 s."""

_LEVELS = {Level.OK: 0, Level.WARNING: 1, Level.ERROR: 2}


@dataclass(frozen=True, slots=True)
class _Fleet:
    """What the database says."""

    jobs: dict[JobState, int]
    queues: dict[str, tuple[int, int]]
    oldest_s: dict[str, float]
    today: Held


@dataclass(frozen=True, slots=True)
class _Reading:
    """One look at everything."""

    healthy: dict[str, Any]
    info: FleetInfo
    fleet: _Fleet | None


class Metering:
    """This process's metrics."""

    def __init__(self, process: Process, lookout: Lookout) -> None:
        self._process = process
        self._lookout = lookout
        self._last: tuple[float, _Reading] | None = None
        self._reading: asyncio.Task[_Reading] | None = None

    def route(self, principals: Principals) -> Route:
        """`/metrics` for who operates the fleet: it names addresses, people's models and what is spent."""
        allowed = require(principals, Permission.OPERATE)

        async def metrics(request: Request) -> Response:
            await allowed(request)
            headers = {"Cache-Control": "no-store", "Content-Type": CONTENT_TYPE}
            return Response(await self.told(), headers=headers)

        return Route("/metrics", metrics, methods=["GET"])

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Answer on the port of its own while the block runs, if there is to be one."""
        port = self._process.settings.metrics.port
        if not port:
            yield
            return
        loop = asyncio.get_running_loop()

        def told() -> bytes:
            # The loop may be held up, which is when somebody looks: then what needs it is left out.
            asked = asyncio.run_coroutine_threadsafe(self._read(), loop)
            with suppress(NotInTime):
                return self._written(asked.result(_PATIENCE_S))
            asked.cancel()
            return self._written(None)

        with metrics_port(port, told):
            log.info("metrics_port_opened", port=port)
            yield

    async def told(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return self._written(await self._read())

    def _written(self, reading: _Reading | None) -> bytes:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Told(self._process, reading))
        return generate_latest(REGISTRY) + generate_latest(registry)

    async def _read(self) -> _Reading:
        """A look no older than five seconds; many who ask at once cost one."""
        if self._last is not None and time.monotonic() - self._last[0] <= STALE_S:
            return self._last[1]
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._look())
        return await asyncio.shield(self._reading)

    async def _look(self) -> _Reading:
        healthy, info, fleet = await asyncio.gather(
            self._process.health.measure(), self._lookout.look("en"), self._fleet()
        )
        reading = _Reading(healthy, info, fleet)
        self._last = (time.monotonic(), reading)
        return reading

    async def _fleet(self) -> _Fleet | None:
        try:
            return await within(_LIMIT_S, self._ask())
        except Exception as error:  # noqa: BLE001  # whatever the driver raises: the metrics say that it is away
            log.info("metrics_without_database", reason=type(error).__name__)
            return None

    async def _ask(self) -> _Fleet:
        ports = self._process.ports
        workflows = Workflows(sqlite=ports.database.is_sqlite)
        async with ports.database.reading() as session:
            return _Fleet(
                await Jobs(session).by_state(),
                await workflows.waiting(session),
                await workflows.oldest_s(session),
                await Spending(session).of_day(ports.now()),
            )


class _Told(Collector):
    """The metrics that are read rather than counted."""

    def __init__(self, process: Process, reading: _Reading | None) -> None:
        self._process = process
        self._reading = reading

    @override
    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        """See `Collector.collect`."""
        yield from self._own()
        reading = self._reading
        fleet = None if reading is None else reading.fleet
        yield _gauge(
            "fleet_readable",
            "Whether the database could be asked about the fleet.",
            fleet is not None,
        )
        if reading is not None:
            yield from _around(reading)
        if fleet is not None:
            yield from _counted(fleet)
            cap = self._process.settings.caps.fleet_day_usd
            caps = {} if cap is None else {("fleet_day",): cap}
            yield _gauge("cap_usd", "The caps on spending that are set.", caps, "cap")

    def _own(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        process = self._process
        drain, gauges = process.drain, process.gauges
        built = {(__version__, process.settings.role, process.identity.instance_id): 1.0}
        yield _gauge("build_info", "The program.", built, "version", "role", "instance_id")
        yield _gauge("http_in_flight", "Requests that are being answered.", drain.in_flight)
        yield _gauge("draining", "Whether this instance leaves.", drain.draining)
        kept = CounterMetricFamily(
            "blogger_kept_pages", "Kept pages answered before the application."
        )
        kept.add_metric([], process.pages.answered)
        yield kept
        entries = {("pages",): float(len(process.pages.cache))}
        yield _gauge("cache_entries", "What this process's memory keeps.", entries, "cache")
        if gauges.lease_age_s is not None:
            yield _gauge(
                "lease_age_seconds", "Since the last beat that arrived.", gauges.lease_age_s()
            )
        if gauges.running_jobs is not None:
            yield _gauge("jobs_running", "Jobs this process works on.", gauges.running_jobs())
        pool = process.ports.database.engine.pool
        if isinstance(pool, QueuePool):
            used = pool.checkedout()
            by_state = {("in_use",): float(used), ("idle",): float(pool.checkedin())}
            yield _gauge("db_pool_connections", "Connections to the database.", by_state, "state")
            yield _gauge("db_pool_limit", "The most there can be.", _most(pool))


def _around(reading: _Reading) -> Iterator[GaugeMetricFamily]:
    up = {(name,): float(one["status"] == "ok") for name, one in reading.healthy.items()}
    yield _gauge(
        "dependency_up", "What this instance depends on, and whether it answers.", up, "dependency"
    )
    info = reading.info
    levels = {(name,): float(_LEVELS[one.level]) for name, one in info.survey.findings.items()}
    yield _gauge(
        "check_level", "What a check found: 0 fine, 1 a warning, 2 an error.", levels, "check"
    )
    yield _gauge("stateless", "Whether all that holds state is shared.", info.stateless)
    if reading.fleet is not None:
        yield _gauge("instances_live", "Instances of the fleet that beat.", len(info.live))
        differ = {(name,): float(len(who)) for name, who in info.drift.items()}
        yield _gauge(
            "settings_differ", "Instances on which a setting is another.", differ, "setting"
        )


def _counted(fleet: _Fleet) -> Iterator[GaugeMetricFamily]:
    jobs = {(state.value,): float(number) for state, number in fleet.jobs.items()}
    yield _gauge("jobs", "Jobs of the fleet by state.", jobs, "state")
    waiting = {(queue,): float(waiting) for queue, (waiting, _) in fleet.queues.items()}
    yield _gauge("queue_depth", "What waits in a queue.", waiting, "queue")
    begun = {(queue,): float(begun) for queue, (_, begun) in fleet.queues.items()}
    yield _gauge("queue_begun", "What was taken from a queue and has not ended.", begun, "queue")
    oldest = {(queue,): seconds for queue, seconds in fleet.oldest_s.items()}
    yield _gauge("queue_oldest_seconds", "How long what is oldest waits.", oldest, "queue")
    yield _gauge("spent_today_usd", "Spent on models today (UTC), where known.", fleet.today.spent)
    yield _gauge("reserved_today_usd", "Set aside for calls under way.", fleet.today.reserved)


def _gauge(
    name: str, about: str, values: dict[tuple[str, ...], float] | float, *labels: str
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"blogger_{name}", about, labels=labels)
    told = values if isinstance(values, dict) else {(): float(values)}
    for label, value in told.items():
        family.add_metric(label, value)
    return family


def _most(pool: QueuePool) -> int:
    return pool.size() + max(0, pool._max_overflow)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # not told otherwise
