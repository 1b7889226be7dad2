"""The application: opened and closed with everything it talks to."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from app import __version__
from app.accounts.reception import open_reception
from app.config import Settings, get_settings
from app.doors import create_doors
from app.generation.watching import Watching
from app.infra.ports import Ports, open_ports
from app.infra.traces import traced
from app.lifecycle import Process, health_of, start
from app.metering import Metering
from app.ops.checks.process import PATHS
from app.ops.drain import Drain
from app.ops.health import Phase
from app.ops.in_flight import InFlight
from app.ops.instances import new_identity
from app.ops.service import Lookout
from app.proving import Proving
from app.web.page_cache import PageFront, Pages
from app.web.problems import refuse
from app.web.request_log import RequestLog
from app.web.request_metrics import RequestMetrics
from app.web.request_trace import RequestTrace

log = structlog.get_logger()

QUIET = (*PATHS, "/metrics")
"""What machines ask every few seconds: not traced."""


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
    health = health_of(settings, ports)
    drain, pages = Drain(health, settings), Pages(ports, settings)
    health.can_serve_readers = pages.can_serve_readers
    pages.leaving = lambda: drain.draining  # its answers say so then, which a shortcut does not
    watching = Watching(ports.database, ports.pubsub)
    process = Process(
        settings, ports, health, drain, new_identity(), ports.now(), address, pages, watching
    )
    reception = open_reception(settings, ports)
    lookout = Lookout(ports, settings, reception.sessions)
    proving, metering = Proving(process, lookout), Metering(process, lookout)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            # First in, last out: what ends while all else is closed is told, too.
            await stack.enter_async_context(traced(settings, __version__, process.identity))
            stack.push_async_callback(ports.close)
            starting = asyncio.create_task(
                start(process, stack, metering.running(), proving.running(), watching.running())
            )
            starting.add_done_callback(partial(_after_start, ready, give_up or _terminate))
            yield
            health.phase = Phase.DRAINING
            starting.cancel()

    app = Starlette(
        routes=create_doors(process, reception, lookout, proving, metering),
        exception_handlers={HTTPException: refuse},  # an address that no door matches
        middleware=[
            Middleware(
                RequestLog,
                quiet=PATHS,
                every=settings.logs.requests,
                slow_s=settings.logs.slow_request_s,
            ),
            Middleware(PageFront, pages=pages),
            Middleware(RequestMetrics, quiet=PATHS),
            # Behind the kept pages: answering one of these is not worth a span.
            *([Middleware(RequestTrace, quiet=QUIET)] if settings.traces_wanted else []),
            Middleware(InFlight, drain=drain),
        ],
        lifespan=lifespan,
    )
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
