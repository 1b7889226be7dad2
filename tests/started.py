"""Processes of the program, forked from one that has imported it already.

Python and all that the program imports take longer to start than most tests take. What is forked is as real as
what is started anew: a process id, signals, an exit code, an environment and a folder of its own; the imports alone
are there before. That `python -m app` starts by itself is for the tests of the command line and of `app.cluster`.
"""

import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FORKING = multiprocessing.get_context("forkserver")
# None of these starts a thread or opens anything when it is imported.
_FORKING.set_forkserver_preload(["app.main", "app.cli.runner", "app.cli.write", "app.cli.leaving"])


class Started:
    """A process that runs; as much of `subprocess.Popen` as tests use."""

    def __init__(self, process: Any) -> None:
        self._process = process
        self.pid: int = process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        """Its exit code, the number of a signal below zero, or None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Raises `subprocess.TimeoutExpired`, as `Popen` does."""
        self._process.join(timeout)
        if (code := self._process.exitcode) is None:
            raise subprocess.TimeoutExpired("a process of the program", timeout or 0)
        return code

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


@dataclass(frozen=True)
class _Order:
    """What the new process shall be."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    folder: str
    environment: dict[str, str]
    files: tuple[str, str, str]
    """Of standard input, output and error."""


def start(
    function: Callable[..., Any],
    *arguments: Any,
    folder: Path,
    environment: Mapping[str, str],
    output: Path | None = None,
    error: Path | None = None,
    input_: Path | None = None,
) -> Started:
    """Begin a process that calls a function of a module; `error` goes where `output` goes unless it is named."""
    out = str(output or os.devnull)
    files = (str(input_ or os.devnull), out, str(error or out))
    order = _Order(function, arguments, str(folder), dict(environment), files)
    process = _FORKING.Process(target=_become, args=(order,), daemon=True)
    process.start()
    return Started(process)


def run(
    *arguments: str,
    folder: Path,
    environment: Mapping[str, str],
    stdin: str | None = None,
    timeout: float = 120,
) -> "subprocess.CompletedProcess[str]":
    """Run a command of the program to its end, as `subprocess.run` would."""
    with tempfile.TemporaryDirectory(prefix="command-") as kept:
        given, out, err = (Path(kept) / name for name in ("in", "out", "err"))
        given.write_text(stdin or "", "utf-8")
        started = start(
            program,
            *arguments,
            folder=folder,
            environment=environment,
            input_=given,
            output=out,
            error=err,
        )
        try:
            code = started.wait(timeout)
        finally:
            started.send_signal(signal.SIGKILL)
        return subprocess.CompletedProcess(
            arguments, code, out.read_text("utf-8"), err.read_text("utf-8")
        )


def program(*arguments: str) -> None:
    """What `ai-seo-blogger` does."""
    from app.cli import main

    sys.argv = ["ai-seo-blogger", *arguments]
    main()


def _become(order: _Order) -> None:
    gc.freeze()  # what was imported is nobody's garbage
    os.chdir(order.folder)
    os.environ.clear()
    os.environ.update(order.environment)
    ways = (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT | os.O_APPEND] * 2)
    for number, (file, way) in enumerate(zip(order.files, ways, strict=True)):
        opened = os.open(file, way, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(number, mode, buffering=1, encoding="utf-8", closefd=False)
        for number, mode in enumerate("rww")
    )
    threading.Thread(target=_end_with_starter, daemon=True).start()
    order.function(*order.arguments)


def _end_with_starter() -> None:
    """A test run that is killed leaves no servers behind."""
    starter = multiprocessing.parent_process()
    assert starter is not None
    starter.join()
    os.kill(os.getpid(), signal.SIGKILL)
