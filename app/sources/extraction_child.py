"""The child process that parses hostile documents: a line of JSON and the bytes in, one JSON object out.

`python -m app.sources.extraction_child`. Imports are late: each kind of document loads its own
parser only.
"""

import json
import sys
from dataclasses import asdict
from typing import Any

from app.sources.documents import Document, bounded, read_markdown
from app.sources.errors import Unreadable

_FILES = 64


def main() -> int:
    """Read one document. 0: the answer, or why there is none, is on standard output."""
    order: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    _limit(memory=order["memory"], cpu_s=order["cpu_s"])
    body = sys.stdin.buffer.read()
    try:
        if order["kind"] in {"page", "sitemap", "addresses", "feed"}:
            answer = {"facts": _facts(order, body)}
        elif "sizes" in order:
            answer = {"answers": _many(order, body)}
        else:
            answer = {"document": asdict(bounded(_read(order, body), order["name"]))}
    except Unreadable as error:
        answer = {"reason_code": error.reason_code, "message": error.message}
    except (MemoryError, RecursionError):
        answer = {
            "reason_code": "too_complex",
            "message": f"{order['name']} is built in a way that takes too much memory to read; copy "
            "its text into a file and give that.",
        }
    sys.stdout.write(json.dumps(answer))
    return 0


def _many(order: dict[str, Any], body: bytes) -> list[dict[str, Any]]:
    """Several documents in a row, of `sizes` bytes and with `names`; each is answered by itself."""
    answers: list[dict[str, Any]] = []
    at = 0
    for name, size in zip(order["names"], order["sizes"], strict=True):
        one = {**order, "name": name}
        try:
            document = bounded(_read(one, body[at : at + size]), name)
            answers.append({"document": asdict(document)})
        except Unreadable as error:
            answers.append({"reason_code": error.reason_code, "message": error.message})
        at += size
    return answers


def _read(order: dict[str, Any], body: bytes) -> Document:
    name: str = order["name"]
    match order["kind"]:
        case "html":
            from app.sources.decoding import decode_html  # noqa: PLC0415  # see the module's docstring
            from app.sources.html_page import read_html  # noqa: PLC0415  # as above

            return read_html(
                decode_html(body, order["charset"], name=name), order["url"], name=name
            )
        case "article":
            from app.sources.article_page import read_article  # noqa: PLC0415  # as above
            from app.sources.decoding import decode_html  # noqa: PLC0415  # as above

            return read_article(decode_html(body, order["charset"], name=name), name=name)
        case "pdf":
            from app.sources.pdf_file import read_pdf  # noqa: PLC0415  # as above

            return read_pdf(body, name=name)
        case kind:
            from app.sources.decoding import decode_text  # noqa: PLC0415  # as above

            text = decode_text(body, order["charset"], name=name)
            return read_markdown(text, indented_code=kind == "markdown")


def _facts(order: dict[str, Any], body: bytes) -> dict[str, Any]:
    """What is judged of a page and of the files beside it."""
    from app.sources.page_reading import (  # noqa: PLC0415  # as above
        read_addresses,
        read_feed,
        read_page,
        read_sitemap,
    )

    if order["kind"] == "addresses":
        return asdict(read_addresses(body))
    if order["kind"] == "sitemap":
        return asdict(read_sitemap(body, order["url"]))
    if order["kind"] == "feed":
        return asdict(read_feed(body))
    from app.sources.decoding import decode_html  # noqa: PLC0415  # as above

    text = decode_html(body, order["charset"], name=order["name"])
    return asdict(read_page(text, order["url"], name=order["name"]))


def _limit(*, memory: int, cpu_s: int) -> None:
    """Bound memory, processor time and files; the parent bounds the time on the clock."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  # there is none on Windows

    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_NOFILE, _FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, bound))


if __name__ == "__main__":
    sys.exit(main())
