"""Answers the public door's readers from memory, in front of all routing.

Two layers share one cache. `PageFront` stands before the whole application and knows answers by the very
bytes of a request; it only knows requests that `PageDoor`, inside the door and behind its host guard, has
let through before. So an unknown host, query or person never reaches what is kept.

A handler names what its answer is made of in `request.state.tags`; without, any publication makes it old.
Every kept answer is built from a request without the reader's headers, so nothing of theirs can be in it.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.config import Settings
from app.infra.ports import Ports
from app.infra.tags import NEWEST
from app.web.answers import Answer, AnswerCodec, Headers, finish_answer, has_already, send_answer
from app.web.cache import Cache, Entry, Made, Versions
from app.web.pages import program_digest

_READING = ("GET", "HEAD")
_KEPT = {200, 301, 308, 404, 410}
_FAILED = 500
_BRIEF_S = 5.0
"""How long what is not there, or moved, is kept."""
_LARGEST = 16 * 1024 * 1024
"""Longest body, bytes, that is gathered to be compressed; a longer one goes through as it is."""
_IN_A_THREAD = 64 * 1024
"""From this size on, bytes, a body is compressed beside the event loop."""
_SHORTCUTS = 8_192
"""Most requests known by their bytes."""
_LONGEST_FIELD = 100
"""Longest Accept-Encoding that is worth knowing by its bytes (browsers send under 30)."""
_COUNTED_EVERY_S = 0.5

_TEXT = (
    b"text/",
    b"application/json",
    b"application/xml",
    b"application/javascript",
    b"application/atom+xml",
    b"application/manifest+json",
    b"image/svg+xml",
)


class _Opaque(Exception):
    """The answer is no text, or too long: it goes through untouched."""


class _Failed(Exception):
    """The application answered that it cannot."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


Normal = Callable[[str, bytes], bytes | None]
"""The part of a query that matters to a path, in one form; everything else is as if it was not sent.
None: the path is not to be kept, nor gathered."""


@dataclass(slots=True)
class Known:
    """What a request is answered with that was asked before."""

    entry: Entry[Answer]
    status: HTTPStatus
    start: Headers
    body: bytes
    unchanged: "Known | None" = None
    """What a reader gets who holds this very answer."""
    head: bytes = field(init=False)
    """The start as HTTP/1.1 writes it, but for the server's own headers and the empty line."""

    def __post_init__(self) -> None:
        first = b"HTTP/1.1 %d %b\r\n" % (self.status, self.status.phrase.encode())
        self.head = first + b"".join(b"%b: %b\r\n" % header for header in self.start)


class Pages:
    """The kept answers of the public door."""

    def __init__(self, ports: Ports, settings: Settings) -> None:
        self._versions = Versions(ports.database, ports.pubsub)
        self.keeping = settings.cache.pages
        self.leaving: Callable[[], bool] = lambda: False
        """Whether every answer must go the whole way, because the process says goodbye in it."""
        self._by_host = not settings.public_url
        self.cache = Cache[Answer](
            "pages",
            ports.store,
            self._versions,
            AnswerCodec(),
            settings.cache,
            edition=_edition(settings),
            forget=self._forget,
        )
        self.shortcuts: dict[Hashable, Known] = {}
        self._hits = 0
        self.answered = 0
        """Kept pages answered before the application, since the start; half a second behind."""

    @property
    def versions(self) -> Versions:
        """What every cache of this process is checked against."""
        return self._versions

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Keep answers while the block runs. The database must be migrated."""
        counting = asyncio.create_task(self._count())
        running: AbstractAsyncContextManager[None] = self._versions.running()
        try:
            async with running:
                yield
        finally:
            counting.cancel()
            await self.cache.close()

    def can_serve_readers(self) -> bool:
        """Whether there is anything that readers can be answered with while the database is away."""
        return self.keeping and len(self.cache) > 0

    def key(self, scope: Scope, host: bytes, query: bytes) -> str:
        """What is asked for: the address as its pages would write it, in one form."""
        origin = f"{scope['scheme']}://{host.decode('latin-1').lower()}" if self._by_host else ""
        return f"{origin}\n{scope['path']}\n{query.decode('latin-1')}"

    def known(self, scope: Scope) -> Known | None:
        """What a request is answered with whose very bytes were seen before, if that is certain to be fresh."""
        if scope["method"] not in _READING or self.leaving():
            return None
        raw = scope["headers"]
        headers = dict[bytes, bytes](raw)
        found = self.shortcuts.get(_shortcut(scope, headers))
        # A header that is sent twice, or a person's key, is for the door to judge.
        if found is None or b"authorization" in headers or len(headers) != len(raw):
            return None
        now = time.monotonic()
        if now >= self._versions.trusted_until or not self.cache.fresh(found.entry, now):
            return None
        self._hits += 1
        given = headers.get(b"if-none-match")
        return found.unchanged if given and has_already(found.entry.value, given) else found

    def remember(self, shortcut: Hashable, entry: Entry[Answer], accept_encoding: bytes) -> None:
        """Know a request by its bytes from now on, for as long as the entry is kept."""
        if not entry.kept or entry.value.status != 200:  # noqa: PLR2004  # addresses made up are endless
            return
        while len(self.shortcuts) >= _SHORTCUTS:
            oldest = next(iter(self.shortcuts))
            self.shortcuts.pop(oldest).entry.shortcuts.discard(oldest)
        answer = entry.value
        form = answer.form(accept_encoding)
        start = answer.starts[form]
        if any(b"\r" in value or b"\n" in value for _, value in start):
            return  # it would end the head early; the server refuses it
        unchanged = Known(entry, HTTPStatus.NOT_MODIFIED, answer.unchanged, b"")
        self.shortcuts[shortcut] = Known(entry, HTTPStatus.OK, start, answer.forms[form], unchanged)
        entry.shortcuts.add(shortcut)

    def _forget(self, entry: Entry[Answer]) -> None:
        for shortcut in entry.shortcuts:
            found = self.shortcuts.get(shortcut)
            if found is not None and found.entry is entry:
                del self.shortcuts[shortcut]

    async def _count(self) -> None:
        while True:
            await asyncio.sleep(_COUNTED_EVERY_S)
            hits, self._hits = self._hits, 0
            self.answered += hits
            self.cache.count("hit", hits)


def _edition(settings: Settings) -> str:
    """What makes pages look as they do beside the articles: the program, and the settings they show."""
    shown = settings.model_dump_json(include={"site", "public_url", "timezone", "article_lang"})
    return f"{program_digest()}\n{shown}"


class PageFront:
    """Stands before the whole application: one look-up, two messages."""

    def __init__(self, app: ASGIApp, pages: Pages) -> None:
        self._app = app
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._pages.known(scope) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        start = {"type": "http.response.start", "status": int(found.status)}
        await send({**start, "headers": list(found.start)})
        body = found.body if scope["method"] == "GET" else b""
        await send({"type": "http.response.body", "body": body})


def _shortcut(scope: Scope, headers: dict[bytes, bytes]) -> Hashable:
    return (
        scope["path"],
        scope["query_string"],
        headers.get(b"host"),
        headers.get(b"accept-encoding", b""),
        scope["scheme"],
    )


class PageDoor:
    """Stands in the public door: builds what is not kept, and sends every answer in its best form."""

    def __init__(self, app: ASGIApp, *, pages: Pages | None, normal: Normal) -> None:
        self._app = app
        self._pages = pages
        self._normal = normal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in _READING:
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if b"authorization" in headers:
            await self._app(scope, receive, send)
            return
        query = self._normal(scope["path"], scope["query_string"])
        if query is None:
            await self._app(scope, receive, send)
            return
        host = headers.get(b"host", b"")
        accept = headers.get(b"accept-encoding", b"")
        build = partial(self._build, scope, host, query)
        try:
            if self._pages is not None and self._pages.keeping:
                entry = await self._pages.cache.get(self._pages.key(scope, host, query), build)
                answer = entry.value
                if scope["query_string"] == query and len(accept) <= _LONGEST_FIELD:
                    self._pages.remember(_shortcut(scope, headers), entry, accept)
            else:
                answer = (await build()).value
        except _Failed as failed:
            answer = failed.answer
        except _Opaque:
            await self._app(scope, receive, send)
            return
        await send_answer(
            answer,
            send,
            method=scope["method"],
            accept_encoding=accept,
            if_none_match=headers.get(b"if-none-match"),
        )

    async def _build(self, scope: Scope, host: bytes, query: bytes) -> Made[Answer]:
        """Ask the application as nobody in particular.

        Raises:
            _Opaque: the answer is none of this layer's business.
            _Failed: its status says that the application cannot answer.
        """
        state: dict[str, Any] = dict(scope.get("state", {}))
        asked = {
            **scope,
            "method": "GET",
            "query_string": query,
            "headers": [(b"host", host)],
            "extensions": {},
            "state": state,
        }
        status, headers, body = await _gather(self._app, asked)
        scope["route"] = asked.get("route")  # for whoever counts requests by it
        if len(body) < _IN_A_THREAD:
            answer = finish_answer(status, headers, body)
        else:
            answer = await asyncio.to_thread(finish_answer, status, headers, body)
        if status >= _FAILED:
            raise _Failed(answer)
        return Made(
            answer,
            tuple(state.get("tags", (NEWEST,))),
            keep=status in _KEPT and _for_everybody(headers),
            brief_s=None if status == 200 else _BRIEF_S,  # noqa: PLR2004  # found
        )


async def _gather(app: ASGIApp, scope: Scope) -> tuple[int, Headers, bytes]:
    """The whole answer of the application to a request without a body."""
    status, headers = 0, list[tuple[bytes, bytes]]()
    body = bytearray()
    asked = False

    async def receive() -> Message:
        nonlocal asked
        if asked:
            await asyncio.get_running_loop().create_future()  # nobody in particular never leaves
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = (
                message["status"],
                [(bytes(n), bytes(v)) for n, v in message["headers"]],
            )
            kind = next((v for n, v in headers if n.lower() == b"content-type"), b"text/plain")
            if not kind.lower().startswith(_TEXT) or kind.startswith(b"text/event-stream"):
                raise _Opaque
        elif message["type"] == "http.response.body":
            body.extend(message.get("body", b""))
            if len(body) > _LARGEST:
                raise _Opaque

    await app(scope, receive, send)
    return status, headers, bytes(body)


def _for_everybody(headers: Headers) -> bool:
    """Whether an answer may be given to others than who asked."""
    for name, value in headers:
        match name.lower(), value.lower():
            case b"set-cookie", _:
                return False
            case b"cache-control", policy if b"private" in policy or b"no-store" in policy:
                return False
            case b"vary", field if field.strip() not in {b"accept-encoding", b""}:
                return False
            case _:
                pass
    return True
