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
from starlette.routing import Mount

from app import __version__
from app.config import Settings, get_settings
from app.generation.api import create_jobs_router
from app.infra.ports import Ports, open_ports
from app.lifecycle import Process, health_of, start
from app.ops.api import health_routes
from app.ops.drain import Drain
from app.ops.health import Phase
from app.ops.in_flight import InFlight
from app.ops.instances import new_identity
from app.ops.scaling_api import create_scaling_router
from app.ops.service import Lookout
from app.posts.api import create_posts_router
from app.posts.site import create_site
from app.web.bodies import BodyLimit
from app.web.hosts import HostGuard, allowed_hosts
from app.web.page_cache import PageFront, Pages
from app.web.principals import Principals
from app.web.problems import answer_with_problems, refuse
from app.web.token import TokenPrincipals, operator_token

log = structlog.get_logger()


def create_app(
    settings: Settings | None = None,
    *,
    ports: Ports | None = None,
    ready: Callable[[], None] | None = None,
    give_up: Callable[[], None] | None = None,
    address: str = "",
) -> Starlette:
    """Assemble the application. It answers probes at once and everything else when it is ready.

    Calls `ready` once it is, or `give_up` when it cannot start; without that, it sends its process
    SIGTERM. `address` is where it listens. Whoever runs it awaits `state.drain.leave(exiting=True)` before the
    server stops listening.
    """
    settings = settings or get_settings()
    ports = ports or open_ports(settings)
    database = ports.database
    pages = Pages(ports, settings)
    principals = TokenPrincipals(operator_token(settings.data_dir))
    health = health_of(settings, ports)
    health.can_serve_readers = pages.can_serve_readers
    drain = Drain(health, settings)
    process = Process(settings, ports, health, drain, new_identity(), ports.now(), address, pages)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(ports.close)
            starting = asyncio.create_task(start(process, stack))
            starting.add_done_callback(partial(_after_start, ready, give_up or _terminate))
            yield
            health.phase = Phase.DRAINING
            starting.cancel()

    guard = Middleware(
        HostGuard, allowed=allowed_hosts(settings.allowed_hosts, settings.public_url)
    )
    api = _create_api(process, principals)
    app = Starlette(
        routes=[
            *health_routes(health, interval_s=settings.balancer.interval_s),
            Mount("/api/v1", api, middleware=[guard, Middleware(BodyLimit)]),
            Mount("/", create_site(database, settings, pages=pages), middleware=[guard]),
        ],
        exception_handlers={HTTPException: refuse},  # an address that no door matches
        middleware=[Middleware(PageFront, pages=pages), Middleware(InFlight, drain=drain)],
        lifespan=lifespan,
    )
    pages.leaving = lambda: drain.draining  # its answers say so then, which a shortcut does not
    app.state.drain, app.state.pages = drain, pages
    return app


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


def _create_api(process: Process, principals: Principals) -> FastAPI:
    settings, ports = process.settings, process.ports
    api = FastAPI(
        title="AI SEO Blogger",
        version=__version__,
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
    )
    answer_with_problems(api)
    api.include_router(create_jobs_router(ports, settings, principals))
    api.include_router(create_posts_router(ports.database, principals))
    api.include_router(
        create_scaling_router(
            ports,
            settings,
            principals,
            lookout=Lookout(ports, settings),
            drain=process.drain,
            identity=process.identity,
            started_at=process.started_at,
        )
    )
    return api
