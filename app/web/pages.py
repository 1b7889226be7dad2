"""Pages for readers: templates in a language, and answers that caches may keep."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kit.translations import translations

_APP = Path(__file__).resolve().parents[1]
STATIC = _APP / "static"

PUBLIC = "public, max-age=0, s-maxage=1, stale-while-revalidate=60, stale-if-error=86400"
"""Browsers ask each time, shared caches after a second: an unpublished page is gone everywhere within
one. A shared cache may go on with what it has for a day while every instance is away (RFC 5861)."""

_HEADERS = {
    # Nothing is executed and nothing is loaded from elsewhere; JSON-LD is data and needs no leave.
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
}


def render_page(template: str, language: str, **values: Any) -> str:
    """Fill a template of `app/templates` with its texts in `language`; everything is escaped."""
    return _templates(language).get_template(template).render(language=language, **values)


def public_answer(
    request: Request,
    body: str,
    media_type: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An answer that caches may keep, with an ETag; 304 without a body where the reader has it already.

    The tag is weak, because the body may be compressed on its way (RFC 9110, 8.8.1).
    """
    content = body.encode()
    tag = f'W/"{hashlib.sha256(content).hexdigest()[:20]}"'
    shared = {"cache-control": PUBLIC, **(headers or {})}
    if status == 200:  # noqa: PLR2004  # only what was found can be unchanged
        shared["etag"] = tag
        if _known(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers=shared)
    return Response(content, status, shared, media_type=media_type)


def _known(field: str, tag: str) -> bool:
    given = {part.strip().removeprefix("W/") for part in field.split(",")}
    return "*" in given or tag.removeprefix("W/") in given


def json_ld(data: Mapping[str, Any]) -> Markup:
    """JSON that may stand inside a script element: no `<`, `>` or `&` is left to end it early."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704  # escaped on the line above


def say_date(moment: datetime, language: str, zone: str) -> str:
    """The day of a moment as readers of `language` write it, in the time zone `zone`."""
    return format_date(moment.astimezone(ZoneInfo(zone)), format="long", locale=language)


def say_moment(moment: datetime, language: str, zone: str) -> str:
    """The day and minute of a moment, as short as readers of `language` write it."""
    local = moment.astimezone(ZoneInfo(zone))
    pattern = "y. M. d. HH:mm" if language == "ko" else "d MMM y, HH:mm"
    return format_datetime(local, format=pattern, locale=language)


@cache
def _templates(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_APP / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    catalogue = translations("messages", language)
    # The extension's own method of these names is untyped; `newstyle` escapes what is filled in.
    environment.install_gettext_translations(catalogue, newstyle=True)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    environment.globals["static"] = static_url
    # The library's type lists its own filters alone.
    environment.filters["typed"] = _typed  # pyright: ignore[reportArgumentType]
    environment.filters["moment"] = partial(_in_language, language)  # pyright: ignore[reportArgumentType]
    return environment


def _typed(moment: datetime, zone: str) -> str:
    """A moment as a `datetime-local` field holds it (HTML, 2.3.5.5)."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}"


def _in_language(language: str, moment: datetime, zone: str) -> str:
    return say_moment(moment, language, zone)


@lru_cache(maxsize=64)
def static_url(name: str) -> str:
    """The address of a file of `app/static`, which changes when the file does."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"


@cache
def static_versions() -> dict[str, str]:
    """The version of every file of `app/static`, by its path there."""
    names = [file.relative_to(STATIC).as_posix() for file in STATIC.rglob("*") if file.is_file()]
    return {name: static_url(name).rpartition("=")[2] for name in names}


def program_digest() -> str:
    """What the program makes pages with, as one hash: two releases never share a kept page."""
    folders = ("templates/site", "static", "posts", "locales", "web")
    digest = hashlib.sha256()
    for file in sorted(each for folder in folders for each in (_APP / folder).rglob("*.*")):
        if file.suffix not in {".pyc", ".pyo"} and file.is_file():
            digest.update(file.relative_to(_APP).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()


class Statics(StaticFiles):
    """The files of `app/static`; one that is asked for by its version may be kept for a year."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer a file, or 404."""
        response = await super().get_response(path, scope)
        versioned = b"v=" in scope["query_string"]
        response.headers["cache-control"] = (
            "public, max-age=31536000, immutable" if versioned else PUBLIC
        )
        return response


class SafeHeaders:
    """Adds the headers that keep a page to itself to every answer of the door."""

    def __init__(self, app: ASGIApp, *, headers: Mapping[str, str] = _HEADERS) -> None:
        self._app = app
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(header for header in self._headers if header[0] not in given),
                ]
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)
