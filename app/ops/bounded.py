"""Waits for something no longer than it may, whatever it is doing."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Answer = TypeVar("Answer")

_left_behind: set[asyncio.Task[Any]] = set()


async def within(limit_s: float, work: Coroutine[Any, Any, Answer]) -> Answer:
    """What `work` answers within `limit_s`.

    `asyncio.timeout` would wait for the cancelled work to end, and a database driver that is cancelled asks
    the server first: one that hangs (stopped, or behind a cut line) never answers. So it is left behind.

    Raises:
        TimeoutError: it takes longer.
    """
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=limit_s)
    except asyncio.CancelledError:
        _leave(task)
        raise
    if not done:
        _leave(task)
        raise TimeoutError
    return task.result()


def _leave(task: asyncio.Task[Any]) -> None:
    task.cancel()
    _left_behind.add(task)  # the loop itself holds tasks only weakly
    task.add_done_callback(_forget)


def _forget(task: asyncio.Task[Any]) -> None:
    _left_behind.discard(task)
    if not task.cancelled():
        task.exception()  # read, so that nobody is told of an error that nobody waits for
