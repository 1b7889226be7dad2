"""Serves the program for `bench/pages.py`: `pages_server.py uvicorn|plain|granian PORT`.

`uvicorn` is as the program serves; `plain` is uvicorn without the program's own protocol.
"""

import asyncio
import signal
import sys
from pathlib import Path

import uvicorn
import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server

from app.config import load_settings
from app.main import create_app
from app.web.readers_protocol import readers_protocol


async def _granian(port: int) -> None:
    server = Server(
        create_app(load_settings()[0]),
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
    )
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    await server.serve()


def main() -> None:
    """Serve until SIGTERM."""
    name, port = sys.argv[1], int(sys.argv[2])
    if name == "granian":
        uvloop.run(_granian(port))
        return
    application = create_app(load_settings()[0])
    config = uvicorn.Config(
        application,
        http=readers_protocol(application.state.pages) if name == "uvicorn" else "auto",
        port=port,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    main()
