"""The application: three doors and the probes, opened and closed together."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import structlog
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from app import __version__
from app.accounts.admin import desk_of_accounts
from app.accounts.api import create_accounts_router
from app.accounts.reception import Reception, open_reception
from app.config import Settings, get_settings
from app.generation.admin import desk_of_jobs
from app.generation.api import create_jobs_router
from app.generation.steps import open_steps
from app.generation.worker import AnotherWorks, Worker
from app.infra.db import Database
from app.infra.db.migrate import migrate, pending
from app.infra.durable import migrate_engine
from app.infra.ports import Ports, open_ports
from app.ops.api import health_routes
from app.ops.health import Health, Phase
from app.posts.api import create_posts_router
from app.posts.site import create_site
from app.web.bodies import BodyLimit
from app.web.desk import create_desk, to_desk
from app.web.hosts import HostGuard, allowed_hosts
from app.web.origin import CrossOriginGuard
from app.web.problems import answer_with_problems, refuse

log = structlog.get_logger()


def create_app(
    settings: Settings | None = None,
    *,
    ports: Ports | None = None,
    ready: Callable[[], None] | None = None,
    give_up: Callable[[], None] | None = None,
) -> Starlette:
    """Assemble the application. It answers probes at once and everything else when it is ready.

    Calls `ready` once it is, or `give_up` when it cannot start; without that, it sends its process
    SIGTERM.
    """
    settings = settings or get_settings()
    ports = ports or open_ports(settings)
    database = ports.database
    reception = open_reception(settings, ports)
    health = Health({"database": database.ping})

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(ports.close)
            starting = asyncio.create_task(_start(settings, database, health, stack))
            starting.add_done_callback(partial(_after_start, ready, give_up or _terminate))
            yield
            health.phase = Phase.DRAINING
            starting.cancel()

    guards = [
        Middleware(HostGuard, allowed=allowed_hosts(settings.allowed_hosts, settings.public_url)),
        Middleware(CrossOriginGuard, public_url=settings.public_url),
        Middleware(BodyLimit),
    ]
    jobs = desk_of_jobs(ports, settings, reception.principals)
    desk = create_desk([*desk_of_accounts(reception), *jobs], settings)
    return Starlette(
        routes=[
            *health_routes(health),
            Mount("/api/v1", _create_api(settings, ports, reception), middleware=guards),
            Route("/desk", to_desk, methods=["GET"]),
            Mount("/desk", desk, middleware=guards),
            Mount("/", create_site(database, settings), middleware=guards),
        ],
        exception_handlers={HTTPException: refuse},  # an address that no door matches
        lifespan=lifespan,
    )


async def _start(
    settings: Settings, database: Database, health: Health, stack: AsyncExitStack
) -> None:
    """Migrate, start the worker, be ready. Runs beside the server, so that probes are answered."""
    await database.reach()
    if settings.migrate_on_start:
        await migrate(database)
        await migrate_engine(database.url)
    elif await pending(database):
        raise RuntimeError(
            "The database is behind this program, and MIGRATE_ON_START=false. "
            "Run: ai-seo-blogger db upgrade"
        )
    if settings.role != "web":
        steps = await stack.enter_async_context(open_steps(database, settings))
        worker = Worker(database, settings, steps)
        try:
            recovered = await worker.start()
        except AnotherWorks as other:
            raise RuntimeError(
                f"Process {other.pid} runs the jobs of this SQLite database already. "
                "Stop it, or set DATABASE_URL to PostgreSQL to run several."
            ) from other
        stack.push_async_callback(worker.stop)
        log.info("worker_started", executor_id=worker.identity.executor_id, recovered=recovered)
    health.phase = Phase.READY


def _after_start(
    ready: Callable[[], None] | None, give_up: Callable[[], None], starting: asyncio.Task[None]
) -> None:
    """A process that cannot start says why and ends, rather than answering 503 for ever."""
    if starting.cancelled():
        return
    error = starting.exception()
    if error is None:
        if ready is not None:
            ready()
        return
    log.error("start_failed", reason=str(error))
    give_up()


def _terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def _create_api(settings: Settings, ports: Ports, reception: Reception) -> FastAPI:
    api = FastAPI(
        title="AI SEO Blogger",
        version=__version__,
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
    )
    answer_with_problems(api)
    api.include_router(create_accounts_router(reception))
    api.include_router(create_jobs_router(ports, settings, reception.principals))
    api.include_router(create_posts_router(ports.database, reception.principals))
    return api
