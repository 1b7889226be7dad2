"""The local model: checked bytes, served by a child process that starts with the work and stops with it."""

import asyncio
import contextlib
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Self, TypeVar

import structlog

from app.infra.llm.catalogue import CatalogueModel
from app.infra.llm.port import Completion, Limits, ModelAway, ModelRefused, Question
from app.infra.llm.providers import HostedModel, build_compatible
from app.infra.llm.pull import is_whole

T = TypeVar("T")

CONTEXT = 4096
"""Tokens of prompt and answer together."""
_READY_S = 120.0
"""Longest load; 16 s were measured on a busy machine."""
_IDLE_S = 300.0
"""An unused server gives its memory back after this."""
_THREADS = 4
"""More do not help where the memory is the limit."""
_ENDED = (
    "{spec}: the model's process ended while it answered ({how}). If the machine is short of "
    "memory, choose a smaller model: LLM_MODEL=local:qwen2.5-coder-0.5b."
)
_PROGRAM = Path(__file__).with_name("local_server.py")

_log = structlog.get_logger(__name__)


class LocalServer:
    """One running child process. Its key is random; only this process knows it."""

    def __init__(self, path: Path, name: str, threads: int | None) -> None:
        """Start it; `wait_ready` says when it answers."""
        self.key = secrets.token_urlsafe(24)
        self.errors: deque[str] = deque(maxlen=30)
        self._started = time.monotonic()
        # Passive: idle threads of the model must not spin on cores that the application needs.
        environment = os.environ | {"OMP_WAIT_POLICY": "passive"}
        self.process = subprocess.Popen(  # noqa: S603  # our own program and interpreter
            [sys.executable, "-P", str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            text=True,
            start_new_session=True,  # Ctrl-C is for us: we stop it when our work has stopped
        )
        threading.Thread(target=self._keep_errors, daemon=True).start()
        asked = {
            "model": str(path),
            "alias": name,
            "key": self.key,
            "threads": threads or min(_THREADS, _cores()),
            "context": CONTEXT,
        }
        with contextlib.suppress(BrokenPipeError):  # it died at once; wait_ready says why
            _pipe(self.process.stdin).write(json.dumps(asked) + "\n")
            _pipe(self.process.stdin).flush()

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def wait_ready(self) -> str:
        """Block until it serves; answer its address. Raises `ModelAway` with what it said."""
        lines: list[str] = []
        reader = threading.Thread(
            target=lambda: lines.append(_pipe(self.process.stdout).readline()), daemon=True
        )
        reader.start()
        reader.join(_READY_S)
        if not lines or not lines[0]:
            self.stop()
            raise ModelAway(f"The local model did not start. {self.said()}".strip())
        _log.info(
            "local_model_ready",
            seconds=round(time.monotonic() - self._started, 2),
            rss_mb=_rss_mb(self.process.pid),
            pid=self.process.pid,
        )
        return str(json.loads(lines[0])["address"])

    def stop(self) -> None:
        """End it: closing its input is enough, unless it is still loading."""
        with contextlib.suppress(BrokenPipeError):
            _pipe(self.process.stdin).close()
        try:
            self.process.wait(1.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pipe in (self.process.stdout, self.process.stderr):
            _pipe(pipe).close()

    def said(self) -> str:
        """The last of what it wrote on standard error."""
        return " ".join(list(self.errors)[-3:])

    def _keep_errors(self) -> None:
        with contextlib.suppress(ValueError):  # closed by stop() while it was read
            for line in _pipe(self.process.stderr):
                self.errors.append(line.strip())


class LocalModel:
    """A `LanguageModel` on this machine. Shared: its calls queue for one slot of one server.

    The server starts at the first call, is started again if it died, stops after five minutes
    without one, and with `aclose`.
    """

    def __init__(
        self,
        spec: str,
        *,
        entry: CatalogueModel,
        path: Path,
        limits: Limits,
        threads: int | None = None,
        idle_s: float = _IDLE_S,
    ) -> None:
        self._spec = spec
        self._entry = entry
        self._path = path.expanduser()
        # One slot: the time limit begins when it is a call's turn. We restart, so nothing retries.
        self._limits = replace(limits, concurrency=1, attempts=1)
        self._threads = threads
        self._idle_s = idle_s
        self._turn = asyncio.Lock()
        self._server: LocalServer | None = None
        self._client: HostedModel | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        return self._spec

    @property
    def is_small(self) -> bool:
        return True

    @property
    def limits(self) -> Limits:
        """How long one call may take, once it is its turn."""
        return self._limits

    @property
    def server(self) -> LocalServer | None:
        """The running server, if there is one."""
        return self._server

    async def complete(self, question: Question[T]) -> Completion[T]:
        """See `LanguageModel.complete`. Asked once more when the server died on the way."""
        async with self._my_turn():
            for last in (False, True):
                client = await self._ready()
                try:
                    return await client.complete(question)
                except ModelAway as error:
                    ended = await self._how_it_ended()
                    if not ended:
                        raise
                    if last:
                        raise ModelAway(ended) from error
            raise AssertionError  # the loop returns or raises

    async def aclose(self) -> None:
        """Stop the server. A call that is being answered ends with `ModelAway`."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        await asyncio.shield(self._end())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()

    @asynccontextmanager
    async def _my_turn(self) -> AsyncGenerator[None]:
        async with self._turn:
            if self._idle is not None:
                self._idle.cancel()
                self._idle = None
            try:
                yield
            finally:
                loop = asyncio.get_running_loop()
                self._idle = loop.call_later(self._idle_s, self._stop_idle)

    def _stop_idle(self) -> None:
        self._idle = None
        if self._server is not None:
            _log.info("local_model_idle_stopped", pid=self._server.process.pid)
        self._end()

    def _end(self) -> asyncio.Task[None]:
        """Take server and client away at once, so that the next call has its own, then end them.

        A task: whoever waits for it may be cancelled, and the process must end all the same.
        """
        before = self._ending
        server, self._server = self._server, None
        client, self._client = self._client, None

        async def end() -> None:
            if before is not None:
                await before
            if client is not None:
                await client.aclose()
            if server is not None:
                await asyncio.to_thread(server.stop)

        self._ending = asyncio.create_task(end())
        return self._ending

    async def _how_it_ended(self) -> str:
        """What to say if the server's process died of itself, else ""; it is given a moment to go."""
        for _ in range(10):
            server = self._server
            if server is None:  # closed by us: nobody waits for another one
                return ""
            if not server.is_running:
                return _ENDED.format(spec=self._spec, how=_how(server.process.returncode))
            await asyncio.sleep(0.05)
        return ""

    async def _ready(self) -> HostedModel:
        if self._client is not None and self._server is not None and self._server.is_running:
            return self._client
        await self.aclose()
        await asyncio.to_thread(self._check_file)
        server = self._server = LocalServer(self._path, self._entry.name, self._threads)
        try:
            address = await asyncio.to_thread(server.wait_ready)
        except asyncio.CancelledError:
            server.process.kill()
            raise
        build = build_compatible(self._entry.name, server.key, f"{address}/v1")
        self._client = HostedModel(
            self._spec,
            build,
            limits=self._limits,
            secret=server.key,
            is_local=True,
            base_url=address,
        )
        return self._client

    def _check_file(self) -> None:
        """Only the catalogue's bytes are ever loaded."""
        command = f"ai-seo-blogger model pull {self._entry.name}"
        if not self._path.is_file():
            raise ModelRefused(f"{self._entry.title} is not here yet. Run: {command}")
        if not is_whole(self._path, self._entry):
            raise ModelRefused(
                f"{self._path} is not {self._entry.title}: its SHA-256 differs. "
                f"Delete it and run: {command}"
            )


def _how(returncode: int) -> str:
    return f"signal {-returncode}" if returncode < 0 else f"exit code {returncode}"


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _rss_mb(pid: int) -> int | None:
    """Resident memory; None where /proc does not say."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    kilobytes = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(kilobytes[0]) // 1024 if kilobytes else None


def _pipe(pipe: IO[str] | None) -> IO[str]:
    """Popen was asked for all three pipes."""
    if pipe is None:
        raise ValueError(pipe)
    return pipe
