"""Takes a response's body in, never more of it than was said, neither on the wire nor unpacked."""

import zlib
from typing import Protocol

import httpx2

from app.infra.http.errors import FetchFailed
from app.infra.http.targets import shown

_WIRE_SLACK = 64 * 1024
"""A body that says it is packed may be a little larger than its content."""

ENCODINGS = "gzip, deflate"
"""What is asked for. Brotli is not: its decoder would be one more package to trust."""


class _Unpacker(Protocol):
    """One content encoding."""

    def feed(self, data: bytes, limit: int) -> bytes:
        """Unpack, giving at most `limit` bytes; what is left over is kept or dropped."""
        ...

    @property
    def complete(self) -> bool: ...


class _Plain(_Unpacker):
    def feed(self, data: bytes, limit: int) -> bytes:
        return data[:limit]

    @property
    def complete(self) -> bool:
        return True


class _Inflate(_Unpacker):
    """gzip (several members too) and deflate (with zlib's header, or raw as some servers send it)."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._stream = zlib.decompressobj(wbits=31 if gzip else 15)
        self._first = True

    def feed(self, data: bytes, limit: int) -> bytes:
        out = bytearray()
        while data and len(out) < limit:
            if self._stream.eof:
                if not (self._gzip and data.startswith(b"\x1f\x8b")):
                    break  # padding behind the end, as some servers send it
                self._stream = zlib.decompressobj(wbits=31)
            try:
                out += self._stream.decompress(data, limit - len(out))
            except zlib.error:
                if self._gzip or not self._first:
                    raise
                self._stream = zlib.decompressobj(wbits=-15)
                self._first = False
                continue
            self._first = False
            data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
        return bytes(out)

    @property
    def complete(self) -> bool:
        return self._stream.eof


def _unpacker(response: httpx2.Response, url: str) -> _Unpacker:
    named = response.headers.get("content-encoding", "").lower().split(",")
    encodings = [name.strip() for name in named if name.strip() not in {"", "identity"}]
    match encodings:
        case []:
            return _Plain()
        case ["gzip" | "x-gzip"]:
            return _Inflate(gzip=True)
        case ["deflate"]:
            return _Inflate(gzip=False)
        case _:
            raise FetchFailed(
                "encoding",
                f"{shown(url)} came packed as {', '.join(encodings)[:60]}, though only gzip or deflate "
                "was asked for; save the page in a browser and give the file.",
            )


async def read_body(response: httpx2.Response, url: str, *, limit: int, cut: bool = False) -> bytes:
    """Read and unpack at most `limit` bytes; with `cut`, what is over is left instead of an error.

    Raises:
        FetchFailed: `too_big`, `encoding`, `truncated`; httpx2's errors pass through.
    """
    unpacker = _unpacker(response, url)
    announced = response.headers.get("content-length", "")
    if not cut and announced.isdecimal() and int(announced) > limit + _WIRE_SLACK:
        raise _too_big(url, limit)
    body = bytearray()
    wire = 0
    try:
        async for chunk in response.aiter_raw():
            wire += len(chunk)
            body += unpacker.feed(chunk, limit + 1 - len(body))
            if len(body) > limit or wire > limit + _WIRE_SLACK:
                if cut:
                    return bytes(body[:limit])
                raise _too_big(url, limit)
    except zlib.error as error:
        raise FetchFailed(
            "encoding", f"{shown(url)} came packed in a damaged way ({error}); try again later."
        ) from error
    if body and not unpacker.complete:
        raise truncated(url)
    return bytes(body)


def truncated(url: str) -> FetchFailed:
    return FetchFailed(
        "truncated",
        f"{shown(url)} broke off before its end; try again, or give the page as a file.",
    )


def _too_big(url: str, limit: int) -> FetchFailed:
    size = f"{limit / 1024 / 1024:.1f} MiB"
    return FetchFailed(
        "too_big",
        f"{shown(url)} is larger than {size}, unpacked or as sent; give a smaller page, or raise "
        "APP_FETCH__MAX_BYTES.",
    )
