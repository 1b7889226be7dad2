"""How a process of this program starts: migrated, with a lease, with a worker, and only then ready."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import structlog

from app.config import Settings
from app.generation.steps import open_steps
from app.generation.watching import Watching
from app.generation.worker import AnotherWorks, Worker
from app.infra.db import Database
from app.infra.db.migrate import Standing, current, log_ahead, migrate, stands
from app.infra.durable import migrate_engine
from app.infra.ports import Ports
from app.ops.drain import Drain
from app.ops.fingerprint import session_storage
from app.ops.health import Health
from app.ops.instances import Identity, Pulse
from app.ops.presence import describe_self, presence
from app.ops.tasks import Tasks
from app.periodic import add_tasks
from app.web.page_cache import Pages

log = structlog.get_logger()


@dataclass
class Gauges:
    """What can be read off a process once it has come so far."""

    lease_age_s: Callable[[], float] | None = None
    running_jobs: Callable[[], int] | None = None


@dataclass(frozen=True)
class Process:
    """This process, from boot to end."""

    settings: Settings
    ports: Ports
    health: Health
    drain: Drain
    identity: Identity
    started_at: datetime
    address: str
    pages: Pages
    watching: Watching
    gauges: Gauges = field(default_factory=Gauges)


def health_of(settings: Settings, ports: Ports) -> Health:
    """What this process's health depends on: the database, and Redis as far as it is used."""
    store = ports.store.ping
    if not settings.redis_url:
        return Health({"database": ports.database.ping})
    if session_storage(settings) == "redis":
        # Signing in fails closed without it, so the desk cannot be served; readers need no session.
        return Health({"database": ports.database.ping, "sessions": store})
    return Health({"database": ports.database.ping}, {"cache": store})


async def start(
    process: Process, stack: AsyncExitStack, *beside: AbstractAsyncContextManager[None]
) -> None:
    """Migrate, take a lease, start the worker, be ready. Runs beside the server: probes are answered.

    What runs `beside` is entered once there are tables.
    """
    settings, database, drain = process.settings, process.ports.database, process.drain
    await database.reach()
    if settings.migrate_on_start:
        await migrate(database)
        await migrate_engine(database.url)
    else:
        await _require_tables(database)
    worker: Worker | None = None

    def pulse() -> Pulse:
        return Pulse(
            draining=drain.draining,
            probed=drain.probed,
            in_flight=drain.in_flight,
            running_jobs=len(worker.engine.running) if worker else 0,
        )

    about = await describe_self(settings, settings.role, process.address)
    present = await stack.enter_async_context(
        presence(
            process.ports,
            settings,
            process.identity,
            about,
            pulse=pulse,
            asked=drain.asked,
            lost=drain.fence,
        )
    )
    drain.changed = present.lease.hurry
    process.gauges.lease_age_s = lambda: present.lease.age_s
    for running in (process.pages.running(), *beside):
        await stack.enter_async_context(running)
    if settings.role != "web":
        # Without PUBLIC_URL, what is written names where it can be read: here.
        at = {"public_url": settings.public_url or process.address}
        steps = await stack.enter_async_context(
            open_steps(
                database,
                settings.model_copy(update=at),
                process.ports.store,
                may_pay=present.lease.may_pay,
            )
        )
        worker = Worker(database, settings, steps, present.lease)
        process.gauges.running_jobs = partial(_running_jobs, worker)
        tasks = Tasks(database, process.identity.executor_id)
        add_tasks(tasks, process.ports, settings)
        drain.stop_work = partial(_stop_work, worker, tasks)
        drain.resume_work = partial(_work, worker, tasks)
        stack.push_async_callback(_stop_work, worker, tasks)
        await _work(worker, tasks)
    drain.started()


async def _require_tables(database: Database) -> None:
    at = await current(database)
    match stands(at):
        case Standing.BEHIND:
            raise RuntimeError(
                "The database is behind this program, and MIGRATE_ON_START=false. "
                "Run: ai-seo-blogger db upgrade"
            )
        case Standing.AHEAD:
            log_ahead(at)
        case Standing.CURRENT:
            pass


async def _stop_work(worker: Worker, tasks: Tasks) -> None:
    """Side by side: a task may go on for seconds, and a step for minutes."""
    await asyncio.gather(tasks.stop(), worker.stop())


def _running_jobs(worker: Worker) -> int:
    return len(worker.engine.running)


async def _work(worker: Worker, tasks: Tasks) -> None:
    try:
        recovered = await worker.start()
    except AnotherWorks as other:
        raise RuntimeError(
            f"Process {other.pid} runs the jobs of this SQLite database already. "
            "Stop it, or set DATABASE_URL to PostgreSQL to run several."
        ) from other
    await tasks.start()
    log.info("worker_started", executor_id=worker.identity.executor_id, recovered=recovered)
