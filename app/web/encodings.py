"""Which form of a body a reader accepts, and the forms themselves (RFC 9110, 12.5.3)."""

import gzip
from functools import lru_cache

import brotli

FORMS = ("br", "gzip", "")
"""Best first; the empty one is the body as it is."""

MINIMUM = 1000
"""Shorter bodies, bytes, are sent as they are: a packet is a packet."""

_QUALITY = 5
_GZIP = 6


def compress(body: bytes) -> dict[str, bytes]:
    """The body in every form that is worth having."""
    forms = {"": body}
    if len(body) >= MINIMUM:
        forms["gzip"] = gzip.compress(body, _GZIP, mtime=0)
        forms["br"] = _brotli(body)
        forms = {name: form for name, form in forms.items() if not name or len(form) < len(body)}
    return forms


def _brotli(body: bytes) -> bytes:
    return brotli.compress(body, brotli.MODE_TEXT, _QUALITY)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType, reportUnknownArgumentType]  # no stubs


@lru_cache(maxsize=512)
def accepted(field: bytes) -> tuple[str, ...]:
    """The forms that an `Accept-Encoding` allows, the reader's favourite first, ours where it has none."""
    weights: dict[str, float] = {}
    for part in field.decode("latin-1").lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if name:
            weights[name] = _weight(parameters)
    rest = weights.get("*")
    found: list[tuple[float, str]] = []
    for form in FORMS:
        name = form or "identity"
        # What is not named is unwanted, but for the body as it is, unless `*` says otherwise.
        unnamed = rest if rest is not None else (0.0 if form else 0.0001)
        weight = weights.get(name, unnamed)
        if name == "gzip" and "x-gzip" in weights:
            weight = max(weight, weights["x-gzip"])
        if weight > 0:
            found.append((weight, form))
    found.sort(key=lambda each: -each[0])  # stable: our own order among equals
    return tuple(form for _, form in found)


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return min(max(float(parameter[2:]), 0.0), 1.0)
            except ValueError:
                return 0.0  # not a number: better unpacked than unreadable
    return 1.0
