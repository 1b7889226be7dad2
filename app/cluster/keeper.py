"""Starts one program and ends it when standard input closes: so it ends however its starter dies.

Run as a file of its own by an isolated interpreter (nothing of ours is imported, it is up at once). The first
line of standard input is JSON, and no argument: everybody on the machine may read a command line, and the
environment of an instance holds the secrets of the whole cluster.

    {"command": [...], "log": file, "cwd": folder, "environment": {...}, "as_nobody": bool,
     "stop_signal": number, "grace_s": seconds, "remove": [folders]}

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
from typing import Any


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

    with open(order["log"], "ab") as log:  # noqa: PTH123
        child = subprocess.Popen(  # noqa: S603
            order["command"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=order["cwd"],
            env=order["environment"],
            start_new_session=True,
            user="nobody" if as_nobody else None,
            group="nogroup" if as_nobody else None,
            extra_groups=[] if as_nobody else None,
        )

    def follow() -> None:
        code = child.wait()
        if not ending.is_set():
            os._exit(code if code >= 0 else 128 - code)

    try:
        _say(child.pid)
        threading.Thread(target=follow, daemon=True).start()
        for line in sys.stdin:
            number, _, whom = line.strip().partition(" ")
            _send(child, int(number), everyone=whom == "all")
            _say("done")
    finally:
        ending.set()
        _end(child, order["stop_signal"], order["grace_s"])
        for folder in order["remove"]:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(json.loads(sys.stdin.readline()))
