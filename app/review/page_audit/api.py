"""The API's door to the audit of a page: an address in, findings out; nothing is kept."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from app.config import Settings
from app.infra.http.errors import FetchError
from app.infra.http.fetch import Fetcher, FetchLimits
from app.infra.ports import Ports
from app.kit.errors import Invalid
from app.review.page_audit.auditing import audit_page
from app.review.page_audit.reporting import describe_audit
from app.review.page_audit.schemas import AuditIn, AuditOut
from app.web.principals import Permission, Principal, Principals, require

_AT_ONCE = 2
"""Audits a process works on; each starts some ten child processes, so others wait."""


def create_audit_router(ports: Ports, settings: Settings, principals: Principals) -> APIRouter:
    """For who may write: an audit has the server fetch pages."""
    router = APIRouter(tags=["analysis"])
    limits = FetchLimits(**settings.fetch.model_dump())
    turns = asyncio.Semaphore(_AT_ONCE)

    @router.post("/page-audit")
    async def page_audit(
        body: AuditIn,
        request: Request,
        asker: Annotated[Principal, Depends(require(principals, Permission.WRITE))],
    ) -> AuditOut:
        """Look at a published page and the files beside it: what keeps it from being found or shown."""
        say = body.say or asker.listens_to(request)
        async with turns:
            # A fetcher of its own: what robots.txt says is to be what it says now.
            fetcher = Fetcher(limits, allow=settings.fetch_allow)
            try:
                audit = await audit_page(body.url, fetcher, now=ports.now(), links=body.links)
            except FetchError as error:
                raise Invalid(error.message) from error
        return describe_audit(audit, say)

    return router
