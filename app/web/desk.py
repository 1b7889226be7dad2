"""The desk's toolkit: pages for people who have signed in, in their language, kept by no cache.

Every page is declared by `guarded`, which names the permission it needs; there is no other way to one.
"""

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from app.config import Settings
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.speech import language_wanted, speak, spoken
from app.web.pages import SafeHeaders, render_page
from app.web.principals import Permission, Principal, Principals, check_permission

SIGN_IN = "/desk/sign-in"
LANGUAGE_COOKIE = "desk_language"

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}

_STATUS: dict[type[Exception], int] = {NotFound: 404, Conflict: 409, Invalid: 422}

Page = Callable[[Request, Principal], Awaitable[Response]]
"""Answers one address for a person who may see it."""


def create_desk(routes: Sequence[Route], settings: Settings) -> Starlette:
    """The application below `/desk`: the pages of the rooms, and one way to refuse."""
    handlers = dict.fromkeys([*_STATUS, HTTPException, Exception], refuse)
    desk = Starlette(
        routes=[*routes, Route("/language", choose_language, methods=["POST"])],
        middleware=[Middleware(SafeHeaders, headers=_HEADERS), Middleware(Listener)],
        exception_handlers=handlers,
    )
    desk.state.site = settings.site.name
    desk.state.timezone = settings.timezone
    return desk


async def to_desk(_request: Request) -> Response:
    """The address without its slash leads to the desk's first page."""
    return go("/desk/")


def guarded(
    path: str, page: Page, principals: Principals, permission: Permission, method: str = "GET"
) -> Route:
    """A page that only people with `permission` reach. `path` is below `/desk`."""
    admitted = require_person(principals, permission)

    async def answer(request: Request) -> Response:
        return await page(request, await admitted(request))

    return Route(path, answer, methods=[method])


def require_person(
    principals: Principals, permission: Permission
) -> Callable[[Request], Awaitable[Principal]]:
    """Let in only who has `permission`: strangers are sent to sign in, others refused."""

    async def admitted(request: Request) -> Principal:
        person = await principals.identify(request)
        if person is None:
            wanted = request.url.path if request.method == "GET" else "/desk/"
            if request.method == "GET" and request.url.query:
                wanted += f"?{request.url.query}"
            raise HTTPException(303, headers={"location": f"{SIGN_IN}?next={quote(wanted)}"})
        request.state.person = person
        if person.language and LANGUAGE_COOKIE not in request.cookies:
            speak(person.language)
        check_permission(person, permission)
        return person

    return admitted


def render_desk(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """A page of `app/templates/desk` with the desk around it."""
    html = render_page(
        f"desk/{template}",
        spoken(),
        **{
            "person": getattr(request.state, "person", None),
            "site": request.app.state.site,
            "here": request.url.path.rstrip("/"),
            "zone": request.app.state.timezone,
            **values,
        },
    )
    return Response(html, status, media_type="text/html; charset=utf-8")


def go(path: str) -> Response:
    """Answer a form: go on at `path`, so that reloading it sends nothing twice."""
    return RedirectResponse(path, 303)


async def refuse(request: Request, error: Exception) -> Response:
    """A page that says what went wrong and what to do; a stranger is sent to sign in."""
    if isinstance(error, HTTPException):
        status, said, headers = error.status_code, error.detail, dict(error.headers or {})
    else:
        known = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 500)
        status, said, headers = (
            known,
            str(error) if known < HTTPStatus.INTERNAL_SERVER_ERROR else "",
            {},
        )
    if "location" in headers:
        return Response(status_code=status, headers=headers)
    if said == HTTPStatus(status).phrase:
        said = ""
    answer = render_desk(request, "refusal.html", status=status, code=status, said=said)
    answer.headers.update(headers)
    return answer


async def choose_language(request: Request) -> Response:
    """Keep the language somebody chose in a cookie of its own; it says nothing about who they are."""
    async with request.form(max_files=0, max_fields=4) as form:
        language, back = str(form.get("language", "")), str(form.get("back", ""))
    own = back.startswith("/desk") and "\\" not in back and back.isprintable()
    answer = go(quote(back, safe="/?&=%") if own else "/desk/")
    answer.set_cookie(
        LANGUAGE_COOKIE,
        "ko" if language == "ko" else "en",
        max_age=365 * 86400,
        path="/desk",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


class Listener:
    """Speaks the language a person chose, or else what their browser asks for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope)
            chosen = request.cookies.get(LANGUAGE_COOKIE)
            speak(chosen or language_wanted(request.headers.get("accept-language", "")))
        await self._app(scope, receive, send)
