"""Has documents of strangers parsed by a child process with limits.

Parsers of hostile input loop, swell and crash. A fresh child each time is bounded in memory,
processor time and time on the clock, sees none of our environment, and dies with its document.
"""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL
from tempfile import TemporaryFile
from typing import IO, Any, Literal

import anyio
import anyio.abc
import anyio.to_thread

import app
from app.sources.documents import Document
from app.sources.errors import Unreadable

Kind = Literal["html", "article", "pdf", "markdown", "text"]

_MOST_OUTPUT = 8 * 1024 * 1024
"""Bytes of JSON; the longest text that is read needs a quarter of it."""


@dataclass(frozen=True, slots=True)
class ExtractionLimits:
    """How much of anything one document may take."""

    seconds: float = 30.0
    """On the clock, on a busy machine too."""
    cpu_s: int = 20
    memory: int = 1024 * 1024 * 1024
    """Address space, bytes; a 5 MiB page needs about a third of it."""


_LIMITS = ExtractionLimits()


async def extract(
    body: bytes,
    *,
    kind: Kind,
    charset: str | None,
    url: str | None,
    name: str,
    limits: ExtractionLimits = _LIMITS,
) -> Document:
    """The document's text. `name` is what messages call it.

    Raises:
        Unreadable: there is no usable text in it, or it cannot be parsed within the limits.
    """
    answer = await ask_child(body, kind=kind, charset=charset, url=url, name=name, limits=limits)
    return Document(**answer["document"])


async def ask_child(
    body: bytes,
    *,
    kind: Kind | Literal["page", "sitemap", "addresses", "feed"],
    charset: str | None,
    url: str | None,
    name: str,
    limits: ExtractionLimits = _LIMITS,
) -> dict[str, Any]:
    """What the child says of a document: `document`, or `facts` of a page that is audited.

    Raises:
        Unreadable: see `extract`.
    """
    order = {
        "kind": kind,
        "charset": charset,
        "url": url,
        "name": name,
        "cpu_s": limits.cpu_s,
        "memory": limits.memory,
    }
    answer, is_late = await _answered(order, body, limits)
    if answer is None:
        why = "takes too long to read" if is_late else "cannot be read within limits"
        raise Unreadable(
            "too_complex",
            f"{name} {why}: it is very large or built in an odd way; copy its text into a file and give that.",
        )
    if "reason_code" in answer:
        raise Unreadable(str(answer["reason_code"]), str(answer["message"]))
    return answer


async def extract_articles(
    bodies: Sequence[tuple[str, bytes]], *, limits: ExtractionLimits = _LIMITS
) -> list[Document | Unreadable]:
    """Articles in HTML, with the names that messages call them, read by one child where it survives that.

    Starting a child for each takes longer than reading it. Where one page brings the child down, every page
    gets a child of its own, so that no other one is lost by it.
    """
    if not bodies:
        return []
    order = {
        "kind": "article",
        "charset": None,
        "url": None,
        "name": bodies[0][0],
        "names": [name for name, _body in bodies],
        "sizes": [len(body) for _name, body in bodies],
        "cpu_s": limits.cpu_s,
        "memory": limits.memory,
    }
    if len(bodies) > 1:
        answer, _is_late = await _answered(order, b"".join(body for _, body in bodies), limits)
        if answer is not None and "answers" in answer:
            return [_document(each) for each in answer["answers"]]
    found: list[Document | Unreadable] = []
    for name, body in bodies:
        try:
            found.append(
                await extract(
                    body, kind="article", charset=None, url=None, name=name, limits=limits
                )
            )
        except Unreadable as error:
            found.append(error)
    return found


def _document(answer: dict[str, Any]) -> Document | Unreadable:
    if "document" in answer:
        return Document(**answer["document"])
    return Unreadable(str(answer["reason_code"]), str(answer["message"]))


async def _answered(
    order: dict[str, Any], body: bytes, limits: ExtractionLimits
) -> tuple[dict[str, Any] | None, bool]:
    """The child's answer, None where it gave none; and whether it was out of time."""
    output = b""
    with anyio.move_on_after(limits.seconds) as clock:
        output = await _ask_child(json.dumps(order).encode() + b"\n" + body)
    return _answer(output), clock.cancelled_caught


async def _ask_child(order: bytes) -> bytes:
    output = b""
    # A file and no pipe: who dies of its limits leaves a pipe broken, of which Python 3.11 tells the log.
    with await anyio.to_thread.run_sync(_written, order) as given:
        process = await anyio.open_process(
            [sys.executable, "-P", "-m", "app.sources.extraction_child"],
            stdin=given,
            stderr=DEVNULL,
            env=_environment(),
        )
        try:
            output = await _taken(process)
            # Killing what has just ended by itself would take its end away from the loop's own watcher.
            await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
            with anyio.CancelScope(shield=True):
                await process.aclose()
    return output


def _written(order: bytes) -> IO[bytes]:
    """A file without a name, to be read from its start."""
    given = TemporaryFile()  # noqa: SIM115  # the caller closes it
    given.write(order)
    given.seek(0)
    return given


async def _taken(process: anyio.abc.Process) -> bytes:
    output = bytearray()
    if process.stdout is not None:
        async for chunk in process.stdout:
            output += chunk
            if len(output) > _MOST_OUTPUT:
                process.kill()
                return b""
    return bytes(output)


def _answer(output: bytes) -> dict[str, Any] | None:
    try:
        return json.loads(output)
    except ValueError:
        return None


def _environment() -> dict[str, str]:
    """What Python needs to find us, and nothing else: no keys, no proxies."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    root = Path(app.__file__).parents[1]
    return kept | {"PYTHONPATH": str(root), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
