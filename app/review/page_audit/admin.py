"""The desk's door to the audit: a button on a published article, and what was found."""

import asyncio
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.config import Settings
from app.infra.http.errors import FetchError
from app.infra.http.fetch import Fetcher, FetchLimits
from app.infra.http.targets import authority
from app.infra.ports import Ports
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.speech import say, spoken
from app.posts.repository import Posts
from app.review.page_audit.auditing import audit_page
from app.review.page_audit.reporting import describe_audit
from app.review.page_audit.schemas import AuditOut
from app.web.desk import guarded, render_desk
from app.web.forms import read_form
from app.web.principals import Permission, Principal, Principals

_AT_ONCE = 2
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def desk_of_audits(ports: Ports, settings: Settings, principals: Principals) -> list[Route]:
    """The page below `/desk/articles/…/audit`."""
    pages = _Pages(ports, settings)
    path = "/articles/{post_id}/audit"
    return [guarded(path, pages.audit, principals, Permission.WRITE, "POST")]


class _Pages:
    def __init__(self, ports: Ports, settings: Settings) -> None:
        self._ports = ports
        self._settings = settings
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def audit(self, request: Request, _person: Principal) -> Response:
        """Look at the article as a reader gets it, at its public address."""
        form = await read_form(request)
        post_id: str = request.path_params["post_id"]
        async with self._ports.database.reading() as session:
            post = await Posts(session).find(post_id) if post_id.isprintable() else None
        if post is None:
            raise NotFound(say("There is no such article; somebody may have deleted it."))
        if post.state != "published":
            raise Conflict(say("Only a published article has a page to look at. Publish it first."))
        base = self._settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")
        url = base.removesuffix("/desk") + post.path
        told: AuditOut | None = None
        wrong = ""
        try:
            async with self._turns:
                audit = await audit_page(
                    url,
                    self._fetcher(request, url),
                    now=self._ports.now(),
                    links=form.values.get("links") == "yes",
                )
            told = describe_audit(audit, "ko" if spoken() == "ko" else "en")
        except (FetchError, Invalid) as error:
            wrong = str(error)
        return render_desk(
            request, "audit.html", status=502 if wrong else 200, post=post, told=told, wrong=wrong
        )

    def _fetcher(self, request: Request, url: str) -> Fetcher:
        """May also reach the blog itself where it is inside the network.

        Where that is says PUBLIC_URL; without one it is this machine and the port that was asked, and not
        whatever Host the request named.
        """
        limits = FetchLimits(**self._settings.fetch.model_dump())
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        port = parts.port or (443 if parts.scheme == "https" else 80)
        server: tuple[str, int | None] | None = request.scope.get("server")
        here = host in _LOOPBACK and server is not None and server[1] == port
        own = {authority(host, port)} if self._settings.public_url or here else set[str]()
        return Fetcher(limits, allow=self._settings.fetch_allow | own)
