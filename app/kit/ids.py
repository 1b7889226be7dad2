"""Identifiers: time-ordered for rows, content-derived for what never changes."""

import hashlib
import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """A time-ordered identifier (RFC 9562, 5.7): 48 bits of Unix milliseconds, 74 random.

    Python's own `uuid.uuid7` came with 3.14; the floor here is 3.11.
    """
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    value = (milliseconds & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76
    value |= (random >> 62 & 0xFFF) << 64
    value |= 0b10 << 62
    value |= random & ((1 << 62) - 1)
    return UUID(int=value)


def content_id(*parts: str | int, length: int = 16) -> str:
    """A stable hexadecimal id of `length` digits (4 bits each) for what is named by its content."""
    joined = "\x1f".join(str(part) for part in parts)
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:length]
