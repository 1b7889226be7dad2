"""The run's real servers: started when first asked for, once for all workers, ended with the run however it ends.

The process that the workers descend from owns them; a worker asks it through a Unix socket for an address.
"""

import json
import os
import shutil
import socketserver
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from socket import AF_UNIX, socket

from app.cluster import PostgresServer, S3Server, ValkeyServer

_SOCKET = "TEST_SERVICES"


_MAKERS: dict[str, Callable[[], PostgresServer | ValkeyServer | S3Server]] = {
    "postgres": lambda: PostgresServer(durable=False),
    "valkey": ValkeyServer,
    "s3": S3Server,
}


class Services:
    """Answers the address of a server by its name, and starts it first where it must."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="blogger-tests-"))
        self._locks = {name: threading.Lock() for name in _MAKERS}
        self._started: dict[str, PostgresServer | ValkeyServer | S3Server] = {}
        services = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                name = self.rfile.readline().decode().strip()
                try:
                    answer = services.address(name)
                except Exception as error:  # noqa: BLE001  # the worker that asked shall say it
                    answer = {"error": str(error)}
                self.wfile.write(json.dumps(answer).encode())

        class Listener(socketserver.ThreadingUnixStreamServer):
            daemon_threads = True

        self._listener = Listener(str(self._folder / "socket"), Handler)
        threading.Thread(target=self._listener.serve_forever, daemon=True).start()
        os.environ[_SOCKET] = str(self._folder / "socket")

    def address(self, name: str) -> dict[str, str]:
        with self._locks[name]:
            if name not in self._started:
                server = _MAKERS[name]()
                try:
                    server.start()
                except BaseException:
                    server.close()
                    raise
                self._started[name] = server
            server = self._started[name]
        if isinstance(server, S3Server):
            return {"url": server.blob_url, **server.variables}
        return {"url": server.url}

    def close(self) -> None:
        self._listener.shutdown()
        self._listener.server_close()
        for server in self._started.values():
            server.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def ask_for(name: str) -> dict[str, str]:
    """The address of a server of the run, once it answers; an `AssertionError` says why there is none."""
    with socket(AF_UNIX) as asking:
        asking.connect(os.environ[_SOCKET])
        asking.sendall(f"{name}\n".encode())
        answer = asking.makefile("rb").read()
    found = json.loads(answer)
    assert "error" not in found, found["error"]
    return found
