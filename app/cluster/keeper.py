"""Starts one program and ends it when standard input closes: so it ends however its starter dies.

Run as a file of its own by an isolated interpreter (nothing of ours is imported, it is up at once). The first
line of standard input is JSON, and no argument: everybody on the machine may read a command line, and the
environment of an instance holds the secrets of the whole cluster.

    {"command": [...], "log": file, "log_bytes": bytes, "cwd": folder, "environment": {...},
     "as_nobody": bool, "stop_signal": number, "grace_s": seconds, "remove": [folders]}

What the program writes passes through here into `log`. When that holds `log_bytes` it is renamed to
`log.1`, in place of the one before, and a new one begun: between two lines, so that none is lost or torn,
and collectors that follow a renamed file to its end miss nothing. A full disk costs lines, which are
counted, and never the program.

It writes the program's process id as its first line, then obeys further lines `NUMBER` and `NUMBER all`: send
that signal to the program, or to the program and everything it started; `done` is answered. Ends with the
program's own exit code (128 + signal where a signal ended it). When standard input closes, because the
starter has died, it stops the program, first politely, after `grace_s` by force, and removes the folders.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from typing import Any

_PIECE = 1 << 16
"""What a pipe holds, bytes."""

_LINE_END = ord("\n")

_LAST_WORDS_S = 0.5
"""How long what an ended program left running may go on talking, seconds; usually it has all ended."""


class _Log:
    """A file that takes lines, and is put aside between two of them when it is full."""

    def __init__(self, path: str, most: int) -> None:
        self._path = path
        self._most = most
        self._file = self._open()
        self._size = os.fstat(self._file).st_size
        self._between_lines = True
        self._lost = 0

    def write(self, piece: bytes) -> None:
        """Keep a piece of output, which may begin and end anywhere in a line."""
        if self._size >= self._most:
            end = 0 if self._between_lines else piece.find(b"\n") + 1
            if end or self._between_lines or self._size >= 2 * self._most:
                self._append(piece[:end])
                self._put_aside()
                piece = piece[end:]
        self._append(piece)

    def _append(self, piece: bytes) -> None:
        if not piece:
            return
        if self._lost:
            piece = self._telling_of_loss() + piece
        rest = memoryview(piece)
        try:
            while rest:
                written = os.write(self._file, rest)
                self._size += written
                self._between_lines = rest[written - 1] == _LINE_END
                rest = rest[written:]
        except OSError:  # the disk is full: the program shall not stop for that
            self._lost += len(rest)
        else:
            self._lost = 0

    def _telling_of_loss(self) -> bytes:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        event = {"time": now, "level": "warning", "event": "output_lost", "bytes": self._lost}
        return (b"" if self._between_lines else b"\n") + json.dumps(event).encode() + b"\n"

    def _put_aside(self) -> None:
        aside = f"{self._path}.1"
        try:
            os.replace(self._path, aside)  # noqa: PTH105  # as below: pathlib is slow to import
        except OSError:
            return  # tried again with the next line
        try:
            new = self._open()
        except OSError:
            os.replace(aside, self._path)  # noqa: PTH105
            return
        os.close(self._file)
        self._file, self._size = new, 0

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _keep_output(pipe: int, log: _Log) -> None:
    while piece := os.read(pipe, _PIECE):
        log.write(piece)


def _parents() -> dict[int, int]:
    """The parent of every process, by /proc where there is one, else by `ps`."""
    found: dict[int, int] = {}
    if os.path.isdir("/proc/self"):  # noqa: PTH112  # pathlib would double the time this needs to start
        for name in os.listdir("/proc"):  # noqa: PTH208
            if name.isdigit():
                try:
                    with open(f"/proc/{name}/stat", "rb") as stat:  # noqa: PTH123
                        after_name = stat.read().rpartition(b")")[2].split()
                except OSError:
                    continue  # it has ended meanwhile
                found[int(name)] = int(after_name[1])
        return found
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, check=False)  # noqa: S607
    for line in listed.stdout.splitlines():
        pid, parent = line.split()
        found[int(pid)] = int(parent)
    return found


def _family(root: int) -> list[int]:
    """The process and all that descend from it, itself first."""
    parents = _parents()
    family = [root]
    for member in family:
        family += [pid for pid, parent in parents.items() if parent == member]
    return family


def _send(child: "subprocess.Popen[bytes]", number: int, *, everyone: bool) -> None:
    if not everyone:
        child.send_signal(number)
        return
    for pid in _family(child.pid):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def _end(child: "subprocess.Popen[bytes]", stop_signal: int, grace_s: float) -> None:
    _send(child, signal.SIGCONT, everyone=True)  # a paused program would not hear the next line
    child.send_signal(stop_signal)
    try:
        child.wait(grace_s)
    except subprocess.TimeoutExpired:
        _send(child, signal.SIGKILL, everyone=True)
        child.wait()


def _say(line: object) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _leave(_number: int, _frame: object) -> None:
    sys.exit(0)


def main(order: dict[str, Any]) -> None:
    """Keep one program until it ends or nobody needs it."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C reaches the whole group; the pipe says when
    signal.signal(signal.SIGTERM, _leave)
    as_nobody: bool = order["as_nobody"]
    ending = threading.Event()

    log = _Log(order["log"], order["log_bytes"])
    said, writing = os.pipe()
    child = subprocess.Popen(  # noqa: S603
        order["command"],
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=writing,
        cwd=order["cwd"],
        env=order["environment"],
        start_new_session=True,
        user="nobody" if as_nobody else None,
        group="nogroup" if as_nobody else None,
        extra_groups=[] if as_nobody else None,
    )
    os.close(writing)
    output = threading.Thread(target=_keep_output, args=(said, log), daemon=True)

    def follow() -> None:
        code = child.wait()
        if not ending.is_set():
            output.join(_LAST_WORDS_S)
            os._exit(code if code >= 0 else 128 - code)

    try:
        output.start()
        _say(child.pid)
        threading.Thread(target=follow, daemon=True).start()
        for line in sys.stdin:
            number, _, whom = line.strip().partition(" ")
            _send(child, int(number), everyone=whom == "all")
            _say("done")
    finally:
        ending.set()
        _end(child, order["stop_signal"], order["grace_s"])
        output.join(_LAST_WORDS_S)
        for folder in order["remove"]:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(json.loads(sys.stdin.readline()))
