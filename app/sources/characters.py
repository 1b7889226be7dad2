"""Cleans a text of characters that are not seen: controls, bidi overrides, zero-width and private ones."""

import re
import unicodedata

_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
"""Letters and marks by category, yet blank on every screen: a hiding place like the zero-width ones."""

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_NOT_ASCII = re.compile(r"[^\n\t\x20-\x7e]")


def clean_characters(text: str) -> str:
    """Return `text` in NFC, with plain line ends and blanks, and nothing that is not seen."""
    text = _NOT_ASCII.sub(_seen, _LINE_ENDS.sub("\n", text))
    # Last: what was not seen may have stood between two that compose.
    return unicodedata.normalize("NFC", text)


def _seen(found: re.Match[str]) -> str:
    character = found.group()
    category = unicodedata.category(character)
    if category in _UNSEEN or character in _FILLERS:
        return ""
    return " " if category == "Zs" else character


_KEPT_SYMBOLS = frozenset("❌✗✘✖❎🚫⛔👎°©®™№℃℉")
"""Symbols whose loss would turn a line into its opposite, or that belong to a word or number."""

_DECORATION = re.compile(r"[0-9#*]\ufe0f?\u20e3|[•‣◦▪▫■□●○◆◇▶►▸※✓✔☑☐\ufe0f\u20e3]\s*")
_SKIN_TONES = re.compile("[\U0001f3fb-\U0001f3ff]")


def without_decoration(line: str) -> str:
    """Return `line` without the emoji, check marks and bullets that it opens with."""
    start = 0
    while start < len(line):
        found = _DECORATION.match(line, start)
        if found:
            start = found.end()
        elif line[start].isspace() or _is_decoration(line[start]):
            start += 1
        else:
            break
    return line[start:]


def opens_with_decoration(line: str) -> bool:
    line = line.lstrip()
    return without_decoration(line) != line or line[:1] in _KEPT_SYMBOLS


def _is_decoration(character: str) -> bool:
    if character in _KEPT_SYMBOLS:
        return False
    return unicodedata.category(character) == "So" or _SKIN_TONES.match(character) is not None
