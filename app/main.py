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
from starlette.types import ASGIApp

from app import __version__
from app.config import Settings, get_settings
from app.generation.admin import desk_of_jobs
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
from app.posts.admin import desk_of_posts
from app.posts.api import create_posts_router
from app.posts.media.api import create_media_router
from app.posts.media.site import create_media_site
from app.posts.site import create_site
from app.proving import Proving
from app.web.addresses import read_networks
from app.web.bodies import BodyLimit, longest_body
from app.web.desk import create_desk
from app.web.hosts import HostGuard, allowed_hosts
from app.web.limits import RateLimit, RateLimits
from app.web.page_cache import PageFront, Pages
from app.web.principals import Principals
from app.web.problems import answer_with_problems, refuse
from app.web.sessions import open_sessions
from app.web.token import TokenPrincipals, operator_token

log = structlog.get_logger()


def create_app(
    settings: Settings | None = None,
    *,
    ports: Ports | None = None,
    ready: Callable[[], None] | None = None,
    give_up: Callable[[], None] | None = None,
    address: str = "",
) -> "Application":
    """Assemble the application. It answers probes at once and everything else when it is ready.

    Calls `ready` once it is, or `give_up` when it cannot start; without that, it sends its process
    SIGTERM. `address` is where it listens. Whoever runs it awaits `drain.leave(exiting=True)` before the
    server stops listening.
    """
    settings = settings or get_settings()
    ports = ports or open_ports(settings)
    database = ports.database
    pages = Pages(ports, settings)
    principals = TokenPrincipals(operator_token(settings.data_dir))
    health = health_of(settings, ports)
    drain = Drain(health, settings)
    process = Process(settings, ports, health, drain, new_identity(), ports.now(), address, pages)

    lookout = Lookout(ports, settings)
    proving = Proving(process, lookout)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(ports.close)
            starting = asyncio.create_task(start(process, stack, proving.running()))
            starting.add_done_callback(partial(_after_start, ready, give_up or _terminate))
            yield
            health.phase = Phase.DRAINING
            starting.cancel()

    guard = Middleware(
        HostGuard, allowed=allowed_hosts(settings.allowed_hosts, settings.public_url)
    )
    limits = RateLimits(
        ports.limits, settings.limits, principals, read_networks(settings.trusted_proxies)
    )
    limit = Middleware(RateLimit, limits=limits)
    body = Middleware(BodyLimit, max_bytes=longest_body(settings.media.max_bytes))
    api = _create_api(process, principals, lookout, proving)
    desk = create_desk(
        [*desk_of_jobs(ports, settings, principals), *desk_of_posts(ports, principals)], settings
    )
    application = Starlette(
        routes=[
            *health_routes(health, interval_s=settings.balancer.interval_s),
            Mount("/api/v1", api, middleware=[guard, limit, body]),
            Route("/desk", _to_desk, methods=["GET"]),
            Mount("/desk", desk, middleware=[guard, limit, Middleware(BodyLimit)]),
            Mount("/media", create_media_site(ports.blobs), middleware=[guard]),
            Mount("/", create_site(database, settings, pages=pages), middleware=[guard]),
        ],
        exception_handlers={HTTPException: refuse},  # an address that no door matches
        middleware=[Middleware(InFlight, drain=drain)],
        lifespan=lifespan,
    )
    return Application(application, pages, drain)


class Application(PageFront):
    """The ASGI application, with the drain by which whoever serves it lets it leave."""

    def __init__(self, app: ASGIApp, pages: Pages, drain: Drain) -> None:
        super().__init__(app, pages)
        self.drain = drain
        # Connections are closed with their answers while it leaves; what is answered past it would keep them.
        pages.aside = lambda: drain.draining


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


def _create_api(
    process: Process, principals: Principals, lookout: Lookout, proving: Proving
) -> FastAPI:
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
    for router in proving.routers(principals, open_sessions(settings, ports.database, ports.store)):
        api.include_router(router)
    api.include_router(create_media_router(ports, settings.media, principals))
    return api
