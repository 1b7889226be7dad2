"""`ai-seo-blogger serve`: the blog, the API and the worker in one process."""

import gc
import logging
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.house import Code, tell

if TYPE_CHECKING:
    # For the annotations alone: these imports take longer than `--help` may.
    import asyncio

    from app.config import Settings


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", "-p", min=0, max=65535)] = 8000,
) -> None:
    """Serve the blog and work on jobs until Ctrl-C or SIGTERM; a second one ends it hard."""
    from app.config import load_settings

    settings, warnings = load_settings()
    for warning in warnings:
        tell(f"warning: {warning}")
    if not port_is_free(host, port):
        tell(
            f"error: port {port} is in use. Choose another: ai-seo-blogger serve --port {port + 1}"
        )
        raise SystemExit(Code.USAGE)
    listen(
        host,
        port,
        lambda: tell_address(settings, f"Serving on {address_of(host, port)} (Ctrl-C stops)."),
    )


def address_of(host: str, port: int) -> str:
    """Where a browser finds the server."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def tell_address(settings: "Settings", message: str) -> None:
    """Say that it serves; while nobody can sign in, also how the first owner is made."""
    import asyncio

    tell(message)
    _telling.append(asyncio.get_running_loop().create_task(_tell_how_to_begin(settings)))


_telling: "list[asyncio.Task[None]]" = []
"""Keeps the task: the loop itself holds it only weakly."""


async def _tell_how_to_begin(settings: "Settings") -> None:
    from app.accounts.repository import Accounts
    from app.infra.db import open_database

    database = open_database(settings.effective_database_url, pool_size=1)
    try:
        async with database.reading() as session:
            claimed = await Accounts(session).has_owner()
    finally:
        await database.close()
    if not claimed:
        tell("To sign in at /desk, create the first owner: ai-seo-blogger users create-owner LOGIN")


_USUAL = gc.get_threshold()
"""Python's own: a server looks for garbage as often as any."""


def listen(host: str, port: int, ready: Callable[[], None], *, least: int = logging.INFO) -> None:
    """Run the server until it is told to stop, calling `ready` once it serves; exits 1 if it never does.

    Events of level `least` or above are logged.
    """
    import uvicorn

    from app.cli.leaving import LeavingServer
    from app.config import get_settings
    from app.infra.logs import configure_logging
    from app.main import create_app
    from app.ops.instances import new_identity
    from app.web.readers_protocol import readers_protocol

    settings = get_settings()
    configure_logging(sys.stdout, least=least, instance=new_identity().instance_id)
    failed = False

    def give_up() -> None:
        nonlocal failed
        failed = server.should_exit = True

    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    app = create_app(ready=ready, give_up=give_up, address=address)
    gc.freeze()  # what is there by now stays to the end: it need not be looked at for garbage again
    gc.set_threshold(*_USUAL)
    server = LeavingServer(
        uvicorn.Config(
            app,
            http=readers_protocol(app.state.pages),
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            # Longer than any balancer keeps its side, so that none sends into a connection that closes.
            timeout_keep_alive=settings.balancer.keepalive_s + 15,
            timeout_graceful_shutdown=10,
        ),
        app.state.drain,
        deadline_s=settings.drain.deadline_s,
    )
    server.run()
    if failed or not server.started:
        raise SystemExit(Code.FAILED)
    if server.exit_code:
        raise SystemExit(server.exit_code)


def port_is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
