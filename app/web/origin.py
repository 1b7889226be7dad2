"""Refuses writes that another site's page makes a browser send.

A browser sends its cookies along whoever's page asks. What it also sends, and no page can change, is
where the asking page is from: `Sec-Fetch-Site`, or in older ones `Origin`.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.kit.speech import say
from app.web.cookies import PLAIN_NAME, SECURE_NAME
from app.web.problems import problem

_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class CrossOriginGuard:
    """Answers 403 to an unsafe request of another origin, and to one with a session but without an origin.

    A request with a bearer key passes: no page can make a browser add that. One without cookie and
    origin passes too, for it is no browser's; it may sign in.
    """

    def __init__(self, app: ASGIApp, *, public_url: str = "") -> None:
        self._app = app
        self._public = urlsplit(public_url).netloc.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_ours(scope["method"], Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        refusal = problem(
            403,
            say("This request comes from another site's page, so it is not carried out."),
            headers={"Cache-Control": "no-store"},
        )
        await refusal(scope, receive, send)

    def _is_ours(self, method: str, headers: Headers) -> bool:
        if method in _SAFE or headers.get("authorization", "").lower().startswith("bearer "):
            return True
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in {"same-origin", "none"}
        origin = headers.get("origin")
        if origin is not None:
            return urlsplit(origin).netloc.lower() in {
                headers.get("host", "").lower(),
                self._public,
            } - {""}
        cookies = "; ".join(headers.getlist("cookie"))
        return not any(
            part.strip().partition("=")[0] in {PLAIN_NAME, SECURE_NAME}
            for part in cookies.split(";")
        )
