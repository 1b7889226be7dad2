"""A line to a server that can be cut, and one that can hang without a word: a network of one's own."""

import contextlib
import select
import socket
import threading
import time
from typing import Self


class Line:
    """Carries connections to a server. `break_off` cuts them and refuses new ones; `hangs` carries nothing."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cut = False
        self.hangs = threading.Event()
        self._closed = False
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def break_off(self) -> None:
        """Cut every connection, and each that is made until `heal`."""
        self.cut = True
        for pair in tuple(self._pairs):
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def heal(self) -> None:
        """Carry again."""
        self.cut = False
        self.hangs.clear()

    def close(self) -> None:
        """Take no more connections; those that there are end."""
        self._closed = True
        self.break_off()
        self.hangs.clear()
        self._listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while not self._closed:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self.cut:
                near.close()
                continue
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError):
            far = socket.create_connection(self._target)
            pair = (near, far)
            self._pairs.add(pair)
            try:
                with far:
                    self._carry_both_ways(near, far)
            finally:
                self._pairs.discard(pair)

    def _carry_both_ways(self, near: socket.socket, far: socket.socket) -> None:
        while True:
            readable, _, _ = select.select((near, far), [], [], 0.2)
            while self.hangs.is_set():
                time.sleep(0.05)
            for end in readable:
                data = end.recv(65536)
                if not data:
                    return
                (far if end is near else near).sendall(data)
