"""The running cluster's ear: a socket in its home that only the home's owner can open.

One request a connection: a line of JSON, `{"do": name, …}`, answered by lines `{"told": sentence}` while it
goes on, and at the end by `{"done": anything}` or `{"refused": kind, "message": sentence}`. The socket is
reached from within its folder, since its whole path may be longer than the 107 bytes a socket's address has.
"""

import fcntl
import json
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from io import BufferedIOBase
from pathlib import Path
from typing import Any

from app.cluster.processes import CannotStart
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.speech import say, speak

_SOCKET = "control"
_LOCK = "lock"
_LONGEST_LINE = 10_000

Answer = Callable[[dict[str, Any], Callable[[str], None]], Any]
"""Does what a request asks and answers what it came to; the function it is given tells how it goes on."""

_REFUSALS: dict[str, type[Exception]] = {
    "invalid": Invalid,
    "conflict": Conflict,
    "not found": NotFound,
    "cannot start": CannotStart,
}

_here = threading.Lock()
"""The working folder is the process's, and a socket is reached from its own."""


@contextmanager
def only_one(home: Path) -> Generator[None]:
    """Be the only cluster of this home while the block runs. The system lets go of it however a process dies.

    Raises:
        Conflict: there is another one.
    """
    with (home / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                say(
                    "A cluster runs in {home} already. See: ai-seo-blogger cluster status",
                    home=home,
                )
            ) from None
        yield


@contextmanager
def listening(home: Path, answer: Answer) -> Generator[None]:
    """Answer requests from threads while the block runs."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(
                BrokenPipeError, ConnectionResetError
            ):  # who asked has left; what was asked is done
                _serve(self.rfile, self.wfile, answer)

    class Listener(socketserver.ThreadingUnixStreamServer):
        daemon_threads = True

    with _in_folder(home):
        Path(_SOCKET).unlink(missing_ok=True)  # of one that was killed: we hold the lock
        before = os.umask(0o177)
        try:
            server = Listener(_SOCKET, Handler)
        finally:
            os.umask(before)
    thread = threading.Thread(target=server.serve_forever, name="control", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        (home / _SOCKET).unlink(missing_ok=True)


def ask(home: Path, do: str, tell: Callable[[str], None] = lambda _: None, **more: Any) -> Any:
    """Have the home's cluster do something; sentences on the way go to `tell`.

    Raises:
        NotFound: no cluster runs there.
        Invalid, Conflict, CannotStart: it refuses, and says why.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            with _in_folder(home):
                connection.connect(_SOCKET)
        except OSError:
            raise NotFound(
                say("No cluster runs in {home}. Start one: ai-seo-blogger cluster up", home=home)
            ) from None
        with connection.makefile("rw", encoding="utf-8") as lines:
            lines.write(json.dumps({"do": do, **more}) + "\n")
            lines.flush()
            for line in lines:
                said = json.loads(line)
                if "told" in said:
                    tell(said["told"])
                elif "refused" in said:
                    raise _REFUSALS[said["refused"]](said["message"])
                else:
                    return said["done"]
    raise NotFound(say("The cluster ended before it answered."))


def _serve(asked: BufferedIOBase, answering: BufferedIOBase, answer: Answer) -> None:
    def write(said: dict[str, Any]) -> None:
        answering.write(json.dumps(said, ensure_ascii=False).encode() + b"\n")
        answering.flush()

    def tell(sentence: str) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):
            write({"told": sentence})

    try:
        request = json.loads(asked.readline(_LONGEST_LINE))
        speak(request.get("language", "en"))
        done = answer(request, tell)
    except tuple(_REFUSALS.values()) as error:
        kind = next(name for name, known in _REFUSALS.items() if isinstance(error, known))
        write({"refused": kind, "message": str(error)})
        return
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        write({"refused": "invalid", "message": f"{type(error).__name__}: {error}"})
        return
    write({"done": done})


@contextmanager
def _in_folder(folder: Path) -> Generator[None]:
    with _here:
        before = Path.cwd()
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)
