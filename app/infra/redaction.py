"""Takes secrets out of what is about to be logged: by the name of a field, and by the shape of a value."""

import re
from collections.abc import Mapping
from typing import Any, cast

from structlog.typing import EventDict

HIDDEN = "[hidden]"

_NAMES = re.compile(
    r"(^|[_-])(password|passwd|secret|token|authorization|cookie|credential|private|signature|dsn)s?($|[_-])"
    r"|api[_-]?key|access[_-]?key|secret[_-]?key|session[_-]?id|^key$",
    re.IGNORECASE,
)
"""Names of fields whose value is never shown. `input_tokens` and the like are counts: see `_COUNTS`."""

_COUNTS = re.compile(r"(input|output|max|total)_tokens|^tokens$", re.IGNORECASE)

_VALUES = (
    # A password within an address: postgresql://user:password@host, redis://:password@host.
    (
        re.compile(
            r"(?P<kept>\b[a-z][a-z0-9+.-]{1,30}://[^\s:/@'\"]{0,100}:)[^\s@'\"]{1,500}(?=@)",
            re.IGNORECASE,
        )
    ),
    # Schemes of the Authorization field (RFC 9110, 11.6.2).
    (re.compile(r"(?P<kept>\b(?:Bearer|Basic|Token)\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)),
    # Parameters of addresses, and assignments in messages of libraries.
    (
        re.compile(
            r"(?P<kept>\b(?:api[_-]?key|access[_-]?token|auth[_-]?token|token|password|passwd|secret|signature"
            r"|sig|x-amz-signature|x-amz-credential)['\"]?\s*[=:]\s*['\"]?)[^\s&'\",;}]{4,}",
            re.IGNORECASE,
        )
    ),
    # Keys by their usual beginnings: OpenAI and Anthropic, Google, AWS, GitHub, and a JSON web token.
    (
        re.compile(
            r"(?P<kept>)\b(?:sk-[A-Za-z0-9_-]{8,}|AIza[A-Za-z0-9_-]{20,}|AKIA[A-Z0-9]{12,}"
            r"|gh[pousr]_[A-Za-z0-9]{20,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+)"
        )
    ),
)

_DEPTH = 6
_LONGEST = 20_000
"""Characters of one value; what is longer is cut: a log is no store."""


def hide_secrets(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """A processor of structlog: the event without secrets, whatever its fields hold."""
    return {name: _clean(name, value, _DEPTH) for name, value in event.items()}


def hide_in_text(text: str) -> str:
    """The text without what looks like a secret."""
    for pattern in _VALUES:
        text = pattern.sub(rf"\g<kept>{HIDDEN}", text)
    return text


def _clean(name: str, value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if (_NAMES.search(name) and not _COUNTS.search(name)) or depth == 0:
        return HIDDEN
    if isinstance(value, Mapping):
        found = cast("Mapping[Any, Any]", value)
        return {str(key): _clean(str(key), each, depth - 1) for key, each in found.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", each, depth - 1) for each in cast("list[Any]", value)]
    return hide_in_text(str(value)[:_LONGEST])
