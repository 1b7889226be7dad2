"""Refuses request bodies that are too long, before anything reads them whole."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.problems import problem

MAX_BYTES = 25 * 1024 * 1024
"""Twenty pasted sources of a million characters fit in when they are mostly Latin script; the
framework reads a body before it asks who sends it, so anybody could fill the memory otherwise."""


_AROUND_FILE = 64 * 1024
"""What a form writes around a file, at most, bytes."""


def longest_body(file_bytes: int) -> int:
    """Where to end bodies so that a file of so many bytes can be uploaded."""
    return max(MAX_BYTES, file_bytes + _AROUND_FILE)


class BodyLimit:
    """Answers 413 for a body over `MAX_BYTES`, whether its length is announced or only turns out."""

    def __init__(self, app: ASGIApp, *, max_bytes: int = MAX_BYTES) -> None:
        self._app = app
        self._max = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        detail = f"A request may have {self._max // 1024**2} MiB. Send fewer sources at once."
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > self._max:
            refusal = problem(413, detail, headers={"Connection": "close"})
            await refusal(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._max:
                raise HTTPException(
                    413, detail, {"Connection": "close"}
                )  # the API makes it a problem
            return message

        await self._app(scope, counted, send)
