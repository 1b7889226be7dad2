"""A uvicorn that leaves before it ends: the first signal drains, a second or the deadline ends it hard."""

import asyncio
import os
import signal
import socket
import threading
from contextlib import suppress
from types import FrameType

import uvicorn
from typing_extensions import override

from app.cli.house import Code, tell
from app.ops.drain import Drain


class LeavingServer(uvicorn.Server):
    """Goes on listening until `drain` is quiet: probes are answered to the very end."""

    def __init__(self, config: uvicorn.Config, drain: Drain, *, deadline_s: float) -> None:
        super().__init__(config)
        self._drain = drain
        self._deadline_s = deadline_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leaving: asyncio.Task[None] | None = None
        self._told = False
        self.exit_code = Code.DONE
        drain.fenced = self._end_fenced

    @override
    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().serve(sockets)

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        loop = self._loop
        if self._told or loop is None:
            end_hard()
            return
        self._told = True
        self._set_deadline()
        if sig == signal.SIGINT:
            # Raised again once all has ended, so that Ctrl-C ends in 130 as it does elsewhere; SIGTERM in 0.
            self._captured_signals.append(sig)
        loop.call_soon_threadsafe(self._leave)

    def _end_fenced(self) -> None:
        tell("error: the fleet took this instance for dead and its jobs over; it ends")
        self.exit_code = Code.FENCED
        if not self._told:
            self._told = True
            self._set_deadline()
            self._leave()

    def _set_deadline(self) -> None:
        deadline = threading.Timer(self._deadline_s, end_hard)
        deadline.daemon = True
        deadline.start()

    def _leave(self) -> None:
        self._leaving = asyncio.create_task(self._drain.leave(exiting=True))
        self._leaving.add_done_callback(self._end)

    def _end(self, _left: asyncio.Task[None]) -> None:
        self.should_exit = True


def end_hard() -> None:
    """End now. What was checkpointed is kept; what ran is run again by whoever takes it over.

    Called by a signal, perhaps in the middle of a write of the log: a stream that is being written to raises
    when it is written to or flushed again, and the process would go on. So it is said past the streams. The log
    flushes each of its lines.
    """
    with suppress(OSError):  # nobody may read it any more
        os.write(_STANDARD_ERROR, _ENDED_HARD)
    os._exit(Code.CUT)


_STANDARD_ERROR = 2
_ENDED_HARD = b"error: ended hard, before everything that ran had ended\n"
