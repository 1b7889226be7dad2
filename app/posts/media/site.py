"""The public door to uploaded files: bytes by their content's name, which never changes what it means."""

import re

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.infra.blobs import Blobs, BlobsAway
from app.posts.media.domain import KINDS, PDF

_KEY = re.compile(r"[0-9a-f]{64}\.(?P<ending>[a-z]+)")

_HEADERS = {
    # Whatever a file pretends to be, a browser shows it as its type, runs nothing of it and lets nothing in.
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
}
_FOR_EVER = "public, max-age=31536000, immutable"


def create_media_site(blobs: Blobs) -> Starlette:
    """The application below `/media`. It needs no database."""

    async def read(request: Request) -> Response:
        key = request.path_params["key"]
        match = _KEY.fullmatch(key)
        kind = KINDS.get(match["ending"]) if match else None
        if kind is None:
            return _refuse(404, "There is no such file.")
        shared = {
            **_HEADERS,
            "etag": f'"{key}"',
            "cache-control": _FOR_EVER,
            # Browsers' own viewers of PDF do not work in a sandbox.
            "content-disposition": "attachment" if kind is PDF else "inline",
        }
        if f'"{key}"' in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=shared)
        try:
            data = await blobs.get(key)
        except BlobsAway:
            return _refuse(503, "This file cannot be had at the moment.", {"retry-after": "5"})
        if data is None:
            return _refuse(404, "There is no such file.")
        return Response(data, headers=shared, media_type=kind.type)

    return Starlette(routes=[Route("/{key}", read)])


def _refuse(status: int, text: str, more: dict[str, str] | None = None) -> Response:
    headers = {**_HEADERS, "cache-control": "no-store", **(more or {})}
    return PlainTextResponse(f"{text}\n", status, headers)
