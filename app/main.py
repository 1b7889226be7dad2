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
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route

from app import __version__
from app.config import Settings, get_settings
from app.generation.admin import desk_of_jobs
from app.generation.api import create_jobs_router
from app.infra.ports import Ports, open_ports
from app.lifecycle import Process, health_of, start
from app.ops.admin import desk_of_fleet
from app.ops.api import health_routes
from app.ops.drain import Drain
from app.ops.health import Phase
from app.ops.in_flight import InFlight
from app.ops.instances import new_identity
from app.ops.scaling_api import create_scaling_router
from app.ops.service import Lookout
from app.posts.admin import desk_of_posts
from app.posts.api import create_posts_router
from app.posts.site import create_site
from app.web.bodies import BodyLimit
from app.web.desk import create_desk
from app.web.hosts import HostGuard, allowed_hosts
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
    principals = TokenPrincipals(operator_token(settings.data_dir))
    health = health_of(settings, ports)
    drain = Drain(health, settings)
    process = Process(settings, ports, health, drain, new_identity(), ports.now(), address)

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
    lookout = Lookout(ports, settings)
    api = _create_api(process, principals, lookout)
    desk = _create_desk(process, principals, lookout)
    app = Starlette(
        routes=[
            *health_routes(health, interval_s=settings.balancer.interval_s),
            Mount("/api/v1", api, middleware=[guard, Middleware(BodyLimit)]),
            Route("/desk", _to_desk, methods=["GET"]),
            Mount("/desk", desk, middleware=[guard, Middleware(BodyLimit)]),
            Mount("/", create_site(database, settings), middleware=[guard]),
        ],
        exception_handlers={HTTPException: refuse},  # an address that no door matches
        middleware=[Middleware(InFlight, drain=drain)],
        lifespan=lifespan,
    )
    app.state.drain = drain
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


async def _to_desk(_request: Request) -> Response:
    return RedirectResponse("/desk/", 303)


def _create_desk(process: Process, principals: Principals, lookout: Lookout) -> Starlette:
    settings, ports = process.settings, process.ports
    routes = [
        *desk_of_jobs(ports, settings, principals),
        *desk_of_posts(ports, principals),
        *desk_of_fleet(ports, principals, lookout, process.drain, process.identity),
    ]
    return create_desk(routes, settings)


def _create_api(process: Process, principals: Principals, lookout: Lookout) -> FastAPI:
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
            lookout=lookout,
            drain=process.drain,
            identity=process.identity,
            started_at=process.started_at,
        )
    )
    return api
