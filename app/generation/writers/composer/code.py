"""Tells a code block's language from its looks, where its fence is not at hand."""

import json
import re

_SIGNS: tuple[tuple[str, str], ...] = (
    ("html", r"\A\s*<(?:!doctype|html|head|body|div|script|link|meta|p|a)\b"),
    ("xml", r"\A\s*<\?xml"),
    ("dockerfile", r"^FROM \S+|^(?:ENTRYPOINT|WORKDIR|COPY) \S"),
    ("nginx", r"^\s*(?:upstream|server|location|http|events)\b[^;\n]*\{\s*$|^\s*proxy_\w+ "),
    ("sql", r"^\s*(?:SELECT|INSERT INTO|CREATE (?:TABLE|INDEX)|ALTER TABLE|UPDATE|DELETE FROM)\b"),
    ("go", r"^(?:package \w+|func \w*\()"),
    ("javascript", r"^\s*(?:const|let|var) \w+ =|=>\s*[{(]|\brequire\(|^export "),
    (
        "http",
        (
            r"^(?:HTTP/\d|(?:GET|HEAD|POST|PUT|PATCH|DELETE) /\S*)|^(?:Cache-Control|ETag|Vary|"
            r"Age|Content-Type|If-None-Match|Last-Modified|Expires): "
        ),
    ),
    (
        "python",
        (
            r"^\s*(?:def \w+\(|class \w+|from [\w.]+ import |import \w+|print\(|@\w+|async def )|"
            r"^\w+(?:: \w+)? = "
        ),
    ),
    (
        "bash",
        (
            r"^\s*(?:\$ |#!/|sudo |curl |docker |kubectl |git |pip |npm |apt |cd |export |make\b|"
            r"python3? )|^[A-Z][A-Z0-9_]+=\S*$"
        ),
    ),
    ("yaml", r"^\s*(?:- )?[\w.\"'-]+:(?: .*)?$"),
)

_PURPOSES = {
    "configuration": {"yaml", "nginx", "dockerfile", "ini", "xml"},
    "command": {"bash"},
}


def code_language(code: str) -> str:
    """Return the name for the fence, or an empty string where the looks do not tell."""
    if re.match(r"\s*[\[{]", code):
        try:
            json.loads(code)
        except ValueError:
            if re.search(r'^\s*"[\w-]+":', code, re.MULTILINE):
                return "json"
        else:
            return "json"
    for name, sign in _SIGNS:
        if re.search(sign, code, re.MULTILINE):
            return name
    return ""


def purpose(language: str) -> str:
    """Return which linking phrase announces code of that language."""
    for name, languages in _PURPOSES.items():
        if language in languages:
            return name
    return "code"
